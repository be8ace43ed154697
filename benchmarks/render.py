"""From a displayed cell to the first drawn view, and from a click to the repaint, in Chromium.

    python benchmarks/render.py            64, 128 and 512 tokens; also in a real JupyterLab;
                                           then every view at 64 to 4,096 tokens
    python benchmarks/render.py --views    every view alone
    python benchmarks/render.py --lab      clicks in JupyterLab alone, with the messages of each
    python benchmarks/render.py --quick    64 tokens, fewer runs, no JupyterLab

Times are taken inside the page with performance.now(). A picture counts as drawn at the second
animation frame after its canvas (BertViz: the lines of its SVG) changed with nothing pending, so
that what was drawn has gone through the rasteriser; two idle frames are part of every figure.
The page without a kernel is that of the browser tests; BertViz's is a file.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import _views
from _bertviz_clicks import time_bertviz
from _common import chromium, median, milliseconds, new_page, table, text_of
from _render_scripts import (
    CLICK,
    COUNT_ASKS,
    FIRST_VIEW,
    FIRST_VIEW_AGAIN,
    LAB_CELL,
    NO_CHANGE,
    RUN_CELL,
    SETTLED,
)
from _render_tables import (
    CLICKS,
    NEW_LAYER_GOAL,
    Samples,
    print_first_views,
    print_goals,
    print_parts,
    print_repaints,
)
from browser.lab import Lab, Notebook
from browser.page_host import ORIGIN, PageHost
from playwright.sync_api import Browser, CDPSession
from transformers import AutoModel, AutoTokenizer

from attention_widget import AttentionWidget, capture
from attention_widget.demo import demo_model
from attention_widget.trace.trace import Trace

LAYER = '.aw-layer option[value="{}"]'
HEAD_CHIP = '[aria-label="Heads"] [data-index="{}"]'


class TimedHost(PageHost):
    """Adds up what Python takes to answer the page."""

    answering = 0.0  # seconds

    def _handle(self, message: dict[str, Any]) -> None:
        start = time.perf_counter()
        try:
            super()._handle(message)
        finally:
            self.answering += time.perf_counter() - start

    def show(self, widget: AttentionWidget) -> float:
        """Another widget in the same page; seconds to its first view."""
        self.widget, widget.comm = widget, self.comm
        taken: float = self.page.evaluate(FIRST_VIEW_AGAIN, widget.get_state())
        return taken


def time_widget(browser: Browser, trace: Trace, runs: int) -> Samples:
    """The widget's first views, and clicks on its chips."""
    times: Samples = defaultdict(list)
    for _ in range(runs):
        start = time.perf_counter()
        widget = AttentionWidget.from_trace(trace)
        times["python"].append(time.perf_counter() - start)
        host = TimedHost(new_page(browser, SETTLED), widget)
        times["first view, module too"].append(host.page.evaluate(FIRST_VIEW, f"{ORIGIN}widget.js"))
        host.page.close()
    host = TimedHost(new_page(browser, SETTLED), AttentionWidget.from_trace(trace))
    page = host.page
    page.evaluate("() => window.settled(null)")
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def timed(name: str, act: Callable[[], float]) -> None:
        host.answering, before = 0.0, main_thread(devtools)
        times[name].append(act())
        times[f"{name}: Python"].append(host.answering)
        for part, value in main_thread(devtools).items():
            times[f"{name}: {part}"].append(value - before[part])

    for _ in range(runs):
        timed("first view", lambda: host.show(AttentionWidget.from_trace(trace)))
    for name, selectors in clicks(trace, runs):
        for selector in selectors:
            timed(name, partial(page.evaluate, CLICK, selector))
    times["no change"] = [page.evaluate(NO_CHANGE) for _ in range(runs)]
    page.close()
    return times


def time_lab(
    browser: Browser, traces: dict[int, Trace], folder: Path, texts: dict[int, str], runs: int
) -> dict[int, Samples]:
    """The widget in a cell of a real JupyterLab, with a kernel."""
    found: dict[int, Samples] = {}
    with tempfile.TemporaryDirectory() as place:
        lab = Lab(Path(place) / "lab")
        try:
            prepare = LAB_CELL.format(folder=str(folder), texts=texts)
            lab.write("render.ipynb", prepare, "AttentionWidget.from_trace(trace)")
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.add_init_script(SETTLED)
            notebook = Notebook(lab, "render.ipynb", context)
            notebook.run_cell(0)
            for count, trace in traces.items():
                notebook.run_code(f"trace = traces[{count}]")
                evaluate = notebook.page.evaluate
                times = found[count] = defaultdict(list)
                times["first view"] = [evaluate(RUN_CELL) for _ in range(runs + 1)][1:]
                for name, selectors in clicks(trace, runs):
                    for selector in selectors:
                        evaluate(COUNT_ASKS)
                        times[name].append(evaluate(CLICK, selector))
                        times[f"{name}: asks"].append(evaluate("window.asks"))
            context.close()
        finally:
            lab.stop()
    return found


def clicks(trace: Trace, runs: int) -> Iterator[tuple[str, list[str]]]:
    """What to choose one after the other, after a first view of the head that the widget chose."""
    first = AttentionWidget.from_trace(trace)
    layers = [LAYER.format(layer) for layer in range(trace.n_layers) if layer != first.layer]
    heads = [
        HEAD_CHIP.format(head) for head in range(trace.block(0).n_heads) if head not in first.heads
    ]
    yield "layer, new", layers
    yield "layer, seen", list(itertools.islice(itertools.cycle(layers), runs))
    yield "head, new", heads
    yield "head, seen", list(itertools.islice(itertools.cycle(heads), runs))


def main_thread(devtools: CDPSession) -> dict[str, float]:
    """CPU seconds that the page's main thread has worked so far."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    named = {metric["name"]: metric["value"] for metric in metrics}
    return {
        "main thread": named["TaskDuration"],
        "script": named["ScriptDuration"],
        "layout": named["LayoutDuration"] + named["RecalcStyleDuration"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="64 tokens alone, fewer runs")
    parser.add_argument("--views", action="store_true", help="each view alone, not the whole")
    parser.add_argument("--lab", action="store_true", help="clicks in JupyterLab alone")
    parser.add_argument("--tokens", type=int, nargs="+", help="lengths; 64, 128 and 512 unless set")
    parser.add_argument("--limit", type=float, default=60, help="seconds that BertViz may take")
    options = parser.parse_args()
    lengths = options.tokens or ([64] if options.quick else [64, 128, 512])
    runs, peer_runs = (3, 1) if options.quick else (9, 3)
    if options.lab:
        lab_alone(lengths, runs)
        return
    if not options.views:
        compare(lengths, runs, peer_runs, options)
    with chromium() as browser:
        view_lengths = tuple(options.tokens or ((64, 512) if options.quick else _views.LENGTHS))
        found = _views.measure(browser, view_lengths, 2 if options.quick else 5)
        _views.report(found, _views.time_large_grid(browser, 3))


def lab_alone(lengths: list[int], runs: int) -> None:
    """Clicks in JupyterLab, and how many messages the widget sends for each."""
    folder = demo_model()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder)
    texts = {length: text_of(tokenizer, length) for length in lengths}
    traces = {length: capture(model, text, tokenizer=tokenizer) for length, text in texts.items()}
    with chromium() as browser:
        found = time_lab(browser, traces, folder, texts, runs)
    rows = [
        (f"{count}", name, milliseconds(times[name]), f"{median(times[f'{name}: asks']):.0f}")
        for count, times in found.items()
        for name in CLICKS
    ]
    table("In JupyterLab, ms: median (range)", ("tokens", "click on a", "drawn", "asks"), rows)
    for count, times in found.items():
        taken = median(times["layer, new"])
        verdict = "met" if taken <= NEW_LAYER_GOAL else "missed"
        print(f"  a layer not seen before at {count}: {1000 * taken:,.0f} ms; {verdict}")


def compare(lengths: list[int], runs: int, peer_runs: int, options: argparse.Namespace) -> None:
    """The widget as it comes, in a page and in JupyterLab, beside BertViz."""

    folder = demo_model()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder)
    eager = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    texts = {length: text_of(tokenizer, length) for length in lengths}
    traces = {length: capture(model, text, tokenizer=tokenizer) for length, text in texts.items()}
    with chromium() as browser:
        print(f"Chromium {browser.version}, {folder.parent.name}, {runs} runs")
        ours = {length: time_widget(browser, trace, runs) for length, trace in traces.items()}
        lab = {} if options.quick else time_lab(browser, traces, folder, texts, runs)
    theirs = {
        length: time_bertviz(eager, tokenizer, text, options.limit, peer_runs)
        for length, text in texts.items()
    }
    print_first_views(ours, lab, theirs, options.limit)
    print_repaints(ours, lab, theirs, options.limit)
    print_parts(ours)
    if 512 in ours:
        print_goals(ours[512])


if __name__ == "__main__":
    main()

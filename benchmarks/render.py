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
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import _views
from _bertviz import CDN, eager_attentions, library, page_of
from _common import chromium, median, milliseconds, ratio, table, text_of
from browser.lab import Lab, Notebook
from browser.page_host import ORIGIN, PageHost
from playwright.sync_api import Browser, CDPSession, Page, Route
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from transformers import AutoModel, AutoTokenizer

from attention_widget import AttentionWidget, capture
from attention_widget.demo import demo_model
from attention_widget.trace.trace import Trace

Samples = dict[str, list[float]]  # seconds, by what was timed

FIRST_VIEW_GOAL, REPAINT_GOAL = 1.0, 0.05  # seconds, at 512 tokens
NEW_LAYER_GOAL = 0.15  # in JupyterLab

CLICKS = ("layer, seen", "layer, new", "head, seen", "head, new")

PARTS = (
    ("Python's answers", "Python"),
    ("CPU of the page", "main thread"),
    ("of it script", "script"),
    ("of it layout", "layout"),
)

# settled(change) runs the change and resolves to the moment at which its picture is drawn.
SETTLED = """
window.settled = (change) => new Promise((resolve, reject) => {
  const hasLines = () => Number(document.querySelector("canvas[data-lines]")?.dataset.lines) > 0;
  let painted = change === null && hasLines();
  const observer = new MutationObserver(() => { painted = hasLines(); });
  observer.observe(document, { subtree: true, attributeFilter: ["data-lines"] });
  let frames = 0;
  const deadline = performance.now() + 60_000;
  const frame = () => {
    if (performance.now() > deadline) return reject(new Error("nothing was drawn in a minute"));
    const error = [...document.querySelectorAll(".aw-error")].find((node) => !node.hidden);
    if (error) return reject(new Error(error.textContent));
    frames = painted && !document.querySelector("[data-pending]") ? frames + 1 : 0;
    if (frames < 3) return requestAnimationFrame(frame);  // the first one painted
    observer.disconnect();
    resolve(performance.now());
  };
  change?.();
  requestAnimationFrame(frame);
});
window.idle = async () => {
  await new Promise(requestAnimationFrame);
  await new Promise((resolve) => setTimeout(resolve, 40 + 16 * Math.random()));
};
"""

# From the moment at which the page asked for the module.
FIRST_VIEW = """
async (url) => {
  const end = await window.settled(null);
  return (end - performance.getEntriesByName(url)[0].startTime) / 1000;
}
"""

# The module is there, as on a page that shows a second widget.
FIRST_VIEW_AGAIN = """
async (state) => {
  const { close, deliver, model } = window.host;
  close();
  deliver([{ method: "update", state }]);
  const { default: widget } = await import("/widget.js");
  const el = document.getElementById("cell");
  await window.idle();
  const start = performance.now();
  const end = await window.settled(() => { window.host.close = widget.render({ model, el }); });
  return (end - start) / 1000;
}
"""

CLICK = """
async (selector) => {
  const node = document.querySelector(selector);
  const choose = () => {
    if (node.localName !== "option") return node.click();
    node.parentElement.value = node.value;
    node.parentElement.dispatchEvent(new Event("change"));
  };
  await window.idle();
  const start = performance.now();
  return (await window.settled(choose) - start) / 1000;
}
"""

# What the widget asks of Python, by the messages that JupyterLab sends for it.
COUNT_ASKS = """
() => {
  window.asks = 0;
  const proto = WebSocket.prototype;
  proto.plainSend ??= proto.send;
  proto.send = function (data) {
    const text = typeof data === "string" ? data : new TextDecoder().decode(data);
    if (text.includes("comm_msg") && text.includes('"custom"')) window.asks += 1;
    return proto.plainSend.call(this, data);
  };
}
"""

# The kernel's way from running the cell is part of it.
RUN_CELL = """
async () => {
  await window.idle();
  const start = performance.now();
  const run = () => { window.jupyterapp.commands.execute("notebook:run-cell"); };
  return (await window.settled(run) - start) / 1000;
}
"""

LAB_CELL = """
from transformers import AutoModel, AutoTokenizer
from attention_widget import AttentionWidget, capture
model, tokenizer = (auto.from_pretrained({folder!r}) for auto in (AutoModel, AutoTokenizer))
traces = {{n: capture(model, text, tokenizer=tokenizer) for n, text in {texts!r}.items()}}
"""

NO_CHANGE = """
async () => {
  await window.idle();
  const start = performance.now();
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  return (performance.now() - start) / 1000;
}
"""

BERTVIZ_DRAWN = """
const frame = () => {
  if (!document.querySelector("#attention line")) return requestAnimationFrame(frame);
  requestAnimationFrame(() => requestAnimationFrame(() => {
    window.drawnAt = performance.now() / 1000;
  }));
};
requestAnimationFrame(frame);
"""

# Its handlers draw before they return: from here to the second frame after.
BERTVIZ_CLICK = """
([selector, layer]) => {
  window.repaint = null;
  const node = document.querySelector(selector);
  setTimeout(async () => {
    const start = performance.now();
    if (layer !== null) node.value = layer;
    node.dispatchEvent(new Event(layer === null ? "click" : "change", { bubbles: true }));
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
    window.repaint = (performance.now() - start) / 1000;
  }, 40 + 16 * Math.random());
}
"""

LAYER = '.aw-layer option[value="{}"]'
HEAD_CHIP = '[aria-label="Heads"] [data-index="{}"]'
BERTVIZ_LAYER = "select#layer"
BERTVIZ_HEAD = "svg > g:last-of-type > rect:nth-child({})"


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


def time_bertviz(model: Any, tokenizer: Any, text: str, limit: float, runs: int) -> Samples:
    """BertViz's head view; what is not drawn within ``limit`` seconds has no samples.

    Each page has a browser of its own: one that hangs is ended with it.
    """
    times: Samples = defaultdict(list)
    attentions, tokens = eager_attentions(model, tokenizer, text)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "head_view.html"
        for _ in range(runs):
            start = time.perf_counter()
            html = page_of(attentions, list(tokens))
            times["python"].append(time.perf_counter() - start)
            file.write_text(html, encoding="utf-8")
            times["bytes"] = [float(file.stat().st_size)]
            del html
            with chromium() as browser:
                page = new_page(browser, BERTVIZ_DRAWN)
                page.route(re.compile("^https?:"), serve_library)
                page.set_default_timeout(1000 * limit)
                if not visit_bertviz(page, file, len(attentions), times):
                    break
    return times


def visit_bertviz(page: Page, file: Path, layers: int, times: Samples) -> bool:
    """One visit of its page; whether all of it was drawn within the limit."""
    try:
        page.goto(file.as_uri(), wait_until="commit")
        page.wait_for_function("window.drawnAt")
        times["first view"].append(page.evaluate("window.drawnAt"))
        for layer in range(1, min(4, layers)):
            times["layer, seen"].append(bertviz_click(page, BERTVIZ_LAYER, str(layer)))
        for head in range(1, 4):
            times["head, seen"].append(bertviz_click(page, BERTVIZ_HEAD.format(head), None))
    except PlaywrightTimeout:
        return False
    except PlaywrightError as error:
        if "crash" not in str(error).lower():
            raise
        print(f"BertViz's page ended the renderer: {error.message.splitlines()[0]}")
        return False
    return True


def bertviz_click(page: Page, selector: str, layer: str | None) -> float:
    page.evaluate(BERTVIZ_CLICK, [selector, layer])
    page.wait_for_function("window.repaint")
    taken: float = page.evaluate("window.repaint")
    return taken


def serve_library(route: Route) -> None:
    """What its page asks of a delivery network; a request for anything else is an error."""
    found = CDN.match(route.request.url)
    if found is None:
        route.abort()
        raise RuntimeError(f"BertViz's page asks for {route.request.url}")
    route.fulfill(path=library(found.group(1)), content_type="text/javascript")


def new_page(browser: Browser, script: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(script)
    return page


def print_first_views(
    ours: dict[int, Samples], lab: dict[int, Samples], theirs: dict[int, Samples], limit: float
) -> None:
    columns = ("tokens", "JupyterLab", "page", "module known", "BertViz", "ratio", "its HTML")
    rows = []
    for count, times in ours.items():
        peer = theirs[count]
        widget = added(times["python"], times["first view, module too"])
        bertviz = added(peer["python"], peer["first view"])
        rows.append(
            (
                f"{count}",
                milliseconds(lab[count]["first view"]) if lab else "–",
                milliseconds(widget),
                milliseconds(added(times["python"], times["first view"])),
                milliseconds(bertviz) if bertviz else f"not within {limit:,.0f} s",
                ratio(bertviz, widget),
                f"{peer['bytes'][0] / 1e6:,.0f} MB, made in {median(peer['python']):,.1f} s",
            )
        )
    table("From the forward pass to the first drawn view, ms: median (range)", columns, rows)


def print_parts(ours: dict[int, Samples]) -> None:
    columns = ("tokens", "until drawn", "whole", *(name for name, _ in PARTS))
    rows = [
        (
            f"{count}",
            name,
            milliseconds(times[name]),
            *(milliseconds(times[f"{name}: {part}"]) for _, part in PARTS),
        )
        for count, times in ours.items()
        for name in ("first view", *CLICKS)
    ]
    table("Where the widget's time goes, ms: median (range)", columns, rows)


def print_repaints(
    ours: dict[int, Samples], lab: dict[int, Samples], theirs: dict[int, Samples], limit: float
) -> None:
    columns = ("tokens", "click on a", "JupyterLab", "page", "BertViz", "ratio")
    rows = []
    for count, times in ours.items():
        for name in CLICKS:
            peer = theirs[count].get(name)
            drawn = peer is not None or name.endswith("new")
            rows.append(
                (
                    f"{count}",
                    name,
                    milliseconds(lab[count][name]) if lab else "–",
                    milliseconds(times[name]),
                    milliseconds(peer) if drawn else f"not within {limit:,.0f} s",
                    ratio(peer, times[name]),
                )
            )
        rows.append((f"{count}", "nothing", "", milliseconds(times["no change"]), "", ""))
    table("From a click to the repaint, ms: median (range)", columns, rows)


def print_goals(times: Samples) -> None:
    """The goals are for 512 tokens."""
    print("\nAt 512 tokens:")
    first = added(times["python"], times["first view, module too"])
    for name, samples, goal in (
        ("first view", first, FIRST_VIEW_GOAL),
        ("repaint of a seen layer", times["layer, seen"], REPAINT_GOAL),
        ("repaint of a seen head", times["head, seen"], REPAINT_GOAL),
    ):
        verdict = "met" if median(samples) <= goal else "missed"
        print(f"  {name}: {1000 * median(samples):,.0f} ms; goal {1000 * goal:,.0f}: {verdict}")


def added(python: Sequence[float], page: Sequence[float]) -> list[float]:
    """The median that Python takes before the page, and each run of the page."""
    return [median(python) + seconds for seconds in page]


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

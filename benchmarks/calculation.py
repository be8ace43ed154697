"""What the calculation of a head costs at 4,000 tokens, in Python and in the browser.

    python benchmarks/calculation.py [--tokens 4000] [--repeats 5]

A model in the shape of GPT-2 (12 heads of 64, random weights, 2 layers). First each step as the
browser asks for it: one line of numbers, the matrix as a picture of at most 512 x 512, in
milliseconds and as a share of the bare pass of one layer in the same run; goal: a line takes 1 % of
it. Then a walk through all steps by keyboard in Chromium: long tasks of the page (over 50 ms), and
the largest tensor that was sent; goal: none of the size of queries x keys.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import torch
import transformers
from _common import chromium, median, table
from browser.page_host import PageHost
from support.loaded import TOKENIZER

from attention_widget import AttentionWidget, Experiment
from attention_widget.protocol.catalogue import compute
from attention_widget.trace.trace import Trace
from attention_widget.widget.session import Session

LAYERS, LAYER, HEAD, SIDE = 2, 1, 3, 512

WATCH = """() => {
  window.long = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.long.push(duration);
  }).observe({ type: "longtask" });
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=4000)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        n_layer=LAYERS,
        n_positions=given.tokens,
        vocab_size=len(TOKENIZER),
        bos_token_id=0,
        eos_token_id=0,
    )
    model = transformers.GPT2LMHeadModel(config).eval()
    text = " ".join(["novel"] * (given.tokens - 2))
    lab = Experiment(model, text, tokenizer=TOKENIZER)
    bare = _bare_layer(lab, given.repeats)
    trace = lab.with_weights()
    title = f"GPT-2's shape, {len(trace.tokens):,} tokens; the bare pass of a layer: {bare:,.0f} ms"
    table(
        title,
        ["step", "row ms", "of a layer", "column ms", "picture ms"],
        _rows(trace, bare, given.repeats),
    )
    _walk(
        AttentionWidget(
            model, text, tokenizer=TOKENIZER, views="calculation", layer=LAYER, heads=HEAD
        )
    )


def _timed(work: Callable[[], object], repeats: int) -> float:
    """In milliseconds."""
    found = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        found.append(1000 * (time.perf_counter() - start))
    return median(found)


def _bare_layer(lab: Experiment, repeats: int) -> float:
    hidden = torch.from_numpy(lab.trace.hidden_states(LAYER).copy())[None]
    block: Any = lab.model.transformer.h[LAYER]
    with torch.no_grad():
        return _timed(lambda: block(hidden), repeats)


def _rows(trace: Trace, bare: float, repeats: int) -> list[list[str]]:
    rows = []
    for name in [step.name for step in trace.calculation(LAYER, HEAD).steps]:
        shape = trace.calculation(LAYER, HEAD)[name].values.shape
        of = f"decoder/{LAYER}/{HEAD}/{name}"
        down, across = (max(1, 2 ** (-(-size // SIDE) - 1).bit_length()) for size in shape)

        def asked(key: str) -> float:
            return _timed(lambda: compute(trace, key), repeats)

        row = asked(f"calculation_line/{of}/row/{shape[0] // 2}")
        column = asked(f"calculation_line/{of}/column/{shape[1] // 2}")
        picture = asked(f"calculation_map/{of}/{down}/{across}")
        share = f"{row / bare:.2%}"
        rows.append([name, f"{row:,.1f}", share, f"{column:,.1f}", f"{picture:,.0f}"])
    return rows


def _walk(widget: AttentionWidget) -> None:
    sent: dict[str, int] = {}
    answered = Session.tensor

    def heard(self: Session, number: int, key: str) -> Any:
        header, data = answered(self, number, key)
        sent[key] = len(data)
        return header, data

    Session.tensor = heard  # type: ignore[method-assign]
    n = len(widget.trace.tokens)
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        host = PageHost(page, widget)
        host.settle()
        page.evaluate(WATCH)
        page.locator('.aw-calculation-steps [aria-current="step"]').focus()
        rows = []
        for turn in ("first time", "again"):
            page.keyboard.press("Home")
            host.settle()
            page.evaluate("window.long.length = 0")
            start, steps = time.perf_counter(), 0
            while True:
                step = page.evaluate("document.activeElement.dataset.step")
                page.keyboard.press("ArrowRight")
                host.settle()
                page.wait_for_function("!document.querySelector('[data-pending]')", timeout=120_000)
                if page.evaluate("document.activeElement.dataset.step") == step:
                    break
                steps += 1
            took = 1000 * (time.perf_counter() - start) / max(1, steps)
            long = page.evaluate("window.long")
            worst = f"{max(long, default=0):,.0f}"
            rows.append([turn, str(steps), f"{took:,.0f}", str(len(long)), worst])
    table("By keyboard", ["walk", "steps", "ms a step", "long tasks", "longest ms"], rows)
    largest = max(sent, key=lambda key: sent[key])
    print(f"largest of {len(sent)} tensors: {largest}, {sent[largest]:,} bytes")
    print(f"a matrix of queries x keys would take {4 * n * n:,} bytes")


if __name__ == "__main__":
    main()

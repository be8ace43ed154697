"""Bytes of an exported page, and time from opening it to the drawn views, beside BertViz's HTML.

Two models: the trained MiniLM (6 layers, 12 heads), and one of BERT-base's size (12 layers, 12
heads, 64 dimensions each) with random weights whose queries and keys are scaled so that heads are
from flat to sharp: attention of random weights as they are would be uniform, which no trained
model's is. Pages are opened over file://, each in a new browser that has settled, with the network
refused; "drawn" is when no view waits for data any more and two frames have passed. "CPU" is what
the main thread of the page's process worked until then, which says more than the wall clock on a
busy machine. BertViz's page is given ``--limit`` seconds, and gets its libraries from npm as in
render.py.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from _common import chromium, milliseconds, table, text_of
from playwright.sync_api import Error, Route
from support.wire import decode_levels
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel

from attention_widget import AttentionWidget, Trace
from attention_widget.demo import demo_model
from attention_widget.export.layer import key_marks
from attention_widget.export.rounding import encode_levels

LENGTHS = (64, 128, 256, 512)

DRAWN = """() => document.querySelector('.aw-view') && !document.querySelector('[data-pending]')"""
# Chromium goes on loading parts of itself for a while after it has started.
SETTLE_S = 1.5
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def base_sized() -> Any:
    """BERT-base's shape, with heads from flat to sharp."""
    torch.manual_seed(0)
    model = BertModel._from_config(BertConfig(), attn_implementation="eager").eval()
    with torch.no_grad():
        for layer in model.encoder.layer:
            attention = layer.attention.self
            for head in range(12):
                rows = slice(64 * head, 64 * head + 64)
                attention.query.weight[rows] *= 4 * (0.4 + head / 8)
                attention.key.weight[rows] *= 4
    return model


def largest_error(trace: Trace) -> float:
    """Of any weight of the page, over all of them."""
    worst = 0.0
    for one in trace.operations:
        marks = key_marks(trace, one)
        for head in range(one.n_heads):
            weights = one.attention([head])[0]
            shape = (one.n_queries, one.n_keys)
            ours = decode_levels(encode_levels(weights, *marks), shape, *marks)
            worst = max(worst, float(np.abs(ours - weights).max()))
    return worst


def time_to_drawn(path: Path, repeats: int) -> tuple[list[float], list[float]]:
    """Seconds on the clock, and of the page's main thread."""
    clock, worked = [], []
    for _ in range(repeats):
        with chromium() as browser:
            context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
            page = context.new_page()
            protocol = context.new_cdp_session(page)
            protocol.send("Performance.enable", {"timeDomain": "threadTicks"})
            time.sleep(SETTLE_S)
            start = time.perf_counter()
            page.goto(f"file://{path}", wait_until="commit")
            while not page.evaluate(DRAWN):
                time.sleep(0.005)
            page.evaluate(TWO_FRAMES)
            clock.append(time.perf_counter() - start)
            metrics = protocol.send("Performance.getMetrics")["metrics"]
            worked.append(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))
    return clock, worked


def bertviz_page(model: Any, tokenizer: Any, text: str) -> str:
    from _bertviz import eager_attentions, page_of

    return page_of(*eager_attentions(model, tokenizer, text))


def bertviz_drawn(html: str, folder: Path, limit: float) -> list[float] | None:
    """Until its lines are there; None when that takes longer than the limit."""
    from _bertviz import CDN, library

    path = folder / "bertviz.html"
    path.write_text(f"<!doctype html><meta charset=utf-8>{html}", encoding="utf-8")

    def serve(route: Route) -> None:
        known = CDN.match(route.request.url)
        if known and known[1] in ("require.js", "jquery", "d3"):
            route.fulfill(path=library(known[1]))
        elif route.request.url.startswith("file:"):
            route.continue_()
        else:
            route.abort()

    with chromium() as browser, contextlib.suppress(Error):
        page = browser.new_page()
        page.route("**/*", serve)
        page.set_default_timeout(1000 * limit)
        time.sleep(SETTLE_S)
        start = time.perf_counter()
        page.goto(f"file://{path}", wait_until="commit", timeout=1000 * limit)
        page.wait_for_selector("#svg line, svg line", state="attached")
        page.evaluate(TWO_FRAMES)
        return [time.perf_counter() - start]
    return None


def measure(
    name: str, model: Any, tokenizer: Any, count: int, options: argparse.Namespace
) -> list[str]:
    text = text_of(tokenizer, count)
    widget = AttentionWidget(model, text, tokenizer=tokenizer)
    start = time.perf_counter()
    html = widget.to_html()
    made = time.perf_counter() - start
    n_bytes = len(html.encode())
    weights = sum(one.n_heads * one.n_queries * one.n_keys for one in widget.trace.operations)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(html, encoding="utf-8")
        drawn, worked = time_to_drawn(path, options.repeats)
        theirs, first = "–", "–"
        if count <= options.bertviz:
            page = bertviz_page(model, tokenizer, text)
            theirs = f"{len(page.encode()) / 1e6:,.1f}"
            found = bertviz_drawn(page, Path(folder), options.limit)
            first = milliseconds(found) if found else f"not in {options.limit:.0f} s"
            times = f"1/{len(page.encode()) / n_bytes:,.0f}"
        else:  # two copies of each weight, with some 22 digits and signs each
            theirs, times = f"≈ {44 * weights / 1e6:,.0f}", f"≈ 1/{44 * weights / n_bytes:,.0f}"
    return [
        f"{name}, {count}",
        f"{n_bytes / 1e6:,.2f}",
        theirs,
        times,
        f"{8 * n_bytes / weights:.1f}",
        f"{largest_error(widget.trace):.1e}",
        f"{made:,.1f}",
        milliseconds(drawn),
        milliseconds(worked),
        first,
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="64 and 128 tokens, once")
    parser.add_argument("--repeats", type=int, default=3, help="openings of each page")
    parser.add_argument("--limit", type=float, default=60, help="seconds that BertViz's page gets")
    parser.add_argument(
        "--bertviz",
        type=int,
        default=256,
        help="up to how many tokens BertViz's page is made; at 512 it takes GBs of memory",
    )
    parser.add_argument("--lengths", type=int, nargs="*", default=LENGTHS)
    options = parser.parse_args()
    if options.quick:
        options.lengths, options.repeats = (64, 128), 1
    folder = demo_model()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    trained = AutoModel.from_pretrained(folder, attn_implementation="eager")
    rows = [
        measure(name, model, tokenizer, count, options)
        for name, model in (("MiniLM, 6×12", trained), ("random, 12×12", base_sized()))
        for count in options.lengths
    ]
    table(
        "Exported pages (lines, grid and text) beside BertViz's head view",
        (
            "model, tokens",
            "MB",
            "BertViz MB",
            "bytes",
            "bits/weight",
            "largest error",
            "made in s",
            "drawn ms",
            "CPU ms",
            "BertViz drawn ms",
        ),
        rows,
    )


if __name__ == "__main__":
    main()

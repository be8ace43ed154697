"""What each view costs in the browser: first draw, hover, switch, scroll, memory.

Attention of random queries and keys in the shape of MiniLM (6 layers, 12 heads), so that any
length can be had; the page is that of the browser tests.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import psutil
import torch
from _common import PARAGRAPH, median, table
from browser.page_host import PageHost
from playwright.sync_api import Browser, CDPSession, Page

from attention_widget import AttentionWidget
from attention_widget.protocol.option_values import VIEWS, ViewName
from attention_widget.trace.block import Block
from attention_widget.trace.mask import Mask
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace

LENGTHS = (64, 512, 2048, 4096)
HOVER_GOAL, SWITCH_GOAL, GRID_GOAL = 16.0, 100.0, 300.0  # ms
MEMORY_GOAL = 300.0  # MB

HOVERS, SCROLLS = 40, 40
NAMES, PICTURE = (0.06, 0.02), (0.15, 0.1)
"""Where the mouse goes: shares of a view's width, the first of three places and between them."""

# Runs a change; resolves to the moment at which nothing waits for data any more and three frames
# have passed since, so that what was drawn has gone through the rasteriser.
QUIET = """
window.quiet = (change) => new Promise((resolve, reject) => {
  let frames = 0;
  const deadline = performance.now() + 120_000;
  const frame = () => {
    const error = [...document.querySelectorAll(".aw-error")].find((node) => !node.hidden);
    if (error) return reject(new Error(error.textContent));
    if (performance.now() > deadline) return reject(new Error("still waiting after two minutes"));
    frames = document.querySelector("[data-pending]") ? 0 : frames + 1;
    if (frames < 4) return requestAnimationFrame(frame);
    resolve(performance.now());
  };
  change();
  requestAnimationFrame(frame);
});
"""

FIRST_DRAW = """
async (state) => {
  const { close, deliver, model } = window.host;
  close();
  deliver([{ method: "update", state }]);
  const { default: widget } = await import("/widget.js");
  const el = document.getElementById("cell");
  await new Promise((resolve) => setTimeout(resolve, 100));
  const start = performance.now();
  const end = await window.quiet(() => { window.host.close = widget.render({ model, el }); });
  return end - start;
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
  await new Promise((resolve) => setTimeout(resolve, 100));
  const start = performance.now();
  return await window.quiet(choose) - start;
}
"""

# The mouse goes down the view, one place a frame; without events the same frames cost nothing.
HOVER = """
async ([count, moves, first, gap]) => {
  const body = document.querySelector(".aw-view .aw-body").getBoundingClientRect();
  const bottom = Math.min(body.bottom, innerHeight);
  for (let step = 0; step < count; step++) {
    const clientX = body.left + body.width * (first + gap * (step % 3));
    const clientY = body.top + (bottom - body.top) * (0.2 + (0.7 * step) / count);
    const target = document.elementFromPoint(clientX, clientY);
    if (moves && target) {
      for (const type of ["pointerover", "pointermove"]) {
        const where = { bubbles: true, clientX, clientY, pointerType: "mouse" };
        target.dispatchEvent(new PointerEvent(type, where));
      }
    }
    await new Promise(requestAnimationFrame);
  }
  await new Promise(requestAnimationFrame);
}
"""

SCROLL = """
async (count) => {
  const scrollers = [...document.querySelectorAll(".aw-view *")].filter((node) =>
    node.scrollHeight > node.clientHeight + 200 &&
    /auto|scroll/.test(getComputedStyle(node).overflowY));
  if (!scrollers.length) return false;
  const [scroller] = scrollers.sort((a, b) => b.clientHeight - a.clientHeight);
  for (let step = 0; step < count; step++) {
    scroller.scrollTop += 150;
    await new Promise(requestAnimationFrame);
  }
  await new Promise(requestAnimationFrame);
  return true;
}
"""

LAYER = '.aw-layer option[value="{}"]'
HEAD_CHIP = '[aria-label="Heads"] [data-index="{}"]'


@dataclass
class Costs:
    """Of one view at one length; milliseconds and megabytes."""

    first_draw: list[float] = field(default_factory=list)
    layer_switch: list[float] = field(default_factory=list)
    head_switch: list[float] = field(default_factory=list)
    hover: float = 0.0
    scroll: float | None = None
    memory: float = 0.0
    """What the page holds once its garbage is collected."""
    before: float = 0.0
    """And before, with what carried the tensors here, which is the test page's own way."""


def random_trace(n: int, layers: int = 6, heads: int = 12, dim: int = 32, seed: int = 0) -> Trace:
    """Attention as peaked as a trained model's: a few keys take most of each row."""
    random = torch.Generator().manual_seed(seed)
    words = PARAGRAPH.split()

    def vectors(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=random)

    blocks = tuple(
        Block(
            layer=layer,
            kind="encoder",
            query=1.5 * vectors(heads, n, dim),
            key=1.5 * vectors(heads, n, dim),
            value=vectors(heads, n, dim),
            scale=dim**-0.5,
            mask=Mask.full(n, n),
        )
        for layer in range(layers)
    )
    tokens = tuple(
        Token(i, i, words[i % len(words)], words[i % len(words)], " " if i else "", word=i)
        for i in range(n)
    )
    hidden = tuple(vectors(n, 384) for _ in range(layers + 1))
    text = "".join(token.lead + token.text for token in tokens)
    return Trace(tokens, blocks, hidden, (text,), "random")


def time_view(browser: Browser, trace: Trace, view: ViewName, runs: int) -> Costs:
    """All costs of a view, in a page of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(QUIET)
    widget = AttentionWidget.from_trace(trace, views=view, heads=range(min(4, _heads(trace))))
    host = PageHost(page, widget)
    page.evaluate("() => window.quiet(() => undefined)")
    devtools = context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    costs = Costs()
    for _ in range(runs):
        costs.first_draw.append(page.evaluate(FIRST_DRAW, host.widget.get_state()))
    for chip in [*map(LAYER.format, (1, 0)), *map(HEAD_CHIP.format, range(4))]:
        page.evaluate(CLICK, chip)  # all are here after these
    for run in range(2 * runs):
        costs.layer_switch.append(page.evaluate(CLICK, LAYER.format((run + 1) % 2)))
    for run in range(2 * runs):
        costs.head_switch.append(page.evaluate(CLICK, HEAD_CHIP.format(run % 4)))
    across = NAMES if view == "lines" else PICTURE
    page.evaluate(HOVER, [HOVERS, True, *across])  # what is compiled once
    idle = _work(devtools, page, HOVER, [HOVERS, False, *across])
    costs.hover = max(0.0, _work(devtools, page, HOVER, [HOVERS, True, *across]) - idle) / HOVERS
    before = _busy(devtools)
    if page.evaluate(SCROLL, SCROLLS):
        costs.scroll = (_busy(devtools) - before) / SCROLLS
    costs.before = _renderer_mb()
    devtools.send("HeapProfiler.collectGarbage")
    costs.memory = _renderer_mb()
    context.close()
    return costs


def measure(browser: Browser, lengths: tuple[int, ...], runs: int) -> dict[int, dict[str, Costs]]:
    """Every view at every length; and the grid of a large model."""
    found: dict[int, dict[str, Costs]] = defaultdict(dict)
    for n in lengths:
        trace = random_trace(n)
        for view in VIEWS:
            found[n][view] = time_view(browser, trace, view, runs)
    return found


def time_large_grid(browser: Browser, runs: int) -> Costs:
    """32 layers × 32 heads at 128 tokens."""
    return time_view(browser, random_trace(128, layers=32, heads=32), "grid", runs)


def report(found: dict[int, dict[str, Costs]], large: Costs) -> None:
    """The tables, and which goals are met."""
    columns = (
        "view",
        "tokens",
        "first draw",
        "layer",
        "head",
        "hover",
        "scroll",
        "memory",
        "before",
    )
    rows = [
        (
            view,
            f"{n}",
            f"{median(costs.first_draw):,.0f} ms",
            f"{median(costs.layer_switch):,.0f} ms",
            f"{median(costs.head_switch):,.0f} ms",
            f"{costs.hover:,.1f} ms",
            "–" if costs.scroll is None else f"{costs.scroll:,.1f} ms",
            f"{costs.memory:,.0f} MB",
            f"{costs.before:,.0f} MB",
        )
        for view in VIEWS
        for n, by_view in found.items()
        for costs in (by_view[view],)
    ]
    table("Each view alone: waits are wall time, hover and scroll work per event", columns, rows)
    print(f"\nGrid of 32 × 32 heads at 128 tokens: {median(large.first_draw):,.0f} ms")
    for name, value, goal in _goals(found, large):
        print(f"  {name}: {value:,.0f}; goal {goal:,.0f}: {'met' if value <= goal else 'missed'}")


def _goals(found: dict[int, dict[str, Costs]], large: Costs) -> list[tuple[str, float, float]]:
    short = [(n, view, c) for n, views in found.items() if n <= 2048 for view, c in views.items()]
    at_2048 = found.get(2048, {})
    goals = [
        (f"hover, {view} at {n}, ms", costs.hover, HOVER_GOAL)
        for n, view, costs in short
        if n == max(found.keys() & {512, 2048}, default=n)
    ]
    goals += [
        (f"layer switch, {view} at 2,048, ms", median(costs.layer_switch), SWITCH_GOAL)
        for view, costs in at_2048.items()
    ]
    goals.append(("grid of 32 × 32, ms", median(large.first_draw), GRID_GOAL))
    most = max(costs.memory for views in found.values() for costs in views.values())
    goals.append(("memory of a page, MB", most, MEMORY_GOAL))
    return goals


def _heads(trace: Trace) -> int:
    return trace.blocks[0].n_heads


def _work(devtools: CDPSession, page: Page, script: str, argument: Any) -> float:
    before = _busy(devtools)
    page.evaluate(script, argument)
    return _busy(devtools) - before


def _busy(devtools: CDPSession) -> float:
    """Milliseconds that the page's main thread has worked so far."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    seconds: float = next(m["value"] for m in metrics if m["name"] == "TaskDuration")
    return 1000 * seconds


def _renderer_mb() -> float:
    """Memory of the largest renderer that is its alone."""
    sizes: list[float] = []
    for process in psutil.Process().children(recursive=True):
        try:
            if "--type=renderer" in process.cmdline():
                sizes.append(process.memory_full_info().uss)
        except psutil.NoSuchProcess:  # it ended meanwhile
            continue
    return max(sizes) / 1e6

"""A widget that is displayed again and again leaves nothing behind: notebooks stay open."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession, Page

from attention_widget.protocol.option_values import VIEWS
from browser.page_host import PageHost

pytestmark = pytest.mark.browser

DISPLAYS = 10

# Timers that are set and have neither run nor been cleared.
COUNT_TIMERS = """
  window.timers = new Set();
  for (const [set, clear] of [["setTimeout", "clearTimeout"], ["setInterval", "clearInterval"]]) {
    const [start, stop] = [window[set].bind(window), window[clear].bind(window)];
    window[set] = (run, wait, ...rest) => {
      const once = set === "setTimeout";
      const timer = start((...args) => {
        if (once) window.timers.delete(timer);
        run(...args);
      }, wait, ...rest);
      window.timers.add(timer);
      return timer;
    };
    window[clear] = (timer) => {
      window.timers.delete(timer);
      stop(timer);
    };
  }
"""

DISPLAY = """
async () => {
  const { default: widget } = await import("/widget.js");
  const el = document.getElementById("cell");
  window.host.close = widget.render({ model: window.host.model, el });
}
"""

NOTHING_DUE = "window.timers.size === 0"

# As a person leaves it: something hovered, a frame painted, the widget taken away.
HOVER_AND_CLOSE = """
async () => {
  const frame = () => new Promise(requestAnimationFrame);
  // Where they are is read once: after each event the page would be laid out anew.
  const nodes = [...document.querySelectorAll("[data-token], [data-unit], canvas")];
  const boxes = nodes.map((node) => node.getBoundingClientRect());
  for (const [place, node] of nodes.entries()) {
    const { left, top } = boxes[place];
    const where = { bubbles: true, clientX: left + 2, clientY: top + 2 };
    node.dispatchEvent(new PointerEvent("pointerover", where));
    node.dispatchEvent(new PointerEvent("pointermove", where));
  }
  await frame();
  window.host.close();
  await frame();
}
"""


def live(session: CDPSession) -> dict[str, int]:
    """Nodes and listeners that the collector cannot free."""
    for _ in range(3):  # what one collection frees may hold what the next one does
        session.send("HeapProfiler.collectGarbage")
    counted: dict[str, int] = session.send("Memory.getDOMCounters")
    return counted


def heap_bytes(session: CDPSession) -> int:
    used: int = session.send("Runtime.getHeapUsage")["usedSize"]
    return used


def test_a_widget_displayed_many_times_leaves_nothing(
    page: Page, open_widget: Callable[..., PageHost]
) -> None:
    page.add_init_script(COUNT_TIMERS)
    host = open_widget(views=VIEWS, token=2, pinned=4)
    session = page.context.new_cdp_session(page)
    page.evaluate(HOVER_AND_CLOSE)

    def display() -> None:
        page.evaluate(DISPLAY)
        host.settle()
        page.evaluate(HOVER_AND_CLOSE)

    for _ in range(12):  # what is made once, as fonts and compiled code, is there after these
        display()
    page.wait_for_function(NOTHING_DUE)
    before, bytes_before = live(session), heap_bytes(session)
    for _ in range(DISPLAYS):
        display()
    page.wait_for_function(NOTHING_DUE)
    after, bytes_after = live(session), heap_bytes(session)

    print("HEAP", before, after, bytes_after - bytes_before)
    assert page.evaluate("window.host.listeners.size") == 0
    assert after["nodes"] - before["nodes"] < DISPLAYS, (before, after)
    assert after["jsEventListeners"] - before["jsEventListeners"] < DISPLAYS, (before, after)
    assert bytes_after - bytes_before < DISPLAYS * 60_000, (bytes_before, bytes_after)

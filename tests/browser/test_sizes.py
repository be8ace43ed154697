"""Sizes are measured when a widget comes into sight, and whenever they change."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page

from attention_widget import AttentionWidget
from browser.page_host import PageHost
from browser.test_rows_in_sight import deep

pytestmark = pytest.mark.browser

Picture = NDArray[np.int16]  # (y, x, rgb)

SCALING = 10
"""Of 255, in one channel of a pixel: small pictures lie side by side on the canvas that they are
scaled from, in the order in which they came, and take a little from their neighbours."""

VIEWS = ("lines", "grid", "neuron", "matrix", "tokens", "text")

HIDE = {
    "display": "cell.style.display = 'none'",
    "details": """{
      const details = document.createElement("details");
      cell.replaceWith(details);
      details.append(document.createElement("summary"), cell);
      details.querySelector("summary").style.display = "none";
    }""",
}
REVEAL = {
    "display": "document.getElementById('cell').style.display = ''",
    "details": "document.querySelector('details').open = true",
}

# A row that showed weights before keeps their places, without a colour.
GEOMETRY = """() => {
  const found = [];
  const isClear = (node) => getComputedStyle(node).backgroundColor === "rgba(0, 0, 0, 0)";
  const isUnseen = (node) =>
    node.matches(".aw-heads, .aw-heads > i") &&
    (node.localName === "i" ? isClear(node) : [...node.children].every(isClear));
  const root = document.querySelector(".attention-widget");
  const { left: x, top: y } = root.getBoundingClientRect();
  for (const node of root.querySelectorAll("*")) {
    if (node.closest("option, svg svg") || isUnseen(node)) continue;
    const { left, top, width, height } = node.getBoundingClientRect();
    const box = [left - x, top - y, width, height].map(Math.round).join(" ");
    const more = node.tagName === "CANVAS" ? ` ${node.width}x${node.height}` : "";
    found.push(`${node.tagName} ${node.className.baseVal ?? node.className}: ${box}${more}`
      + ` ${Math.round(node.scrollTop)} ${Math.round(node.scrollLeft)}`);
  }
  return found;
}"""

FRAMES = """async () => {
  for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
}"""
SAME = 3
"""How often it is looked at, some frames apart, and is the same."""


def geometry(page: Page) -> list[str]:
    found: list[str] = page.evaluate(GEOMETRY)
    return found


def settles(host: PageHost, wanted: list[str]) -> None:
    last: list[tuple[str, str]] = []

    def same() -> bool:
        now = geometry(host.page)
        last[:] = [pair for pair in zip(now, wanted, strict=False) if pair[0] != pair[1]]
        return len(now) == len(wanted) and not last

    host.wait(same, lambda: f"{len(last)} elements stand elsewhere: {last[:5]}")


def looks(host: PageHost, wanted: Picture) -> None:
    """It comes to look like a picture taken before, to what scaling a canvas loses."""

    def difference() -> int:
        now = picture(host)
        return int(np.abs(now - wanted).max()) if now.shape == wanted.shape else 255

    host.wait(lambda: difference() <= SCALING, lambda: f"it differs by {difference()} of 255")


def picture(host: PageHost) -> Picture:
    png = host.page.locator(".attention-widget").screenshot(animations="disabled")
    return np.asarray(Image.open(BytesIO(png)).convert("RGB"), np.int16)


def rest(host: PageHost) -> list[str]:
    """The geometry once it no longer changes, however many frames are drawn."""
    found: list[list[str]] = []

    def still() -> bool:
        host.page.evaluate(FRAMES)
        found.append(geometry(host.page))
        return len(found) >= SAME and all(each == found[-1] for each in found[-SAME:])

    host.settle()
    host.wait(still, "it does not come to rest")
    return found[-1]


@pytest.mark.parametrize("how", HIDE)
@pytest.mark.parametrize("views", [VIEWS, ("lines", "grid", "text")])
def test_a_widget_drawn_while_hidden_is_as_one_drawn_in_sight(
    page: Page, open_trace: Callable[..., PageHost], how: str, views: tuple[str, ...]
) -> None:
    choices: dict[str, Any] = {"views": views, "layer": 40, "heads": (2, 3), "token": 50}
    trace = deep(48, 60, heads=4)
    in_sight = open_trace(trace, **choices)
    wanted, pixels = rest(in_sight), picture(in_sight)
    page.context.add_init_script(
        "addEventListener('DOMContentLoaded', () => {"
        f" const cell = document.getElementById('cell'); {HIDE[how]}; }})"
    )
    other = page.context.new_page()
    host = PageHost(other, AttentionWidget.from_trace(trace, **choices))
    try:
        host.settle()
        assert other.locator(".attention-widget").is_hidden()
        other.evaluate(REVEAL[how])
        settles(host, wanted)
        looks(host, pixels)
        other.evaluate("document.getElementById('cell').style.display = 'none'")
        host.settle()
        other.evaluate("document.getElementById('cell').style.display = ''")
        settles(host, wanted)
        looks(host, pixels)
    finally:
        host.close()
        other.close()


@pytest.mark.parametrize("views", [VIEWS, ("lines", "grid", "text")])
def test_a_window_made_narrow_and_broad_again_is_as_before(
    open_trace: Callable[..., PageHost], views: tuple[str, ...]
) -> None:
    host = open_trace(deep(12, 60, heads=4), views=views)
    wide = rest(host)
    narrow = {}
    for width in (640, 320):
        host.page.set_viewport_size({"width": width, "height": 900})
        narrow[width] = rest(host)
    for width in (640, 1280):
        host.page.set_viewport_size({"width": width, "height": 900})
        settles(host, narrow.get(width, wide))


LINES_OF_TEXT = """() => {
  const box = document.querySelector(".aw-input");
  return [box.clientHeight, box.scrollHeight, box.getBoundingClientRect().height];
}"""


def test_the_text_box_shows_its_lines_at_any_width(open_trace: Callable[..., PageHost]) -> None:
    """One; all of them while it has the focus, as many as the style sheet allows; more scroll."""
    host = open_trace(deep(2, 60), views=("lines",))
    box = host.page.locator(".aw-input").first
    heights = []
    for width in (1280, 640, 400, 1280):
        host.page.set_viewport_size({"width": width, "height": 900})
        box.evaluate("(box) => box.blur()")
        rest(host)
        assert host.page.evaluate(LINES_OF_TEXT)[2] < 30, f"{width} px"
        box.focus()
        inner, needed, height = host.page.evaluate(LINES_OF_TEXT)
        assert inner >= needed or height > 250, f"{width} px: {inner} px of {needed}"
        heights.append(height)
    assert heights[0] == heights[3] < heights[1] <= heights[2]
    host.page.set_viewport_size({"width": 640, "height": 900})  # while it has the focus
    rest(host)
    assert host.page.evaluate(LINES_OF_TEXT)[2] == heights[1]


def test_pictures_are_as_fine_as_the_screen(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(deep(4, 24, heads=4), views=VIEWS)
    session = host.page.context.new_cdp_session(host.page)

    def coarse(scale: float) -> list[str]:
        found: list[str] = host.page.evaluate(
            """(scale) => [...document.querySelectorAll(".attention-widget canvas")]
                 .filter((canvas) => canvas.clientWidth)
                 .filter((canvas) => Math.abs(canvas.width - scale * canvas.clientWidth) > scale
                                  || Math.abs(canvas.height - scale * canvas.clientHeight) > scale)
                 .map((canvas) => `${canvas.parentElement.className} ${canvas.width}`)""",
            scale,
        )
        return found

    def refine(scale: float, width: int) -> None:
        size = {"width": width, "height": 900, "deviceScaleFactor": scale, "mobile": False}
        session.send("Emulation.setDeviceMetricsOverride", size)
        host.settle()
        host.wait(lambda: not coarse(scale), lambda: f"{scale}: {coarse(scale)}")

    # As by the browser's zoom: a page half as wide is twice as fine.
    for scale, width in ((1.0, 1280), (2.0, 640), (1.0, 1280)):
        refine(scale, width)
    # On another screen: the widget stays as wide.
    host.page.evaluate("document.getElementById('cell').style.width = '600px'")
    for scale, width in ((1, 1280), (2, 1200), (1.5, 1280), (1, 1200)):
        refine(scale, width)

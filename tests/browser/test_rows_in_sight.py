"""Lists of tokens beside a picture: what is in sight has its row there, and can be pointed at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page
from support.traces import trace

from attention_widget.protocol.options import OPTION
from attention_widget.trace.trace import Trace
from browser.page_host import PageHost
from browser.reading import (
    key_row,
    leave,
    lines,
    lines_canvas,
    panel_action,
    pixels,
    query_row,
    row_height,
)

pytestmark = pytest.mark.browser

ROW = 22
HEIGHT = 460
"""Of the lines, where no neighbour is taller."""

FAULTS = """() => {
  const faults = [];
  const zoom = document.querySelector(".attention-widget").currentCSSZoom; // of a full window
  const far = (a, b) => Math.abs(a - b) > 1;
  const checkRows = (name, scroller, rows, picture, pitch = 22 * zoom) => {
    const seen = scroller.getBoundingClientRect();
    const frame = picture.getBoundingClientRect();
    const count = Math.round(rows.getBoundingClientRect().height / pitch);
    for (let row = 0; row < count; row++) {
      const y = frame.top + (row + 0.5) * pitch - zoom * scroller.scrollTop;
      if (y < frame.top + 2 || y > frame.bottom - 2) continue; // out of sight
      const node = rows.querySelector(`[data-token="${row}"]`);
      if (!node) { faults.push(`${name} ${row}: no row`); continue; }
      const box = node.getBoundingClientRect();
      if (far((box.top + box.bottom) / 2, y))
        faults.push(`${name} ${row}: at ${box.top}, not ${y}`);
      if (y < 0 || y > innerHeight) { faults.push(`${name} ${row}: outside the window`); continue; }
      const hit = document.elementFromPoint((box.left + box.right) / 2, y);
      if (!node.contains(hit)) faults.push(`${name} ${row}: cannot be pointed at`);
    }
    if (far(seen.top, frame.top)) faults.push(`${name}: begins at ${seen.top}, not ${frame.top}`);
  };
  const lines = document.querySelector('.aw-lines[data-direction="vertical"]');
  if (lines) {
    const middle = lines.querySelector(".aw-lines-middle");
    const canvas = middle.querySelector(".aw-canvas");
    const map = lines.querySelector(".aw-map:not([hidden]) canvas");
    const height = (node) => node.getBoundingClientRect().height;
    const pitch = Number.parseFloat(lines.style.getPropertyValue("--aw-pitch"));
    for (const side of ["queries", "keys"]) {
      const scroller = lines.querySelector(`.aw-${side}-scroll`);
      const rows = scroller.querySelector(".aw-rows");
      checkRows(`lines ${side}`, scroller, rows, canvas, zoom * pitch);
      if (far(height(scroller), height(middle)))
        faults.push(`lines ${side}: ${height(scroller)} px, the lines ${height(middle)}`);
    }
    for (const drawn of [canvas, ...(map ? [map] : [])])
      if (far(height(drawn), height(middle)))
        faults.push(`${drawn.className}: ${height(drawn)} px of ${height(middle)}`);
    if (far(canvas.getBoundingClientRect().width, zoom * middle.clientWidth))
      faults.push(`the lines are ${canvas.clientWidth} px wide of ${middle.clientWidth}`);
  }
  for (const scroller of document.querySelectorAll(".aw-scroll.aw-neuron")) {
    for (const part of ["labels", "numbers"])
      checkRows(`neuron ${part}`, scroller, scroller.querySelector(`.aw-neuron-${part}`), scroller);
    const rows = scroller.querySelector(".aw-rows").getBoundingClientRect().height;
    for (const strip of scroller.querySelectorAll("canvas")) {
      const { height, top } = strip.getBoundingClientRect();
      if (far(height, Math.min(rows, zoom * scroller.clientHeight)))
        faults.push(`strip: ${height} px`);
      if (far(top, scroller.getBoundingClientRect().top)) faults.push(`strip at ${top}`);
    }
  }
  for (const scroller of document.querySelectorAll(".aw-table:not([hidden]) .aw-scroll"))
    checkRows("tokens", scroller, scroller.querySelector(".aw-rows"), scroller);
  for (const view of document.querySelectorAll(".aw-view")) {
    if (!view.checkVisibility()) continue;
    const note = view.querySelector(".aw-note").getBoundingClientRect();
    const body = view.querySelector(".aw-body").getBoundingClientRect();
    if (body.bottom > note.top + 1) faults.push(`${view.className}: the picture lies on the note`);
  }
  return faults;
}"""


def labels(count: int) -> list[str]:
    words = [("tok" + "en" * (index % 4)) + str(index) for index in range(count - 2)]
    return ["[CLS]", *words, "[SEP]"]


def deep(layers: int, tokens: int, heads: int = 4) -> Trace:
    return trace(heads=(heads,) * layers, labels=labels(tokens), dim=4)


def check(host: PageHost, what: str) -> None:
    """Every row in sight is there, at its height; it may take some frames."""
    host.settle()
    last: list[str] = []

    def fine() -> bool:
        last[:] = host.page.evaluate(FAULTS)
        return not last

    host.wait(fine, lambda: f"{what}: {len(last)} faults, {last[:6]}")


def scroll(page: Page, rows: int) -> None:
    page.locator(".aw-scroll:visible").evaluate_all(
        "(all, by) => all.forEach((each) => { each.scrollTop += by; })", rows * ROW
    )


def tall(host: PageHost) -> None:
    host.page.set_viewport_size({"width": 1280, "height": 2400})


def list_height(host: PageHost) -> float:
    found: float = (
        lines(host.page).locator(".aw-keys-scroll").evaluate("(node) => node.clientHeight")
    )
    return found


# Few layers with many tokens, many with few, and many of both.
@pytest.mark.parametrize(("layers", "tokens"), [(6, 200), (24, 4), (48, 36)])
def test_every_token_in_sight_has_its_label_at_its_lines(
    open_trace: Callable[..., PageHost], layers: int, tokens: int
) -> None:
    host = open_trace(deep(layers, tokens), views=OPTION["views"].default)
    tall(host)
    check(host, "the default picture")
    scroll(host.page, 7)
    check(host, "scrolled")
    host.select(layer=layers - 1, words=True)
    check(host, "another layer, words")
    host.select(words=False, views=[view for view in OPTION["views"].default if view != "grid"])
    check(host, "without the grid")
    host.select(views=OPTION["views"].default)
    check(host, "the grid again")
    for width in (1000, 700, 1280):
        host.page.set_viewport_size({"width": width, "height": 2400})
        check(host, f"{width} px")


def test_a_list_beside_a_taller_picture_fills_its_height(
    open_trace: Callable[..., PageHost],
) -> None:
    host = open_trace(deep(48, 60), views=("lines", "grid"))
    tall(host)
    host.settle()
    host.wait(lambda: list_height(host) > HEIGHT, lambda: f"{list_height(host)} px beside the grid")
    host.select(views=("lines",))
    host.wait(lambda: list_height(host) == HEIGHT, lambda: f"{list_height(host)} px by itself")
    host.select(views=("lines", "grid"))
    host.wait(lambda: list_height(host) > HEIGHT, lambda: f"{list_height(host)} px beside the grid")


def test_a_short_list_is_no_taller_than_its_tokens(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(deep(24, 8), views=("lines", "grid"))
    tall(host)
    check(host, "short")
    assert list_height(host) == 8 * ROW


@pytest.mark.parametrize("view", ["lines", "neuron", "tokens"])
@pytest.mark.parametrize("tokens", [8, 60])
def test_a_panel_that_is_sized_has_its_rows(
    open_trace: Callable[..., PageHost], view: str, tokens: int
) -> None:
    host = open_trace(deep(24, tokens), views=(view, "grid"))
    tall(host)
    check(host, "as it comes")
    handle = host.page.locator(f".aw-view-{view}").get_by_role("separator")
    box: Any = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 4
    for by in (-150, 330):
        host.page.mouse.move(x, y)
        host.page.mouse.down()
        host.page.mouse.move(x, y + by, steps=4)
        host.page.mouse.up()
        check(host, f"dragged by {by}")
        box = handle.bounding_box()
        y = box["y"] + 4
    grid = host.page.locator(".aw-view-grid")
    panel_action(grid, "close").click()
    check(host, "without the grid")
    handle.focus()
    host.page.keyboard.press("Enter")
    check(host, "its own height again")


@pytest.mark.parametrize(
    "views",
    [("neuron", "grid"), ("tokens", "grid"), ("lines", "neuron", "matrix", "tokens", "text")],
)
@pytest.mark.parametrize("tokens", [8, 60])
def test_lists_of_the_other_views_have_their_rows(
    open_trace: Callable[..., PageHost], views: tuple[str, ...], tokens: int
) -> None:
    host = open_trace(deep(24, tokens), views=views, token=3)
    tall(host)
    check(host, "as it comes")
    scroll(host.page, 9)
    check(host, "scrolled")
    for width in (1000, 640, 1280):
        host.page.set_viewport_size({"width": width, "height": 3400})
        check(host, f"{width} px")


def test_a_list_fills_the_window(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(deep(24, 200), views=("lines", "grid"))
    host.page.evaluate("Element.prototype.requestFullscreen = undefined")
    panel_action(lines(host.page), "enter").click()
    check(host, "in the full window")
    box = lines(host.page).locator(".aw-keys-scroll").bounding_box()
    assert box is not None
    assert box["height"] > 400  # below the pickers
    assert box["y"] + box["height"] > 900 - 90
    host.page.keyboard.press("Escape")
    tall(host)
    check(host, "back")


def test_the_lines_end_where_the_labels_stand(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(deep(30, 60, heads=2), views=("lines", "grid"), heads=0, top_p=1)
    tall(host)
    check(host, "before")
    pitch = row_height(host.page)
    for row in (1, 14, 21, 59):
        query_row(host.page, row).hover()
        host.settle()
        image = pixels(lines_canvas(host.page))[..., 3].astype(float)
        at = (image[:, 0] * range(len(image))).sum() / image[:, 0].sum()
        assert at == pytest.approx((row + 0.5) * pitch, abs=1.5)
        strongest = int(host.widget.trace.attention(0)[0, row].argmax())
        assert key_row(host.page, strongest).locator(".aw-weight").text_content()
    leave(host.page)

"""Where the panels stand: in a notebook cell, in a full window, on a slide of 640 pixels."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise, permutations
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.page_host import PageHost

pytestmark = pytest.mark.browser

VIEWS = ("lines", "grid", "neuron", "matrix", "tokens", "text")

BOXES = """(views) => [...views.children].map((node) => {
  const { left, top, right, bottom } = node.getBoundingClientRect();
  return [left, top, right, bottom].map(Math.round);
})"""

CLIPPED = """(root) => {
  const { right: edge, left: start } = root.getBoundingClientRect();
  const outside = [];
  for (const node of root.querySelectorAll("*")) {
    const { left, right, width } = node.getBoundingClientRect();
    if (!width || node.closest(".aw-scroll, .aw-text, .aw-tables, [hidden], details > p")) continue;
    if (right > edge + 1 || left < start - 1) outside.push(node.outerHTML.slice(0, 120));
  }
  return outside;
}"""


def panel(page: Page, name: str) -> Locator:
    return page.locator(f".aw-view-{name}")


def action(page: Page, name: str, what: str) -> Locator:
    return panel(page, name).locator(f'[data-action="{what}"]')


def boxes(page: Page) -> list[list[int]]:
    found: list[list[int]] = page.locator(".aw-views").evaluate(BOXES)
    return found


def rows_of(found: list[list[int]]) -> list[list[list[int]]]:
    rows: list[list[list[int]]] = []
    for box in found:
        if rows and rows[-1][0][1] == box[1]:
            rows[-1].append(box)
        else:
            rows.append([box])
    return rows


def test_any_order_of_any_views_fills_the_width(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views="lines")
    orders: list[tuple[str, ...]] = [
        VIEWS,
        VIEWS[::-1],
        *permutations(("lines", "neuron", "text")),
        ("neuron", "tokens"),
        ("tokens",),
        ("text", "matrix", "tokens", "grid"),
    ]
    for views in orders:
        host.select(views=views)
        found = boxes(host.page)
        assert len(found) == len(views)
        left = min(box[0] for box in found)
        right = max(box[2] for box in found)
        for row in rows_of(found):
            assert (row[0][0], row[-1][2]) == (left, right), views
            assert len({box[3] for box in row}) == 1
            for one, other in pairwise(row):
                assert 8 <= other[0] - one[2] <= 16


def test_neighbours_stand_side_by_side_where_there_is_room(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(views=("lines", "neuron", "matrix", "tokens", "text"))
    assert [len(row) for row in rows_of(boxes(host.page))] == [2, 2, 1]
    host.page.set_viewport_size({"width": 800, "height": 900})
    host.settle()
    assert [len(row) for row in rows_of(boxes(host.page))] == [1] * 5


def test_the_views_of_a_newcomer_fit_a_notebook_cell(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(" ".join(["The colour purple has been many things."] * 40))
    box = host.page.locator(".attention-widget").bounding_box()
    assert box is not None
    assert box["height"] <= 1030


@pytest.mark.parametrize("locale", ["en", "vi", "ru"])
@pytest.mark.parametrize("view", ["neuron", "tokens"])
def test_nothing_is_clipped_on_a_narrow_slide(
    open_widget: Callable[..., PageHost], view: str, locale: str
) -> None:
    host = open_widget("Picking blackberries in purple ink.", views=view, locale=locale, token=2)
    for width in (640, 420):
        host.page.set_viewport_size({"width": width, "height": 900})
        host.settle()
        assert panel(host.page, view).evaluate(CLIPPED) == []
        assert host.page.evaluate("document.documentElement.scrollWidth") <= width
    host.page.set_viewport_size({"width": 640, "height": 900})
    table = host.page.locator(".aw-tables")
    if view == "tokens":
        assert table.evaluate("(node) => node.scrollWidth - node.clientWidth") == 0


def test_panels_move_and_close(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views=("neuron", "tokens", "text"))
    action(host.page, "neuron", "later").click()
    host.expect(views=("tokens", "neuron", "text"))
    expect(action(host.page, "neuron", "later")).to_be_focused()
    host.page.keyboard.press("Enter")
    host.expect(views=("tokens", "text", "neuron"))
    expect(action(host.page, "neuron", "earlier")).to_be_focused()
    action(host.page, "text", "close").click()
    host.expect(views=("tokens", "neuron"))
    expect(panel(host.page, "text")).to_have_count(0)
    action(host.page, "tokens", "close").click()
    host.expect(views=("neuron",))
    expect(action(host.page, "neuron", "close")).to_be_disabled()


def height(page: Page, name: str) -> float:
    found: float = panel(page, name).locator(".aw-scroll:visible").evaluate("(n) => n.clientHeight")
    return found


def test_a_panel_is_made_taller(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(" ".join(["purple ink"] * 60), views=("neuron", "tokens"))

    def same(before: float) -> bool:
        return abs(height(host.page, name) - before) <= 2

    for name in ("neuron", "tokens"):
        host.settle()
        handle = panel(host.page, name).get_by_role("separator")
        before = height(host.page, name)
        box = handle.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + 4
        host.page.mouse.move(x, y)
        host.page.mouse.down()
        host.page.mouse.move(x, y + 60, steps=3)
        host.page.mouse.move(x, y + 120, steps=3)
        host.page.mouse.up()
        assert height(host.page, name) == pytest.approx(before + 120, abs=2)
        handle.focus()
        for key in ("ArrowUp", "PageUp"):
            host.page.keyboard.press(key)
        assert height(host.page, name) == pytest.approx(max(88, before + 120 - 22 - 176), abs=2)
        assert handle.get_attribute("aria-valuenow") == str(round(height(host.page, name)))
        host.page.keyboard.press("Enter")
        # The panel beside it fills this one again a frame later.
        host.wait(partial(same, before), f"not {before} px again")


def test_a_taller_panel_draws_more_rows(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(" ".join(["purple ink"] * 60), views="neuron")
    rows = panel(host.page, "neuron").locator(".aw-neuron-numbers .aw-row")
    before = rows.count()
    panel(host.page, "neuron").get_by_role("separator").focus()
    for _ in range(2):
        host.page.keyboard.press("PageDown")
    expect(rows).to_have_count(before + 16)


@pytest.mark.parametrize("allowed", [True, False])
def test_a_panel_fills_the_window_until_escape(
    open_widget: Callable[..., PageHost], allowed: bool
) -> None:
    host = open_widget(" ".join(["purple ink"] * 60), views=("neuron", "tokens"), theme="dark")
    if not allowed:
        host.page.evaluate("Element.prototype.requestFullscreen = undefined")
    before = height(host.page, "tokens")
    action(host.page, "tokens", "enter").click()
    expect(panel(host.page, "tokens")).to_contain_class("aw-full")
    box = panel(host.page, "tokens").bounding_box()
    size: Any = host.page.viewport_size
    assert box == {"x": 0, "y": 0, **size}
    assert height(host.page, "tokens") > before
    assert host.page.evaluate("Boolean(document.fullscreenElement)") is allowed
    host.page.keyboard.press("Escape")
    expect(panel(host.page, "tokens")).not_to_contain_class("aw-full")
    assert host.page.evaluate("Boolean(document.fullscreenElement)") is False
    assert height(host.page, "tokens") == before


def test_the_whole_widget_fills_the_window(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views=("neuron", "tokens"))
    root = host.page.locator(".attention-widget")
    root.locator(".aw-top [data-action=enter]").click()
    expect(root).to_contain_class("aw-full")
    size: Any = host.page.viewport_size
    assert root.bounding_box() == {"x": 0, "y": 0, **size}
    root.locator(".aw-top [data-action=enter]").click()
    expect(root).not_to_contain_class("aw-full")


def test_a_panel_without_controls_has_no_empty_line(open_widget: Callable[..., PageHost]) -> None:
    page = open_widget(views=("heads", "lines")).page
    expect(panel(page, "heads").locator(".aw-tools")).to_be_hidden()
    expect(panel(page, "lines").locator(".aw-tools")).to_be_visible()


def test_help_closes_on_escape(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views="tokens")
    help_text = panel(host.page, "tokens").locator(".aw-help")
    help_text.locator("summary").click()
    expect(help_text.locator("p")).to_contain_text("neither shows what matters to the output")
    host.page.keyboard.press("Escape")
    expect(help_text.locator("p")).not_to_be_visible()
    expect(help_text.locator("summary")).to_be_focused()

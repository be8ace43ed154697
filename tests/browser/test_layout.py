"""Where the panels stand: in a notebook cell, in a full window, on a slide of 640 pixels."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import combinations, pairwise, permutations
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from attention_widget import AttentionWidget
from browser.page_host import PageHost
from browser.reading import panel_action, panel_options

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
    return panel_action(panel(page, name), what)


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
    text = " ".join(["The colour purple has been many things."] * 40)
    host = open_widget(text, views=("lines", "grid", "text"))
    box = host.page.locator(".attention-widget").bounding_box()
    assert box is not None
    assert box["height"] <= 1120


@pytest.mark.parametrize(("count", "scrolls"), [(1, False), (12, False), (40, True)])
def test_a_text_is_as_tall_as_it_needs_to_be_and_then_scrolls(
    open_widget: Callable[..., PageHost], count: int, scrolls: bool
) -> None:
    host = open_widget(" ".join(["The colour purple has been many things."] * count), views="text")
    shown, whole = (
        panel(host.page, "text")
        .locator(".aw-text")
        .evaluate("(node) => [node.clientHeight, node.scrollHeight]")
    )
    assert (whole > shown) is scrolls
    assert (shown == 300) is scrolls


LEGEND = """(legend) => [...legend.querySelectorAll(
  "small, .aw-legend-low, .aw-legend-high, .aw-ramp")].map((node) => {
    const { left, top, right, bottom } = node.getBoundingClientRect();
    return [node.textContent, left, top, right, bottom];
  })"""


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("locale", ["en", "vi", "ru"])
def test_nothing_in_a_legend_overlaps(
    open_widget: Callable[..., PageHost], locale: str, log: bool
) -> None:
    views = ("lines", "grid", "text")
    host = open_widget(
        views=views, heads=3, token=1, measure="attention_from", locale=locale, log_colour=log
    )
    for width in (640, 1000):
        host.page.set_viewport_size({"width": width, "height": 900})
        host.settle()
        widths = set()
        for name in views:
            found = panel(host.page, name).locator(".aw-legend").evaluate(LEGEND)
            ticks = [label for label, *_ in found[2:-1]]
            assert ticks, name
            for (_, *one), (_, *other) in combinations(found, 2):
                apart = one[2] <= other[0] or other[2] <= one[0]
                assert apart or one[3] <= other[1] + 0.5 or other[3] <= one[1] + 0.5, (name, found)
            header = panel(host.page, name).locator(".aw-header").bounding_box()
            assert header is not None
            assert max(bottom for *_, bottom in found) <= header["y"] + header["height"]
            widths.add(found[1][3] - found[1][1])
        assert len(widths) == 1


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


@pytest.mark.parametrize("allowed", [pytest.param(True, marks=pytest.mark.screen), False])
def test_a_panel_fills_the_window_until_escape(
    open_widget: Callable[..., PageHost], allowed: bool
) -> None:
    host = open_widget(" ".join(["purple ink"] * 60), views=("neuron", "tokens"), theme="dark")
    if not allowed:
        host.page.evaluate("Element.prototype.requestFullscreen = undefined")
    before = height(host.page, "tokens")
    action(host.page, "tokens", "enter").click()
    root = host.page.locator(".attention-widget")
    expect(root).to_contain_class("aw-full")
    size: Any = host.page.viewport_size
    assert root.bounding_box() == {"x": 0, "y": 0, **size}
    expect(panel(host.page, "neuron")).to_be_hidden()
    host.settle()
    box = panel(host.page, "tokens").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] == pytest.approx(size["height"], abs=30)  # all of the room
    host.page.mouse.move(0, 0)
    assert host.page.evaluate("Boolean(document.fullscreenElement)") is allowed
    host.page.keyboard.press("Escape")
    expect(root).not_to_contain_class("aw-full")
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


@pytest.mark.parametrize("locale", ["en", "vi", "ru"])
def test_a_header_is_one_row_and_nothing_moves_when_its_actions_appear(
    open_widget: Callable[..., PageHost], locale: str
) -> None:
    page = open_widget(views=("lines", "grid", "text"), heads=3, locale=locale).page
    page.set_viewport_size({"width": 1000, "height": 900})
    for name in ("lines", "grid", "text"):
        header = panel(page, name).locator(".aw-header")
        actions = panel(page, name).locator(".aw-actions")
        quiet = [panel(page, name).locator(each) for each in (".aw-resize", ".aw-dismiss")]
        page.mouse.move(0, 0)
        before = [header.bounding_box(), panel(page, name).locator(".aw-title").bounding_box()]
        assert before[0] is not None
        for each in (actions, *quiet):
            expect(each).to_have_css("opacity", "0")
        panel(page, name).locator(".aw-note").hover()
        for each in (actions, *quiet):
            expect(each).to_have_css("opacity", "1")
        after = [header.bounding_box(), panel(page, name).locator(".aw-title").bounding_box()]
        assert after == before
        # Elsewhere the legend may take a row of its own, and so may the letters of heads.
        if locale == "en" and name != "grid":
            assert before[0]["height"] <= 26
        page.mouse.move(0, 0)
        for each in (actions.locator('[tabindex="0"]'), *quiet):
            each.focus()
            expect(each).to_be_focused()
            expect(actions).to_have_css("opacity", "1")
            expect(quiet[0]).to_have_css("opacity", "1")
        page.evaluate("document.activeElement.blur()")


def test_a_legend_that_goes_leaves_its_place(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views=("matrix", "lines"), heads=3, locale="ru")
    host.page.set_viewport_size({"width": 860, "height": 900})
    host.settle()
    legend = panel(host.page, "matrix").locator(".aw-legend")
    plot = panel(host.page, "matrix").locator(".aw-body")
    expect(legend).not_to_be_empty()
    before = plot.bounding_box()
    host.page.evaluate("document.querySelector('.aw-view-matrix .aw-legend').replaceChildren()")
    host.settle()
    expect(legend).to_be_empty()
    assert plot.bounding_box() == before


def test_the_button_of_the_options_is_there_while_there_are_any(
    open_widget: Callable[..., PageHost],
) -> None:
    page = open_widget(views=("positions", "lines")).page
    expect(panel(page, "positions").locator(".aw-options")).to_be_hidden()
    expect(panel(page, "lines").locator(".aw-options")).to_be_visible()


def test_where_nothing_hovers_the_actions_are_seen(
    chromium: Browser, bundle: None, minilm: tuple[Any, Any]
) -> None:
    model, tokenizer = minilm
    context = chromium.new_context(has_touch=True, is_mobile=True)
    try:
        page = context.new_page()
        assert page.evaluate("matchMedia('(hover: none)').matches")
        host = PageHost(page, AttentionWidget(model, "A novel.", tokenizer=tokenizer))
        for each in (".aw-actions", ".aw-resize", ".aw-dismiss"):
            expect(panel(page, "lines").locator(each)).to_have_css("opacity", "1")
        panel(page, "lines").locator(".aw-options").tap()
        expect(panel(page, "lines").locator("> .aw-popover")).to_be_visible()
        host.close()
    finally:
        context.close()


def test_the_options_close_on_escape(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views="tokens")
    opener = panel(host.page, "tokens").locator(".aw-options")
    with panel_options(panel(host.page, "tokens")) as options:
        options.get_by_role("button", name="more").click()
        expect(options).to_contain_text("neither shows what matters to the output")
        host.page.keyboard.press("Escape")
        expect(options).to_be_hidden()
        expect(opener).to_be_focused()


def test_explanations_go_from_all_panels_and_stay_away(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(views=("lines", "heads"))
    page = host.page
    sentences = page.locator(".aw-explanation:visible")
    expect(sentences).to_have_count(2)
    panel(page, "heads").get_by_role("button", name="Hide explanations in all panels").click()
    expect(sentences).to_have_count(0)
    expect(panel(page, "heads").locator(".aw-options")).to_be_focused()
    host.select(locale="ru")  # all is made anew
    expect(panel(page, "lines")).to_have_attribute("aria-label", "Линии внимания")
    expect(sentences).to_have_count(0)
    with panel_options(panel(page, "heads")) as options:
        options.get_by_role("button", name="показать пояснения").click()
    expect(sentences).to_have_count(2)

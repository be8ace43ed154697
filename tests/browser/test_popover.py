"""The boxes that buttons open: above everything, closed by Escape or a click elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.page_host import PageHost
from browser.picking import EXAMPLES, HEADS, SETTINGS, VIEWS, opened, setting
from browser.reading import focused, query_row

pytestmark = pytest.mark.browser

OPENERS = (HEADS, EXAMPLES, VIEWS, SETTINGS)

# What is drawn at its corners is the box itself: nothing lies above it or cuts it off.
IS_WHOLE = """(box) => {
  const { left, right, top, bottom } = box.getBoundingClientRect();
  const inside = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
  const corners = [[left + 8, top + 8], [right - 8, top + 8],
    [left + 8, bottom - 8], [right - 8, bottom - 8]];
  return inside && corners.every(([x, y]) => box.contains(document.elementFromPoint(x, y)));
}"""


def box_of(page: Page, opener: str) -> Locator:
    return page.locator(f"{opener} + .aw-popover")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("full", [False, True])
def test_a_box_is_whole_and_has_the_colours_of_the_widget(
    open_widget: Callable[..., PageHost], theme: str, full: bool
) -> None:
    host = open_widget(theme=theme)
    page = host.page
    root = page.locator(".attention-widget")
    paper = root.evaluate("(root) => getComputedStyle(root).backgroundColor")
    for width in (1000, 320):
        page.set_viewport_size({"width": width, "height": 500})
        host.settle()
        if full:
            page.locator(".aw-top [data-action=enter]").click()
            expect(root).to_contain_class("aw-full")
        for opener in OPENERS:
            expect(page.locator(opener)).to_have_attribute("aria-expanded", "false")
            with opened(page, opener) as box:
                expect(page.locator(opener)).to_have_attribute("aria-expanded", "true")
                assert box.evaluate(IS_WHOLE), f"{opener} at {width} px"
                assert box.evaluate("(box) => getComputedStyle(box).backgroundColor") == paper
            expect(page.locator(opener)).to_be_focused()
        if full:  # Escape closed the boxes and nothing else
            expect(root).to_contain_class("aw-full")
            page.keyboard.press("Escape")
            expect(root).not_to_contain_class("aw-full")


@pytest.mark.parametrize("opener", OPENERS)
def test_a_box_is_reached_and_left_without_a_mouse(
    open_widget: Callable[..., PageHost], opener: str
) -> None:
    page = open_widget(token=2).page
    page.locator(opener).focus()
    page.keyboard.press("Enter")
    box = box_of(page, opener)
    expect(box).to_be_visible()
    page.keyboard.press("Tab")
    focused(page)
    assert page.evaluate("(box) => box.contains(document.activeElement)", box.element_handle())
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(page.locator(opener)).to_be_focused()


def test_a_click_elsewhere_closes_it_and_one_on_another_button_opens_that(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(token=2)
    page = host.page
    page.locator(SETTINGS).click()
    page.locator(VIEWS).click()
    expect(box_of(page, SETTINGS)).to_be_hidden()
    expect(box_of(page, VIEWS)).to_be_visible()
    page.locator(VIEWS).click()
    expect(box_of(page, VIEWS)).to_be_hidden()
    page.locator(VIEWS).click()
    query_row(page, 4).click()
    expect(box_of(page, VIEWS)).to_be_hidden()
    host.expect(token=4)


def test_escape_is_the_box_s_and_leaves_the_selection(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(token=2)
    query_row(host.page, 2).focus()
    with opened(host.page, HEADS):
        pass
    host.expect(token=2)


def test_the_box_of_settings_stays_open_in_another_language(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(locale="en", views=("text",))
    with opened(host.page, SETTINGS) as box:
        setting(host.page, "locale").select_option("vi")
        host.expect(locale="vi")
        expect(box).to_be_visible()
        expect(box).to_contain_text("Ngôn ngữ")
        expect(setting(host.page, "locale")).to_be_focused()


TWICE = """(opener) => [1, 2].map(() => {
  const escape = { key: "Escape", bubbles: true, cancelable: true, composed: true };
  return !document.querySelector(opener).dispatchEvent(new KeyboardEvent("keydown", escape));
})"""


@pytest.mark.parametrize("opener", OPENERS)
def test_only_the_escape_that_closes_it_is_the_box_s(
    open_widget: Callable[..., PageHost], opener: str
) -> None:
    """The next one may come before the browser says that the box is closed."""
    page = open_widget().page
    page.locator(opener).click()
    expect(page.locator(opener)).to_have_attribute("aria-expanded", "true")
    assert page.evaluate(TWICE, opener) == [True, False]
    expect(box_of(page, opener)).to_be_hidden()


AS_DRAWN_FIRST = """async (selector) => {
  const opener = document.querySelector(selector);
  const box = opener.popoverTargetElement;
  const place = () => { const { x, y } = box.getBoundingClientRect(); return [x, y]; };
  const busy = new AbortController();
  const { signal } = busy;
  addEventListener("toggle", (event) => event.stopPropagation(), { capture: true, signal });
  opener.click();
  await new Promise((drawn) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = drawn;
    port2.postMessage(null);
  }));
  const first = place();
  const { x, bottom } = opener.getBoundingClientRect();
  busy.abort();
  return [first, [x, bottom]];
}"""


@pytest.mark.parametrize("opener", OPENERS)
def test_a_box_is_first_drawn_where_it_stays(
    open_widget: Callable[..., PageHost], opener: str
) -> None:
    """Also in a busy page, which is told late that a box is open: what moves under the pointer
    loses the click."""
    page = open_widget().page
    (x, y), (button_x, button_bottom) = page.evaluate(AS_DRAWN_FIRST, opener)
    assert abs(y - button_bottom) < 6
    assert x <= button_x
    box = box_of(page, opener).bounding_box()
    assert box
    assert (box["x"], box["y"]) == pytest.approx((x, y))


def test_a_box_that_grows_stays_within_the_window(open_widget: Callable[..., PageHost]) -> None:
    page = open_widget().page
    page.set_viewport_size({"width": 640, "height": 500})
    with opened(page, SETTINGS) as box:
        assert box.evaluate(IS_WHOLE)
        box.evaluate(
            """async (box) => {
                 const wide = document.createElement("div");
                 wide.style.cssText = "width: 400px; height: 300px";
                 box.append(wide);
                 for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
               }"""
        )
        assert box.evaluate(IS_WHOLE)

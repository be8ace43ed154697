"""The widget as it comes, and each of its boxes, for everyone: axe, zoom, motion, touch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from attention_widget import AttentionWidget
from attention_widget.protocol.options import OPTION
from browser.overflow import OVERFLOWS
from browser.page_host import PageHost
from browser.reading import key_weights, lines, query_row, text, tooltip, unit
from browser.test_accessible import OPEN_BOX, check, look

pytestmark = pytest.mark.browser

DEFAULT = {"views": OPTION["views"].default}

BOXES = '.attention-widget button[aria-haspopup="true"]'

# Controls that are cut off: by the window, by what scrolls around them, or within themselves.
CLIPPED = """
() => [...document.querySelectorAll(
  ".attention-widget :is(button, input, select, textarea, summary)"
)].filter((node) => {
  if (!node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
  const box = node.getBoundingClientRect();
  if (box.width < 2 || box.height < 2) return false;
  if (box.left < -0.5 || box.right > innerWidth + 0.5) return true;
  const cut = node.matches("button, summary") && node.scrollWidth > node.clientWidth + 1;
  return cut && !(getComputedStyle(node).textOverflow === "ellipsis" && node.title);
}).map((node) => node.outerHTML.slice(0, 160))
"""

MOVING = """
() => [...document.querySelectorAll(".attention-widget, .attention-widget *")].filter((node) =>
  ["", "::before", "::after"].some((part) => {
    const style = getComputedStyle(node, part || null);
    return style.transitionDuration.split(", ").some((each) => parseFloat(each)) ||
      style.animationName !== "none" || style.scrollBehavior === "smooth";
  })).map((node) => node.className)
"""


def open_boxes(page: Page) -> Iterator[tuple[str, Locator]]:
    """Opens each box in turn, with its button's name; Escape closes it and leads back there."""
    openers = page.locator(BOXES)
    for place in range(openers.count()):
        opener = openers.nth(place)
        if not opener.is_visible():
            continue
        name = opener.get_attribute("aria-label") or opener.inner_text()
        opener.focus()
        page.keyboard.press("Enter")
        box = page.locator(OPEN_BOX)
        expect(box).to_have_count(1)
        expect(opener).to_have_attribute("aria-expanded", "true")
        yield name, box
        page.keyboard.press("Escape")
        expect(box).to_have_count(0)
        expect(opener).to_be_focused()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [640, 1280])
def test_axe_finds_nothing_serious(
    open_widget: Callable[..., PageHost], width: int, theme: str
) -> None:
    host = open_widget(**DEFAULT, theme=theme)
    look(host, width=width, theme=theme)
    check(host.page)
    seen = []
    for name, box in open_boxes(host.page):
        assert name.strip()
        assert box.get_attribute("aria-label")
        check(host.page, OPEN_BOX)
        seen.append(name)
    assert len(seen) >= 3  # heads, views, settings at least


@pytest.mark.parametrize("locale", ["en", "vi", "ru"])
def test_at_200_percent_nothing_is_cut_off(
    open_widget: Callable[..., PageHost], locale: str
) -> None:
    host = open_widget(**DEFAULT, locale=locale)
    page = host.page
    page.set_viewport_size({"width": 640, "height": 450})  # 1,280 × 900 at twice the size
    host.settle()
    assert page.evaluate(OVERFLOWS) == []
    assert page.evaluate(CLIPPED) == []
    for name, box in open_boxes(page):
        place = box.bounding_box()
        assert place, name
        assert place["x"] >= 0, name
        assert place["y"] >= 0, name
        assert place["x"] + place["width"] <= 640, name
        assert place["y"] + place["height"] <= 450, name
        assert page.evaluate(CLIPPED) == [], name


def test_without_motion_nothing_moves_nor_scrolls_smoothly(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(**DEFAULT)
    assert host.page.evaluate(MOVING)
    host.page.emulate_media(reduced_motion="reduce")
    assert host.page.evaluate(MOVING) == []
    for _ in open_boxes(host.page):
        assert host.page.evaluate(MOVING) == []


@pytest.fixture
def touched(chromium: Browser, bundle: None, minilm: tuple[Any, Any]) -> Iterator[PageHost]:
    """The default widget on a tablet: no mouse, so no hover."""
    model, tokenizer = minilm
    context = chromium.new_context(
        viewport={"width": 820, "height": 1180}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    widget = AttentionWidget(
        model, "Attention is a novel idea", tokenizer=tokenizer, layer=1, heads=8, measure="norm"
    )
    host = PageHost(page, widget)
    host.settle()
    yield host
    context.close()
    host.close()
    assert not faults


def test_a_tap_shows_what_the_mouse_would_and_keeps_it(touched: PageHost) -> None:
    host, page = touched, touched.page
    assert page.evaluate("matchMedia('(hover: none)').matches")
    assert set(key_weights(page).values()) == {""}
    query_row(page, 4).tap()
    host.expect(token=4)
    host.settle()
    weights = host.widget.trace.attention(1)[8, 4]
    assert float(key_weights(page)[5]) == pytest.approx(float(weights[5]), abs=0.005)
    lines(page).locator("h3").tap()  # elsewhere: it stays
    host.expect(token=4)
    assert key_weights(page)[5]
    query_row(page, 4).tap()
    host.expect(token=None)


def test_a_tap_on_a_word_shows_its_numbers_and_pins_it(touched: PageHost) -> None:
    host, page = touched, touched.page
    unit(page, 4).tap()
    host.expect(pinned=(4,))
    expect(tooltip(text(page))).to_contain_text("novel")


def test_what_the_mouse_uncovers_is_there_without_it(touched: PageHost) -> None:
    page = touched.page
    for view in page.locator(".aw-view").all():
        for name in ("SVG", "PNG"):
            button = view.get_by_role("button", name=name)
            opacity = button.evaluate(
                """(node) => {
                     let seen = 1;
                     for (let up = node; up; up = up.parentElement)
                       seen *= Number(getComputedStyle(up).opacity);
                     return seen;
                   }"""
            )
            assert opacity > 0.5
            expect(button).to_be_visible()

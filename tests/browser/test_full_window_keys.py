"""Escape lets go of what is selected, then leaves the full window, wherever the focus is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from support import predicting

from attention_widget.protocol.option_values import VIEWS
from browser.page_host import PageHost
from browser.reading import (
    MOST_STEPS,
    STOPS,
    focused,
    lines,
    panel_action,
    query_row,
    view,
)

pytestmark = pytest.mark.browser

FILLS = [pytest.param("screen", marks=pytest.mark.screen), "window"]
ON_SCREEN = ("lines", "grid")
"""Views that are tried there too: what fills is not theirs; in a grid Escape lets go of more."""
KEYED = [view for view in VIEWS if view != "passages"]  # no keys in it


@pytest.mark.parametrize(
    ("view", "fills"),
    [
        *((view, "window") for view in KEYED),
        *(pytest.param(view, "screen", marks=pytest.mark.screen) for view in ON_SCREEN),
    ],
)
def test_escape_lets_go_and_then_leaves_the_full_window(
    open_widget: Callable[..., PageHost], view: str, fills: str
) -> None:
    predicts = view in predicting.VIEWS
    host = open_widget(views=(view,), heads=3, words=True, predicts=predicts)
    page = host.page
    if fills == "window":  # an iframe without the permission
        page.evaluate("Element.prototype.requestFullscreen = undefined")
    whole = page.locator(".attention-widget")
    panel = page.locator(f".aw-view-{view}")
    scrollers = panel.locator('.aw-body [tabindex="0"]:visible')
    expect(scrollers).not_to_have_count(0)  # what a model answers comes later
    host.settle()
    for index in range(scrollers.count()):
        for selection in ({"token": 2, "key_token": 3}, {"token": None, "key_token": None}):
            panel_action(panel, "enter").press("Enter")
            expect(whole).to_contain_class("aw-full")
            host.select(**selection)
            scrollers.nth(index).focus()
            held = ["number", "head"] if view == "grid" else []
            if selection["token"]:
                held.append("pair")
            for _ in held:
                page.keyboard.press("Escape")
                expect(whole).to_contain_class("aw-full")
            host.expect(token=None, key_token=None)
            page.keyboard.press("Escape")
            expect(whole).not_to_contain_class("aw-full")
            assert page.evaluate("document.fullscreenElement") is None


def test_escape_leaves_the_full_window_wherever_the_focus_is(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(views=VIEWS, heads=3, token=2, pinned=[3])
    page = host.page
    page.evaluate("Element.prototype.requestFullscreen = undefined")
    whole = page.locator(".attention-widget")
    whole.locator(".aw-top [data-action=enter]").click()
    stays, n_kinds = page.evaluate(
        """(stops) => {
          const whole = document.querySelector(".attention-widget");
          const enter = whole.querySelector(".aw-top [data-action=enter]");
          const stays = [];
          // Of rows, cells and buttons that differ by their place alone, the first.
          const part = (node) => node.localName + [...node.classList].sort().join(".");
          const kinds = new Set();
          for (const node of whole.querySelectorAll(stops)) {
            if (!node.checkVisibility()) continue;
            let kind = "";
            for (let at = node; at !== whole; at = at.parentNode) kind += ` ${part(at)}`;
            if (kinds.has(kind)) continue;
            kinds.add(kind);
            if (!whole.classList.contains("aw-full")) enter.click();
            node.focus();
            for (let i = 0; i < 4; i++) {
              node.dispatchEvent(new KeyboardEvent("keydown",
                { key: "Escape", bubbles: true, cancelable: true, composed: true }));
            }
            if (whole.classList.contains("aw-full")) stays.push(node.outerHTML.slice(0, 100));
          }
          return [stays, kinds.size];
        }""",
        STOPS,
    )
    assert stays == []
    assert n_kinds > 4 * len(VIEWS)
    host.expect(token=None, pinned=())


def test_escape_leaves_the_full_window_after_a_click_beside_the_controls(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(views=("lines", "tokens"))
    page = host.page
    page.evaluate("Element.prototype.requestFullscreen = undefined")
    panel = page.locator(".aw-view-tokens")
    for leave in ("panel", "page"):
        panel_action(panel, "enter").click()
        if leave == "panel":
            panel.locator(".aw-title").click()
        else:
            page.evaluate("document.activeElement.blur()")
        page.keyboard.press("Escape")
        expect(page.locator(".attention-widget")).not_to_contain_class("aw-full")


def test_escape_closes_a_tooltip_first(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views=("lines", "matrix"), token=2)
    page = host.page
    panel = page.locator(".aw-view-matrix")
    plot = panel.get_by_role("application")
    whole = page.locator(".attention-widget")
    panel_action(panel, "enter").click()
    plot.focus()
    plot.hover()
    expect(panel.locator(".aw-tooltip")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel.locator(".aw-tooltip")).to_be_hidden()
    expect(whole).to_contain_class("aw-full")
    host.expect(token=2)
    page.keyboard.press("Escape")
    host.expect(token=None)
    page.keyboard.press("Escape")
    expect(whole).not_to_contain_class("aw-full")


@pytest.mark.parametrize("fills", FILLS)
@pytest.mark.parametrize("full", [".aw-view-tokens", ".attention-widget"])
def test_tab_reaches_nothing_that_a_full_window_covers(
    open_widget: Callable[..., PageHost], full: str, fills: str
) -> None:
    host = open_widget(views=("lines", "tokens"), token=2)
    page = host.page
    if fills == "window":
        page.evaluate("Element.prototype.requestFullscreen = undefined")
    page.evaluate("document.body.prepend(document.createElement('input'))")
    page.evaluate("document.body.append(document.createElement('input'))")
    enter = page.locator(full).locator("[data-action=enter]").first
    enter.press("Enter")
    inside = page.locator(".attention-widget")
    expect(inside).to_contain_class("aw-full")
    reached = set()
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue  # round the end of the page
        focus = focused(page)["what"]
        assert inside.evaluate("(node) => node.contains(document.activeElement)"), focus
        if focus in reached:
            break
        reached.add(focus)
    assert len(reached) > 3
    views = page.locator(".aw-view:visible")
    expect(views).to_have_count(1 if full == ".aw-view-tokens" else 2)
    assert page.locator(".aw-live").evaluate("(node) => !node.closest('[inert]')")
    page.keyboard.press("Escape")  # lets go of the token
    page.keyboard.press("Escape")
    expect(inside).not_to_contain_class("aw-full")
    expect(page.locator("[inert]")).to_have_count(0)


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_a_full_window_is_as_large_as_a_projector_needs(
    open_widget: Callable[..., PageHost], size: tuple[int, int]
) -> None:
    """Type and rows grow with the room, and what is pointed at is what is there."""
    width, height = size
    host = open_widget(views=("lines", "matrix", "grid"), heads=3, token=4)
    page = host.page
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("Element.prototype.requestFullscreen = undefined")
    before = query_row(page, 1).bounding_box()
    assert before is not None
    panel_action(lines(page), "enter").click()
    host.settle()
    after = query_row(page, 1).bounding_box()
    assert after is not None
    assert after["height"] / before["height"] == pytest.approx(
        min(width / 1000, height / 562), 0.01
    )
    expect(page.locator(".aw-picker")).to_be_visible()  # layers and heads are chosen as before
    expect(page.locator(".aw-resize:visible, .aw-explanation:visible")).to_have_count(0)
    sharp = page.evaluate(
        """() => { const c = document.querySelector(".aw-lines-middle canvas");
          return c.width / c.getBoundingClientRect().width; }"""
    )
    assert sharp == pytest.approx(1, abs=0.02)  # a pixel of the canvas is one of the screen
    query_row(page, 2).hover()
    expect(query_row(page, 2)).to_contain_class("aw-hovered")
    page.keyboard.press("v")
    plot = view(page, "Attention matrix").get_by_role("application")
    expect(plot).to_be_visible()
    host.settle()
    box, maps = plot.bounding_box(), plot.get_attribute("data-maps")
    assert box is not None
    assert maps is not None
    assert box["y"] + box["height"] <= height + 1
    x, y, across, down = map(float, maps.split(";")[0].split())
    zoom = plot.evaluate("(node) => node.currentCSSZoom")
    spot = (box["x"] + zoom * (x + across * 5.5 / 8), box["y"] + zoom * (y + down * 2.5 / 8))
    page.mouse.move(*spot)
    tip = view(page, "Attention matrix").locator(".aw-tooltip")
    expect(tip).to_contain_text("“is” attends to “idea”")
    told = tip.bounding_box()
    assert told is not None
    assert abs(told["x"] - spot[0]) < 40 * zoom + told["width"]
    page.keyboard.press("Shift+V")
    expect(lines(page)).to_be_visible()
    expect(plot).to_be_hidden()
    host.expect(views=("lines", "matrix", "grid"))


def test_a_view_that_python_adds_meanwhile_cannot_be_reached(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(views=("lines", "tokens"))
    page = host.page
    page.evaluate("Element.prototype.requestFullscreen = undefined")
    panel_action(lines(page), "enter").click()
    host.select(views=("lines", "tokens", "heads"))
    expect(page.locator(".aw-view")).to_have_count(3)
    expect(page.locator(".aw-view:visible")).to_have_count(1)
    page.evaluate("document.body.append(document.createElement('input'))")  # another cell's output
    expect(page.locator("body > input")).to_have_attribute("inert", "")
    page.keyboard.press("Escape")
    expect(page.locator(".aw-view:visible")).to_have_count(3)
    expect(page.locator("[inert]")).to_have_count(0)


def test_escape_closes_the_options_first(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views=("lines", "tokens"))
    page = host.page
    page.evaluate("Element.prototype.requestFullscreen = undefined")
    panel_action(lines(page), "enter").click()
    lines(page).locator(".aw-options").click()
    box = lines(page).locator("> .aw-popover")
    expect(box).to_be_visible()
    corner, opener = box.bounding_box(), lines(page).locator(".aw-options").bounding_box()
    assert corner is not None
    assert opener is not None
    assert 0 <= corner["y"] - opener["y"] - opener["height"] < 12
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(page.locator(".attention-widget")).to_contain_class("aw-full")
    page.keyboard.press("Escape")
    expect(page.locator(".attention-widget")).not_to_contain_class("aw-full")

"""Escape lets go of what is selected, then leaves the full window, wherever the focus is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from attention_widget.protocol.options import VIEWS
from browser.page_host import PageHost
from browser.reading import MOST_STEPS, STOPS, focused

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("fills", ["screen", "window"])
@pytest.mark.parametrize("view", VIEWS)
def test_escape_lets_go_and_then_leaves_the_full_window(
    open_widget: Callable[..., PageHost], view: str, fills: str
) -> None:
    host = open_widget(views=(view,), heads=3, words=True)
    page = host.page
    if fills == "window":  # an iframe without the permission
        page.evaluate("Element.prototype.requestFullscreen = undefined")
    panel = page.locator(f".aw-view-{view}")
    scrollers = panel.locator('.aw-body [tabindex="0"]:visible')
    assert scrollers.count()
    for index in range(scrollers.count()):
        for selection in ({"token": 2, "key_token": 3}, {"token": None, "key_token": None}):
            panel.locator("[data-action=enter]").press("Enter")
            expect(panel).to_contain_class("aw-full")
            host.select(**selection)
            scrollers.nth(index).focus()
            held = {"grid": ["number", "head"]}.get(view, ["pair"] if selection["token"] else [])
            for _ in held:
                page.keyboard.press("Escape")
                expect(panel).to_contain_class("aw-full")
            if view != "grid":
                host.expect(token=None, key_token=None)
            page.keyboard.press("Escape")
            expect(panel).not_to_contain_class("aw-full")
            assert page.evaluate("document.fullscreenElement") is None


def test_escape_leaves_the_full_window_wherever_the_focus_is(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(views=VIEWS, heads=3, token=2, pinned=[3])
    page = host.page
    page.evaluate("Element.prototype.requestFullscreen = undefined")
    whole = page.locator(".attention-widget")
    whole.locator(".aw-top [data-action=enter]").click()
    stays = page.evaluate(
        """async (stops) => {
          const whole = document.querySelector(".attention-widget");
          const enter = whole.querySelector(".aw-top [data-action=enter]");
          const stays = [];
          const frame = () => new Promise(requestAnimationFrame);
          for (const node of whole.querySelectorAll(stops)) {
            if (!node.checkVisibility()) continue;
            if (!whole.classList.contains("aw-full")) enter.click();
            await frame();
            node.focus();
            for (let i = 0; i < 4; i++) {
              node.dispatchEvent(new KeyboardEvent("keydown",
                { key: "Escape", bubbles: true, cancelable: true, composed: true }));
            }
            if (whole.classList.contains("aw-full")) stays.push(node.outerHTML.slice(0, 100));
          }
          return stays;
        }""",
        STOPS,
    )
    assert stays == []
    host.expect(token=None, pinned=())


def test_escape_leaves_the_full_window_after_a_click_beside_the_controls(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(views=("lines", "tokens"))
    page = host.page
    page.evaluate("Element.prototype.requestFullscreen = undefined")
    panel = page.locator(".aw-view-tokens")
    for leave in ("panel", "page"):
        panel.locator("[data-action=enter]").click()
        if leave == "panel":
            panel.locator(".aw-title").click()
        else:
            page.evaluate("document.activeElement.blur()")
        page.keyboard.press("Escape")
        expect(panel).not_to_contain_class("aw-full")


def test_escape_closes_a_tooltip_first(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views=("lines", "matrix"), token=2)
    page = host.page
    panel = page.locator(".aw-view-matrix")
    plot = panel.get_by_role("application")
    panel.locator("[data-action=enter]").click()
    plot.focus()
    plot.hover()
    expect(panel.locator(".aw-tooltip")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel.locator(".aw-tooltip")).to_be_hidden()
    expect(panel).to_contain_class("aw-full")
    host.expect(token=2)
    page.keyboard.press("Escape")
    host.expect(token=None)
    page.keyboard.press("Escape")
    expect(panel).not_to_contain_class("aw-full")


@pytest.mark.parametrize("fills", ["screen", "window"])
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
    expect(page.locator(full)).to_contain_class("aw-full")
    inside = page.locator(full)
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
    assert page.locator(".aw-live").evaluate("(node) => !node.closest('[inert]')")
    page.keyboard.press("Escape")  # lets go of the token
    page.keyboard.press("Escape")
    expect(inside).not_to_contain_class("aw-full")
    expect(page.locator("[inert]")).to_have_count(0)

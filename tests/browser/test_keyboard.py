"""The main job without a mouse: every control is reached with Tab, shows that it has the focus, and
does with keys what it does with a click."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from support import predicting

from attention_widget.protocol.option_values import VIEWS
from browser.page_host import PageHost
from browser.picking import HEADS, SETTINGS, combine_list, head_chip, layer_list
from browser.picking import VIEWS as VIEW_SWITCHES
from browser.reading import (
    MOST_STEPS,
    STOPS,
    as_weight,
    focused,
    key_weights,
    labels,
    lines,
    panel_action,
    tab_to,
    text,
    unit,
)

pytestmark = pytest.mark.browser


def test_the_main_job_without_a_mouse(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(heads=3)
    page = host.page

    # Pick a layer and two heads.
    tab_to(page, layer_list(page))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    host.expect(layer=2)
    tab_to(page, page.locator(HEADS))
    page.keyboard.press("Enter")
    tab_to(page, head_chip(page, 3))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    host.expect(heads=(4, 5))
    focused(page)

    # Another way to show them.
    tab_to(page, combine_list(page))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    host.expect(combine="mean")
    page.keyboard.press("Escape")
    expect(page.locator(HEADS)).to_be_focused()

    # Edit the text and run it.
    tab_to(page, page.get_by_role("textbox", name="Text", exact=True))
    page.keyboard.press("Control+a")
    page.keyboard.type("I read a good novel.")
    page.keyboard.press("Enter")
    host.expect(text="I read a good novel.")
    host.settle()
    assert labels(page) == ["[CLS]", "I", "read", "a", "good", "novel", ".", "[SEP]"]

    # Take a view away, and bring it back.
    tab_to(page, page.locator(VIEW_SWITCHES))
    page.keyboard.press("Enter")
    switches = page.get_by_role("group", name="Views")
    tab_to(page, switches.get_by_role("button", name="Neurons"))
    page.keyboard.press("Enter")
    host.expect(views=("lines", "text"))
    page.keyboard.press("Space")
    host.expect(views=("lines", "text", "neuron"))
    page.keyboard.press("Escape")

    # Select a token, and read its attention.
    tab_to(page, lines(page).locator('.aw-scroll[tabindex="0"]').first)
    for _ in range(6):
        page.keyboard.press("ArrowDown")
    host.expect(token=5)
    host.settle()
    weights = host.widget.trace.attention(2)[[4, 5], 5].mean(0)
    assert key_weights(page) == {key: as_weight(weight) for key, weight in enumerate(weights)}

    # Pin it in the text.
    tab_to(page, text(page).locator(".aw-text"))
    page.keyboard.press("Enter")
    host.expect(pinned=(5,), measure="pinned_cosine")
    expect(unit(page, 5)).to_contain_class("aw-pinned")
    page.keyboard.press("Escape")
    host.expect(pinned=(), token=None)


def test_the_tab_order_is_that_of_the_page_and_ends(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views=VIEWS)
    page = host.page
    places: list[tuple[float, str]] = []
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        places.append((page.evaluate(PART), focused(page)["name"]))
    else:
        raise AssertionError("the focus never leaves the widget")
    assert [part for part, _ in places] == sorted(part for part, _ in places)
    assert {part for part, _ in places} >= {0, 1, 2, 4}


PART = """() => {
  const parts = [".aw-picker", ".aw-sentence", ".aw-top", ".aw-headline", ".aw-views"];
  return parts.findIndex((part) => document.activeElement.closest(part));
}"""


def test_the_list_of_shortcuts_holds_the_focus_and_gives_it_back(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(views=("lines", "text"), token=2)
    page = host.page
    scroller = lines(page).locator('.aw-scroll[tabindex="0"]').first
    tab_to(page, scroller)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    for _ in range(4):  # the focus goes from its end to the browser, and never to what lies behind
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
        page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(scroller).to_be_focused()
    host.expect(token=2)  # Escape was the dialog's

    gear = page.locator(SETTINGS)
    tab_to(page, gear, "Shift+Tab")
    page.keyboard.press("Enter")
    tab_to(page, page.locator('[data-setting="help"]'))
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    page.keyboard.press("Enter")  # on its button
    expect(dialog).to_be_hidden()
    expect(gear).to_be_focused()

    box = page.get_by_role("textbox", name="Text", exact=True)
    tab_to(page, box, "Shift+Tab")
    page.keyboard.press("End")
    page.keyboard.type("?")
    expect(dialog).to_be_hidden()
    expect(box).to_have_value("Attention is a novel idea.?")


PRESSED_WITH_CONTROL = """(stops) => {
  const taken = [];
  for (const node of document.querySelectorAll(stops)) {
    if (!node.checkVisibility()) continue;
    const chips = node.closest(".aw-chips"); // Control and an arrow walk there
    const grid = node.closest("[role=grid].aw-grid"); // and to the ends of all heads here
    for (const held of ["ctrlKey", "metaKey", "altKey"]) {
      const keys = ["+", "=", "-", "−", "0", "a", "c", "f", "Escape", "PageUp", "PageDown"];
      const ends = grid && held !== "altKey" ? [] : ["Home", "End"];
      const arrows = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];
      if (chips && held !== "altKey") arrows.length = ends.length = 0;
      for (const key of [...keys, ...ends, ...arrows]) {
        const event = new KeyboardEvent("keydown",
          { key, [held]: true, bubbles: true, cancelable: true, composed: true });
        node.dispatchEvent(event);
        if (event.defaultPrevented) taken.push(`${held} ${key} ${node.outerHTML.slice(0, 90)}`);
      }
    }
  }
  return taken;
}"""


def test_what_is_held_with_control_or_alt_is_the_browsers(
    open_widget: Callable[..., PageHost],
) -> None:
    """The zoom of its page, its search, its way back: wherever the focus is."""
    host = open_widget("a novel idea " * 30, views=VIEWS, token=3, key_token=2, pinned=[5])
    before = host.widget.get_state(VIEW_STATE)
    assert host.page.locator(STOPS).count() > 60
    assert host.page.evaluate(PRESSED_WITH_CONTROL, STOPS) == []
    host.settle()
    assert host.widget.get_state(VIEW_STATE) == before


VIEW_STATE = ("layer", "heads", "token", "key_token", "pinned", "views", "text", "measure")


@pytest.mark.parametrize("view", VIEWS)
def test_a_figure_is_saved_without_a_mouse(open_widget: Callable[..., PageHost], view: str) -> None:
    named = {"passages": {"all": (0, 25)}, "share_of": "token"} if view == "passages" else {}
    predicts = view in predicting.VIEWS
    host = open_widget(views=(view,), heads=2, token=4, predicts=predicts, **named)
    page = host.page
    tab_to(page, panel_action(page.locator(f".aw-view-{view}"), "svg"))
    of = {
        "atlas": "",
        "grid": "",
        "heads": "",
        "passages": "",
        "tokens": "-layer-0",
        "text": "-layer-0",
    }
    of |= dict.fromkeys(predicting.VIEWS, "") | {"positions": "-layer-0"}
    where = of.get(view, "-layer-0-head-2")
    suffix = where + r"-from-4-novel-Attention-is-a-novel-idea-\w{5}"
    for kind, mark in (("svg", b"<?xml"), ("png", b"\x89PNG")):
        with page.expect_download() as saving:
            page.keyboard.press("Enter")
        name = saving.value.suggested_filename
        assert re.fullmatch(rf"[\w.-]+-{view}{suffix}\.{kind}", name)
        assert Path(saving.value.path()).read_bytes().startswith(mark)
        page.keyboard.press("ArrowRight")


def test_language_and_theme_without_a_mouse(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views="text", locale="en", theme="light")
    page = host.page
    root = page.locator(".attention-widget")
    language = page.locator('[data-option="locale"] select')
    tab_to(page, page.locator(SETTINGS))
    page.keyboard.press("Enter")
    tab_to(page, language)
    page.keyboard.press("ArrowDown")
    host.expect(locale="vi")
    expect(root).to_have_attribute("lang", "vi")
    expect(language).to_be_focused()  # though all was made anew
    page.keyboard.press("ArrowDown")
    host.expect(locale="ru")
    expect(page.locator(".aw-run")).to_have_text("Запустить")
    tab_to(page, page.locator('[data-option="theme"] select'))
    page.keyboard.press("ArrowDown")
    host.expect(theme="dark")
    expect(root).to_have_attribute("data-theme", "dark")

"""The text view's pins and controls: what is pinned stays, and is what Python holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from attention_widget import AttentionWidget
from browser.page_host import PageHost
from browser.picking import choose_setting, setting
from browser.reading import (
    HOVER_EVERY_UNIT,
    agrees,
    hovered_scores,
    measure_list,
    number,
    panel_options,
    text,
    unit,
)
from browser.text_scores import (
    LONG,
    assert_colours,
    cosine,
    expected,
    is_special,
    units,
    vectors,
)

pytestmark = pytest.mark.browser


def test_a_click_pins_and_a_second_lets_go(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(
        "The stain of blackberries is purple.", layer=2, words=True, number_format="full"
    )
    groups = units(host.widget.trace, True)
    word = next(index for index, group in enumerate(groups) if len(group) > 1)
    first = groups[word][0]
    seen: list[Any] = []
    host.widget.observe(lambda change: seen.append((change["name"], change["new"])), "pinned")
    unit(host.page, word).click()
    host.expect(pinned=(first,), token=first, measure="pinned_cosine")
    assert seen == [("pinned", (first,))]
    host.settle()
    expect(unit(host.page, word)).to_contain_class("aw-pinned")
    exact = expected(host.widget)
    assert exact[word] == pytest.approx(1, abs=1e-12)
    shown = hovered_scores(host.page)
    assert shown[word] == 1
    np.testing.assert_allclose(shown, exact, rtol=2e-6)
    assert_colours(host, exact)
    unit(host.page, word).click()
    host.expect(pinned=(), token=None, measure="norm")
    host.settle()
    expect(text(host.page).locator(".aw-pinned")).to_have_count(0)
    np.testing.assert_allclose(hovered_scores(host.page), expected(host.widget), rtol=2e-6)


def test_the_frame_of_a_pin_is_whole_beside_a_coloured_neighbour(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget("Purple, blue, red.", views="text", pinned=1, measure="pinned_cosine")
    host.settle()
    host.page.evaluate("() => Promise.all(document.getAnimations().map((one) => one.finished))")
    box = unit(host.page, 1).bounding_box()
    after = unit(host.page, 2).bounding_box()
    assert box is not None
    assert after is not None
    right = box["x"] + box["width"]
    assert after["x"] < right + 1  # nothing between them
    middle = int(box["y"] + box["height"] / 2)
    place = {"x": int(right), "y": middle, "width": 4, "height": 1}
    shot = Image.open(BytesIO(host.page.screenshot(clip=place)))  # type: ignore[arg-type]
    pin = host.page.locator(".attention-widget").evaluate(
        """(root) => {
             const probe = root.appendChild(document.createElement("i"));
             probe.style.color = "var(--aw-pin)";
             return getComputedStyle(probe).color;
           }"""
    )
    wanted = tuple(int(each) for each in re.findall(r"\d+", pin)[:3])
    row = [shot.convert("RGB").getpixel((x, 0)) for x in range(4)]
    assert any(pixel == pytest.approx(wanted, abs=40) for pixel in row), row


def test_many_pins_wrap(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(
        LONG, views="text", words=False, pinned=tuple(range(1, 31)), measure="pinned_cosine"
    )
    expect(text(host.page).locator(".aw-pin")).to_have_count(30)
    sizes = (
        text(host.page)
        .locator(".aw-pins")
        .evaluate("(row) => [row.scrollWidth - row.clientWidth, row.clientHeight]")
    )
    assert sizes[0] == 0
    assert sizes[1] > 50
    expect(text(host.page).locator(".aw-pin").last).to_be_visible()


def test_a_pin_moves_to_another_word(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(measure="previous_cosine")
    for token in (4, 2):
        unit(host.page, token).click()
        host.expect(pinned=(token,), token=token, measure="pinned_cosine")
        assert hovered_scores(host.page)[token] == 1
    unit(host.page, 2).click()
    host.expect(pinned=(), measure="previous_cosine")  # what was shown before


CLICK_AND_READ = f"""
(view) => {{
  view.querySelector('[data-unit="4"]').click();
  const scores = ({HOVER_EVERY_UNIT})(view);
  const pinned = [...view.querySelectorAll(".aw-pinned")].map((unit) => unit.dataset.unit);
  const heats = [...view.querySelectorAll("[data-unit]")].map((unit) =>
    [...unit.classList].find((name) => name.startsWith("aw-heat-")) ?? null);
  const low = view.querySelector(".aw-legend-low").textContent;
  return {{ scores, pinned, heats, low }};
}}
"""


def test_pinning_needs_no_kernel_and_no_wait(open_widget: Callable[..., PageHost]) -> None:
    """Click and reading are one task of the page: nothing, not even a timer, can come between."""
    host = open_widget(layer=3, views="text", number_format="full")
    host.cut()
    view = text(host.page)
    at_once = view.evaluate(CLICK_AND_READ)
    pinned = AttentionWidget.from_trace(
        host.widget.trace, layer=3, pinned=4, measure="pinned_cosine"
    )
    exact = expected(pinned)
    shown = np.array([number(score) for score in at_once["scores"]])
    np.testing.assert_allclose(shown, exact, rtol=2e-6)
    assert shown[4] == 1
    assert at_once["pinned"] == ["4"]
    assert at_once["heats"][4] == "aw-heat-31"
    assert agrees(at_once["low"], exact[1:-1].min())
    unit(host.page, 2).click()  # and on, with a real mouse
    assert hovered_scores(host.page)[2] == 1
    unit(host.page, 2).click()
    norms = expected(AttentionWidget.from_trace(host.widget.trace, layer=3))
    np.testing.assert_allclose(hovered_scores(host.page), norms, rtol=2e-6)
    assert host.widget.pinned == ()  # Python heard of none of it
    updates = [sent["state"] for sent in host.unanswered() if sent["method"] == "update"]
    assert [update["pinned"] for update in updates if "pinned" in update] == [[4], [2], []]
    sent = [message["content"] for message in host.unanswered() if message["method"] == "custom"]
    asked = [wish["key"] for content in sent for wish in content["wishes"]]
    assert all(key.split("/")[2] in ("2", "4") for key in asked)  # ahead, while nobody waits


def test_keys_walk_and_pin(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget()
    text(host.page).locator(".aw-text").focus()
    for key, token in [("ArrowRight", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1)]:
        host.page.keyboard.press(key)
        host.expect(token=token, pinned=())
    host.page.keyboard.press("Enter")
    host.expect(token=1, pinned=(1,), measure="pinned_cosine")
    host.page.keyboard.press("Escape")
    host.expect(token=None, pinned=())


# ---- controls ----------------------------------------------------------------------------------


def test_controls_are_traits(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget("Blackberries stain.")
    view = text(host.page)
    with panel_options(view) as options:
        measure_list(options).select_option("attention_received")
        host.expect(measure="attention_received")
        options.get_by_label("Vectors").select_option("embeddings")
        host.expect(space="embeddings")
    choose_setting(host.page, "words", "false")
    host.expect(words=False)
    expect(view.locator("[data-unit]")).to_have_count(len(host.widget.trace.tokens))
    host.select(measure="norm", space="hidden_states", words=True)
    with panel_options(view) as options:
        expect(measure_list(options)).to_have_value("norm")
        expect(options.get_by_label("Vectors")).to_have_value("hidden_states")
    expect(setting(host.page, "words")).to_have_value("true")  # words
    expect(view.locator("[data-unit]")).to_have_count(len(units(host.widget.trace, True)))


@pytest.mark.parametrize("words", [True, False])
def test_the_text_stands_there_as_it_was_written(
    open_widget: Callable[..., PageHost], words: bool
) -> None:
    host = open_widget(LONG, words=words)
    shown = (
        text(host.page)
        .locator(".aw-text")
        .evaluate(
            """(text) => {
             const copy = text.cloneNode(true);
             for (const special of copy.querySelectorAll(".aw-special")) special.remove();
             return copy.textContent;
           }"""
        )
    )
    assert shown == LONG


# ---- several pins ------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [True, False])
def test_several_pins_are_numpys(open_widget: Callable[..., PageHost], words: bool) -> None:
    host = open_widget(
        LONG,
        layer=3,
        words=words,
        pinned=(1, 40, 77),
        measure="pinned_cosine",
        views="text",
        number_format="full",
    )
    groups = units(host.widget.trace, words)
    unit_of = {token: index for index, group in enumerate(groups) for token in group}
    rows = vectors(host.widget, groups)
    exact = expected(host.widget)
    np.testing.assert_allclose(hovered_scores(host.page), exact, rtol=2e-6, atol=1e-7)
    assert_colours(host, exact)
    per_pin = [cosine(rows, rows[unit_of[pin]]) for pin in host.widget.pinned]
    nearest = np.argmax(per_pin, axis=0)
    special = is_special(host.widget.trace, groups)
    hues = hues_of(host)
    assert [hue for hue, is_out in zip(hues, special, strict=True) if not is_out] == (
        nearest[~special].tolist()
    )
    host.select(pin_mode="mean")
    exact = expected(host.widget)
    np.testing.assert_allclose(hovered_scores(host.page), exact, rtol=2e-6, atol=1e-7)
    assert_colours(host, exact)
    assert set(hues_of(host)) == {None}


def hues_of(host: PageHost) -> list[int | None]:
    found: list[int | None] = text(host.page).evaluate(
        """(view) => [...view.querySelectorAll("[data-unit]")].map((unit) => {
             const [hue] = [...unit.classList].filter((name) => name.startsWith("aw-hue-"));
             return hue ? Number(hue.slice("aw-hue-".length)) : null;
           })"""
    )
    return found


def test_pins_are_added_and_let_go_by_mouse_and_keyboard(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(views="text")
    page = host.page
    unit(page, 1).click()
    unit(page, 4).click(modifiers=["Control"])
    unit(page, 5).click(modifiers=["Shift"])
    host.expect(pinned=(1, 4, 5), token=5, measure="pinned_cosine")
    assert page.evaluate("getSelection().toString()") == ""
    chips = text(page).locator(".aw-pin")
    expect(chips).to_have_text(["“Attention”×", "“novel”×", "“idea”×"])
    place = unit(page, 1).bounding_box()
    text(page).locator(".aw-pin-bar select").select_option("mean")
    host.expect(pin_mode="mean")
    text(page).get_by_role("button", name="Unpin “novel”").click()
    host.expect(pinned=(1, 5))
    page.keyboard.press("Enter")  # the next chip has the focus
    host.expect(pinned=(1,))
    assert unit(page, 1).bounding_box() == place  # the text stays where it is
    page.keyboard.press("Enter")
    host.expect(pinned=(), measure="norm")
    expect(text(page).locator(".aw-text")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+Enter")
    host.expect(pinned=(6, 5))

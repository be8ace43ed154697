"""Layer, heads and views are picked on the page and read in Python."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from attention_widget.protocol.options import values_of
from browser.page_host import PageHost
from browser.reading import NO_HEAD, as_weight, head_chip, layer_chip, lines, neurons, softmax, text

pytestmark = pytest.mark.browser

ALL = tuple(range(12))


def test_a_click_on_a_layer_is_the_layer_everywhere(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(heads=2, token=4)
    seen: list[int] = []
    host.widget.observe(lambda change: seen.append(change["new"]), "layer")
    layer_chip(host.page, 3).click()
    host.expect(layer=3, heads=(2,), token=4)
    assert seen == [3]
    host.settle()
    expect(layer_chip(host.page, 3)).to_have_attribute("aria-checked", "true")
    expect(layer_chip(host.page, 0)).to_have_attribute("aria-checked", "false")
    attention = host.widget.trace.attention(3)[2, 4]
    assert softmax(host.page) == {key: as_weight(weight) for key, weight in enumerate(attention)}


def test_a_click_on_a_head_is_that_head_alone(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget()
    for head in (7, 0):
        head_chip(host.page, head).click()
        host.expect(heads=(head,))
        for other in ALL:
            pressed = "true" if other == head else "false"
            expect(head_chip(host.page, other)).to_have_attribute("aria-pressed", pressed)


@pytest.mark.parametrize("key", ["Control", "Shift", "Meta"])
def test_a_click_with_a_key_held_adds_a_head_or_takes_it_away(
    open_widget: Callable[..., PageHost], key: str
) -> None:
    host = open_widget(heads=5)
    page: Page = host.page
    for head, heads in ((9, (5, 9)), (1, (1, 5, 9)), (5, (1, 9)), (1, (9,)), (9, ())):
        page.keyboard.down(key)
        head_chip(page, head).click()
        page.keyboard.up(key)
        host.expect(heads=heads)


def test_all_none_and_how_several_are_shown(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(heads=(3, 8))
    picker = host.page.locator(".aw-picker")
    combine = picker.get_by_role("combobox").first
    for value in (*values_of("combine")[::-1], "overlay"):
        combine.select_option(value)
        host.expect(combine=value, heads=(3, 8))
    picker.get_by_role("button", name="all").click()
    host.expect(heads=ALL)
    picker.get_by_role("button", name="none").click()
    host.expect(heads=())
    host.settle()
    expect(lines(host.page)).to_contain_text(NO_HEAD)
    expect(neurons(host.page)).to_contain_text(NO_HEAD)


def test_arrow_keys_walk_through_the_layers(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget()
    layer_chip(host.page, 0).focus()
    steps = [("ArrowRight", 1), ("ArrowDown", 2), ("ArrowLeft", 1), ("End", 5), ("ArrowRight", 0)]
    for key, layer in [*steps, ("ArrowUp", 5), ("Home", 0)]:
        host.page.keyboard.press(key)
        host.expect(layer=layer)
        expect(layer_chip(host.page, layer)).to_be_focused()


def test_arrow_keys_walk_through_the_heads(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(heads=4)
    head_chip(host.page, 4).focus()
    steps: list[tuple[str, tuple[int, ...]]] = [
        ("ArrowRight", (5,)),
        ("Shift+ArrowRight", (5, 6)),
        ("Control+ArrowRight", (5, 6)),  # the focus alone
        ("Space", (5, 6, 7)),
        ("Space", (5, 6)),
        ("ArrowLeft", (6,)),
    ]
    for key, heads in steps:
        host.page.keyboard.press(key)
        host.expect(heads=heads)


def test_views_are_switched_and_the_last_one_stays(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget()
    page = host.page
    switches = page.get_by_role("group", name="Views")
    switches.get_by_role("button", name="Neurons").click()
    host.expect(views=("lines", "text"))
    expect(neurons(page)).to_have_count(0)
    switches.get_by_role("button", name="Lines").click()
    host.expect(views=("text",))
    switches.get_by_role("button", name="Text").click()
    expect(text(page)).to_be_visible()
    expect(lines(page)).to_have_count(0)
    switches.get_by_role("button", name="Lines").click()
    host.expect(views=("text", "lines"))
    expect(lines(page)).to_be_visible()


def test_what_python_selects_is_pressed(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget()
    host.select(layer=4, heads=(2, 11), combine="mean", views=("text", "lines"))
    page = host.page
    expect(layer_chip(page, 4)).to_have_attribute("aria-checked", "true")
    pressed = page.locator('.aw-picker [role="group"] .aw-chip[aria-pressed="true"]')
    expect(pressed).to_have_text(["2", "11"])
    expect(page.locator(".aw-picker").get_by_role("combobox").first).to_have_value("mean")
    expect(page.get_by_role("region")).to_have_count(2)
    assert page.get_by_role("region").first.get_attribute("aria-label") == "Text"

"""The line of controls: layer, heads and views are picked on the page and read in Python."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from attention_widget.protocol.options import values_of
from browser.page_host import PageHost
from browser.picking import (
    HEADS,
    SETTINGS,
    VIEWS,
    Modifier,
    choose_head,
    choose_layer,
    combine_list,
    expect_head,
    expect_layer,
    head_chip,
    layer_list,
    opened,
    switch_view,
)
from browser.reading import (
    NO_HEAD,
    as_weight,
    is_within,
    key_row,
    lines,
    neurons,
    query_row,
    softmax,
    text,
)

pytestmark = pytest.mark.browser

ALL = tuple(range(12))


def test_a_layer_that_is_chosen_is_the_layer_everywhere(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(heads=2, token=4)
    seen: list[int] = []
    host.widget.observe(lambda change: seen.append(change["new"]), "layer")
    choose_layer(host.page, 3)
    host.expect(layer=3, heads=(2,), token=4)
    assert seen == [3]
    host.settle()
    expect_layer(host.page, 3)
    attention = host.widget.trace.attention(3)[2, 4]
    assert softmax(host.page) == {key: as_weight(weight) for key, weight in enumerate(attention)}


def test_a_click_on_a_head_is_that_head_alone(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget()
    expect(host.page.locator(HEADS)).to_have_text("all heads")
    with opened(host.page, HEADS):
        for head in (7, 0):  # the box stays open
            head_chip(host.page, head).click()
            host.expect(heads=(head,))
            for other in ALL:
                expect_head(host.page, other, other == head)
            expect(host.page.locator(HEADS)).to_have_text(f"head {head}")


@pytest.mark.parametrize("key", ["Control", "Shift", "Meta"])
def test_a_click_with_a_key_held_adds_a_head_or_takes_it_away(
    open_widget: Callable[..., PageHost], key: Modifier
) -> None:
    host = open_widget(heads=5)
    for head, heads in ((9, (5, 9)), (1, (1, 5, 9)), (5, (1, 9)), (1, (9,)), (9, ())):
        choose_head(host.page, head, [key])
        host.expect(heads=heads)


def test_several_heads_are_chosen_without_a_key(open_widget: Callable[..., PageHost]) -> None:
    """As by touch."""
    host = open_widget(heads=5)
    with opened(host.page, HEADS) as box:
        box.get_by_role("button", name="several").click()
        for head, heads in ((9, (5, 9)), (5, (9,))):
            head_chip(host.page, head).click()
            host.expect(heads=heads)
    expect(host.page.locator(HEADS)).to_have_text("head 9")


def test_all_none_and_how_several_are_shown(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(heads=(3, 8))
    with opened(host.page, HEADS) as box:
        for value in (*values_of("combine")[::-1], "overlay"):
            combine_list(host.page).select_option(value)
            host.expect(combine=value, heads=(3, 8))
        box.get_by_role("button", name="all", exact=True).click()
        host.expect(heads=ALL)
        box.get_by_role("button", name="none", exact=True).click()
        host.expect(heads=())
    host.settle()
    expect(lines(host.page)).to_contain_text(NO_HEAD)
    expect(neurons(host.page)).to_contain_text(NO_HEAD)


def test_arrow_keys_walk_through_the_layers(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget()
    layer_list(host.page).focus()
    for key, layer in [("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("End", 5), ("Home", 0)]:
        host.page.keyboard.press(key)
        host.expect(layer=layer)
        expect(layer_list(host.page)).to_be_focused()


def test_arrow_keys_walk_through_the_heads(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(heads=4)
    steps: list[tuple[str, tuple[int, ...]]] = [
        ("ArrowRight", (5,)),
        ("Shift+ArrowRight", (5, 6)),
        ("Control+ArrowRight", (5, 6)),  # the focus alone
        ("Space", (5, 6, 7)),
        ("Space", (5, 6)),
        ("ArrowLeft", (6,)),
    ]
    with opened(host.page, HEADS):
        host.page.keyboard.press("Tab")
        expect(head_chip(host.page, 4)).to_be_focused()
        for key, heads in steps:
            host.page.keyboard.press(key)
            host.expect(heads=heads)


def test_views_are_switched_and_the_last_one_stays(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget()
    page = host.page
    switch_view(page, "neuron")
    host.expect(views=("lines", "text"))
    expect(neurons(page)).to_have_count(0)
    with opened(page, VIEWS) as box:  # it stays open for more
        for name in ("Lines", "Text"):
            box.get_by_role("button", name=name, exact=True).click()
        host.expect(views=("text",))
        expect(text(page)).to_be_visible()
        expect(lines(page)).to_have_count(0)
        box.get_by_role("button", name="Lines", exact=True).click()
        host.expect(views=("text", "lines"))
    expect(lines(page)).to_be_visible()


def test_what_python_selects_is_shown(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget()
    host.select(layer=4, heads=(2, 11), combine="mean", views=("text", "lines"))
    page = host.page
    expect_layer(page, 4)
    expect(page.locator(HEADS)).to_have_text("mean of heads 2, 11")
    for head in ALL:
        expect_head(page, head, head in (2, 11))
    expect(combine_list(page)).to_have_value("mean")
    expect(page.get_by_role("region")).to_have_count(2)
    assert page.get_by_role("region").first.get_attribute("aria-label") == "Text"


# ---- the line of controls ----------------------------------------------------------------------

HEIGHT = """() => {
  const top = (selector) => document.querySelector(selector).getBoundingClientRect().top;
  return top(".aw-views") - top(".attention-widget");
}"""


@pytest.mark.parametrize(("width", "most"), [(1000, 62), (640, 96)])
@pytest.mark.parametrize("locale", ["en", "vi", "ru"])
def test_little_stands_above_the_views(
    open_widget: Callable[..., PageHost], width: int, most: int, locale: str
) -> None:
    host = open_widget(heads=7, locale=locale, views=("lines",))
    host.page.set_viewport_size({"width": width + 24, "height": 800})
    host.page.locator(".attention-widget").evaluate(
        "(root, width) => { root.style.width = `${width}px` }", width
    )
    assert host.page.evaluate(HEIGHT) <= most
    controls = host.page.locator(".aw-top :is(button, select, textarea)")
    assert sum(control.is_visible() for control in controls.all()) <= 7
    with opened(host.page, SETTINGS) as box:  # nothing in it is cut off
        cut = box.evaluate(
            """(box) => [box, ...box.querySelectorAll("*")]
                 .filter((node) => node.scrollWidth > node.clientWidth && node.clientWidth)
                 .map((node) => node.outerHTML)"""
        )
        assert cut == []


def test_a_head_that_is_suggested_says_why_and_leads_to_the_next(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(layer=2, heads=7, token=4)
    suggestion = {"kind": "encoder", "query": 4, "key": 5, "weight": 0.62, "specificity": 0.4}
    places = [{"layer": 2, "head": 7}, {"layer": 5, "head": 1, "query": 5, "key": 4}]
    suggestions = [{**suggestion, **place} for place in places]
    host.widget.set_trait("meta", {**host.widget.meta, "suggestions": suggestions})
    host.flush()
    line = host.page.locator(".aw-suggestion")
    expect(line).to_contain_text("Layer 2, head 7: “novel” attends to “idea” (0.62")
    expect(line).to_contain_text("1 of 2")
    line.get_by_role("button", name="next").click()
    host.expect(layer=5, heads=(1,), token=5, key_token=None)
    expect(line).to_contain_text("“idea” attends to “novel”")
    host.page.keyboard.press("n")
    host.expect(layer=2, heads=(7,), token=4)
    host.page.keyboard.press("h")
    host.expect(heads=(8,))
    line.get_by_role("button", name="Suggest a head").click()
    host.expect(layer=2, heads=(7,))


def test_two_words_that_are_selected_lead_to_the_heads_that_link_them_most(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(layer=3, heads=0)
    trace = host.widget.trace
    weights = {
        (layer, head): float(row[4, 5])
        for layer in range(trace.n_layers)
        for head, row in enumerate(trace.attention(layer))
    }
    ranked = sorted(weights, key=lambda place: -weights[place])
    line = host.page.locator(".aw-suggestion")
    query_row(host.page, 4).click()
    key_row(host.page, 5).click()
    expect(line).to_contain_text("“novel” → “idea”: most in layer")
    (layer, head), second = ranked[:2]
    said = re.search(r"layer (\d+), head (\d+) \((.+?)\)", line.inner_text())
    assert said is not None
    assert (int(said[1]), int(said[2])) == (layer, head)
    assert is_within(said[3], weights[layer, head], 1e-3)
    line.get_by_role("button", name="show").click()
    host.expect(layer=layer, heads=(head,), token=4, key_token=5)
    expect(line).to_contain_text(f"1 of {len(ranked)}")
    host.page.keyboard.press("n")
    host.expect(layer=second[0], heads=(second[1],), token=4, key_token=5)
    expect(line).to_contain_text(f"layer {second[0]}, head {second[1]}")
    key_row(host.page, 5).click()
    host.expect(token=4, key_token=None)
    expect(line).not_to_contain_text("→")

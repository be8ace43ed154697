"""A token hovered or selected anywhere shows in all views."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.page_host import PageHost
from browser.reading import (
    NO_HEAD,
    as_weight,
    key_row,
    key_weights,
    labels,
    leave,
    lines,
    neuron_label,
    neuron_row,
    neurons,
    query_row,
    softmax,
    text,
    unit,
)

pytestmark = pytest.mark.browser

TOKEN = 4  # novel; in this sentence units and tokens are the same


def everywhere(page: Page, token: int) -> list[Locator]:
    return [
        query_row(page, token),
        key_row(page, token),
        neuron_label(page, token),
        neuron_row(page, token),
        unit(page, token),
    ]


@pytest.mark.parametrize("place", range(5))
def test_hovering_shows_in_all_views(open_widget: Callable[..., PageHost], place: int) -> None:
    host = open_widget(heads=1)
    page = host.page
    everywhere(page, TOKEN)[place].hover()
    for node in everywhere(page, TOKEN):
        expect(node).to_contain_class("aw-hovered")
    expect(page.locator(".aw-hovered")).to_have_count(5)
    leave(page)
    expect(page.locator(".aw-hovered")).to_have_count(0)
    assert host.widget.token is None


@pytest.mark.parametrize("hover", [query_row, unit])
def test_hovering_a_query_changes_lines_and_neurons(
    open_widget: Callable[..., PageHost], hover: Callable[[Page, int], Locator]
) -> None:
    host = open_widget(heads=1, layer=3)
    hover(host.page, TOKEN).hover()
    host.settle()
    weights = host.widget.trace.attention(3)[1, TOKEN]
    shown = {key: as_weight(weight) for key, weight in enumerate(weights)}
    assert key_weights(host.page) == shown
    assert softmax(host.page) == shown
    expect(neurons(host.page).locator(".aw-neuron-query")).to_have_text("novel")


@pytest.mark.parametrize("place", range(4))
def test_selecting_in_lines_and_neurons_shows_in_all_views(
    open_widget: Callable[..., PageHost], place: int
) -> None:
    host = open_widget(heads=1)
    page = host.page
    everywhere(page, TOKEN)[place].click()
    is_query = place == 0  # all other rows are keys
    token, key = (TOKEN, None) if is_query else (None, TOKEN)
    host.expect(pinned=(), token=token, key_token=key)
    leave(page)
    mark = "aw-selected" if is_query else "aw-selected-key"
    for node in everywhere(page, TOKEN):
        expect(node).to_contain_class(mark)
    expect(page.locator(".aw-selected, .aw-selected-key")).to_have_count(5)


def test_pinning_shows_in_all_views(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(heads=1)
    unit(host.page, TOKEN).click()
    host.expect(token=TOKEN, pinned=(TOKEN,))
    leave(host.page)
    for node in everywhere(host.page, TOKEN):
        expect(node).to_contain_class("aw-selected")
        expect(node).to_contain_class("aw-pinned")


def test_all_tokens_of_a_pinned_word_are_marked(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget("Blackberries stain purple.", heads=1, words=True)
    tokens = host.widget.trace.tokens
    word = [token.index for token in tokens if token.word == 0]
    assert len(word) > 1
    unit(host.page, 1).click()
    host.expect(pinned=(word[0],))
    host.settle()
    rows = [token.label for token in host.widget.trace.words().tokens]
    assert labels(host.page) == rows
    assert len(rows) < len(tokens)
    for row in (query_row, key_row):  # of words
        expect(row(host.page, 1)).to_contain_class("aw-pinned")
        for other in {0, 2, 3}:
            expect(row(host.page, other)).not_to_contain_class("aw-pinned")
    for token in tokens:  # the neurons are those of tokens
        marked = expect(neuron_label(host.page, token.index))
        if token.index in word:
            marked.to_contain_class("aw-pinned")
        else:
            marked.not_to_contain_class("aw-pinned")


def test_python_moves_all_views(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget()
    host.select(layer=5, heads=10, token=6, pinned=1, measure="attention_from", words=False)
    page = host.page
    weights = host.widget.trace.attention(5)[10, 6]
    shown = {key: as_weight(weight) for key, weight in enumerate(weights)}
    assert key_weights(page) == softmax(page) == shown
    for node in everywhere(page, 6):
        expect(node).to_contain_class("aw-selected")
    for node in everywhere(page, 1):
        expect(node).to_contain_class("aw-pinned")
    expect(text(page)).to_contain_text("Attention from “.”, layer 5, head 10")
    host.select(token=None, pinned=(), heads=())
    expect(page.locator(".aw-selected, .aw-pinned")).to_have_count(0)
    expect(lines(page)).to_contain_text(NO_HEAD)


ALL_VIEWS = ("lines", "neuron", "text", "matrix", "grid", "tokens", "heads")

BOXES = """() => [...document.querySelectorAll(".aw-view")].map((view) => {
  const { left, top, width, height } = view.getBoundingClientRect();
  return [view.className, left, top, width, height];
})"""


@pytest.mark.parametrize("token", [None, 6])
@pytest.mark.parametrize("width", [640, 1280])
def test_pointing_at_a_token_anywhere_moves_no_panel(
    open_widget: Callable[..., PageHost], width: int, token: int | None
) -> None:
    host = open_widget(heads=1, token=token, views=ALL_VIEWS)
    page = host.page
    page.set_viewport_size({"width": width, "height": 900})
    host.settle()
    before = page.evaluate(BOXES)
    assert len(before) == len(ALL_VIEWS)
    for node in everywhere(page, TOKEN):
        node.hover()
        host.settle()
        expect(node).to_contain_class("aw-hovered")
        assert page.evaluate(BOXES) == before

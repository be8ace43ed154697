"""An encoder-decoder: whose attention is shown, over whose tokens, and what is linked with what."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from support import traces

from attention_widget.trace.kind import KINDS, Kind
from browser.page_host import PageHost
from browser.reading import (
    agrees,
    as_weight,
    key_row,
    key_weights,
    labels,
    layer_chip,
    leave,
    legend,
    lines,
    neuron_row,
    neurons,
    query_row,
    scores,
    softmax,
    text,
    tooltip,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def host(open_trace: Callable[..., PageHost]) -> PageHost:
    return open_trace(traces.encoder_decoder(generated=True), heads=1)


def kind_button(page: Page, kind: str) -> Locator:
    group = page.locator(".aw-picker").get_by_role("group", name="Attention", exact=True)
    return group.get_by_role("button", name=kind, exact=True)


def unit(page: Page, side: str, index: int) -> Locator:
    return text(page).locator(f'[data-side="{side}"] [data-unit="{index}"]')


def shown(weights: object) -> dict[int, str]:
    return {key: as_weight(weight) for key, weight in enumerate(np.asarray(weights, np.float64))}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_shows_its_own_attention(host: PageHost, kind: Kind) -> None:
    page, trace = host.page, host.widget.trace
    kind_button(page, kind).click()
    host.expect(attention_kind=kind)
    host.settle()
    expect(kind_button(page, kind)).to_have_attribute("aria-pressed", "true")
    layer = host.widget.layer
    attention = trace.attention(layer, kind)[1]
    assert labels(page) == list(traces.TARGET if kind == "decoder" else traces.SOURCE)
    for token in (1, 3):
        query_row(page, token).hover()
        host.settle()
        assert key_weights(page) == shown(attention[token])
        exact = trace.block(layer, kind).scores([1], [token])[0, 0]
        assert all(agrees(score, exact[key]) for key, score in scores(page).items())
        masked = {key for key, weight in softmax(page).items() if weight == "masked"}
        assert masked == (set(range(token + 1, 6)) if kind == "decoder" else set())
    query = (traces.SOURCE if kind == "encoder" else traces.TARGET)[3]
    expect(neurons(page).locator(".aw-neuron-query")).to_have_text(query)


def test_the_header_says_who_wrote_the_target(host: PageHost) -> None:
    header = host.page.locator(".aw-model")
    expect(header).to_have_text(
        "tiny-translator · 2 encoder layers · 3 decoder layers · 4 → 6 tokens · target generated "
        "by the model"
    )


def test_one_kind_needs_no_choice(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(traces.trace())
    expect(host.page.get_by_role("group", name="Attention", exact=True)).to_be_hidden()


def test_layers_are_those_of_the_kind(host: PageHost) -> None:
    host.select(layer=1)
    kind_button(host.page, "cross").click()
    host.expect(attention_kind="cross", layer=0, heads=(1,))
    expect(layer_chip(host.page, 1)).to_be_disabled()
    layer_chip(host.page, 2).click()
    host.expect(layer=2)
    kind_button(host.page, "encoder").click()
    host.expect(attention_kind="encoder", layer=0)
    host.settle()


def test_hovering_links_a_token_with_itself_alone(host: PageHost) -> None:
    """Row 1 of the target is another token than row 1 of the source."""
    page = host.page
    host.select(attention_kind="cross")
    query_row(page, 1).hover()
    for node in (query_row(page, 1), unit(page, "query", 1)):
        expect(node).to_contain_class("aw-hovered")
    expect(page.locator(".aw-hovered")).to_have_count(2)
    key_row(page, 2).hover()
    for node in (key_row(page, 2), neuron_row(page, 2), unit(page, "key", 2)):
        expect(node).to_contain_class("aw-hovered")
    expect(page.locator(".aw-hovered")).to_have_count(4)  # two columns of the neurons
    unit(page, "key", 1).hover()
    expect(key_row(page, 1)).to_contain_class("aw-hovered")
    expect(query_row(page, 1)).not_to_contain_class("aw-hovered")
    expect(lines(page)).to_contain_text("red receives")
    unit(page, "query", 1).hover()
    expect(query_row(page, 1)).to_contain_class("aw-hovered")
    host.settle()
    assert key_weights(page) == shown(host.widget.trace.attention(0, "cross")[1, 1])


def test_a_query_is_selected_and_a_key_is_not(host: PageHost) -> None:
    page = host.page
    host.select(attention_kind="cross")
    key_row(page, 1).click()
    neuron_row(page, 2).click()
    unit(page, "key", 1).click()
    query_row(page, 4).click()
    host.expect(token=4, pinned=())
    expect(page.locator(".aw-selected")).to_have_count(2)
    expect(unit(page, "query", 4)).to_contain_class("aw-selected")
    unit(page, "query", 2).click()
    host.expect(token=2, pinned=(2,), measure="pinned_cosine")
    kind_button(page, "encoder").click()
    host.expect(token=None, pinned=())


def test_attention_from_a_target_word_colours_the_source(host: PageHost) -> None:
    page, trace = host.page, host.widget.trace
    host.select(attention_kind="cross", layer=2, token=3, measure="attention_from", words=True)
    mean = trace.attention(2, "cross")[1, 2:4].mean(0)  # of both tokens of the word
    for index in range(3):
        unit(page, "key", index).hover()
        said = tooltip(text(page)).locator("div").all_text_contents()
        assert agrees(said[2].removeprefix("attention from the selected token: "), mean[index])
    low, high = legend(text(page))
    assert agrees(low, mean[:3].min())
    assert agrees(high, mean[:3].max())
    expect(text(page).locator('[data-side="query"] [class*="aw-heat-"]')).to_have_count(0)


def test_norms_are_those_of_the_stack(host: PageHost) -> None:
    page, trace = host.page, host.widget.trace
    cases: tuple[tuple[Kind, Kind, int], ...] = (
        ("encoder", "encoder", 1),
        ("decoder", "decoder", 1),
        ("cross", "decoder", 5),
    )
    for kind, stack, token in cases:
        host.select(attention_kind=kind)
        unit(page, "query", token).hover()
        said = tooltip(text(page)).locator("div").all_text_contents()
        hidden = trace.hidden_states(host.widget.layer + 1, stack)
        assert agrees(said[2].removeprefix("L2 norm: "), float(np.linalg.norm(hidden[token])))


def test_generated_tokens_are_marked_and_tell_their_step(host: PageHost) -> None:
    page = host.page
    host.select(attention_kind="decoder")
    expect(query_row(page, 0)).not_to_contain_class("aw-generated")
    expect(query_row(page, 1)).to_contain_class("aw-generated")
    expect(text(page).locator(".aw-generated")).to_have_count(5)
    unit(page, "query", 1).hover()
    told = tooltip(text(page))
    expect(told).to_contain_text("generated at step 0 with probability 0.9000")
    expect(text(page).locator(".aw-passage-title").last).to_have_text(
        "decoder, generated by the model"
    )
    leave(page)

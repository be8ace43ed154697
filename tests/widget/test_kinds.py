"""Kinds of attention: layer, heads and tokens follow the one that is shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.front_end import Browser
from support.in_step import assert_in_step, nothing_changes
from support.traces import encoder_decoder, trace
from traitlets import TraitError

from attention_widget import AttentionWidget


@pytest.fixture
def translator() -> AttentionWidget:
    return AttentionWidget.from_trace(encoder_decoder(), layer=0)


def test_an_encoder_decoder_starts_with_its_encoder_if_a_layer_is_named(
    translator: AttentionWidget,
) -> None:
    assert translator.attention_kind == "encoder"
    assert [each["kind"] for each in translator.meta["attention"]] == [
        "encoder",
        "decoder",
        "cross",
    ]
    assert [bool(layer) for layer in translator.meta["attention"][2]["layers"]] == [
        True,
        False,
        True,
    ]
    assert "4 → 6 tokens" in repr(translator)
    for name in ("encoder", "decoder", "cross"):
        made = AttentionWidget.from_trace(encoder_decoder(), attention_kind=name)
        assert made.attention_kind == name


def test_a_decoder_alone_has_the_kind_of_its_stack() -> None:
    made = AttentionWidget.from_trace(trace(causal=True))
    assert made.attention_kind == "decoder"
    with pytest.raises(TraitError, match="attention_kind must be decoder, got 'encoder'"):
        made.attention_kind = "encoder"


def test_layer_and_heads_follow_the_kind(translator: AttentionWidget) -> None:
    browser = Browser(translator)
    translator.layer = 1
    browser.updates.clear()
    seen: list[Any] = []
    translator.observe(
        lambda _: seen.append((translator.layer, translator.heads)), "attention_kind"
    )
    translator.attention_kind = "cross"  # of layers 0 and 2, with two heads
    assert (translator.layer, translator.heads) == (0, (0, 1))
    assert seen == [(0, (0, 1))]
    assert browser.updates == [{"attention_kind": "cross", "layer": 0, "heads": [0, 1]}]
    translator.layer, translator.heads = 2, (1,)
    translator.attention_kind = "decoder"
    assert (translator.layer, translator.heads) == (2, (1,))
    translator.attention_kind = "encoder"  # of two layers
    assert (translator.layer, translator.heads) == (0, (1,))
    with pytest.raises(TraitError, match="layer must be in 0–1, got 2"):
        translator.layer = 2


def test_tokens_are_counted_in_the_text_of_the_queries(translator: AttentionWidget) -> None:
    def of_tokens() -> tuple[Any, ...]:
        return translator.token, translator.pinned, translator.key_token

    translator.token, translator.pinned, translator.key_token = 3, 1, 2
    with pytest.raises(TraitError, match="token must be in 0–3 or None, got 4"):
        translator.token = 4
    translator.attention_kind = "decoder"  # another text
    assert of_tokens() == (None, (), None)
    translator.token, translator.pinned, translator.key_token = 5, (4, 2), 5
    translator.attention_kind = "cross"  # the same, but for the keys
    assert of_tokens() == (5, (4, 2), None)
    with pytest.raises(TraitError, match="key_token must be in 0–3 or None, got 4"):
        translator.key_token = 4
    translator.key_token = 3
    translator.attention_kind = "encoder"  # another text, but for the keys
    assert of_tokens() == (None, (), 3)


def test_a_kind_that_is_refused_changes_nothing(made: AttentionWidget) -> None:
    made.token = 3
    with nothing_changes(made), pytest.raises(TraitError, match="must be encoder"):
        made.attention_kind = "cross"


def test_a_click_on_a_kind_brings_what_follows(translator: AttentionWidget) -> None:
    translator.layer, translator.token = 1, 2
    browser = Browser(translator)
    browser.select(attention_kind="cross", layer=0, token=None, pinned=[])
    assert [translator.attention_kind, translator.layer, translator.token] == ["cross", 0, None]
    assert_in_step(translator, browser)
    assert browser.state["heads"] == [0, 1]
    browser.select(token=5, layer=2, attention_kind="decoder", heads=[1])
    assert (translator.attention_kind, translator.token, translator.heads) == ("decoder", 5, (1,))
    assert_in_step(translator, browser)


TRANSLATOR = AttentionWidget.from_trace(encoder_decoder(), layer=0)

ITS_BROWSER = Browser(TRANSLATOR)

CLICKS = st.fixed_dictionaries(
    {},
    optional={
        "attention_kind": st.sampled_from(["encoder", "decoder", "cross", "other"]),
        "layer": st.integers(-1, 4),
        "heads": st.lists(st.integers(0, 4), max_size=3),
        "token": st.none() | st.integers(0, 7),
        "key_token": st.none() | st.integers(0, 7),
        "pinned": st.none() | st.lists(st.integers(0, 7), max_size=3),
    },
)


@settings(deadline=None)
@given(CLICKS)
def test_whatever_is_clicked_a_translator_stays_in_step(state: dict[str, Any]) -> None:
    ITS_BROWSER.select(**state)
    assert_in_step(TRANSLATOR, ITS_BROWSER)
    kind, layer = TRANSLATOR.attention_kind, TRANSLATOR.layer
    attention = ITS_BROWSER.tensor(f"attention/{kind}/{layer}")
    assert all(head < attention.shape[0] for head in TRANSLATOR.heads)
    of_queries = [TRANSLATOR.token, *TRANSLATOR.pinned]
    assert all(index is None or index < attention.shape[1] for index in of_queries)
    assert TRANSLATOR.key_token is None or TRANSLATOR.key_token < attention.shape[2]

"""Selections by word: the widget keeps the indices that they stand for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.traces import encoder_decoder, trace
from traitlets import TraitError

from attention_widget import AttentionWidget

TEXT = "The colour purple is a novel idea, and purple prose is blueberries"


def test_keywords_take_words(minilm: Any) -> None:
    widget = AttentionWidget(
        minilm[0], TEXT, tokenizer=minilm[1], pinned="purple", token="novel", key_token="idea"
    )
    tokens = widget.trace.tokens
    assert [tokens[i].text for i in widget.pinned] == ["purple"]
    assert widget.token == widget.trace.index("novel")
    assert tokens[widget.token].text == "novel"
    assert widget.key_token == widget.trace.index("idea")


def test_traits_take_words_and_states_keep_indices() -> None:
    widget = AttentionWidget.from_trace(trace())
    widget.token, widget.key_token, widget.pinned = "novel", "[CLS]", "novel"
    assert (widget.token, widget.key_token, widget.pinned) == (3, 0, (2, 3))
    widget.pinned = ["a", 5, "novel"]
    assert widget.pinned == (1, 5, 2, 3)
    widget.effect_position = "idea"
    assert widget.effect_position == 4
    state = json.loads(json.dumps(widget.state))
    assert (state["token"], state["key_token"], state["pinned"]) == (3, 0, [1, 5, 2, 3])
    assert state["effect_position"] == 4


def test_words_of_the_target_are_those_of_its_queries() -> None:
    widget = AttentionWidget.from_trace(encoder_decoder(), attention_kind="cross")
    widget.token, widget.key_token = "rote", "red"
    assert (widget.token, widget.key_token) == (3, 1)
    with pytest.raises(TraitError, match="token must be a token, by its index or its word: 'red'"):
        widget.token = "red"


@pytest.mark.parametrize("name", ["token", "key_token", "pinned", "effect_position"])
def test_a_word_that_is_not_there_changes_nothing(name: str) -> None:
    widget = AttentionWidget.from_trace(trace())
    before = widget.state
    with pytest.raises(TraitError, match=f"{name} must be .*'navel' is .* did you mean 'novel'"):
        setattr(widget, name, "navel")
    with pytest.raises(TraitError, match="a word must hold more than blanks"):
        setattr(widget, name, "")
    assert widget.state == before


def test_each_pin_is_named_once() -> None:
    widget = AttentionWidget.from_trace(trace())
    widget.pinned = ["novel", "nov"]  # a part of the first
    assert widget.pinned == (2, 3)
    with pytest.raises(TraitError, match="each token once"):
        widget.pinned = ["novel", 2]

"""The arrays that Python gets are those that are seen."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

import numpy as np
import pytest
from support.front_end import Browser
from support.traces import encoder_decoder, trace, windowed
from traitlets import TraitError

from attention_widget import AttentionWidget

close = partial(np.testing.assert_allclose, rtol=1e-5)  # one row is summed otherwise than all


@pytest.mark.parametrize(
    ("words", "special"), list(itertools.product((False, True), ("show", "hide", "renormalise")))
)
def test_it_is_what_the_browser_is_sent(words: bool, special: str) -> None:
    widget = AttentionWidget.from_trace(trace(), layer=1, heads=[3, 1], token=3)
    widget.words, widget.special_tokens = words, special  # type: ignore[assignment]
    units = "words" if words else "tokens"
    prefix = "" if (words, special) == (False, "show") else f"grouped/{units}/{special}/"
    sent = Browser(widget).tensor(f"{prefix}attention/encoder/1")
    found = widget.selected_attention()
    np.testing.assert_array_equal(found, sent[[3, 1]])
    queries, keys = widget.selected_tokens()
    assert found.shape == (2, len(queries), len(keys))
    # "nov" and "##el" are tokens 2 and 3, after [CLS] and "a"
    row = (2 if words else 3) - (special != "show")
    assert queries[row].text == ("novel" if words else "el")
    close(widget.selected_weights(), found[:, row])


@pytest.mark.parametrize(("combine", "function"), [("mean", np.mean), ("maximum", np.max)])
def test_combined_heads_are_one(combine: Any, function: Any) -> None:
    widget = AttentionWidget.from_trace(trace(), layer=0, heads=[0, 2], combine=combine, token=1)
    both = widget.trace.attention(0)[[0, 2]]
    np.testing.assert_array_equal(widget.selected_attention(), function(both, 0, keepdims=True))
    close(widget.selected_weights(), function(both[:, 1], 0)[None])
    widget.heads = []
    assert widget.selected_attention().shape == (0, 6, 6)


def test_cross_attention_has_the_target_in_its_rows() -> None:
    widget = AttentionWidget.from_trace(encoder_decoder(), attention_kind="cross", token=4)
    assert widget.selected_attention().shape == (2, 6, 4)
    queries, keys = widget.selected_tokens()
    assert (queries[4].text, keys[1].text) == ("Haus", "red")
    close(widget.selected_weights(), widget.trace.attention(0, "cross")[:, 4])


def test_of_windows_it_is_the_one_that_is_shown() -> None:
    made = windowed()
    widget = AttentionWidget.from_trace(made, layer=1)
    np.testing.assert_array_equal(widget.selected_attention(), made.windows[0].trace.attention(1))
    widget.token = 39
    window = made.window(39)
    np.testing.assert_array_equal(widget.selected_attention(), window.trace.attention(1))
    row = window.positions.index(39)
    close(widget.selected_weights(), window.trace.attention(1)[:, row])


def test_without_a_row_it_says_why() -> None:
    widget = AttentionWidget.from_trace(trace(), layer=0)
    with pytest.raises(TraitError, match=r"^token must be one of the text, got None; click"):
        widget.selected_weights()
    widget.token, widget.special_tokens = 0, "hide"
    with pytest.raises(TraitError, match=r"^token must be one that is shown, got 0; special"):
        widget.selected_weights()


def test_what_is_written_into_it_changes_nothing() -> None:
    widget = AttentionWidget.from_trace(trace(), layer=0)
    before = widget.selected_attention().copy()
    widget.selected_attention()[:] = 0
    np.testing.assert_array_equal(widget.selected_attention(), before)

"""Heads of several layers side by side: which are taken, where they stay, what is given of them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from support.archives import manifest
from support.front_end import Browser
from support.traces import encoder_decoder, trace, windowed
from traitlets import TraitError

from attention_widget import AttentionWidget


@pytest.mark.parametrize(
    "given",
    [[(2, 1), (0, 3)], ((2, 1), (0, 3)), [[2, 1], [0, 3]], np.array([[2, 1], [0, 3]])],
)
def test_pairs_are_kept_in_their_order(given: Any) -> None:
    widget = AttentionWidget.from_trace(trace(), head_pairs=given)
    assert widget.head_pairs == ((2, 1), (0, 3))
    widget.head_pairs = None
    assert widget.head_pairs == ()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (3, r"must be at most 8 pairs \(layer, head\), got 3"),
        ("2.5", r"must be at most 8 pairs \(layer, head\), got '2\.5'"),
        ({(2, 1)}, r"must be at most 8 pairs \(layer, head\), got \{\(2, 1\)\} \(set\)"),
        ((2, 1), r"pairs \(layer, head\), got 2; write head_pairs=\[\(2, 5\), \(4, 1\)\]"),
        ([(2, 1, 0)], r"pairs \(layer, head\), got \(2, 1, 0\) \(tuple\); write head_pairs="),
        ([(2, True)], r"pairs \(layer, head\), got \(2, True\) \(tuple\); write head_pairs="),
        ([(2, 0.5)], r"pairs \(layer, head\), got \(2, 0\.5\) \(tuple\); write head_pairs="),
        ([(3, 0)], r"\(layer, head\) of encoder attention, whose layers are 0 to 2, got \(3, 0\)"),
        ([(-1, 0)], r"\(layer, head\) of encoder attention, whose layers are 0 to 2, got \(-1, 0"),
        ([(2, 2)], r"\(layer, head\) of encoder attention, got .*; layer 2 has 2 heads"),
        ([(2, -1)], r"\(layer, head\) of encoder attention, got .*; layer 2 has 2 heads"),
        ([(2, 1), (2, 1)], r"head_pairs must name each pair once, got \(2, 1\) twice"),
        ([(0, 0)] * 9, r"must be at most 8 pairs \(layer, head\), got 9"),
    ],
)
def test_what_is_no_pair_is_refused(given: Any, says: str) -> None:
    widget = AttentionWidget.from_trace(trace(), head_pairs=[(0, 1)])
    with pytest.raises(TraitError, match=says):
        widget.head_pairs = given
    assert widget.head_pairs == ((0, 1),)
    with pytest.raises(TraitError, match=says):
        AttentionWidget.from_trace(trace(), head_pairs=given)


def test_the_layers_of_another_kind_are_named() -> None:
    widget = AttentionWidget.from_trace(encoder_decoder(), attention_kind="cross")
    with pytest.raises(TraitError, match=r"of cross attention, whose layers are 0, 2, got \(1, 0"):
        widget.head_pairs = [(1, 0)]


def test_the_browser_is_not_sent_its_own_choice_back() -> None:
    widget = AttentionWidget.from_trace(trace())
    browser = Browser(widget)
    browser.updates.clear()
    widget.set_state({"head_pairs": [[2, 1], [0, 3]]})
    assert widget.head_pairs == ((2, 1), (0, 3))
    assert not browser.updates


def test_another_kind_has_those_that_it_has() -> None:
    """The encoder has 2 layers with 4 heads; cross-attention has layers 0 and 2 with 2 heads."""
    widget = AttentionWidget.from_trace(
        encoder_decoder(), layer=0, head_pairs=[(0, 1), (1, 0), (0, 3)]
    )
    widget.attention_kind = "cross"
    assert widget.head_pairs == ((0, 1),)


def test_layer_and_heads_go_their_own_way() -> None:
    widget = AttentionWidget.from_trace(trace(), layer=0, head_pairs=[(0, 1), (2, 0)])
    widget.layer, widget.heads = 1, 2
    assert widget.head_pairs == ((0, 1), (2, 0))


def test_another_text_keeps_them(live: AttentionWidget) -> None:
    live.head_pairs = [(1, 2), (5, 11)]
    live.text = "A good novel"
    assert live.head_pairs == ((1, 2), (5, 11))


def test_they_come_back_from_a_file() -> None:
    made = trace()
    widget = AttentionWidget.from_trace(made, head_pairs=[(2, 1), (0, 3)])
    state = json.loads(json.dumps(widget.state))
    assert state == widget.state
    assert AttentionWidget.from_state(state, trace=made).head_pairs == ((2, 1), (0, 3))


def test_what_python_is_given_is_what_is_seen() -> None:
    widget = AttentionWidget.from_trace(
        trace(), layer=1, heads=[2], token=3, combine="mean", head_pairs=[(2, 1), (0, 3)]
    )
    found = widget.selected_attention()
    wanted = [widget.trace.attention(2)[1], widget.trace.attention(0)[3]]
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_allclose(widget.selected_weights(), found[:, 3], rtol=1e-6)
    widget.words = True
    queries, keys = widget.selected_tokens()
    assert widget.selected_attention().shape == (2, len(queries), len(keys))
    widget.head_pairs = ()
    assert widget.selected_attention().shape[0] == 1


def test_of_windows_they_are_of_the_one_that_is_shown() -> None:
    made = windowed()
    widget = AttentionWidget.from_trace(made, head_pairs=[(1, 0), (0, 1)])
    first = made.windows[0].trace
    np.testing.assert_array_equal(
        widget.selected_attention(), [first.attention(1)[0], first.attention(0)[1]]
    )


def test_who_names_them_has_a_picture_in_mind(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    text = "Attention is a novel idea"
    widget = AttentionWidget(model, text, tokenizer=tokenizer, head_pairs=[(1, 2), (3, 0)])
    assert (widget.layer, widget.heads, widget.token) == (1, (2,), None)
    widget = AttentionWidget.from_trace(widget.trace, layer=2, head_pairs=[(1, 2), (3, 0)])
    assert (widget.layer, len(widget.heads)) == (2, 12)


def test_a_page_has_those_that_it_carries() -> None:
    widget = AttentionWidget.from_trace(trace(), head_pairs=[(2, 1), (0, 3), (0, 1)])
    assert manifest(widget.to_html())["state"]["head_pairs"] == [[2, 1], [0, 3], [0, 1]]
    assert manifest(widget.to_html(layers=[0]))["state"]["head_pairs"] == [[0, 3], [0, 1]]
    assert manifest(widget.to_html(heads=[1]))["state"]["head_pairs"] == [[2, 1], [0, 1]]

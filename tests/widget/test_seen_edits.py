"""What `selected_attention()` returns follows the pass that the views show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support import predicting

from attention_widget import AttentionWidget, Experiment
from attention_widget.experiments import HeadOff
from attention_widget.protocol.option_values import Combine, ShownPass
from attention_widget.trace.block import Array


@pytest.mark.parametrize("combine", ["overlay", "mean", "maximum"])
def test_it_is_what_the_views_show(causal: tuple[Any, Any], combine: Combine) -> None:
    model, tokenizer = causal
    lab = Experiment(model, predicting.NOVEL, tokenizer=tokenizer, progress=False)
    passes = [each.attention(2, heads=[0, 3]) for each in (lab.trace, lab.trace_of(HeadOff(1, 2)))]
    if combine != "overlay":
        join = np.mean if combine == "mean" else np.max
        passes = [join(each, 0, keepdims=True) for each in passes]
    before, after = passes
    assert not np.array_equal(before, after)
    widget = AttentionWidget(
        model, predicting.NOVEL, tokenizer=tokenizer, layer=2, heads=[0, 3], combine=combine
    )
    widget.token = 4
    np.testing.assert_array_equal(widget.selected_attention(), before)
    widget.edits = HeadOff(1, 2)
    assert widget.shown_pass == "before"
    shown: dict[ShownPass, Array] = {
        "before": before,
        "after": after,
        "difference": after - before,
    }
    for name, expected in shown.items():
        widget.shown_pass = name
        np.testing.assert_array_equal(widget.selected_attention(), expected)
        np.testing.assert_array_equal(widget.selected_weights(), expected[:, 4])
    widget.edits = None
    np.testing.assert_array_equal(widget.selected_attention(), before)


def test_pairs_and_words_follow_too(causal: tuple[Any, Any]) -> None:
    model, tokenizer = causal
    lab = Experiment(model, predicting.NOVEL, tokenizer=tokenizer, progress=False)
    pairs = ((1, 0), (2, 3))
    widget = AttentionWidget(
        model, predicting.NOVEL, tokenizer=tokenizer, special_tokens="hide", head_pairs=pairs
    )
    widget.edits, widget.shown_pass = HeadOff(0, 1), "difference"
    after, before = (
        np.stack([trace.without_special().attention(layer, heads=head)[0] for layer, head in pairs])
        for trace in (lab.trace_of(HeadOff(0, 1)), lab.trace)
    )
    np.testing.assert_array_equal(widget.selected_attention(), after - before)

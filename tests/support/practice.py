"""Traces of one text by models in all states, and how they are compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from attention_widget import Trace, capture
from support.models import TEXT, tokenizer

TOKENIZER = tokenizer()


def traced(model: Any) -> Trace:
    return capture(model, TEXT, tokenizer=TOKENIZER)


def assert_its_own(trace: Trace, eager: Any, atol: float = 1e-5) -> None:
    """The trace holds what the same model reports in eager mode."""
    with torch.no_grad():
        own = eager(**TOKENIZER(TEXT, return_tensors="pt"), output_attentions=True)
    assert len(trace.blocks) == len(own.attentions) > 0
    for layer, weights in enumerate(own.attentions):
        np.testing.assert_allclose(trace.attention(layer), weights[0].float(), atol=atol)


def assert_same(trace: Trace, expected: Trace) -> None:
    assert trace.tokens == expected.tokens
    assert len(trace.blocks) == len(expected.blocks) > 0
    for layer in range(expected.n_layers):
        np.testing.assert_array_equal(trace.attention(layer), expected.attention(layer))
        np.testing.assert_array_equal(trace.hidden_states(layer), expected.hidden_states(layer))

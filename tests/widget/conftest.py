"""What the tests of widget share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support import predicting
from support.in_step import TEXT
from support.traces import trace

from attention_widget import AttentionWidget, Experiment


@pytest.fixture
def made() -> Iterator[AttentionWidget]:
    widget = AttentionWidget.from_trace(trace(heads=(4, 4, 2)), layer=0)
    yield widget
    widget.close()


@pytest.fixture
def live(minilm: tuple[Any, Any]) -> Iterator[AttentionWidget]:
    model, tokenizer = minilm
    widget = AttentionWidget(model, TEXT, tokenizer=tokenizer, layer=0)
    yield widget
    widget.close()


@pytest.fixture(scope="module")
def causal() -> tuple[Any, Any]:
    """A small GPT-2 and its tokenizer."""
    return predicting.causal()


@pytest.fixture
def widget(causal: tuple[Any, Any]) -> Iterator[AttentionWidget]:
    """Of that model and a text of seven tokens."""
    model, tokenizer = causal
    made = AttentionWidget(model, predicting.NOVEL, tokenizer=tokenizer)
    yield made
    made.close()


@pytest.fixture
def lab(causal: tuple[Any, Any]) -> Experiment:
    """The experiment with the text of that widget."""
    return Experiment(causal[0], predicting.NOVEL, tokenizer=causal[1], progress=False)

"""What the tests of widget share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.in_step import TEXT
from support.traces import trace

from attention_widget import AttentionWidget


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

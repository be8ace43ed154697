"""What the tests of BertViz's signatures share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from support.reported import PAGE, SENTENCE

from attention_widget import AttentionWidget


@pytest.fixture(autouse=True)
def displayed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was displayed."""
    shown: list[Any] = []
    monkeypatch.setattr("attention_widget.bertviz.output.display", shown.append)
    return shown


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> list[AttentionWidget]:
    """What was made HTML of."""
    made: list[AttentionWidget] = []

    def to_html(widget: AttentionWidget, *, heads: Any = None) -> str:
        made.append(widget)
        return PAGE

    monkeypatch.setattr(AttentionWidget, "to_html", to_html)
    return made


@pytest.fixture(scope="module")
def bert(minilm_path: Path) -> tuple[Any, Any]:
    """(model, tokenizer), loaded as BertViz's documentation does."""
    from transformers import AutoModel, AutoTokenizer

    model = AutoModel.from_pretrained(minilm_path, output_attentions=True)
    return model, AutoTokenizer.from_pretrained(minilm_path)


@pytest.fixture(scope="module")
def read(bert: tuple[Any, Any]) -> tuple[tuple[torch.Tensor, ...], list[str]]:
    """(attention, tokens) of a sentence."""
    model, tokenizer = bert
    inputs = tokenizer.encode(SENTENCE, return_tensors="pt")
    return model(inputs).attentions, tokenizer.convert_ids_to_tokens(inputs[0])

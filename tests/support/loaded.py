"""Models as they are loaded and run."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
import transformers
from transformers import PreTrainedModel

from attention_widget import Trace
from attention_widget.tracing import capture
from support.models import TEXT, has, tiny, tokenizer

TOKENIZER = tokenizer()


def load(family: str, attn_implementation: str, **settings: Any) -> PreTrainedModel:
    if not has(family):
        pytest.skip(f"transformers {transformers.__version__} has no {family}")
    try:
        return tiny(family, attn_implementation, **settings)
    except ValueError as error:
        if "does not support an attention implementation" not in str(error):
            raise
        pytest.skip(f"{family} has no {attn_implementation} in {transformers.__version__}")


def run(model: PreTrainedModel, **options: Any) -> Any:
    """The model's own pass, on a copy: output_hidden_states leaves hooks behind."""
    inputs = TOKENIZER(TEXT, return_tensors="pt")
    with torch.no_grad():
        return copy.deepcopy(model)(**inputs, **options)


def traced(model: PreTrainedModel) -> Trace:
    return capture(model, TEXT, tokenizer=TOKENIZER)

"""What a model is given of a text."""

from __future__ import annotations

from typing import Any

from transformers import PreTrainedModel

from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.tracer import Tracer


def encode(
    model: PreTrainedModel,
    text: str,
    text_pair: str | None = None,
    tokenizer: Any = None,
    truncation: bool = False,
) -> Encoded:
    tracer = Tracer(model, tokenizer)
    return tracer.encode(tracer.prompt(text, text_pair), truncation)

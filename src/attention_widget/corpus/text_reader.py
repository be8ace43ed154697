"""The part of a model that reads the texts of a corpus."""

from __future__ import annotations

from typing import Any

from attention_widget.tracing.inputs.text import has_decoder
from attention_widget.tracing.tracer import Tracer


def part_that_reads(model: Any) -> Any:
    """Of an encoder-decoder its encoder, else the model."""
    return model.get_encoder() if has_decoder(model) else model


def tracer_of_texts(tracer: Tracer) -> Tracer:
    """A tracer of the part that reads texts; the same one where that is the whole."""
    part = part_that_reads(tracer.model)
    if part is tracer.model:
        return tracer
    return Tracer(
        part, tracer.tokenizer, memory_limit=tracer.memory_limit, progress=tracer.progress
    )

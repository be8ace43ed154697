"""Attention itself, and attention times the length of value vectors."""

from __future__ import annotations

import numpy as np

from attention_widget.experiments.measuring.question import Question
from attention_widget.trace.block import Array, Block
from attention_widget.tracing.model.errors import UnsupportedModelError


def attention(question: Question) -> Array:
    """α (head, query, key)."""
    assert question.operation is not None
    return question.operation.attention()


def value_weighted(question: Question) -> Array:
    """α ‖v‖ (head, query, key)."""
    block = block_of(question, "value_weighted")
    value = block.value.float()
    group = block.n_heads // block.n_kv_heads
    lengths: Array = value.norm(dim=-1).repeat_interleave(group, 0).numpy()  # (head, key)
    return weighted_by(block, lengths)


def weighted_by(block: Block, lengths: Array) -> Array:
    """Attention (head, query, key), each key times a length of its own (head, key)."""
    weights = block.attention()
    np.multiply(weights, lengths[:, None], out=weights, where=weights != 0)  # 0 · inf is 0 too
    return weights


def block_of(question: Question, measure: str) -> Block:
    """The attention of the layer with its values; UnsupportedModelError without them."""
    block = question.operation
    if not isinstance(block, Block) or not block.value.shape[2]:
        raise UnsupportedModelError(
            question.model,
            f"has no known values in {question.kind} layer {question.layer}, only attention, so it "
            f"has no {measure!r}; 'attention' and 'rollout' need none",
        )
    return block

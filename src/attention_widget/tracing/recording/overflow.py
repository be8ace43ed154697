"""Rows that overflowed in the model, and so are NaN there.

In half precision the logits may overflow, and the model's probabilities are NaN, where the same
queries and keys give finite ones in float32. The model's output shows it, and a trace has NaN too.
"""

from __future__ import annotations

import math

import torch

from attention_widget.trace.block import Block


def overflowed(block: Block, output: torch.Tensor) -> torch.Tensor | None:
    """Rows (head, query) of a block that are not finite in its output (query, head, dim), though
    all their queries, visible keys and values are; None if there are none."""
    if math.isfinite(output.sum(dtype=torch.float32).item()):
        return None
    lost = ~output.isfinite().all(-1).transpose(0, 1).cpu()  # (head, query)
    lost &= block.query.isfinite().all(-1)
    sound = block.key.isfinite().all(-1) & block.value.isfinite().all(-1)  # (kv_head, key)
    groups = len(lost) // len(sound)
    rows = torch.arange(lost.shape[1], dtype=torch.long, device="cpu")
    visible = block.mask.visible(rows)  # (head or 1, query, key)
    reached = (~sound.repeat_interleave(groups, 0)[:, None] & visible).any(-1)
    lost &= ~reached
    return lost if bool(lost.any()) else None

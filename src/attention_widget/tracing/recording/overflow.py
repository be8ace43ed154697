"""What is not finite in the model is not finite in the picture.

In half precision logits overflow, and the model's probabilities are NaN, where the same queries
and keys give clean ones in float32. The output shows it.
"""

from __future__ import annotations

import math

import torch

from attention_widget.tracing.recording.records import Record


def left_unfinished(record: Record, output: torch.Tensor) -> None:
    """Make NaN, in a record, the probabilities of each row that is not finite in its output
    (query, head, dim) though all that it is made of is.

    A sink that is NaN does it, and one that is next to nothing leaves the other rows alone.
    """
    if math.isfinite(output.sum(dtype=torch.float32).item()):
        return
    lost = ~output.isfinite().all(-1).transpose(0, 1).cpu()  # (head, query)
    lost &= record.query.isfinite().all(-1)
    sound = record.key.isfinite().all(-1) & record.value.isfinite().all(-1)  # (kv_head, key)
    groups = len(lost) // len(sound)
    rows = torch.arange(lost.shape[1], dtype=torch.long, device="cpu")
    visible = record.mask.visible(rows)  # (head or 1, query, key)
    reached = (~sound.repeat_interleave(groups, 0)[:, None] & visible).any(-1)
    lost &= ~reached
    if not bool(lost.any()):
        return
    sinks = record.sinks
    if sinks is None:
        sinks = torch.full(
            lost.shape, torch.finfo(torch.float32).min, dtype=torch.float32, device="cpu"
        )
    elif sinks.ndim == 1:
        sinks = sinks[:, None].expand(lost.shape)
    record.sinks = sinks.float().masked_fill(lost, float("nan"))

"""What each head writes: its part of the output projection, found by what a module is given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch

from attention_widget.tracing.recording.rounding import near


@dataclass(frozen=True, eq=False)
class Written:
    """What heads write at some positions: (head, position, hidden), and the bias of their
    projection (position, hidden); their sum, (position, hidden), is what it gave out."""

    heads: torch.Tensor
    bias: torch.Tensor
    whole: torch.Tensor


def written_by(
    z: torch.Tensor, candidates: Iterable[tuple[torch.nn.Module, torch.Tensor]]
) -> Written | None:
    """What each head writes, of the heads' outputs (position, head, dim) and the modules that were
    given them side by side, each with what it gave out (position, hidden).

    Such a module is the output projection if the sum rule holds: given each head alone, it gives
    parts that sum to what it gave out. None where none is, as a gate or a norm stands between.
    """
    n_heads = z.shape[1]
    alone = torch.zeros((n_heads + 1, *z.shape), dtype=z.dtype, device=z.device)
    for head in range(n_heads):
        alone[head, :, head] = z[:, head]
    for module, whole in candidates:
        parts = module(alone.flatten(2))
        if not isinstance(parts, torch.Tensor) or parts.shape[:2] != alone.shape[:2]:
            continue
        parts = parts.float().cpu()
        bias = parts[-1]
        heads = parts[:-1] - bias
        sizes = heads.abs().amax((0, 2)) * n_heads**0.5 + bias.abs().amax(-1)
        if near(heads.sum(0) + bias, whole.float(), sizes, z.dtype):
            return Written(heads, bias, whole.float())
    return None

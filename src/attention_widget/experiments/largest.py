"""The largest numbers of long rows."""

from __future__ import annotations

from typing import Final

import torch

_BLOCK: Final = 192  # numbers in a block; the largest of many blocks are found at once


def largest(rows: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    """What ``rows.topk(k)`` gives of (row, number), but of equal numbers maybe another one.

    The ``k`` largest lie within the ``k`` blocks with the largest maxima, so few numbers of a
    vocabulary are sorted, which takes a third of the time.
    """
    n_blocks = rows.shape[-1] // _BLOCK
    if rows.device.type != "cpu" or n_blocks < 4 * k:
        return rows.topk(k, -1)
    whole = n_blocks * _BLOCK
    blocks = rows[:, :whole].unflatten(-1, (n_blocks, _BLOCK))
    chosen = blocks.amax(-1).topk(k, -1).indices  # (row, k)
    found = blocks.gather(1, chosen.unsqueeze(-1).expand(-1, -1, _BLOCK)).flatten(1)
    places = chosen.unsqueeze(-1) * _BLOCK + torch.arange(_BLOCK, dtype=torch.long, device="cpu")
    rest = torch.arange(whole, rows.shape[-1], dtype=torch.long, device="cpu")
    found = torch.cat([found, rows[:, whole:]], -1)
    places = torch.cat([places.flatten(1), rest.expand(len(rows), -1)], -1)
    best, at = found.topk(k, -1)
    return best, places.gather(-1, at)

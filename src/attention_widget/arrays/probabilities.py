"""Whether finished attention maps hold probabilities, and what they seem to hold if not."""

from __future__ import annotations

from typing import Final

import torch

_OVER: Final = 1e-2  # by which a row of bfloat16 may exceed 1


def check_probabilities(name: str, layer: int, maps: torch.Tensor) -> None:
    """ValueError for maps (head, query, key) with negative or infinite weights, or rows that sum
    to more than 1. NaN and rows that sum to less are let pass."""
    wrong = (maps < 0) | maps.isinf()
    if bool(wrong.any()):
        raise ValueError(
            f"{name} of layer {layer} hold {maps[wrong][0].item():.4g}; allowed: probabilities, "
            f"after the softmax, none negative or infinite"
        )
    sums = maps.double().sum(-1)  # (head, query)
    over = sums > 1 + _OVER
    if not bool(over.any()):
        return
    worst = sums.nan_to_num(nan=0.0).max().item()
    head, query = (sums == worst).nonzero()[0].tolist()
    raise ValueError(
        f"{name} of layer {layer}: row {query} of head {head} sums to {worst:.4g}; allowed: "
        f"probabilities, of which each row (query) sums to 1 or less{_advice(maps, sums)}"
    )


def _advice(maps: torch.Tensor, sums: torch.Tensor) -> str:
    columns = maps.double().sum(-2)
    if bool(((columns - 1).abs() < _OVER).all()):
        return "; here the columns do, so the axes are (key, query): swap the last two"
    mean = sums.mean().item()
    if bool(((sums - mean).abs() < _OVER * mean).all()):
        return f"; here all rows sum to {mean:.4g}: divide by it (a sum over heads, or per cent?)"
    if bool((maps > 1).any()):
        return "; these may be scores: take the softmax over the keys first"
    return "; dropout makes rows like these: call model.eval() first"

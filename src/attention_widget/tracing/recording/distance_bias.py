"""Biases of attention that follow from the distance of query and key alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch

from attention_widget.trace.block import Block

_ROUNDING: Final = 64
"""Last places by which biases may differ that were found as what is added to a product."""

_SAMPLED: Final = 64  # queries whose biases are held against each other


@dataclass(frozen=True, eq=False)
class ByDistance:
    """Biases (head, distance), query − key from 1 − n to n − 1, NaN where no query sees such a key;
    and how far rounding may put them from each other."""

    values: torch.Tensor
    tolerance: float


def bias_by_distance(block: Block, real: torch.Tensor | None = None) -> ByDistance | None:
    """The bias of a block by distance; None where it depends on more than the distance.

    A number that all keys of a query have in common changes no attention. It is taken away where
    the bias is none of the distance with it: ALiBi's implementations add what grows with the key's
    position. ``real`` (token,) says which tokens are no padding.
    """
    bias = block.bias
    if bias is None or block.n_queries != block.n_keys:
        return None
    n = block.n_keys
    places = torch.arange(n, dtype=torch.int64, device="cpu")
    queries = places if real is None else places[real]
    if not len(queries):
        return None
    span = (0, len(queries) - 1, min(len(queries), _SAMPLED))
    few = torch.linspace(*span, dtype=torch.float64, device="cpu")
    rows = queries[few.round().long().unique()]
    given = (bias if bias.shape[1] == 1 else bias[:, rows]).double()
    given = given.expand(bias.shape[0], len(rows), n)
    seen = block.mask.visible(rows)
    if real is not None:
        seen = seen & real
    seen = seen.expand(given.shape)
    distance = (rows[:, None] - places + n - 1).expand(given.shape).reshape(len(given), -1)
    step = torch.finfo(bias.dtype).eps
    tolerance = _ROUNDING * step * max(1.0, float(given.abs().max()))
    own = given.gather(2, rows[None, :, None].expand(len(given), -1, 1))
    for each in (given, given - own):
        values = torch.full((len(given), 2 * n - 1), torch.nan, dtype=torch.float64, device="cpu")
        ends = [_ends(each, seen, distance, values, sign) for sign in (1.0, -1.0)]
        low, high = ends
        if not bool((high - low > tolerance).any()):
            return ByDistance(low, tolerance)
    return None


def is_alibi(found: ByDistance) -> bool:
    """Whether it falls with the distance by a slope, on each side where it is known.

    >>> import torch
    >>> is_alibi(ByDistance(-0.5 * torch.arange(-2.0, 3.0).abs()[None], 1e-6))
    True
    """
    values = found.values
    n = (values.shape[1] + 1) // 2
    if n < 2:
        return False
    steps = torch.arange(1 - n, n, dtype=values.dtype, device="cpu").abs()
    slopes = -values[:, -1:] / (n - 1)
    error = (values + slopes * steps).abs().nan_to_num(0.0)
    return bool((slopes > 0).all()) and float(error.max()) <= found.tolerance


def _ends(
    bias: torch.Tensor,
    seen: torch.Tensor,
    distance: torch.Tensor,
    nothing: torch.Tensor,
    sign: float,
) -> torch.Tensor:
    """The least of each distance with a sign of 1, the largest with -1."""
    far = torch.where(seen, sign * bias, torch.full_like(bias, torch.inf)).reshape(len(bias), -1)
    least = torch.full_like(nothing, torch.inf).scatter_reduce(1, distance, far, "amin")
    return torch.where(least.isinf(), nothing, sign * least)

"""How far queries look, from a few sums of their weights.

``Σ p |q - k|`` and its variance would take several readings and writings of every weight. Instead
the keys are cut into stretches between *knots*. A function of the key that is linear in each
stretch is known by its values at the knots, and of one with the square ``k²`` only
``(k - a)(b - k)`` is missing in the stretch from ``a`` to ``b``. ``|q - k|`` has its bend at the
query: what that changes is in the query's own stretch, and is all that is looked at weight by
weight. The rest are columns beside the values, in weights × values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import torch

_LONGEST: Final = 64  # keys of a stretch; it is squared, so that longer ones would round more
_STRETCHES: Final = 11  # their knots and what else is asked are 16 columns: a step of BLAS


class Knots:
    """Those of so many keys."""

    def __init__(self, n: int, device: torch.device) -> None:
        self.apart = apart = min(-(-n // _STRETCHES), _LONGEST)
        keys = torch.arange(n, dtype=torch.float32, device=device)
        count = -(-n // apart) + 1
        self._at = torch.arange(count, dtype=torch.float32, device=device) * apart
        into = torch.remainder(keys, apart)
        hats = (apart - (keys[:, None] - self._at).abs()).clamp_(min=0)
        self.columns = torch.cat([hats, (into * (apart - into))[:, None]], 1)
        """(key, column): what weights are to be multiplied with, whole numbers."""
        self._away = (keys - self._at[:, None]).abs_()[:, None]  # (knot, 1, query)
        into = into[:apart]
        query, key = into[:, None], into
        straight = query + key - 2 * query * key / apart  # between the distances to both knots
        self._bend = (query - key).abs() - straight  # (query, key) of a stretch

    def stretches(
        self, weights: torch.Tensor, first: int, into: torch.Tensor
    ) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
        """The weights (map, query, key) in the queries' own stretches, what they are to be
        multiplied with, and where the sums over keys go, which are a part of ``into`` (map,
        query): what the bend of the distance changes. The ``first`` query of the weights is at a
        knot."""
        size = self.apart
        whole, rest = divmod(weights.shape[1], size)
        maps, down, along = weights.stride()
        if whole:
            shape, step = (len(weights), whole, size, size), size * (down + along)
            start = weights.storage_offset() + first * along
            own = weights.as_strided(shape, (maps, step, down, along), start)
            yield own, self._bend, into[:, : whole * size].unflatten(1, (whole, size))
        if rest:
            begin = whole * size
            own = weights[:, begin:, first + begin : first + begin + rest]
            yield own, self._bend[:rest, :rest], into[:, begin:]

    def distances(
        self, sums: torch.Tensor, bend: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The mean distance of each query (map, query) and its variance, from the sums of its
        weights times ``columns`` (column, map, query) and from what the bend changes."""
        hats, square = sums[:-1] / self.apart, sums[-1]
        distance = (hats * self._away).sum(0).add_(bend)
        variance = hats.mul_((self._away - distance).square_()).sum(0)
        return distance, variance.sub_(square).sub_(2 * distance * bend).clamp_(min=0)

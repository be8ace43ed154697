"""The weights of single pairs of a query and a key, added up by what is asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from attention_widget.measures.detectors import CASES


class Pairs:
    """Those of some texts: of each text for each of ``CASES`` the queries and their keys."""

    def __init__(
        self, of_texts: Sequence[Sequence[tuple[NDArray[Any], NDArray[Any]]]], device: torch.device
    ) -> None:
        parts = [
            np.stack([np.full(len(queries), text), np.full(len(queries), case), queries, keys])
            for text, cases in enumerate(of_texts)
            for case, (queries, keys) in enumerate(cases)
        ]
        self._held: NDArray[Any] = np.concatenate(parts, 1)  # text, case, query, key
        self._device = device
        self._places: dict[tuple[int, ...], tuple[torch.Tensor, torch.Tensor]] = {}

    def add(
        self,
        weights: torch.Tensor,
        maps: slice,
        rows: slice,
        n_heads: int,
        cases: torch.Tensor,
    ) -> None:
        """Add those among weights (map, query, key) of some rows to ``cases`` (head, text and
        case)."""
        n_maps = maps.stop - maps.start
        heads = slice(maps.start % n_heads, maps.start % n_heads + min(n_maps, n_heads))
        places, sorts = self._of(rows, weights.shape[2], heads.stop - heads.start)
        if len(sorts):
            found = weights.view(-1).index_select(0, places).view(-1, len(sorts))
            _add_up(found, sorts, cases[heads])

    def _of(self, rows: slice, width: int, n_heads: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Where the pairs are in a chunk (head and pair), and the text and case of each pair."""
        asked = (rows.start, rows.stop, width, n_heads)
        if asked not in self._places:
            text, case, query, key = self._held
            inside = (query >= rows.start) & (query < rows.stop)
            text, case, query, key = self._held[:, inside]
            height = rows.stop - rows.start
            head = np.arange(n_heads)[:, None]
            flat = ((text * n_heads + head) * height + query - rows.start) * width + key
            self._places[asked] = (
                torch.from_numpy(flat.reshape(-1)).to(self._device),
                torch.from_numpy(text * len(CASES) + case).to(self._device),
            )
        return self._places[asked]


def _add_up(found: torch.Tensor, sorts: torch.Tensor, into: torch.Tensor) -> None:
    """Add what was found (head, pair), of sorts in order (pair,), to its sort (head, sort)."""
    if found.device.type != "cpu":
        into.index_add_(1, sorts, found.double())
        return
    of_pairs = sorts.numpy()
    starts = np.flatnonzero(np.diff(of_pairs, prepend=-1))
    sums = np.add.reduceat(found.numpy(), starts, 1, dtype=np.float64)
    into.numpy()[:, of_pairs[starts]] += sums

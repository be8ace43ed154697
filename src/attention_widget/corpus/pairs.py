"""The weights of single pairs of a query and a key, added up by what is asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from attention_widget.measures.detectors import CASES


@dataclass(frozen=True, eq=False)
class Chosen:
    """Some pairs, in the order of what they are added to."""

    places: torch.Tensor  # (head and pair,) where they are in weights that are laid out flat
    sorts: torch.Tensor  # (pair,) the text and case of each
    starts: NDArray[np.intp]  # (sort,) the first pair of each text and case that has any
    found: NDArray[np.intp]  # (sort,) which these are

    def add(self, weights: torch.Tensor, into: torch.Tensor) -> None:
        """Add those among the weights to ``into`` (head, text and case)."""
        if not len(self.starts):
            return
        weights = weights.index_select(0, self.places).view(len(into), -1).double()
        if weights.device.type == "cpu":
            into.numpy()[:, self.found] += np.add.reduceat(weights.numpy(), self.starts, 1)
        else:
            into.index_add_(1, self.sorts, weights)


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
        self._chosen: dict[tuple[int, ...], Chosen] = {}

    def among(self, rows: slice, width: int, n_heads: int) -> Chosen:
        """The pairs of some rows, in the weights (text and head, query, key) of these to the first
        ``width`` keys."""
        asked = (rows.start, rows.stop, width, n_heads)
        if asked not in self._chosen:
            inside = (self._held[2] >= rows.start) & (self._held[2] < rows.stop)
            text, case, query, key = self._held[:, inside]
            height = rows.stop - rows.start
            head = np.arange(n_heads)[:, None]
            flat = ((text * n_heads + head) * height + query - rows.start) * width + key
            sorts = text * len(CASES) + case
            starts = np.flatnonzero(np.diff(sorts, prepend=-1))
            self._chosen[asked] = Chosen(
                # half as many bytes to read as of 64-bit numbers
                torch.from_numpy(flat.reshape(-1).astype(np.int32)).to(self._device),
                torch.from_numpy(sorts).to(self._device),
                starts,
                sorts[starts],
            )
        return self._chosen[asked]

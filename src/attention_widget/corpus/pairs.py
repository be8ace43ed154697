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
        held: NDArray[Any] = np.concatenate(parts, 1)  # text, case, query, key
        order = np.argsort(held[2], kind="stable")
        self._held = held[:, order]  # those of some rows beside each other
        self._device = device
        self._places: dict[tuple[int, ...], tuple[slice, torch.Tensor]] = {}
        self._n_sorts = len(of_texts) * len(CASES)
        self._back = torch.from_numpy(np.argsort(order)).to(device)
        sorts = held[0] * len(CASES) + held[1]
        self._starts = np.flatnonzero(np.diff(sorts, prepend=-1))
        self._found = sorts[self._starts]

    def __len__(self) -> int:
        return len(self._back)

    def sums(self, taken: torch.Tensor) -> torch.Tensor:
        """Of all pairs (head, pair) the sums (text, case, head)."""
        n_heads = len(taken)
        sums = np.zeros((n_heads, self._n_sorts))
        if len(self._starts):
            ordered = taken.index_select(1, self._back).cpu().double().numpy()
            sums[:, self._found] = np.add.reduceat(ordered, self._starts, 1)
        by_text = sums.T.reshape(-1, len(CASES), n_heads)
        return torch.from_numpy(by_text).to(self._device)

    def among(self, rows: slice, width: int, n_heads: int) -> tuple[slice, torch.Tensor]:
        """Which pairs are of queries among some rows, and where they are in the weights of these
        (text and head, query, key), laid out flat: (head and pair,)."""
        asked = (rows.start, rows.stop, width, n_heads)
        if asked not in self._places:
            first, last = np.searchsorted(self._held[2], (rows.start, rows.stop))
            pairs = slice(int(first), int(last))
            text, _, query, key = self._held[:, pairs]
            height = rows.stop - rows.start
            head = np.arange(n_heads)[:, None]
            flat = ((text * n_heads + head) * height + query - rows.start) * width + key
            places = torch.from_numpy(flat.reshape(-1).astype(np.int32))  # half as much to read
            self._places[asked] = pairs, places.to(self._device)
        return self._places[asked]

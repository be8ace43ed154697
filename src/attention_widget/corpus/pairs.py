"""The weights of single pairs of a query and a key, added up by what is asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from attention_widget.corpus.places import Places
from attention_widget.corpus.row_sums import sum_products
from attention_widget.measures.detectors import CASES


@dataclass(frozen=True, eq=False)
class Chosen:
    """Some pairs, in the order in which weights lie in memory."""

    places: torch.Tensor  # (head and pair,) where they are in exponentials that are laid out flat
    queries: torch.Tensor  # (head and pair,) where their queries are in rows laid out flat
    members: torch.Tensor  # (pair, text and case) float64: 1 where it is one of these
    repeating: Sequence[Repeating]

    def add(self, exponentials: torch.Tensor, shares: torch.Tensor, into: torch.Tensor) -> None:
        """Add the weights among these (map, query, key), which are exponentials times the shares of
        their rows (map, query), to ``into`` (head, text and case)."""
        if len(self.members):
            weights = exponentials.view(-1).index_select(0, self.places)
            weights *= shares.view(-1).index_select(0, self.queries)
            into.addmm_(weights.view(len(into), -1).double(), self.members)
        for each in self.repeating:
            each.add(exponentials, shares, into)


@dataclass(frozen=True, eq=False)
class Repeating:
    """The pairs in some rows of a text that has too many to name each, as one has that repeats a
    word some thousand times: they are made anew for every layer, and forgotten."""

    text: int
    n_texts: int
    places: Places
    rows: slice
    width: int

    def add(self, exponentials: torch.Tensor, shares: torch.Tensor, into: torch.Tensor) -> None:
        """As ``Chosen`` does."""
        n = self.places.n_tokens
        _, height, width = exponentials.shape
        own = exponentials.view(self.n_texts, -1, height, width)[self.text]
        share = shares.view(self.n_texts, -1, height)[self.text].double()
        device = exponentials.device
        mask = torch.zeros((height, width), dtype=torch.float32, device=device)
        sums = torch.empty(own.shape[:2], dtype=torch.float32, device=device)
        queries = np.arange(self.rows.start, min(self.rows.stop, n))
        for case, found in enumerate(self.places.sets.of_rows(queries)):
            known = found[:, :width]
            mask[: len(queries), : known.shape[1]] = torch.from_numpy(known).to(device)
            sum_products(own, mask, sums)
            into[:, self.text * len(CASES) + case] += (sums * share).sum(-1)


class Pairs:
    """Those of some texts."""

    def __init__(self, texts: Sequence[Places], device: torch.device) -> None:
        self._texts, self._device = texts, device
        self._chosen: dict[tuple[int, ...], Chosen] = {}

    def among(self, rows: slice, width: int, n_heads: int) -> Chosen:
        """The pairs of some rows, in the weights (text and head, query, key) of these to the first
        ``width`` keys."""
        asked = (rows.start, rows.stop, width, n_heads)
        if asked not in self._chosen:
            self._chosen[asked] = self._choose(rows, width, n_heads)
        return self._chosen[asked]

    def _choose(self, rows: slice, width: int, n_heads: int) -> Chosen:
        height, heads = rows.stop - rows.start, np.arange(n_heads)[:, None]
        queries, keys, members = [], [], []
        for text, one in enumerate(self._texts):
            if one.pairs is None:
                continue
            query, key, cases = one.pairs
            inside = (query >= rows.start) & (query < rows.stop) & (key < width)
            queries.append(text * n_heads * height + query[inside] - rows.start)
            keys.append(key[inside])
            of_text = np.zeros((len(keys[-1]), len(self._texts), len(CASES)))
            of_text[:, text] = cases[:, inside].T
            members.append(of_text.reshape(len(of_text), len(self._texts) * len(CASES)))
        row = np.concatenate([np.zeros(0, np.intp), *queries]) + heads * height
        flat = row * width + np.concatenate([np.zeros(0, np.intp), *keys])
        places, rows_of_pairs = (  # half the bytes to read that there are in 64-bit numbers
            torch.from_numpy(each.reshape(-1).astype(np.int32)).to(self._device)
            for each in (flat, row)
        )
        nothing = np.zeros((0, len(self._texts) * len(CASES)))
        return Chosen(
            places,
            rows_of_pairs,
            torch.from_numpy(np.concatenate([nothing, *members])).to(self._device),
            [
                Repeating(text, len(self._texts), one, rows, width)
                for text, one in enumerate(self._texts)
                if one.pairs is None and one.n_tokens > rows.start
            ],
        )

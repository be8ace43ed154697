"""Of each head the texts in which it attends most to one token: the highest weights of a corpus."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from attention_widget.corpus.findings import TextFindings
from attention_widget.corpus.kept_texts import Place


class Strongest:
    """The ``count`` highest weights of each head, in order: by weight downwards, then by place. So
    the same edges are left in whatever order the texts came.

    The arrays are (head, rank); the place (-1, -1) is an empty one. ``rows`` holds the whole row of
    each edge's query by (head, place)."""

    def __init__(self, n_heads: int, count: int) -> None:
        self.count = count
        shape = n_heads, count
        self.weights = np.full(shape, -1, np.float32)
        self.numbers = np.full(shape, -1, np.int64)
        self.pieces = np.full(shape, -1, np.int32)
        self.queries = np.full(shape, -1, np.int32)
        self.keys = np.full(shape, -1, np.int32)
        self.rows: dict[tuple[int, Place], NDArray[np.float32]] = {}

    def wants(self, number: int, piece: int, weights: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Of which heads an edge of this weight (head,) would be among the highest."""
        if not self.count:
            return np.zeros(len(weights), bool)
        last = self.weights[:, -1]
        before = (number < self.numbers[:, -1]) | (
            (number == self.numbers[:, -1]) & (piece < self.pieces[:, -1])
        )
        wanted: NDArray[np.bool_] = (weights > last) | ((weights == last) & before)
        return wanted

    def add(self, findings: TextFindings) -> bool:
        """Whether any edge of the text is among the highest."""
        number, piece = findings.number, findings.piece
        wanted = self.wants(number, piece, findings.weights) & (findings.queries >= 0)
        for head in np.flatnonzero(wanted).tolist():
            edge = findings.weights[head], findings.queries[head], findings.keys[head]
            self._insert(head, (number, piece), edge, findings.rows[head])
        return bool(wanted.any())

    def merge(self, other: Strongest) -> None:
        for head, rank in np.argwhere(other.numbers >= 0).tolist():
            number, piece = int(other.numbers[head, rank]), int(other.pieces[head, rank])
            weight = other.weights[head, rank]
            if not self.wants(number, piece, np.full(len(self.weights), weight))[head]:
                continue
            edge = weight, other.queries[head, rank], other.keys[head, rank]
            row = other.rows[head, (number, piece)]
            self._insert(head, (number, piece), edge, row)

    def places(self) -> set[Place]:
        held = self.numbers >= 0
        return set(zip(self.numbers[held].tolist(), self.pieces[held].tolist(), strict=True))

    def _insert(
        self,
        head: int,
        place: Place,
        edge: tuple[np.float32, np.int32, np.int32],
        row: NDArray[np.float32],
    ) -> None:
        last = (int(self.numbers[head, -1]), int(self.pieces[head, -1]))
        self.rows.pop((head, last), None)
        self.rows[head, place] = np.array(row, np.float32)
        keys = list(
            zip(-self.weights[head, :-1], self.numbers[head], self.pieces[head], strict=False)
        )
        at = sum(key < (-edge[0], *place) for key in keys if key[1] >= 0)
        for array, value in (
            (self.weights, edge[0]),
            (self.numbers, place[0]),
            (self.pieces, place[1]),
            (self.queries, edge[1]),
            (self.keys, edge[2]),
        ):
            array[head, at + 1 :] = array[head, at:-1].copy()
            array[head, at] = value

"""What is found in one text while its layers pass by, layer by layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from attention_widget.corpus.edges import edges_of
from attention_widget.corpus.findings import TextFindings
from attention_widget.corpus.heads import Heads
from attention_widget.corpus.stretch import Stretch
from attention_widget.corpus.summaries import Wanted
from attention_widget.measures.key_sets import key_sets
from attention_widget.measures.summaries import summary_sums
from attention_widget.trace.grouping import Operation
from attention_widget.trace.kind import Kind


class Found:
    """Gathers the findings of one stretch of a text."""

    def __init__(self, stretch: Stretch, heads: Heads, wanted: Wanted) -> None:
        self.stretch = stretch
        self._heads, self._wanted = heads, wanted
        n_heads, n_tokens = len(heads), len(stretch)
        self.sums = np.zeros((len(wanted.names), n_heads))
        self.counts = np.zeros(self.sums.shape, np.int64)
        self.queries = np.full(n_heads, -1, np.int32)
        self.keys = np.full(n_heads, -1, np.int32)
        self.weights = np.zeros(n_heads, np.float32)
        self.rows = np.zeros((n_heads, n_tokens), np.float32)

    @property
    def kind(self) -> Kind:
        return self._heads.kind

    @property
    def has_own(self) -> bool:
        """Whether a user's functions are to be asked."""
        return bool(self._wanted.own)

    def add(self, operation: Operation, layer: int) -> None:
        """Add the attention of one layer (head, token, token)."""
        tokens = self.stretch.encoded.tokens
        sets = key_sets(tokens, self.kind)
        total, count = summary_sums(operation, sets, np.arange(len(tokens)))
        place, chosen = self._heads.of_layer[layer], self._wanted.rows
        self.sums[: len(chosen), place] = total[chosen]
        self.counts[: len(chosen), place] = count[chosen].astype(np.int64)
        edges = edges_of(operation, tokens)
        self.queries[place], self.keys[place] = edges.queries, edges.keys
        self.weights[place], self.rows[place] = edges.weights, edges.rows
        self.add_own(operation, layer)

    def add_own(self, operation: Operation, layer: int) -> None:
        """Add what a user's functions say of one layer."""
        if self.has_own:
            place, first = self._heads.of_layer[layer], len(self._wanted.rows)
            own = self._wanted.own_sums(operation, self.stretch.encoded.tokens)
            self.sums[first:, place], self.counts[first:, place] = own

    def take(
        self,
        layer: int,
        counts: NDArray[np.int64],
        sums: NDArray[np.float64],
        queries: NDArray[np.int64],
        keys: NDArray[np.int64],
        weights: NDArray[np.float32],
        rows: NDArray[np.float32],
    ) -> None:
        """Take over what became of the attention of one layer: of all of ``HEAD_SUMMARIES`` the
        counts (summary,) and sums (summary, head), and the strongest edges (head,), whose rows
        (head, key) may be padded."""
        place, chosen = self._heads.of_layer[layer], self._wanted.rows
        self.sums[: len(chosen), place] = sums[chosen]
        self.counts[: len(chosen), place] = counts[chosen, None]
        self.queries[place], self.keys[place] = queries, keys
        self.weights[place], self.rows[place] = weights, rows[:, : self.rows.shape[1]]

    @property
    def is_sound(self) -> bool:
        """Whether every row of attention has numbers, once all layers have passed."""
        return bool(np.isfinite(self.sums).all())

    def findings(self) -> TextFindings:
        """What was found, once all layers have passed."""
        tokens = self.stretch.encoded.tokens
        return TextFindings(
            number=self.stretch.number,
            piece=self.stretch.piece,
            text=self.stretch.text,
            token_ids=np.array([token.id or 0 for token in tokens], np.int32),
            labels=tuple(token.label for token in tokens),
            sums=self.sums,
            counts=self.counts,
            queries=self.queries,
            keys=self.keys,
            weights=self.weights,
            rows=self.rows,
        )

"""What is found in one text while its layers pass by, layer by layer."""

from __future__ import annotations

import numpy as np

from attention_widget.corpus.edges import Edges, edges_of
from attention_widget.corpus.findings import TextFindings
from attention_widget.corpus.heads import Heads
from attention_widget.corpus.stretch import Stretch
from attention_widget.corpus.summaries import Wanted
from attention_widget.measures.key_sets import KeySets, key_sets
from attention_widget.measures.summaries import summary_sums
from attention_widget.trace.grouping import Operation


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
        self.sets: KeySets = key_sets(stretch.encoded.tokens, heads.kind)

    def add(self, operation: Operation, layer: int) -> None:
        """Add the attention of one layer (head, token, token)."""
        rows = np.arange(len(self.stretch))
        total, count = summary_sums(operation, self.sets, rows)
        place, chosen = self._heads.of_layer[layer], self._wanted.rows
        n_builtin = len(chosen)
        self.sums[:n_builtin, place] = total[chosen]
        self.counts[:n_builtin, place] = count[chosen].astype(np.int64)
        if self._wanted.own:
            own = self._wanted.own_sums(operation, len(rows))
            self.sums[n_builtin:, place], self.counts[n_builtin:, place] = own
        self.put(layer, edges_of(operation, self.stretch.encoded.tokens))

    def put(self, layer: int, edges: Edges) -> None:
        """Set the strongest edges of the heads of a layer."""
        place = self._heads.of_layer[layer]
        self.queries[place], self.keys[place] = edges.queries, edges.keys
        self.weights[place], self.rows[place] = edges.weights, edges.rows

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

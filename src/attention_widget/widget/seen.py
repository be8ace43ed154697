"""The attention as the views show it: of the selected heads, between tokens or words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from attention_widget.errors import RefusedError
from attention_widget.protocol.catalogue import grouped
from attention_widget.trace.block import Array
from attention_widget.trace.grouping import Operation
from attention_widget.trace.passage import rows_of
from attention_widget.trace.token import Token, units
from attention_widget.trace.trace import Trace


@dataclass(frozen=True)
class Seen:
    """What a widget with these choices shows of a trace."""

    trace: Trace
    choices: Mapping[str, Any]

    def tokens(self) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
        """Of the rows and of the columns: tokens, or words as one token each."""
        return self._grouped().sides(self.choices["attention_kind"])

    def attention(self) -> Array:
        """(head, query, key), or (pair, query, key)."""
        return self._attention(None)

    def weights(self) -> Array:
        """(head, key), or (pair, key), of the selected token; RefusedError where none is."""
        token, row = self.choices["token"], self._row()
        if token is None:
            raise RefusedError("token must be one of the text, got None; click on one, or set it")
        if row is None:
            raise RefusedError(
                f"token must be one that is shown, got {token}; special_tokens hides it"
            )
        return self._attention([row])[:, 0]

    def _attention(self, rows: Sequence[int] | None) -> Array:
        """Of these rows, or of all."""
        pairs = self.choices["head_pairs"]
        if not pairs:
            operation = self._operation(self.choices["layer"])
            return self._combined(operation.attention(list(self.choices["heads"]), rows))
        return np.concatenate(
            [self._operation(layer).attention([head], rows) for layer, head in pairs]
        )

    def _combined(self, attention: Array) -> Array:
        combine = self.choices["combine"]
        if combine not in ("mean", "maximum") or not len(attention):
            return attention
        both: Array = (attention.mean if combine == "mean" else attention.max)(0, keepdims=True)
        return both

    def _operation(self, layer: int) -> Operation:
        return self._grouped().operation(layer, self.choices["attention_kind"])

    def _grouped(self) -> Trace:
        return grouped(self._window()[0], self._unit, self.choices["special_tokens"])

    def _window(self) -> tuple[Trace, Sequence[int | None] | None]:
        """The trace that has the attention, and the place of its tokens in a text that was read in
        windows: the one that has the selected token, else the first."""
        if not self.trace.windows:
            return self.trace, None
        token = self.choices["token"]
        window = self.trace.windows[0] if token is None else self.trace.window(token)
        return window.trace, window.positions

    def _row(self) -> int | None:
        token, (trace, positions) = self.choices["token"], self._window()
        if positions is not None and token is not None:
            token = positions.index(token)
        queries, _ = trace.sides(self.choices["attention_kind"])
        if self._unit == "passages" and queries is trace.tokens:
            groups = rows_of(trace.passages, len(queries))
        else:
            groups = units(queries, self._unit == "words")
        hides = self.choices["special_tokens"] != "show"
        shown = [[one for one in each if not (hides and queries[one].special)] for each in groups]
        return next((row for row, group in enumerate(filter(None, shown)) if token in group), None)

    @property
    def _unit(self) -> str:
        if self.choices["passage_rows"]:
            return "passages"
        return "words" if self.choices["words"] else "tokens"

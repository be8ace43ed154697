"""A trace with its tokens in other places, between which others may stand that it does not have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from attention_widget.trace.block import Array, Block, Maps
from attention_widget.trace.grouping import Grouped
from attention_widget.trace.indices import Indices, indices_of
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace

Places = tuple[int | None, ...]
"""Of each place the token that stands there."""


@dataclass(frozen=True, eq=False, repr=False)
class Placed(Grouped):
    """Attention between places; NaN from and to those where there is no token."""

    def attention(self, heads: Indices | None = None, queries: Indices | None = None) -> Array:
        """(head, query, key)"""
        rows = indices_of("query", queries, self.n_queries)
        weights: Array = super().attention(heads, rows).copy()
        weights[:, [place for place, row in enumerate(rows) if not self.query_groups[row]]] = np.nan
        weights[:, :, [key for key, group in enumerate(self.key_groups) if not group]] = np.nan
        return weights


def placed_trace(
    trace: Trace,
    places: Places,
    tokens: Sequence[Token],
    target_places: Places | None = None,
    target_tokens: Sequence[Token] = (),
) -> Trace:
    """The trace between places, which have these tokens, and of a target between those of its
    own."""
    maps = []
    for one in trace.operations:
        assert isinstance(one, Block | Maps | Grouped)
        queries, keys = (
            _groups(places if side is trace.tokens else target_places or places)
            for side in trace.sides(one.kind)
        )
        maps.append(Placed(one, queries, keys))
    target = trace.target
    if target is not None and target_places is not None:
        target = replace(
            target,
            tokens=tuple(target_tokens),
            hidden=_states(target.hidden, target_places),
            word_rows=_rows(target.word_rows, target_places),
        )
    return replace(
        trace,
        tokens=tuple(tokens),
        hidden=_states(trace.hidden, places),
        blocks=(),
        maps=tuple(maps),
        target=target,
        passages=(),
        word_rows=_rows(trace.word_rows, places),
    )


def _groups(places: Places) -> tuple[tuple[int, ...], ...]:
    return tuple(() if token is None else (token,) for token in places)


def _states(hidden: tuple[torch.Tensor, ...], places: Places) -> tuple[torch.Tensor, ...]:
    """Hidden states of places; NaN where there is no token."""
    at = torch.tensor([token or 0 for token in places], dtype=torch.long, device="cpu")
    lacking = torch.tensor([token is None for token in places], dtype=torch.bool, device="cpu")
    return tuple(
        states[at].masked_fill(lacking[:, None], torch.nan) if len(states) else states
        for states in hidden
    )


def _rows(rows: torch.Tensor | None, places: Places) -> torch.Tensor | None:
    return None if rows is None else _states((rows,), places)[0]

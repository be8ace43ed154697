"""Where in a text its summaries look: pairs of a query and a key, and sorts of keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attention_widget.measures.detectors import CASES, HEAD_SUMMARIES
from attention_widget.measures.key_sets import key_sets
from attention_widget.trace.kind import Kind
from attention_widget.trace.token import Token

_BETWEEN = ("previous", "next")


@dataclass(frozen=True, eq=False)
class Places:
    """Of the tokens of one text."""

    n_tokens: int
    special: NDArray[np.bool_]  # (token,)
    delimiters: NDArray[np.bool_]  # (token,)
    pairs: tuple[tuple[NDArray[np.intp], NDArray[np.intp]], ...]
    """For each of ``CASES`` the queries and their keys."""
    counts: NDArray[np.int64]
    """How many queries count (summary,) where each sees a key, as ``HEAD_SUMMARIES`` has them."""


def places_of(tokens: Sequence[Token], kind: Kind) -> Places:
    """The places of a text whose tokens attend to each other."""
    sets = key_sets(tokens, kind)
    n = len(tokens)
    special, delimiters = np.zeros((2, n), np.bool_)
    special[sets.special] = True
    delimiters[sets.delimiters] = True
    pairs = tuple(sets.pairs())
    counts = np.full(len(HEAD_SUMMARIES), n, np.int64)
    for name in _BETWEEN:
        counts[HEAD_SUMMARIES.index(name)] = n - 1
    for name, (queries, _) in zip(CASES, pairs, strict=True):
        counts[HEAD_SUMMARIES.index(name)] = len(np.unique(queries))
    if not delimiters.any():
        counts[HEAD_SUMMARIES.index("delimiter")] = 0
    return Places(n, special, delimiters, pairs, counts)

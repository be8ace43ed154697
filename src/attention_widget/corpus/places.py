"""Where in a text its summaries look: pairs of a query and a key, and sorts of keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attention_widget.measures.detectors import CASES, HEAD_SUMMARIES
from attention_widget.measures.key_sets import KeySets, key_sets
from attention_widget.trace.kind import Kind
from attention_widget.trace.token import Token

_BETWEEN = ("previous", "next")
_MOST: Final = 2**17  # pairs that are kept: those of a text of 8,000 tokens that repeats little
_AT_ONCE: Final = 2**20  # queries × keys in which they are sought

Named = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.bool_]]
"""Queries and their keys (pair,), as they lie in a map, and of which of ``CASES`` each is: (case,
pair)."""


@dataclass(frozen=True, eq=False)
class Places:
    """Of the tokens of one text."""

    n_tokens: int
    special: NDArray[np.bool_]  # (token,)
    delimiters: NDArray[np.bool_]  # (token,)
    sets: KeySets
    pairs: Named | None
    """Those of any of ``CASES``; None where there are too many, as in a text that repeats a word
    some thousand times. There ``sets`` say which they are, some rows at a time."""
    counts: NDArray[np.int64]
    """How many queries count (summary,) where each sees a key, as ``HEAD_SUMMARIES`` has them."""


def places_of(tokens: Sequence[Token], kind: Kind) -> Places:
    """The places of a text whose tokens attend to each other."""
    sets = key_sets(tokens, kind)
    n = len(tokens)
    special, delimiters = np.zeros((2, n), np.bool_)
    special[sets.special] = True
    delimiters[sets.delimiters] = True
    pairs, cases = _pairs(sets, n)
    counts = np.full(len(HEAD_SUMMARIES), n, np.int64)
    for name in _BETWEEN:
        counts[HEAD_SUMMARIES.index(name)] = n - 1
    for name, count in zip(CASES, cases, strict=True):
        counts[HEAD_SUMMARIES.index(name)] = count
    if not delimiters.any():
        counts[HEAD_SUMMARIES.index("delimiter")] = 0
    return Places(n, special, delimiters, sets, pairs, counts)


def _pairs(sets: KeySets, n: int) -> tuple[Named | None, NDArray[np.int64]]:
    """The pairs, unless there are too many, and for how many queries each case has any."""
    counts = np.zeros(len(CASES), np.int64)
    parts: list[tuple[NDArray[np.int32], NDArray[np.bool_]]] = []
    size, step = 0, max(1, _AT_ONCE // max(n, 1))
    for start in range(0, n, step):
        found = np.stack(list(sets.of_rows(np.arange(start, min(start + step, n)))))
        counts += found.any(2).sum(1)
        if size <= _MOST:
            queries, keys = np.nonzero(found.any(0))
            size += len(queries)
            places = np.stack([queries + start, keys]).astype(np.int32)
            parts.append((places, found[:, queries, keys]))
    if size > _MOST:
        return None, counts
    both = np.concatenate([each for each, _ in parts], 1)
    return (both[0], both[1], np.concatenate([each for _, each in parts], 1)), counts

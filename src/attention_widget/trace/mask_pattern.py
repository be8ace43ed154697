"""What a mask is called: causal, sliding window, prefix, read from the mask itself.

Never from a model's name or config: what is said here is what the kept mask shows, to the last
pair of tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from attention_widget.trace.mask import Mask

PatternName = Literal["full", "causal", "window", "prefix", "chunk", "none", "other"]

Ints = NDArray[np.int64]
Stretches = tuple[tuple[int, int], ...]
"""From the first index up to the second."""


@dataclass(frozen=True)
class Pattern:
    """Which keys a query sees: those of the named pattern, but none of ``hidden``, and no query
    of ``blind`` sees any. This is exact, unless the name is "other".

    Queries stand at the end of the keys: query i at ``i + keys - queries``.

    - "full": every key.
    - "causal": its own and all before.
    - "window": at most ``before`` keys before its own and ``after`` behind it; None for all, and
      -1 leaves its own out.
    - "prefix": the first ``size`` keys and, as in "causal", its own and all before.
    - "chunk": keys of its own stretch of ``size``; with ``after`` 0 none behind its own.
    - "none": nothing at all.
    """

    name: PatternName
    before: int | None = None
    after: int | None = None
    size: int | None = None
    hidden: Stretches = ()
    """Keys that no query sees: padding, mostly."""
    blind: Stretches = ()
    """Queries that see nothing."""
    causal: bool = False
    """No query sees a key that comes after it."""
    share: float = 0.0
    """Of all pairs, how many are seen."""


def patterns(mask: Mask) -> tuple[Pattern, ...]:
    """One pattern, or one for each head where the mask differs between them."""
    if mask.explicit is None:
        start, stop = mask.start.numpy(), mask.stop.numpy()
        rows = _Rows(start, stop, stop - start, mask.n_keys, _unseen(start, stop, mask.n_keys))
        return (_pattern(rows),)
    return tuple(_pattern(_rows(visible)) for visible in mask.explicit)


@dataclass(frozen=True, eq=False)
class _Rows:
    """Of each query the first key it sees, one past the last, and how many."""

    first: Ints  # (query,)
    stop: Ints  # (query,)
    count: Ints  # (query,)
    n_keys: int
    unseen: NDArray[np.bool_]  # (key,)

    def are(self, start: Ints, stop: Ints) -> bool:
        """Whether every query that sees anything sees all keys from start up to stop that are
        not unseen, and no others."""
        before = np.concatenate([[0], np.cumsum(~self.unseen)])
        start, stop = start.clip(0, self.n_keys), stop.clip(0, self.n_keys)
        expected = np.where(stop > start, before[stop] - before[start], 0)
        within = (start <= self.first) & (self.stop <= stop)
        return bool((within & (self.count == expected) | (self.count == 0)).all())


def _rows(visible: torch.Tensor) -> _Rows:
    count = visible.sum(-1)
    first = visible.to(torch.uint8).argmax(-1)
    last = visible.shape[-1] - visible.flip(-1).to(torch.uint8).argmax(-1)
    stop = torch.where(count > 0, last, first)
    return _Rows(
        first.numpy(), stop.numpy(), count.numpy(), visible.shape[-1], ~visible.any(0).numpy()
    )


def _unseen(start: NDArray[np.int32], stop: NDArray[np.int32], n_keys: int) -> NDArray[np.bool_]:
    seen = np.zeros(n_keys + 1, np.int64)
    some = stop > start
    np.add.at(seen, start[some], 1)
    np.add.at(seen, stop[some], -1)
    unseen: NDArray[np.bool_] = np.cumsum(seen)[:-1] == 0
    return unseen


def _pattern(rows: _Rows) -> Pattern:
    n_queries = len(rows.first)
    place = np.arange(n_queries) + rows.n_keys - n_queries
    found = next(_candidates(rows, place))
    return replace(
        found,
        hidden=_stretches(rows.unseen),
        blind=_stretches(rows.count == 0),
        causal=bool((rows.stop <= place + 1)[rows.count > 0].all()),
        share=float(rows.count.sum()) / max(1, n_queries * rows.n_keys),
    )


def _candidates(rows: _Rows, place: Ints) -> Iterator[Pattern]:
    """What the mask is, the plainest first."""
    zero, end = np.zeros_like(place), np.full_like(place, rows.n_keys)
    some = rows.count > 0
    if not some.any():
        yield Pattern("none")
        return
    if rows.are(zero, end):
        yield Pattern("full")
    if rows.are(zero, place + 1):
        yield Pattern("causal", after=0)
    before = int((place - rows.first)[some].max())
    after = int((rows.stop - 1 - place)[some].max())
    if rows.are(zero, place + after + 1):
        yield Pattern("window", after=after)
    if rows.are(place - before, end):
        yield Pattern("window", before=before)
    if rows.are(place - before, place + after + 1):
        yield Pattern("window", before=before, after=after)
    ahead = rows.stop[some & (rows.stop > place + 1)]
    if ahead.size and rows.are(zero, np.maximum(place + 1, ahead.max())):
        yield Pattern("prefix", after=0, size=int(ahead.max()))
    later = rows.first[some & (rows.first > 0)]
    if later.size:
        size = int(later.min())
        start = place // size * size
        if rows.are(start, place + 1):
            yield Pattern("chunk", after=0, size=size)
        if rows.are(start, start + size):
            yield Pattern("chunk", size=size)
    yield Pattern("other")


def _stretches(chosen: NDArray[np.bool_]) -> Stretches:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], chosen.astype(np.int8), [0]])))
    return tuple((int(start), int(stop)) for start, stop in edges.reshape(-1, 2))

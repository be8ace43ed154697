"""The vectors with the largest products with one: all are compared, so the answer is exact."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from attention_widget.corpus.coding import Coding
from attention_widget.errors import InvalidValueError, NotInstalledError
from attention_widget.trace.block import Array

Engine = Literal["faiss", "numpy"]
CHUNK_BYTES: Final = 16_000_000
"""Of the vectors in float32 that are compared at a time."""

Found = tuple[NDArray[np.int64], Array]
"""Rows of the vectors that were found, and their products, the largest first; of equal ones the
first rows."""


def checked_engine(given: Any) -> Engine:
    """The engine that is asked for; FAISS where it is installed, if it is None."""
    if given is None:
        return "faiss" if find_spec("faiss") else "numpy"
    if given not in ("faiss", "numpy"):
        raise InvalidValueError(f"engine must be faiss, numpy or None, got {given!r:.80}")
    if given == "faiss":
        faiss()
    engine: Engine = given
    return engine


def faiss() -> Any:
    """FAISS (Johnson et al. 2017, https://arxiv.org/abs/1702.08734), if it is installed."""
    try:
        import faiss as found
    except ImportError as error:
        raise NotInstalledError(
            "engine must be numpy where FAISS is not installed; install it: pip install "
            '"attention-widget[search]"'
        ) from error
    return found


def nearest_of(
    held: NDArray[Any],
    coding: Coding,
    vector: Array,
    n: int,
    engine: Engine,
    allowed: NDArray[np.bool_] | None = None,
) -> Found:
    """The ``n`` vectors of those that are held with the largest products with ``vector`` (dim,).

    ``allowed`` (vector,) says which may be found. Memory does not grow with how many there are.
    """
    size = max(1, CHUNK_BYTES // (4 * coding.dim))
    rows, scores = np.empty(0, np.int64), np.empty(0, np.float32)
    for start in range(0, len(held), size):
        part = np.asarray(held[start : start + size])
        places = np.arange(start, start + len(part))
        if allowed is not None:
            chosen = np.flatnonzero(allowed[places])
            part, places = part[chosen], places[chosen]
        if not len(places):
            continue
        at, products = _best(coding.decoded(part), vector, n, engine)
        rows = np.concatenate([rows, places[at]])
        scores = np.concatenate([scores, products])
        rows, scores = first_of(rows, scores, n)
    return rows, scores


def first_of(rows: NDArray[np.int64], scores: Array, n: int) -> Found:
    """The ``n`` best, in order."""
    order = np.lexsort((rows, -scores))[:n]
    return rows[order], scores[order]


def _best(vectors: Array, vector: Array, n: int, engine: Engine) -> Found:
    if engine == "faiss":
        library = faiss()
        count = min(n, len(vectors))
        products, rows = library.knn(
            vector[None], vectors, count, metric=library.METRIC_INNER_PRODUCT
        )
        return rows[0], products[0]
    found: Array = vectors @ vector
    rows = np.arange(len(found))
    if len(found) > n:
        least = np.partition(found, len(found) - n)[len(found) - n]
        rows = np.flatnonzero(found >= least)
    return first_of(rows, found[rows], n)

"""What an atlas keeps in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numpy.typing import NDArray

from attention_widget.corpus.accumulator import Accumulator


def nbytes_of(held: Accumulator) -> int:
    """Bytes of the numbers, examples and texts that are held."""
    places = list(held.texts)
    texts = (held.texts[place] for place in places)
    of_texts = sum(len(each.text) + len(each.token_ids) + len(each.labels) for each in texts)
    return of_texts + sum(array.nbytes for array in _arrays(held))


def _arrays(held: Accumulator) -> Iterator[NDArray[Any]]:
    totals, spread, top, sample = held.totals, held.distribution, held.strongest, held.sample
    yield from (totals.high, totals.low, held.counts, spread.exponents, spread.counts)
    yield from (top.weights, top.queries, top.keys)
    yield from (top.numbers, top.pieces)
    yield from top.rows.values()
    yield sample.scores
    for text in sample.texts.values():
        yield text.weights
        yield text.queries
        yield text.keys
        yield text.rows

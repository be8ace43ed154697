"""Heads that are worth seeing first: the most specific ones that are no sinks and no diagonals."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attention_widget._util.integers import as_integer
from attention_widget.errors import InvalidValueError
from attention_widget.measures.chunks import rows_in_chunk
from attention_widget.measures.detectors import HEAD_SUMMARIES, labels_of
from attention_widget.measures.own_tokens import own_queries
from attention_widget.measures.specificity import BestPairs, Pairs, best_pairs, pairs_of
from attention_widget.measures.summaries import head_summaries
from attention_widget.trace.block import Array
from attention_widget.trace.grouping import Operation
from attention_widget.trace.kind import KINDS, Kind
from attention_widget.trace.trace import Trace

WEIGHTS_LOOKED_AT: Final = 2**21
"""By :func:`suggest_heads`, in all heads together, as long as these are ``FEWEST_QUERIES`` rows of
each: 30 layers of 9 heads at 4,000 tokens took 0.28 s of one thread, MiniLM at 512 tokens 19 ms."""

FEWEST_QUERIES: Final = 6

FEWEST_LOOKED_AT: Final = 64
"""Queries of a long text from which detectors know a head."""

NEVER: Final = frozenset(("sink", "first", "delimiter", "special", "previous", "next", "self"))
"""What a suggested head is not called."""

LEAST: Final = 0.01
"""A head that is less specific than this is not suggested."""


@dataclass(frozen=True)
class Suggestion:
    """A head worth seeing first, and the pair of words that stands out most in it.

    Heads are ranked by ``specificity``, see :func:`head_specificity` (head,). ``weight`` is the
    attention that the query pays to the key.

    >>> from attention_widget import measures
    >>> best = measures.suggest_heads(trace)[0]
    >>> best.layer, best.head, trace.tokens[best.query].text, trace.tokens[best.key].text
    (0, 1, 'Attention', 'novel')
    """

    kind: Kind
    layer: int
    head: int
    query: int
    """Index of the token that attends, in the text of the queries."""
    key: int
    """Index of the token that it attends to, in the text of the keys."""
    weight: float
    specificity: float
    label: str = ""
    """What the head does in this text, a name of ``LABELS``, where a detector is sure."""
    score: float = 0.0
    """The score of that detector."""


def suggest_heads(trace: Trace, count: int = 8) -> list[Suggestion]:
    """The heads worth seeing first, the most specific first, see :func:`head_specificity` (head,).

    A head that is called by a sink, by the first token, delimiters or special tokens, or by a
    diagonal (previous, next, self; see :func:`head_labels`) is never one of them: there its pair
    stands out by chance.

    Of an encoder-decoder half of them, the first, are of its cross-attention. Of a text read in
    windows they are those of the first window. Padding does not count. Heads that are less
    specific than 0.01 are left out, so the list may be shorter, or empty. However large model and
    text are, this takes a fraction of a second: of a long text, some queries are looked at, evenly
    spaced.

    >>> from attention_widget import measures
    >>> for one in measures.suggest_heads(trace, 2):
    ...     print(one.layer, one.head, round(one.weight, 1), round(one.specificity, 2))
    0 1 0.6 0.08
    5 6 0.5 0.07

    Raises:
        ValueError: the count is no number of heads.
    """
    wanted = as_integer(count)
    if wanted is None or wanted < 0:
        raise InvalidValueError(f"count must be a number of heads, got {reprlib.repr(count)}")
    if trace.windows:
        window = trace.windows[0]
        # Another window shows what this one does not own.
        own = [at for at, place in enumerate(window.positions) if place in window.own]
        return [
            _moved(one, window.positions) for one in _ranked(window.trace, wanted, frozenset(own))
        ]
    return _ranked(trace, wanted)


def _moved(one: Suggestion, positions: Sequence[int | None]) -> Suggestion:
    query, key = positions[one.query], positions[one.key]
    assert query is not None  # special tokens are in no pair
    assert key is not None
    return replace(one, query=query, key=key)


def _ranked(trace: Trace, count: int, own: frozenset[int] | None = None) -> list[Suggestion]:
    operations = sorted(trace.operations, key=lambda one: (KINDS.index(one.kind), one.layer))
    for_each_query = sum(one.n_heads * one.n_keys for one in operations)
    most = max(FEWEST_QUERIES, WEIGHTS_LOOKED_AT // max(1, for_each_query))
    found: list[Suggestion] = []
    pairs: dict[Kind, Pairs] = {}
    for one in operations:
        kind = one.kind
        if kind not in pairs:
            pairs[kind] = pairs_of(*trace.sides(kind), kind, min(most, rows_in_chunk(one)), own)
        found += _suggestions(one, best_pairs(one, pairs[kind]))
    found.sort(key=lambda one: -one.specificity)  # of equals the first stays first
    cross = _worth_seeing(trace, [one for one in found if one.kind == "cross"], count, most)
    others = _worth_seeing(trace, [one for one in found if one.kind != "cross"], count, most)
    half = count - count // 2
    return [*cross[:half], *others, *cross[half:]][:count]


def _worth_seeing(
    trace: Trace, found: Iterable[Suggestion], count: int, most: int
) -> list[Suggestion]:
    """The first of them that no detector knows as one of ``NEVER``, with what they do; of a long
    text detectors look at some queries too."""
    known: dict[tuple[Kind, int], tuple[Array, NDArray[np.str_]]] = {}
    kept: list[Suggestion] = []
    for one in found:
        if len(kept) == count:
            break
        place = (one.kind, one.layer)
        if place not in known:
            place_of = (trace, one.layer, one.kind)
            few = own_queries(*place_of, max(most, FEWEST_LOOKED_AT))
            numbers = head_summaries(*place_of, queries=few)
            n_queries = 0 if one.kind == "cross" else len(own_queries(*place_of))
            known[place] = numbers, labels_of(numbers, n_queries)
        numbers, labels = known[place]
        label = str(labels[one.head])
        if label in NEVER:
            continue
        score = float(numbers[HEAD_SUMMARIES.index(label), one.head]) if label else 0.0
        kept.append(replace(one, label=label, score=score))
    return kept


def _suggestions(operation: Operation, best: BestPairs) -> Iterable[Suggestion]:
    for head in np.flatnonzero(best.specificity >= LEAST).tolist():
        yield Suggestion(
            operation.kind,
            operation.layer,
            head,
            int(best.query[head]),
            int(best.key[head]),
            float(best.weight[head]),
            # Sums differ in their last digits between machines; the order must not.
            round(float(best.specificity[head]), 5),
        )

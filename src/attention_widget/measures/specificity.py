"""Which heads say something about a text: those in which a word attends to one other word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attention_widget.measures.chunks import in_chunks, rows_in_chunk
from attention_widget.measures.content_words import content_tokens, word_tokens
from attention_widget.measures.own_tokens import evenly, own_tokens
from attention_widget.trace.block import Array
from attention_widget.trace.grouping import Operation
from attention_widget.trace.kind import Kind
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace


def head_specificity(trace: Trace, layer: int, kind: Kind | None = None) -> Array:
    """How much more a content word attends to one other word than the words of the text do:
    (head,), from 0 to 1.

    With the weights ``a[q, k]`` of a head and content words ``q``, ``k``

        received[k] = mean over q of a[q, k]
        specificity = mean over q of max(0, max over k of (a[q, k] - received[k]))

    A content word has at least four letters or digits, or one in a script without blanks such as
    Chinese; patches of a picture and frames of a sound count as words. ``q`` and ``k`` are other
    words, neither neighbours nor written alike, and ``k`` is not the first token; in
    cross-attention they may be any. A sink, a column and uniform attention come to 0, as all words
    attend to them alike, and so does a diagonal, whose pairs are left out. In a decoder a mean is
    over the queries from ``k`` on, as the others cannot see it.

    Where no such pair is left, neighbours are taken too, and then short words. Rows of NaN and rows
    that see no key are left out; NaN where no pair is left. A text of thousands of tokens is known
    by some of its queries, evenly spaced. The rule is this package's own; subtracting what a key
    receives on average tells a link from a sink, see Clark et al. 2019
    (https://arxiv.org/abs/1906.04341, sections 3.2 and 4.2).

    >>> from attention_widget import from_attentions, measures
    >>> link = [[0, 0, 1], [0, 1, 0], [1, 0, 0]]  # of each word to one word
    >>> column = [[0, 0, 1], [0, 0, 1], [0, 0, 1]]
    >>> trace = from_attentions([[[link, column]]], ["novel", "and", "idea"])
    >>> measures.head_specificity(trace, 0)
    array([0.5, 0. ], dtype=float32)

    Raises:
        LookupError: the layer has no attention, or the text was read in windows.
    """
    block = trace.operation(layer, kind)
    pairs = pairs_of(*trace.sides(block.kind), block.kind, rows_in_chunk(block))
    return best_pairs(block, pairs).specificity


@dataclass(frozen=True)
class Pairs:
    """The pairs of words that a head may link."""

    queries: NDArray[np.intp]
    keys: NDArray[np.intp]
    allowed: NDArray[np.bool_]  # (query, key)
    seen: Array  # (query, key), 1 where the query can see the key


@dataclass(frozen=True)
class BestPairs:
    """Of each head (head,) how specific it is, and the pair that stands out most."""

    specificity: Array
    query: NDArray[np.intp]
    key: NDArray[np.intp]
    weight: Array


def pairs_of(
    queries: Sequence[Token],
    keys: Sequence[Token],
    kind: Kind,
    most: int,
    own: frozenset[int] | None = None,
) -> Pairs:
    """Pairs of at most so many queries, of those in ``own`` where that is given.

    Nothing stands out among the queries where there is one alone.
    """
    for find, apart in ((content_tokens, True), (content_tokens, False), (word_tokens, False)):
        rows = find(queries)
        columns = rows if keys is queries else find(keys)
        if own is not None:
            rows = np.array([row for row in rows if row in own], np.intp)
        rows = rows[evenly(len(rows), most)]
        allowed = np.ones((len(rows), len(columns)), np.bool_)
        seen = allowed
        if kind != "cross":
            allowed = ~_alike(queries, rows, columns) & (columns > own_tokens(keys)[:1].sum())
            if apart:
                allowed &= ~_neighbours(queries, rows, columns)
        if kind == "decoder":
            seen = rows[:, None] >= columns
        pairs = Pairs(rows, columns, allowed & seen, seen.astype(np.float32))
        if len(rows) > 1 and pairs.allowed.any():
            break
    return pairs


def _alike(
    tokens: Sequence[Token], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Which pairs are of one word, or written alike (query, key)."""
    words = [-1 - at if one.word is None else one.word for at, one in enumerate(tokens)]
    texts = [one.text.casefold() or at for at, one in enumerate(tokens)]
    return _equal(words, rows, columns) | _equal(texts, rows, columns)


def _equal(
    named: Sequence[int | str], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.bool_]:
    first: dict[int | str, int] = {}
    number = np.array([first.setdefault(name, at) for at, name in enumerate(named)], np.intp)
    same: NDArray[np.bool_] = number[rows][:, None] == number[columns]
    return same


def _neighbours(
    tokens: Sequence[Token], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Which pairs lie side by side, as tokens or as patches of a picture (query, key)."""
    beside: NDArray[np.bool_] = np.abs(rows[:, None] - columns) <= 1
    if any(one.box for one in tokens):
        boxes = np.array([one.box or (np.nan,) * 4 for one in tokens])  # NaN touches nothing
        query, key = boxes[rows][:, None], boxes[columns]
        touching = (query[..., :2] <= key[..., 2:]) & (key[..., :2] <= query[..., 2:])
        beside |= touching.all(-1)
    return beside


def best_pairs(operation: Operation, pairs: Pairs) -> BestPairs:
    heads = operation.n_heads
    best = BestPairs(
        np.full(heads, np.nan, np.float32),
        np.zeros(heads, np.intp),
        np.zeros(heads, np.intp),
        np.zeros(heads, np.float32),
    )
    can_link = pairs.allowed.any(-1)
    if not can_link.any():
        return best
    for some, _, weights in in_chunks(operation, queries=pairs.queries):
        sums = weights.sum(-1)
        known = np.isfinite(sums) & (sums > 0)  # (head, query)
        between = weights.take(pairs.keys, -1)
        between[~known] = 0
        seeing = known.astype(np.float32) @ pairs.seen
        more = between - (between.sum(1) / np.maximum(seeing, 1))[:, None]
        more *= pairs.allowed
        key = more.argmax(-1)
        most = np.maximum(np.take_along_axis(more, key[..., None], -1)[..., 0], 0)
        counted = known & can_link
        total, count = (most * counted).sum(-1), counted.sum(-1)
        mean = np.full(len(some), np.nan, np.float32)
        best.specificity[some] = np.divide(total, count, out=mean, where=count > 0)
        row = np.where(counted, most, -1).argmax(-1)
        each = np.arange(len(some))
        column = key[each, row]
        best.query[some] = pairs.queries[row]
        best.key[some] = pairs.keys[column]
        best.weight[some] = between[each, row, column]
    return best

"""Receiver heads: heads whose attention from later sentences lies on few earlier ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from attention_widget.errors import NotFoundError
from attention_widget.measures.chunks import in_chunks
from attention_widget.trace.block import Array
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace

APART: Final = 4
"""Sentences that stand nearer to each other do not count (Bogdan et al. 2025)."""

FEWEST: Final = APART + 4
"""Passages that a text needs: four of them are then received from some that are far enough."""


@dataclass(frozen=True)
class ReceiverHead:
    """A head, and how much its attention from later passages lies on few of the earlier ones.

    >>> ReceiverHead("decoder", 18, 6, 2.5)
    ReceiverHead(kind='decoder', layer=18, head=6, kurtosis=2.5)
    """

    kind: Kind
    layer: int
    head: int
    kurtosis: float


def receiver_heads(trace: Trace, kind: Kind | None = None) -> list[ReceiverHead]:
    """All heads, those first whose attention from later passages lies on the fewest.

    Bogdan et al. 2025, "Thought Anchors" (https://arxiv.org/abs/2506.19143, section 4): the weights
    between two sentences are averaged over the tokens of both; a sentence gets the mean of these
    from all sentences that stand 4 or more after it; the heads are ranked by the kurtosis of what
    sentences get (Fisher's, of a normal distribution 0). The paper averages it over many texts: in
    one text, take it as a hint. It takes any passages, in their order.

    >>> words = "One. Two. Three. Four. Five. Six. Seven. Eight. Nine."
    >>> from attention_widget import capture
    >>> read = capture(model, words, tokenizer=tokenizer, passages="sentences")
    >>> len(receiver_heads(read))
    72

    Raises:
        LookupError: the text has fewer than 8 passages, or it was read in windows.
    """
    kind = kind or trace.kinds[0]
    found = [
        ReceiverHead(kind, layer, head, float(value))
        for layer in trace.layers_with_attention(kind)
        for head, value in enumerate(receiver_scores(trace, layer, kind))
    ]
    return sorted(found, key=lambda one: -one.kurtosis if np.isfinite(one.kurtosis) else np.inf)


def receiver_scores(trace: Trace, layer: int, kind: Kind | None = None) -> Array:
    """The same kurtosis of each head of a layer: (head,); NaN where all get alike.

    >>> from attention_widget import capture
    >>> words = "One. Two. Three. Four. Five. Six. Seven. Eight. Nine."
    >>> read = capture(model, words, tokenizer=tokenizer, passages="sentences")
    >>> receiver_scores(read, 3).shape
    (12,)

    Raises:
        LookupError: as :func:`receiver_heads`.
    """
    received = received_by_passages(trace, layer, kind)  # (head, passage)
    centred = received - received.mean(1, keepdims=True)
    second, fourth = (centred**2).mean(1), (centred**4).mean(1)
    flat = second <= 1e-20
    kurtosis: Array = np.where(flat, np.nan, fourth / np.where(flat, 1, second) ** 2 - 3)
    return kurtosis.astype(np.float32)


def is_of_passages(trace: Trace, kind: Kind) -> bool:
    """Whether a kind of attention joins the text with the passages to itself.

    >>> is_of_passages(trace, "encoder")
    True
    """
    return all(side is trace.tokens for side in trace.sides(kind))


def received_by_passages(trace: Trace, layer: int, kind: Kind | None = None) -> Array:
    """What each passage gets from those that stand 4 or more after it: (head, passage), without the
    last four.

    >>> from attention_widget import capture
    >>> words = "One. Two. Three. Four. Five. Six. Seven. Eight. Nine."
    >>> read = capture(model, words, tokenizer=tokenizer, passages="sentences")
    >>> received_by_passages(read, 3).shape
    (12, 5)

    Raises:
        LookupError: as :func:`receiver_heads`.
    """
    if trace.windows:
        raise NotFoundError(f"{trace.model_name} read this text in {len(trace.windows)} windows")
    passages = trace.passages
    if len(passages) < FEWEST:
        raise NotFoundError(
            f"receiver heads need a text of {FEWEST} passages or more, such as the sentences of a "
            f"reasoning, got {len(passages)}"
        )
    kind = kind or trace.kinds[0]
    operation = trace.operation(layer, kind)
    queries = trace.tokens
    if not is_of_passages(trace, kind):
        raise NotFoundError(f"the passages are of another text than {kind} attention joins")
    of_token = np.full(len(queries), -1)
    for index, passage in enumerate(passages):
        of_token[list(passage.tokens)] = index
    n, sizes = len(passages), np.array([len(each.tokens) for each in passages], np.float64)
    sums = np.zeros((operation.n_heads, n, n))
    by_key = (of_token[:, None] == np.arange(n)[None]).astype(np.float32)  # (key, passage)
    for heads, rows, weights in in_chunks(operation, queries=np.flatnonzero(of_token >= 0)):
        for head, between in zip(heads, weights @ by_key, strict=True):
            np.add.at(sums[head], of_token[rows], between)
    means = sums / (sizes[:, None] * sizes[None])
    received = [means[:, index + APART :, index].mean(1) for index in range(n - APART)]
    found: Array = np.stack(received, 1)
    return found

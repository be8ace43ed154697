"""Small atlases of a trained model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from attention_widget import HeadAtlas, Trace, capture, scan
from attention_widget.corpus.accumulator import Accumulator
from attention_widget.corpus.findings import Scanned, TextFindings
from attention_widget.measures import HEAD_SUMMARIES, head_table

TEXTS = [
    f"The {first} saw the {second}, and the {second} saw the {first} in {place}."
    for first, second in (
        ("cat", "dog"),
        ("king", "queen"),
        ("sun", "moon"),
        ("novelist", "critic"),
    )
    for place in ("Paris", "a small garden", "the last chapter of the book", "Hanoi <b>1999</b>")
]
"""Sentences in which words come again."""


def scanned_atlas(model: Any, tokenizer: Any) -> HeadAtlas:
    """A real scan, of few sentences."""
    return scan(model, TEXTS, tokenizer, progress=False)


def small_atlas(model: Any, tokenizer: Any) -> HeadAtlas:
    """Over 64 sentences, as examples have it at hand."""
    texts = [f"Attention is a {word} idea in {place}" for word, place in sentences()]
    traces = [capture(model, text, tokenizer=tokenizer) for text in texts]
    table = head_table(traces[0])
    scanned = Scanned(
        model_name=traces[0].model_name,
        model="",
        tokenizer="",
        kinds=tuple(table["kind"].tolist()),
        layers=tuple(table["layer"].tolist()),
        heads=tuple(table["head"].tolist()),
        names=HEAD_SUMMARIES,
        quanta=tuple(-20 if "distance" in name else -32 for name in HEAD_SUMMARIES),
        reading=(),
    )
    held = Accumulator(scanned)
    held.add_block(0, [found(at, each) for at, each in enumerate(traces)])
    return HeadAtlas(held)


def sentences() -> Iterator[tuple[str, str]]:
    for word in ("novel", "new", "old", "great", "simple", "poor", "rich", "red"):
        for place in ("Paris", "Rome", "London", "Hanoi", "Moscow", "town", "May", "full"):
            yield word, place


def found(number: int, trace: Trace) -> TextFindings:
    table = head_table(trace)
    means = np.array([table[name] for name in HEAD_SUMMARIES], np.float64)
    counts = np.where(np.isnan(means), 0, len(trace.tokens))
    weights = np.concatenate([trace.attention(layer) for layer in range(trace.n_layers)])
    seen = weights[:, 1:-1, 1:-1].copy()
    seen[:, np.arange(seen.shape[1]), np.arange(seen.shape[1])] = -1
    queries, keys = np.divmod(seen.reshape(len(seen), -1).argmax(-1), seen.shape[1])
    heads = np.arange(len(seen))
    return TextFindings(
        number=number,
        text="".join(token.lead + token.text for token in trace.tokens),
        token_ids=np.array([token.id for token in trace.tokens], np.int32),
        labels=tuple(token.label for token in trace.tokens),
        sums=np.nan_to_num(means) * counts,
        counts=counts,
        queries=(queries + 1).astype(np.int32),
        keys=(keys + 1).astype(np.int32),
        weights=seen[heads, queries, keys],
        rows=weights[heads, queries + 1],
    )

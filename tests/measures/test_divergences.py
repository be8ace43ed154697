"""The divergence of heads against a derivation in plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from attention_widget import from_attentions
from attention_widget.measures import head_divergence


def by_hand(one: Any, other: Any, queries: Any, keys: Any) -> Any:
    """Each row by itself, as Lin (1991) writes it."""
    found = []
    for head in range(len(one)):
        rows = []
        for i, j in queries:
            p = [one[head, i, a] for a, _ in keys]
            q = [other[head, j, b] for _, b in keys]
            both = [np.array([*row, max(0.0, 1 - sum(row))], float) for row in (p, q)]
            middle = (both[0] + both[1]) / 2
            rows.append(
                sum(
                    0.5 * x * np.log2(x / m)
                    for side in both
                    for x, m in zip(side, middle, strict=True)
                    if x > 0
                )
            )
        found.append(np.mean(rows))
    return np.array(found)


def maps(generator: np.random.Generator, heads: int, queries: int) -> Any:
    weights = generator.exponential(size=(heads, queries, queries))
    weights *= np.tri(queries)
    return (weights / weights.sum(-1, keepdims=True)).astype(np.float32)


def trace(weights: Any) -> Any:
    return from_attentions([weights], [f"t{i}" for i in range(weights.shape[1])])


def test_it_is_the_mean_of_the_divergences_of_rows() -> None:
    generator = np.random.default_rng(0)
    one, other = maps(generator, 3, 6), maps(generator, 3, 8)
    pairs = [(0, 0), (1, 2), (3, 3), (5, 7)]
    found = head_divergence(trace(one), trace(other), 0, queries=pairs, keys=pairs)
    np.testing.assert_allclose(found, by_hand(one, other, pairs, pairs), atol=1e-6)


def test_queries_and_keys_may_be_of_different_texts() -> None:
    generator = np.random.default_rng(1)
    one, other = maps(generator, 2, 5), maps(generator, 2, 4)
    queries, keys = [(4, 3)], [(0, 0), (1, 1)]
    found = head_divergence(trace(one), trace(other), 0, queries=queries, keys=keys)
    np.testing.assert_allclose(found, by_hand(one, other, queries, keys), atol=1e-6)


def test_it_goes_from_0_to_1() -> None:
    one = trace(np.array([[[1, 0], [1, 0]], [[1, 0], [0, 1]]], np.float32))
    other = trace(np.array([[[1, 0], [1, 0]], [[0, 1], [1, 0]]], np.float32))
    both = [(0, 0), (1, 1)]
    found = head_divergence(one, other, 0, queries=both, keys=both)
    assert found.tolist() == [0.0, 1.0]


def test_a_long_text_is_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(2)
    one, other = maps(generator, 2, 9), maps(generator, 2, 9)
    pairs = [(i, i) for i in range(9)]
    whole = head_divergence(trace(one), trace(other), 0, queries=pairs, keys=pairs)
    monkeypatch.setattr("attention_widget.measures.chunks.CHUNK_BYTES", 4 * 9 * 2)
    parts = head_divergence(trace(one), trace(other), 0, queries=pairs, keys=pairs)
    np.testing.assert_allclose(parts, whole, rtol=1e-6)


def test_what_is_lost_or_empty_is_nan() -> None:
    weights = np.array([[[1, 0], [np.nan, 0]], [[1, 0], [0, 1]]], np.float32)
    one, other = trace(weights), trace(np.nan_to_num(weights))
    both = [(0, 0), (1, 1)]
    found = head_divergence(one, other, 0, queries=both, keys=both)
    assert np.isnan(found).tolist() == [True, False]
    assert np.isnan(head_divergence(one, other, 0, queries=[], keys=both)).all()

"""Shares of passages, and receiver heads, against loops that are written out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.traces import trace, with_passages

from attention_widget import Passage, from_attentions, measures
from attention_widget.errors import NotFoundError
from attention_widget.measures.receivers import received_by_passages, receiver_scores


def test_shares_sum_over_the_tokens_of_a_passage() -> None:
    read = with_passages(trace(heads=(4, 0, 2)))
    shares = measures.passage_shares(read, queries=[1, 2])
    assert shares.shape == (3, 4, 3)
    assert np.isnan(shares[1]).all()
    assert np.isnan(shares[2, 2:]).all()
    rows = read.attention(0)[:, 1:3].mean(1)
    np.testing.assert_allclose(shares[0, :, 0], rows[:, [1, 2, 3]].sum(1), atol=1e-6)
    np.testing.assert_allclose(shares[0, :, 1], rows[:, 4], atol=1e-6)
    np.testing.assert_allclose(shares[0, :, 2], rows[:, [0, 5]].sum(1), atol=1e-6)


def test_answers_are_where_the_model_predicted_them() -> None:
    read = with_passages(trace(causal=True))
    assert measures.answer_queries(read) == [5]
    tokens = tuple(replace(t, step=t.index - 4 if t.index > 3 else None) for t in read.tokens)
    assert measures.answer_queries(replace(read, tokens=tokens)) == [3, 4]
    chat = replace(read, texts=("a", "b"), roles=("user", "assistant"))
    spoken = tuple(replace(t, segment=1 if t.index in (2, 3) else 0) for t in read.tokens)
    assert measures.answer_queries(replace(chat, tokens=spoken)) == [1, 2]
    assert measures.answer_queries(with_passages(trace())) == [1, 2, 3, 4]


def test_no_passages_no_shares() -> None:
    with pytest.raises(NotFoundError, match="has no passages"):
        measures.passage_shares(trace())
    with pytest.raises(NotFoundError, match="8 passages or more"):
        measures.receiver_heads(with_passages(trace()))


def test_receiver_heads_are_those_of_the_paper() -> None:
    """As the authors compute it: means between sentences, those at least 4 apart, kurtosis."""
    random = np.random.default_rng(4)
    n, size = 12, 3
    weights = np.tril(random.random((2, n * size, n * size)))
    weights[1, 5 * size :, size : 2 * size] += 4  # all later ones look at the second sentence
    weights = np.tril(weights)
    weights /= weights.sum(2, keepdims=True)
    made = from_attentions([weights], [f"w{i}" for i in range(n * size)])
    passages = tuple(
        Passage(f"s{i}", tuple(range(i * size, (i + 1) * size)), 0, 0, 0) for i in range(n)
    )
    read = replace(made, passages=passages)
    means = weights.reshape(2, n, size, n, size).mean((2, 4))
    expected = np.full((2, n), np.nan)
    for head in range(2):
        for column in range(n - 4):
            expected[head, column] = means[head, column + 4 :, column].mean()
    np.testing.assert_allclose(received_by_passages(read, 0), expected[:, : n - 4], rtol=1e-5)
    kept = expected[:, : n - 4]
    centred = kept - kept.mean(1, keepdims=True)
    kurtosis = (centred**4).mean(1) / (centred**2).mean(1) ** 2 - 3
    np.testing.assert_allclose(receiver_scores(read, 0), kurtosis, rtol=1e-4)
    assert [one.head for one in measures.receiver_heads(read)] == [1, 0]

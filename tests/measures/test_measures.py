"""Measures agree with their formulas, written out plainly here."""

from __future__ import annotations

import warnings

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.traces import as_maps, encoder_decoder, tokens, trace

from attention_widget.measures import (
    attention_received,
    cosine_to,
    cosine_to_mean,
    count_nan,
    norms,
    previous_cosine,
)
from attention_widget.trace.block import Array, Block, Maps
from attention_widget.trace.mask import Mask
from attention_widget.trace.token import units
from attention_widget.trace.trace import Trace

VECTORS = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=7),
    elements=st.floats(-1e3, 1e3, width=32),
)


def trace_of(maps: Array) -> Trace:
    """A trace whose attention is ``maps`` (head, query, key), rows normalised: the logits are
    the bias, since all scores are 0."""
    heads, queries, keys = maps.shape
    with np.errstate(divide="ignore"):
        bias = torch.from_numpy(np.log(maps))
    zeros = torch.zeros(heads, keys, 1)
    block = Block(
        0,
        "encoder",
        torch.zeros(heads, queries, 1),
        zeros,
        zeros,
        1.0,
        Mask.full(queries, keys),
        bias=bias,
    )
    return Trace(tokens(["a"] * keys), (block,), (torch.zeros(keys, 1),) * 2, ("",), "by hand")


@pytest.mark.parametrize("causal", [False, True])
def test_attention_received_is_the_mean_over_queries(causal: bool) -> None:
    made = trace(causal=causal, kv_heads=2)
    expected = made.attention(1).mean(1)
    received = attention_received(made, 1)
    assert received.dtype == np.float32
    np.testing.assert_allclose(received, expected, rtol=1e-6)
    np.testing.assert_allclose(received.sum(1), 1, rtol=1e-6)


LARGE = st.sampled_from([0.0, 1.0, -2.0, 1e19, 3e38, np.inf, -np.inf, np.nan])


@settings(deadline=None)
@given(
    hnp.arrays(np.float32, (2, 3, 2), elements=LARGE),
    hnp.arrays(np.float32, (1, 3, 2), elements=LARGE),
    st.sampled_from([0.25, 1.0, 100.0]),
)
def test_nan_is_counted_whatever_it_comes_from(
    query: NDArray[np.float32], key: NDArray[np.float32], scale: float
) -> None:
    q, k = torch.from_numpy(query), torch.from_numpy(key)
    block = Block(0, "decoder", q, k, k, scale, Mask.causal(3, 3))
    made = Trace(tokens(["a"] * 3), (block,), (torch.zeros(3, 1),) * 2, ("",), "by hand")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        counts = count_nan(made, 0)
    assert counts.dtype == np.int32
    assert counts.tolist() == np.isnan(made.attention(0)).sum((1, 2)).tolist()


def test_nan_of_finished_maps_is_counted() -> None:
    probabilities = torch.full((2, 3, 3), 1 / 3)
    probabilities[1, 2, :2] = torch.nan
    maps = Maps(0, "encoder", probabilities)
    made = Trace(tokens(["a"] * 3), (), (), ("",), "by hand", maps=(maps,))
    assert count_nan(made, 0).tolist() == [0, 2]


def test_nan_of_bias_and_sinks_is_counted() -> None:
    made = trace_of(np.ones((2, 3, 3), np.float32))
    bias = made.blocks[0].bias
    assert bias is not None
    bias[1, 0, 0] = torch.nan
    assert count_nan(made, 0).tolist() == [0, 3]


@pytest.mark.parametrize("maps", [False, True])
def test_measures_read_the_kind_they_are_asked_for(maps: bool) -> None:
    made = encoder_decoder()
    given = as_maps(made) if maps else made
    cross = made.attention(2, "cross")
    received = attention_received(given, 2, "cross")
    np.testing.assert_allclose(received, cross.mean(1), rtol=1e-6)
    assert count_nan(given, 2, "cross").tolist() == [0, 0]


def test_units_are_words_or_tokens() -> None:
    assert units(tokens(), words=True) == ((0,), (1,), (2, 3), (4,), (5,))
    assert units(tokens(), words=False) == ((0,), (1,), (2,), (3,), (4,), (5,))
    assert units((), words=True) == ()


@given(st.lists(st.sampled_from(["[SEP]", "word", "##piece"]), max_size=30), st.booleans())
def test_units_hold_every_token_once_and_in_order(labels: list[str], words: bool) -> None:
    made = tokens(labels)
    grouped = units(made, words)
    assert [index for unit in grouped for index in unit] == list(range(len(labels)))
    for unit in grouped:
        assert len(unit) == 1 or not any(made[index].special for index in unit)


@given(VECTORS)
def test_norms_are_numpys(vectors: NDArray[np.float32]) -> None:
    expected = np.sqrt((vectors.astype(np.float64) ** 2).sum(1))
    least = float(np.finfo(np.float32).smallest_subnormal)  # the step of the least numbers
    np.testing.assert_allclose(norms(vectors), expected, rtol=1e-6, atol=least)


@given(VECTORS, st.data())
def test_cosines_are_the_formula_and_lie_within_one(
    vectors: NDArray[np.float32], data: st.DataObject
) -> None:
    target = vectors[data.draw(st.integers(0, len(vectors) - 1))]
    wide, goal = vectors.astype(np.float64), target.astype(np.float64)
    with np.errstate(invalid="ignore"):
        expected = wide @ goal / np.sqrt((wide**2).sum(1) * (goal**2).sum())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = cosine_to(vectors, target)
    assert np.isnan(scores).tolist() == [not row.any() or not target.any() for row in vectors]
    assert (np.abs(scores[~np.isnan(scores)]) <= 1 + 1e-6).all()
    both = ~np.isnan(scores) & np.isfinite(expected)
    np.testing.assert_allclose(scores[both], expected[both], atol=1e-6)


def test_the_target_scores_one_and_its_opposite_minus_one() -> None:
    vectors = trace().hidden_states(1)
    np.testing.assert_allclose(cosine_to(vectors, vectors[2])[2], 1, rtol=1e-6)
    np.testing.assert_allclose(cosine_to(vectors, -vectors[2])[2], -1, rtol=1e-6)


def test_cosines_to_a_mean_are_the_formula() -> None:
    vectors = trace().hidden_states(1)
    for targets in ([2], [0, 4], [5, 1, 3]):
        goal = vectors.astype(np.float64)[targets].mean(0)
        lengths = np.linalg.norm(vectors.astype(np.float64), axis=1) * np.linalg.norm(goal)
        scores = cosine_to_mean(vectors, targets)
        assert scores.dtype == np.float32
        np.testing.assert_allclose(scores, vectors @ goal / lengths, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(cosine_to_mean(vectors, [2]), cosine_to(vectors, vectors[2]))
    # of a vector and its opposite there is no direction left
    opposite = np.stack([vectors[0], -vectors[0]])
    assert np.isnan(cosine_to_mean(opposite, [0, 1])).all()


def test_the_mean_of_no_target_and_of_a_missing_one_are_refused() -> None:
    with pytest.raises(ValueError, match="mean of no vectors is not defined"):
        cosine_to_mean(np.ones((4, 3)), [])
    with pytest.raises(IndexError, match="targets must be in 0–3, got 4"):
        cosine_to_mean(np.ones((4, 3)), [1, 4])
    with pytest.raises(IndexError, match="targets must be in 0–3, got -1"):
        cosine_to_mean(np.ones((4, 3)), [-1])


def test_previous_cosine_starts_with_nan() -> None:
    vectors = trace().hidden_states(1)
    scores = previous_cosine(vectors)
    assert scores.dtype == np.float32
    assert np.isnan(scores).tolist() == [True] + [False] * 5
    for index in range(1, 6):
        expected = cosine_to(vectors[index - 1 : index], vectors[index])[0]
        np.testing.assert_allclose(scores[index], expected, rtol=1e-6)


def test_previous_cosine_passes_over_special_tokens() -> None:
    vectors = trace().hidden_states(1)
    scores = previous_cosine(vectors, [True, False, True, False, False, True])
    assert np.isnan(scores).tolist() == [True, True, True, False, False, True]
    np.testing.assert_allclose(scores[3], cosine_to(vectors[[1]], vectors[3])[0], rtol=1e-6)


def test_vectors_of_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"vectors must have shape \(token, hidden\), got \(3,\)"):
        norms(np.zeros(3))
    with pytest.raises(ValueError, match=r"target must have shape \(3,\), got \(2,\)"):
        cosine_to(np.zeros((4, 3)), np.zeros(2))
    with pytest.raises(ValueError, match=r"special must have shape \(4,\), got \(1,\)"):
        previous_cosine(np.zeros((4, 3)), [True])

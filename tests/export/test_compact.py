"""What rounding loses is bounded: weights, sums, cosines, elements."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.wire import decode_levels

from attention_widget.export import rounding

Floats = NDArray[np.float32]


def attention(queries: int, keys: int, sharpness: float, seed: int, sink: bool = False) -> Floats:
    random = np.random.default_rng(seed)
    logits = random.normal(size=(queries, keys)) * sharpness
    weights = np.exp(logits - logits.max(1, keepdims=True))
    weights /= weights.sum(1, keepdims=True)
    if sink:
        weights *= random.uniform(0, 1, (queries, 1))
    narrow: Floats = weights.astype(np.float32)
    return narrow


def marks(keys: int, *which: int) -> NDArray[np.bool_]:
    marked = np.zeros(keys, np.bool_)
    marked[[key for key in which if key < keys]] = True
    return marked


def round_trip(weights: Floats, special: NDArray[np.bool_], fine: NDArray[np.bool_]) -> Floats:
    data = rounding.encode_levels(weights, special, fine)
    return decode_levels(data, (weights.shape[0], weights.shape[1]), special, fine)


@settings(max_examples=150, deadline=None)
@given(
    keys=st.integers(1, 200),
    sharpness=st.floats(0, 12),
    seed=st.integers(0, 2**31),
    sink=st.booleans(),
    ends=st.booleans(),
    word=st.integers(0, 6),
)
def test_weights_and_sums_come_back_within_a_thousandth(
    keys: int, sharpness: float, seed: int, sink: bool, ends: bool, word: int
) -> None:
    weights = attention(16, keys, sharpness, seed, sink)
    special = marks(keys, 0, keys - 1) if ends else marks(keys)
    fine = marks(keys, *range(2, 2 + word)) & ~special
    ours = round_trip(weights, special, fine)
    assert np.abs(ours - weights).max() <= 1e-3
    assert np.abs(ours.sum(1) - weights.sum(1)).max() <= 1e-3
    for first in range(2, 2 + word):
        keys_ = fine & (np.arange(keys) >= first)
        assert np.abs(ours[:, keys_].sum(1) - weights[:, keys_].sum(1)).max() <= 1e-3
    assert ((ours > 0) == (weights > 0)).all()  # 0 means that a mask hides the key


@settings(max_examples=100)
@given(
    keys=st.integers(3, 300),
    sharpness=st.floats(0, 12),
    power=st.floats(-44, 0),
    seed=st.integers(0, 2**31),
    sink=st.booleans(),
)
@example(keys=31, sharpness=4.752396937381377, power=-39.9375, seed=195, sink=False)
@example(keys=31, sharpness=4.752396937381377, power=-39.9375, seed=195, sink=True)
def test_shares_of_the_text_come_back_as_well(
    keys: int, sharpness: float, power: float, seed: int, sink: bool
) -> None:
    """Though special tokens, or a sink of the model's own, may take nearly all."""
    text = attention(16, keys - 2, sharpness, seed).astype(np.float64)
    weights = np.zeros((16, keys), np.float32)
    weights[:, 1:-1] = text * 10.0**power
    weights[:, 0] = 0 if sink else 1 - 10.0**power
    fine = marks(keys, 4, 5, 6) & ~marks(keys, keys - 1)
    ours = round_trip(weights, marks(keys, 0, keys - 1), fine)
    assert np.abs(ours - weights).max() <= 1e-3
    exact, found = (rows[:, 1:-1].astype(np.float64) for rows in (weights, ours))
    sums = exact.sum(1), found.sum(1)
    assert ((sums[0] > 0) == (sums[1] > 0)).all()
    known = sums[0] > 1e-40  # below, a float32 has no three digits
    shares = exact[known] / sums[0][known, None], found[known] / sums[1][known, None]
    # A weight is a multiple of the smallest float32 there is.
    smallest = np.finfo(np.float32).smallest_subnormal / sums[0][known, None]
    assert (np.abs(shares[0] - shares[1]) <= 1e-3 + 1e-6 + smallest).all()


def test_many_weights_that_are_next_to_nothing_add_nothing() -> None:
    """What keeps each of 4,000 from being 0 may not add up."""
    weights = np.full((2, 4000), 1e-12, np.float32)
    weights[:, 7] = 1
    ours = round_trip(weights, marks(4000, 0), marks(4000, *range(9, 2000)))
    assert (ours > 0).all()
    assert np.abs(ours.sum(1, dtype=np.float64) - 1).max() < 1e-4


def test_means_over_queries_are_nearer() -> None:
    """What a key receives is no sum of the same error."""
    weights = attention(400, 400, 1.0, 3)
    ours = round_trip(weights, marks(400), marks(400))
    assert np.abs(ours.mean(0) - weights.mean(0)).max() < 1e-4


def test_zero_and_nan_come_back_as_they_are() -> None:
    weights = np.tril(attention(20, 20, 1.0, 1))
    weights /= weights.sum(1, keepdims=True)
    weights[7, :3] = np.nan
    weights[9] = 0  # a query that sees nothing
    ours = round_trip(weights, marks(20, 0), marks(20, 3, 4))
    assert (np.isnan(ours) == np.isnan(weights)).all()
    assert (ours[weights == 0] == 0).all()
    assert np.nanmax(np.abs(ours - weights)) <= 1e-3


@pytest.mark.parametrize(
    ("weights", "fits"),
    [
        ([[0.2, 0.8]], True),
        ([[0.0, 0.0]], True),
        ([[np.nan, 0.5]], True),
        ([[-0.1, 0.5]], False),
        ([[0.7, 0.7]], False),
        ([[np.inf, 0.0]], False),
        ([[-np.inf, 0.0]], False),
    ],
)
def test_only_shares_are_put_in_levels(weights: list[list[float]], fits: bool) -> None:
    assert rounding.fits_levels(np.array(weights, np.float32)) is fits


def test_the_bytes_are_few() -> None:
    """Some seven times fewer than of half floats."""
    weights = attention(256, 256, 3.0, 5)
    levels = len(zlib.compress(rounding.encode_levels(weights, marks(256), marks(256)), 6))
    halves = len(zlib.compress(weights.astype(np.float16).tobytes(), 6))
    assert levels < halves / 4


def test_planes_put_like_bytes_together() -> None:
    assert rounding.planes(np.array([0x0102, 0x0304], np.uint16)) == bytes([2, 4, 1, 3])
    assert rounding.planes(np.array([[1.0]], np.float32)) == bytes([0, 0, 0x80, 0x3F])


def test_axes_keep_lengths_and_cosines() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(50, 30)).astype(np.float32) * np.linspace(3, 0.01, 30, dtype="f4")
    vectors[3] = 0
    n_axes, step, data = rounding.encode_axes(vectors)
    assert n_axes <= 30
    numbers = np.frombuffer(data, np.uint8)
    lengths = np.ascontiguousarray(numbers[:200].reshape(4, 50).T).view("<f4")[:, 0]
    np.testing.assert_allclose(lengths, np.linalg.norm(vectors, axis=1), rtol=1e-6)
    folded = np.ascontiguousarray(numbers[200:].reshape(2, -1).T).view("<u2").reshape(n_axes, 50)
    levels = np.where(folded & 1, -(folded.astype(int) + 1) // 2, folded // 2).T
    assert (levels[3] == 0).all()
    keep = np.arange(50) != 3
    ours, exact = levels[keep] * step, vectors[keep]
    ours = ours / np.linalg.norm(ours, axis=1)[:, None]
    exact = exact / np.linalg.norm(exact, axis=1)[:, None]
    np.testing.assert_allclose(ours @ ours.T, exact @ exact.T, atol=1e-3)


def test_rows_are_shares_of_their_largest_element() -> None:
    vectors = np.array([[1.0, -4.0, 0.5], [0.0, 0.0, 0.0]], np.float32)
    numbers = np.frombuffer(rounding.encode_rows(vectors), np.uint8)
    scales = np.ascontiguousarray(numbers[:8].reshape(4, 2).T).view("<f4")[:, 0]
    shares = np.ascontiguousarray(numbers[8:].reshape(2, -1).T).view("<u2").reshape(2, 3)
    ours = (shares.astype(float) - 32768) / 32767 * scales[:, None]
    assert np.abs(ours - vectors).max() <= 4 / 65_534


@pytest.mark.parametrize("count", [40, 300, 1500])
@pytest.mark.parametrize("hidden", [8, 768])
def test_cosines_are_within_a_thousandth_of_vectors_of_any_kind(count: int, hidden: int) -> None:
    """Vectors without a structure lie along no few axes."""
    random = np.random.default_rng(0)
    vectors = random.normal(size=(count, hidden)).astype(np.float32)
    vectors[count // 2 :] *= 1e-6
    vectors[::3, 0] += 30
    n_axes, step, data = rounding.encode_axes(vectors)
    numbers = np.frombuffer(data, np.uint8)[4 * count :]
    folded = np.ascontiguousarray(numbers.reshape(2, -1).T).view("<u2").reshape(n_axes, count)
    ours = (np.where(folded & 1, -(folded.astype(int) + 1) // 2, folded // 2) * step).T
    ours /= np.linalg.norm(ours, axis=1)[:, None]
    unit = vectors / np.linalg.norm(vectors, axis=1)[:, None]
    assert np.abs(ours @ ours.T - unit @ unit.T).max() <= 1e-3

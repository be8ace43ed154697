"""Attention, vectors and hidden states in few bytes, for pages that carry them along.

What is lost is bounded and known: attention weights come back within 1/1024, sums of rows and of
the pieces of a word as well, cosines within 1e-3, and the elements of queries and keys within
1/65,534 of the largest in their vector. js/embedded/ undoes it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from attention_widget.block import Array

STEP: Final = 1 / 520
"""Between two levels of a weight, as a share of its row."""

FINE_STEP: Final = STEP / 2
"""The same for the pieces of words: they are rounded so that the sum of some beside each other is
off by less than one of these, as each of them may be."""

ZERO, SMALL, LEVEL_0, NAN = 0, 1, 2, 4095
"""Codes: a weight that is exactly 0; one below half a step; the first level; no number."""

LEAST_LEVEL: Final = 2.0**-10
"""In steps: no weight but 0 comes back as 0, which would say that a mask hides the key."""

SHIFTS: Final = 32
"""Places within a step where the levels of a row may begin."""

LEAST_SHARE: Final = 1 / 1024
"""Keys that get less than this of a row together are rounded as if they got it, but for keys of
the text, which stay as exact when what special tokens get is taken away."""

AXIS_STEP: Final = 5e-4
"""Between two levels of a coordinate of a unit vector: cosines come back within 1e-3."""

Bytes = NDArray[np.uint8]


def planes(values: NDArray[Any]) -> bytes:
    """The bytes of numbers, all first bytes first: like bytes side by side deflate better."""
    little = values.astype(values.dtype.newbyteorder("<"), copy=False)
    flat = np.ascontiguousarray(little).reshape(-1)
    side_by_side: bytes = flat.view(np.uint8).reshape(flat.size, values.itemsize).T.tobytes()
    return side_by_side


def fits_levels(weights: Array) -> bool:
    """Whether each row (query, key) holds shares of at most 1, in numbers that are not negative;
    weights that were handed over may be anything."""
    known = np.nan_to_num(weights, nan=0.0, posinf=np.inf, neginf=-np.inf)
    return bool((known >= 0).all() and (known.sum(1) <= 1.001).all())


def encode_levels(weights: Array, special: NDArray[np.bool_], fine: NDArray[np.bool_]) -> bytes:
    """One head's attention (query, key) in levels.

    A level is a share of what its row gives to all special keys, or to all others: weights are
    then as exact where special tokens are taken away. Both sums are kept: what rounding changes
    is shared alike by the weights below half a step, and where these cannot take it, the levels
    of the row begin elsewhere. ``fine`` marks keys that are summed to words (key,).
    """
    known = np.nan_to_num(weights).astype(np.float64)
    text, total = _sums(known, special)
    codes = np.zeros(known.shape, np.int64)
    starts: list[NDArray[np.int8]] = []
    for group, given in zip((~special, special), _given(text, total), strict=True):
        scale = _scale(given, group is not special)
        shares = np.where(group, known, 0) / scale / STEP
        goal = given / scale[:, 0] / STEP
        exact = group & fine
        if exact.any():
            upto = np.round(2 * np.cumsum(shares[:, exact], 1))
            levels = np.diff(upto, axis=1, prepend=0).astype(np.int64)
            codes[:, exact] = np.where(known[:, exact] > 0, LEVEL_0 + levels, ZERO)
            goal = goal - levels.sum(1) / 2
            shares[:, exact] = 0
        small = (shares > 0) & (shares < 0.5)
        large = shares >= 0.5
        start = _start(shares, large, small.sum(1), goal)
        levels = np.round(shares - start[:, None] / SHIFTS).astype(np.int64)
        codes = np.where(large, LEVEL_0 + levels, codes)
        codes = np.where(small, SMALL, codes)
        starts.append(start.astype(np.int8))
    codes = np.where(np.isnan(weights), NAN, codes).astype(np.uint16)
    places = b"".join(map(planes, starts))
    return planes(codes.T) + planes(text) + planes(total) + places


def decode_levels(
    data: bytes,
    shape: tuple[int, int],
    special: NDArray[np.bool_],
    fine: NDArray[np.bool_],
) -> Array:
    """What a browser makes of :func:`encode_levels`; the other half is js/embedded/levels.ts."""
    queries, keys = shape
    parts = np.frombuffer(data, np.uint8)
    size = queries * keys
    codes = parts[:size].astype(np.int64) | parts[size : 2 * size].astype(np.int64) << 8
    codes = codes.reshape(keys, queries).T
    sums = parts[2 * size : 2 * size + 4 * queries].reshape(2, 2, queries)  # byte by byte
    text, total = (np.ascontiguousarray(one.T).view("<f2")[:, 0] for one in sums)
    starts = parts[2 * size + 4 * queries :].view(np.int8).reshape(2, queries)
    weights = np.zeros(shape)
    groups = zip((~special, special), _given(text, total), starts, strict=True)
    for group, given, start in groups:
        scale = _scale(given, group is not special)
        level = (codes >= LEVEL_0) & (codes < NAN) & group
        large, small = level & ~fine, (codes == SMALL) & group
        shares = np.where(level & fine, (codes - LEVEL_0) / 2, 0)
        shares = np.where(large, codes - LEVEL_0 + start[:, None] / SHIFTS, shares)
        left = given / scale[:, 0] / STEP - shares.sum(1)
        share = np.clip(left / np.maximum(small.sum(1), 1), 0, 0.5)
        rest = (left - share * small.sum(1)) / np.maximum(large.sum(1), 1)
        shares = np.where(small, share[:, None], shares)
        shares = np.where(large, shares + rest[:, None], shares)
        known = (codes != ZERO) & (codes != NAN) & group
        weights = np.where(known, np.maximum(LEAST_LEVEL, shares) * scale * STEP, weights)
    return np.where(codes == NAN, np.nan, weights).astype(np.float32)


def _sums(
    known: NDArray[np.float64], special: NDArray[np.bool_]
) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
    """What each query gives to the keys that are not special, and to all."""
    total = known.sum(1)
    total[np.abs(total - 1) < 1e-4] = 1
    text = total if not special.any() else known[:, ~special].sum(1)
    return text.astype(np.float16), total.astype(np.float16)


def _given(
    text: NDArray[np.float16], total: NDArray[np.float16]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What each query gives to the keys that are not special, and to the special ones."""
    of_text = text.astype(np.float64)
    return of_text, np.maximum(0.0, total.astype(np.float64) - of_text)


def _scale(given: NDArray[np.float64], is_text: bool) -> NDArray[np.float64]:
    """What levels are shares of (query, 1)."""
    return np.maximum(given, 2.0**-24 if is_text else LEAST_SHARE)[:, None]


def _start(
    shares: NDArray[np.float64],
    large: NDArray[np.bool_],
    n_small: NDArray[np.intp],
    goal: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Where the levels of each row begin (query,), in parts of a step from -SHIFTS / 2 up.

    At 0 where the small weights can take what rounding changes, or hardly anything is changed;
    else where the rounded shares and the small ones come nearest to their goal.
    """
    start = np.zeros(len(shares), np.int64)
    n_large = large.sum(1)
    left = goal - np.where(large, np.round(shares), 0).sum(1)
    taken = np.clip(left, 0, 0.5 * n_small)
    lost = np.abs(left - taken)
    moved = np.flatnonzero(
        (n_large > 2) & (lost > np.where(n_small > 0, 1e-9, n_large / SHIFTS / 2))
    )
    if not moved.size:
        return start
    large, shares = large[moved], shares[moved]
    rows = np.broadcast_to(np.arange(len(moved))[:, None], shares.shape)[large]
    bins = ((shares[large] % 1) * SHIFTS).astype(np.int64)
    counts = np.bincount(rows * SHIFTS + bins, minlength=len(moved) * SHIFTS)
    starts = np.arange(SHIFTS) - SHIFTS // 2
    away = (np.arange(SHIFTS)[:, None] + 0.5 - starts) / SHIFTS  # (bin, start)
    change = counts.reshape(-1, SHIFTS) @ (np.round(away) - away)  # (query, start): of the sum
    small = goal[moved] - np.where(large, shares, 0).sum(1)  # what the small ones have
    left = small[:, None] - change
    lost = np.abs(left - np.clip(left, 0, 0.5 * n_small[moved, None]))
    start[moved] = starts[(lost + np.abs(starts) / SHIFTS / 1e3).argmin(1)]
    return start


def encode_rows(values: Array) -> bytes:
    """Vectors (..., dim), each as 16-bit shares of its largest element."""
    largest = np.abs(values).max(-1, initial=0).astype(np.float32)
    scale = np.where(largest > 0, largest, 1).astype(np.float32)
    shares = np.round(values.astype(np.float64) / scale[..., None] * 32767)
    return planes(scale) + planes((shares + 32768).astype(np.uint16))


def encode_axes(vectors: Array) -> tuple[int, bytes]:
    """Vectors (token, hidden) along their principal axes: how many axes, and the bytes.

    Turning all vectors together changes no length, no cosine and no mean of some of them, and
    puts most of them on few axes. Lengths are kept as they are, and directions are rounded.
    """
    rows = vectors.astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1)
    unit = rows / np.where(lengths > 0, lengths, 1)[:, None]
    if unit.shape[0] <= unit.shape[1]:
        squares, axes = np.linalg.eigh(unit @ unit.T)
        turned = axes * np.sqrt(np.maximum(squares, 0))
    else:
        turned = unit @ np.linalg.eigh(unit.T @ unit)[1]
    levels = np.round(turned[:, ::-1].T / AXIS_STEP).astype(np.int64)  # (axis, token)
    used = np.flatnonzero(levels.any(1))
    levels = levels[: used[-1] + 1 if used.size else 0]
    folded = np.where(levels < 0, -2 * levels - 1, 2 * levels).astype(np.uint16)
    return len(levels), planes(lengths.astype(np.float32)) + planes(folded)

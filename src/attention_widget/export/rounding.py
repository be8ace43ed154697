"""Attention, vectors and hidden states in few bytes, for pages that carry them along.

What is lost is bounded and known: attention weights come back within 1e-3, and so do sums of rows
and of the pieces of a word; as shares of their row, or of what their row gives to the text, they
come back within 1e-3 however small that is. Cosines come back within 1e-3, and the elements of
queries and keys within 1/65,534 of the largest in their vector. js/saved/ undoes it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from attention_widget.trace.block import Array

STEP: Final = 1 / 520
"""Between two levels of a weight, as a share of its row."""

FINE_STEP: Final = STEP / 2
"""The same for the pieces of words: they are rounded so that the sum of some beside each other is
off by less than one of these, as each of them may be."""

ZERO, SMALL, LEVEL_0, NAN = 0, 1, 2, 4095
"""Codes: a weight that is exactly 0; one below half a step; the first level; no number."""

LEAST_LEVEL: Final = 2.0**-30
"""In steps: no weight but 0 comes back as 0, which would say that a mask hides the key."""

LEAST_WEIGHT: Final = 2.0**-149
"""The least that is not 0 in a float32."""

SHIFTS: Final = 32
"""Places within a step where the levels of a row may begin."""

LEAST_SHARE: Final = 1 / 1024
"""Special keys that get less than this share of a row together are rounded as if they got it. Keys
of the text are not: they stay as exact when what special tokens get is taken away."""

SHARE_CODES: Final = 2**16 - 1
SHARE_OCTAVES: Final = 150
"""Shares are kept as codes c: ``2 ** (-150 (c / 65535)²)``. From 1 to the least float32 they come
back within 7e-5, and within 0.2 % of themselves."""

ROW_LEVELS: Final = 32767
"""Above 0, of the elements of a query or key."""

SCORE: Final = 1e-3
"""Queries and keys whose scores would be further off are kept as they are."""

SUMMED: Final = 2e-6
"""What a sum of float32 products may be off, as a share of the largest score."""

ERROR: Final = {"weight": 1e-3, "cosine": 1e-3, "norm": 1e-6, "element": 1 / (2 * ROW_LEVELS)}
"""What numbers are within: norms as shares of themselves, elements of the largest in a vector."""

AXIS_STEP: Final = 5e-4
"""Between two levels of a coordinate of a unit vector, unless cosines would be further off."""

FINER: Final = 0.75
"""What the step is multiplied by until they are not."""

CHECKED: Final = 512
"""Vectors whose cosines to all are checked: of more, evenly spaced ones, with a reserve."""

RESERVE: Final = 0.8


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
    then as exact where special tokens are taken away. What each row gives in all, and which share
    of it to the text, is kept. What rounding changes is shared alike by the weights below half a
    step, and where these cannot take it, the levels of the row begin elsewhere. ``fine`` marks
    keys that are summed to words (key,).
    """
    known = np.nan_to_num(weights).astype(np.float64)
    total = known.sum(1)
    total[np.abs(total - 1) < 1e-4] = 1
    text = known[:, ~special].sum(1) if special.any() else total
    codes = np.zeros(known.shape, np.int64)
    starts: list[NDArray[np.int8]] = []
    for group, given, scale in _groups(total, text, special):
        shares = np.where(group, known, 0) / scale[:, None] / STEP
        goal = given / scale / STEP
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
    of_text = np.divide(text, total, out=np.ones_like(total), where=total > 0)
    sums = planes(_share_codes(total)) + planes(_share_codes(of_text))
    return planes(codes.T) + sums + b"".join(map(planes, starts))


Floats = NDArray[np.float64]


def _groups(
    total: Floats, text: Floats, special: NDArray[np.bool_]
) -> tuple[tuple[NDArray[np.bool_], Floats, Floats], ...]:
    """The keys of the text and the special ones (key,), what each query gives to them, and what
    their levels are shares of (query,)."""
    of_special = np.maximum(0.0, total - text)
    scale = np.maximum(of_special, total * LEAST_SHARE)
    return (~special, text, _not_0(text)), (special, of_special, _not_0(scale))


def _not_0(scale: Floats) -> Floats:
    return np.where(scale > 0, scale, 1.0)


def _share_codes(shares: Floats) -> NDArray[np.uint16]:
    octaves = -np.log2(np.clip(shares, 2.0**-SHARE_OCTAVES, 1))
    return np.round(SHARE_CODES * np.sqrt(octaves / SHARE_OCTAVES)).astype(np.uint16)


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
    scale, shares = _rows(values)
    return planes(scale) + planes((shares + 32768).astype(np.uint16))


def _rows(values: Array) -> tuple[Array, Floats]:
    largest = np.abs(values).max(-1, initial=0).astype(np.float32)
    scale = np.where(largest > 0, largest, 1).astype(np.float32)
    return scale, np.round(values.astype(np.float64) / scale[..., None] * ROW_LEVELS)


QUERIES_AT_ONCE: Final = 256


def score_error(query: Array, key: Array, scale: float, whole: bool) -> tuple[bool, float]:
    """Whether queries and keys are to be kept as they are, and how far their scores in a browser
    are then from the model's, at most."""
    exact = [values.astype(np.float64) for values in (query, key)]
    rounded = [_rows(values) for values in (query, key)]
    q, k = (shares / ROW_LEVELS * of[:, None] for of, shares in rounded)
    away = largest = 0.0
    for first in range(0, len(query), QUERIES_AT_ONCE):
        some = slice(first, first + QUERIES_AT_ONCE)
        scores = exact[0][some] @ exact[1].T * scale
        largest = max(largest, float(np.abs(scores).max(initial=0)))
        if not whole:
            away = max(away, float(np.abs(q[some] @ k.T * scale - scores).max(initial=0)))
    summed = SUMMED * largest
    whole = whole or away > SCORE
    return whole, summed if whole else away + summed


def encode_axes(vectors: Array) -> tuple[int, float, bytes]:
    """Vectors (token, hidden) along their principal axes: how many axes, the step between two
    levels, and the bytes.

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
    step = AXIS_STEP
    while not _keeps_cosines(turned, np.round(turned / step)):
        step *= FINER
    levels = np.round(turned[:, ::-1].T / step).astype(np.int64)  # (axis, token)
    used = np.flatnonzero(levels.any(1))
    levels = levels[: used[-1] + 1 if used.size else 0]
    folded = np.where(levels < 0, -2 * levels - 1, 2 * levels).astype(np.uint16)
    return len(levels), step, planes(lengths.astype(np.float32)) + planes(folded)


def _keeps_cosines(unit: Floats, levels: Floats) -> bool:
    """Whether vectors (token, axis) have the directions of their levels, as far as cosines tell."""
    lengths = np.linalg.norm(levels, axis=1)
    unit, levels, lengths = (part[lengths > 0] for part in (unit, levels, lengths))
    ours, exact = (levels / lengths[:, None]).astype(np.float32), unit.astype(np.float32)
    some = slice(None, None, max(1, -(-len(unit) // CHECKED)))
    away = np.abs(ours[some] @ ours.T - exact[some] @ exact.T).max(initial=0)
    return bool(away <= ERROR["cosine"] * (1 if len(unit) <= CHECKED else RESERVE))

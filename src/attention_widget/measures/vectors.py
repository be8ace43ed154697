"""Lengths of vectors and the angles between them, as the text view colours tokens by them.

For hidden states, of words too (``trace.words().hidden_states(layer)``), and any other vectors.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attention_widget._util.integers import within
from attention_widget.errors import InvalidValueError, OutOfRangeError
from attention_widget.trace.block import Array


def norms(vectors: ArrayLike) -> Array:
    """L2 norm ``√Σ x²`` of each vector: (token,) of (token, hidden).

    Tokens that attention is parked on have hidden states of a norm far beyond all others
    (massive activations, Sun et al. 2024, https://arxiv.org/abs/2402.17762).

    >>> norms([[3, 4], [0, 1]])
    array([5., 1.], dtype=float32)
    """
    lengths: Array = np.linalg.norm(_vectors(vectors), axis=1).astype(np.float32)
    return lengths


def previous_cosine(vectors: ArrayLike, special: Sequence[bool] | None = None) -> Array:
    """Cosine ``x·y / (|x| |y|)`` of each vector to the one before it: (token,) of (token, hidden).

    How like its context a token is, as contextual similarity is measured by Ethayarajh 2019
    (https://arxiv.org/abs/1909.00512, section 3.3), here of neighbours alone. The first token has
    none before it: NaN. Rows marked ``special`` are not text: they score NaN and are passed
    over, as the text view does with ``[CLS]`` and ``[SEP]``. A zero vector gives NaN.

    >>> previous_cosine([[1, 0], [3, 0], [0, 2]])
    array([nan,  1.,  0.], dtype=float32)
    >>> previous_cosine([[1, 0], [9, 9], [2, 0]], special=[False, True, False])
    array([nan, nan,  1.], dtype=float32)

    Raises:
        ValueError: ``special`` is not one of each token.
    """
    rows = _vectors(vectors)
    is_special = np.zeros(len(rows), bool) if special is None else np.asarray(special, bool)
    if is_special.shape != (len(rows),):
        raise InvalidValueError(f"special must have shape ({len(rows)},), got {is_special.shape}")
    scores = np.full(len(rows), np.nan)
    text = np.flatnonzero(~is_special)
    scores[text[1:]] = _cosine(rows[text[1:]], rows[text[:-1]])
    return scores.astype(np.float32)


def cosine_to(vectors: ArrayLike, target: ArrayLike) -> Array:
    """Cosine ``x·y / (|x| |y|)`` of each vector (token, hidden) to a target (hidden,): (token,).

    The similarity of contextual representations of Ethayarajh 2019
    (https://arxiv.org/abs/1909.00512, section 3.3). A zero vector, or a zero target, gives NaN.

    >>> cosine_to([[1, 0], [0, 2], [-5, 0]], [1, 0])
    array([ 1.,  0., -1.], dtype=float32)

    Raises:
        ValueError: the target is not one vector of the same size.
    """
    rows, goal = _vectors(vectors), np.asarray(target, np.float64)
    if goal.shape != rows.shape[1:]:
        raise InvalidValueError(f"target must have shape {rows.shape[1:]}, got {goal.shape}")
    return _cosine(rows, goal).astype(np.float32)


def cosine_to_mean(vectors: ArrayLike, targets: Sequence[int]) -> Array:
    """Cosine of each vector to the mean of those at ``targets``: (token,) of (token, hidden).

    What the text view shows of several pins with ``pin_mode="mean"``: :func:`cosine_to` of the
    mean. The vectors are averaged as they are, so that a longer one counts for more.

    >>> cosine_to_mean([[1, 0], [0, 1], [2, 2]], [0, 1]).round(4)
    array([0.7071, 0.7071, 1.    ], dtype=float32)

    Raises:
        ValueError: there is no target.
        IndexError: a target does not exist.
    """
    rows = _vectors(vectors)
    if not len(targets):
        raise InvalidValueError("the mean of no vectors is not defined; name at least one target")
    missing = [target for target in targets if not 0 <= target < len(rows)]
    if missing:
        raise OutOfRangeError(f"targets must be {within(len(rows))}, got {missing[0]}")
    return cosine_to(rows, rows[list(targets)].mean(0))


def min_max(scores: ArrayLike, special: Sequence[bool] | None = None) -> Array:
    """Scores as parts of the way from the smallest to the largest (token,): ``(s - min) / (max -
    min)``, from 0 to 1 (min–max normalisation, Han et al. 2012, Data Mining, section 3.5.2).

    How a text is coloured with ``min_max=True``. What has no finite score, such as the first word
    in :func:`previous_cosine`, and rows marked ``special`` are left out: NaN. Scores that are all
    the same are 0.

    >>> min_max([float("nan"), 0.2, 0.6, 0.4]).round(2)
    array([nan, 0. , 1. , 0.5], dtype=float32)

    Raises:
        ValueError: the scores are not of shape (token,), or ``special`` is not one of each.
    """
    given = np.asarray(scores, np.float64)
    if given.ndim != 1:
        raise InvalidValueError(f"scores must have shape (token,), got {given.shape}")
    is_special = np.zeros(len(given), bool) if special is None else np.asarray(special, bool)
    if is_special.shape != given.shape:
        raise InvalidValueError(f"special must have shape ({len(given)},), got {is_special.shape}")
    counts = np.isfinite(given) & ~is_special
    scaled = np.full(len(given), np.nan, np.float32)
    if counts.any():
        low, high = given[counts].min(), given[counts].max()
        scaled[counts] = (given[counts] - low) / (high - low) if high > low else 0.0
    return scaled


def _vectors(vectors: ArrayLike) -> NDArray[np.float64]:
    rows = np.asarray(vectors, np.float64)
    if rows.ndim != 2:
        raise InvalidValueError(f"vectors must have shape (token, hidden), got {rows.shape}")
    return rows


def _cosine(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    with np.errstate(invalid="ignore"):
        return np.asarray((a * b).sum(-1) / lengths)

"""Numbers read off a trace: pure functions, each with its formula and source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attention_widget.measures.summaries import MAPS_BYTES
from attention_widget.trace.block import Array, Block
from attention_widget.trace.grouping import Operation
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace


def attention_received(trace: Trace, layer: int, kind: Kind | None = None) -> Array:
    """Mean attention that each key gets from all queries (head, key).

    ``received[h, k] = mean over q of attention[h, q, k]``: the accumulated attention score of
    Zhang et al. 2023 (H2O, https://arxiv.org/abs/2306.14048) divided by the number of queries.
    With a causal mask the queries before a key count as 0, so early keys get more.

    Raises:
        LookupError: the layer has no attention.
    """
    block = trace.operation(layer, kind)
    if not block.n_queries:
        return np.zeros((block.n_heads, block.n_keys), np.float32)
    return np.stack([attention.mean(0) for attention in _maps(block, range(block.n_heads))])


def count_nan(trace: Trace, layer: int, kind: Kind | None = None) -> NDArray[np.int32]:
    """How many attention weights of each head are NaN (head,).

    Maps are computed only where something in the block is not finite, or so large that a
    product of it may not be.

    Raises:
        LookupError: the layer has no attention.
    """
    block = trace.operation(layer, kind)
    if isinstance(block, Block) and _stays_finite(block):
        return np.zeros(block.n_heads, np.int32)
    counts = [np.isnan(attention).sum() for attention in _maps(block, range(block.n_heads))]
    return np.array(counts, np.int32)


def word_vectors(vectors: ArrayLike, units: Sequence[Sequence[int]]) -> Array:
    """Vector of each unit (unit, hidden): the mean of its tokens' vectors (token, hidden)."""
    rows = _vectors(vectors)
    means = [rows[list(unit)].mean(0) for unit in units]
    return np.array(means, np.float32).reshape(len(units), rows.shape[1])


def word_attention(attention: ArrayLike, units: Sequence[Sequence[int]]) -> Array:
    """Attention between units (..., unit, unit) from attention between tokens (..., query, key).

    Summed over the key tokens of a unit and averaged over its query tokens, so that rows still
    sum to 1 (Clark et al. 2019, https://arxiv.org/abs/1906.04341, section 4.1).
    """
    weights = np.asarray(attention, np.float64)
    if weights.ndim < 2 or weights.shape[-1] != weights.shape[-2]:
        raise ValueError(f"attention has shape {weights.shape}; allowed: (..., token, token)")
    member = np.zeros((len(units), weights.shape[-1]))  # (unit, token)
    for unit, unit_tokens in enumerate(units):
        member[unit, list(unit_tokens)] = 1.0
    mean = member / member.sum(1)[:, None]
    between: Array = (mean @ weights @ member.T).astype(np.float32)
    return between


def norms(vectors: ArrayLike) -> Array:
    """L2 norm of each vector (token,) from (token, hidden)."""
    lengths: Array = np.linalg.norm(_vectors(vectors), axis=1).astype(np.float32)
    return lengths


def previous_cosine(vectors: ArrayLike, special: Sequence[bool] | None = None) -> Array:
    """Cosine of each vector to the one before it (token,) from (token, hidden).

    The first has none before it: NaN. Rows marked ``special`` are not text: they score NaN and
    are passed over, as the text view does with ``[CLS]`` and ``[SEP]``. A zero vector gives NaN.
    """
    rows = _vectors(vectors)
    is_special = np.zeros(len(rows), bool) if special is None else np.asarray(special, bool)
    if is_special.shape != (len(rows),):
        raise ValueError(f"special has shape {is_special.shape}; allowed: ({len(rows)},)")
    scores = np.full(len(rows), np.nan)
    text = np.flatnonzero(~is_special)
    scores[text[1:]] = _cosine(rows[text[1:]], rows[text[:-1]])
    return scores.astype(np.float32)


def cosine_to(vectors: ArrayLike, target: ArrayLike) -> Array:
    """Cosine of each vector (token, hidden) to the target vector (hidden,): (token,).

    A zero vector, or a zero target, gives NaN.
    """
    rows, goal = _vectors(vectors), np.asarray(target, np.float64)
    if goal.shape != rows.shape[1:]:
        raise ValueError(f"target has shape {goal.shape}; allowed: {rows.shape[1:]}")
    return _cosine(rows, goal).astype(np.float32)


def cosine_to_mean(vectors: ArrayLike, targets: Sequence[int]) -> Array:
    """Cosine of each vector (token, hidden) to the mean of the vectors at ``targets``: (token,).

    What the text view shows of several pins with ``pin_mode="mean"``. The vectors are averaged as
    they are, so that a longer one counts for more.

    Raises:
        ValueError: there is no target.
        IndexError: a target does not exist.
    """
    rows = _vectors(vectors)
    if not len(targets):
        raise ValueError("the mean of no vectors is not defined; name at least one target")
    missing = [target for target in targets if not 0 <= target < len(rows)]
    if missing:
        raise IndexError(f"target {missing[0]} does not exist; allowed: 0 to {len(rows) - 1}")
    return cosine_to(rows, rows[list(targets)].mean(0))


def _maps(block: Operation, heads: Sequence[int]) -> Iterator[Array]:
    """Attention (query, key) head by head, as many at once as ``MAPS_BYTES`` hold: a whole layer
    of a long text would not fit, and a call for each head of a short one costs time."""
    at_once = max(1, MAPS_BYTES // max(1, 4 * block.n_queries * block.n_keys))
    for first in range(0, len(heads), at_once):
        yield from block.attention(heads[first : first + at_once])


def _stays_finite(block: Block) -> bool:
    """Whether no attention weight can be NaN: the largest possible score is a float32."""
    largest = [float(part.abs().max()) for part in (block.query, block.key)]  # NaN stays NaN
    others = [part for part in (block.bias, block.sinks) if part is not None]
    score = largest[0] * largest[1] * block.query.shape[2] * max(1.0, abs(block.scale))
    return score < 1e37 and all(bool(part.isfinite().all()) for part in others)


def _vectors(vectors: ArrayLike) -> NDArray[np.float64]:
    rows = np.asarray(vectors, np.float64)
    if rows.ndim != 2:
        raise ValueError(f"vectors have shape {rows.shape}; allowed: (token, hidden)")
    return rows


def _cosine(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    with np.errstate(invalid="ignore"):
        return np.asarray((a * b).sum(-1) / lengths)

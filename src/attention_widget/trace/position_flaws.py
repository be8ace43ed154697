"""What of positions cannot be, such as those of a crafted file."""

from __future__ import annotations

from typing import Final

from attention_widget.trace.positions import Positions

_MOST: Final = 2**31
"""The position of the first token is below it."""


def flaw(positions: Positions, n_tokens: int, n_layers: int) -> str:
    """What of it cannot be; empty where all can."""
    n, rows = positions.n, positions.rows
    if not -_MOST < positions.first < n:
        return f"position 0 at token {positions.first}"
    if n != n_tokens:
        return f"{n} positions of {n_tokens} tokens"
    if any(not 0 <= layer < n_layers for layer in positions.layers):
        return f"positions in layers {positions.layers} of {n_layers}"
    shapes = (
        ("rows", rows, 2, n if positions.buckets is None else None, 0),
        ("buckets", positions.buckets, 1, 2 * n - 1, 0),
        ("frequencies", positions.frequencies, 1, None, 0),
        ("biases", positions.biases, 2, 2 * n - 1, 1),
    )
    for name, tensor, ndim, length, axis in shapes:
        if tensor is None:
            continue
        fits = tensor.ndim == ndim and (length is None or tensor.shape[axis] == length)
        if not fits or not tensor.is_floating_point():
            return f"{name} of positions of the shape {tuple(tensor.shape)}"
    expected = {
        "learned": rows,
        "sinusoidal": rows,
        "rotary": positions.frequencies,
        "relative": positions.biases,
        "relative_table": None if rows is None else positions.buckets,
        "relative_sinusoidal": None if rows is None else positions.buckets,
        "alibi": positions.biases,
    }
    if positions.encoding in expected and expected[positions.encoding] is None:
        return f"{positions.encoding} positions without numbers"
    buckets = positions.buckets
    if rows is not None and buckets is not None:
        steps = buckets.diff()
        is_order = bool(buckets.isfinite().all() and (steps >= 0).all() and (steps % 1 == 0).all())
        if not is_order or int(buckets[-1] - buckets[0]) + 1 != len(rows):
            return f"{len(rows)} rows of a table by distance, whose buckets are others"
    return ""

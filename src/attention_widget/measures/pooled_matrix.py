"""A matrix with so few numbers that a screen can show them: of each block the farthest from 0."""

from __future__ import annotations

import numpy as np

from attention_widget.errors import InvalidValueError
from attention_widget.measures.heatmaps import farther
from attention_widget.trace.block import Array


def pooled_matrix(values: Array, down: int, across: int) -> Array:
    """Of each block of ``down`` rows × ``across`` columns the number that is farthest from 0.

    Of equally far ones it is the larger; NaN where one of them is NaN; −∞, which stands for what a
    mask hides, where all of them are. Blocks at the end may be smaller. ``pooledMatrix`` in
    js/measures/calculation.ts is its twin.

    >>> import numpy as np
    >>> pooled_matrix(np.array([[1.0, -3.0, 2.0], [0.0, 2.0, -np.inf]]), 2, 2)
    array([[-3.,  2.]], dtype=float32)

    Raises:
        InvalidValueError: a block has no row or no column.
    """
    if down < 1 or across < 1:
        raise InvalidValueError(f"down and across must be 1 or more, got {down} and {across}")
    rows, columns = -(-values.shape[0] // down), -(-values.shape[1] // across)
    whole = np.full((rows * down, columns * across), -np.inf, np.float32)
    whole[: values.shape[0], : values.shape[1]] = values
    most = _of_blocks(np.maximum, whole, down, across)
    whole[np.isneginf(whole)] = np.inf  # which is never the least
    least = _of_blocks(np.minimum, whole, down, across)
    found: Array = np.where(np.isneginf(most), most, farther(most, least))
    return found


def _of_blocks(of: np.ufunc, whole: Array, down: int, across: int) -> Array:
    """Whole rows at a time first, which is several times as fast as block by block."""
    lines: Array = of.reduce(whole.reshape(-1, down, whole.shape[1]), 1)
    found: Array = of.reduce(lines.reshape(len(lines), -1, across), 2)
    return found

"""The sines and cosines by which the first transformer told positions apart."""

from __future__ import annotations

import math

import numpy as np

from attention_widget._util.integers import as_integer
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.trace.block import Array


def sinusoidal(n: int, d: int, *, base: float = 10_000.0) -> Array:
    """The sinusoidal table of ``n`` positions and ``d`` dimensions (position, dimension).

    ``table[p, 2i] = sin(p · ω_i)`` and ``table[p, 2i + 1] = cos(p · ω_i)``, where
    ``ω_i = base ** (-2i / d)`` (Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, section
    3.5): each pair of dimensions is the hand of a clock, and the later hands turn more slowly. So
    the row of ``p + k`` is the row of ``p`` turned by angles that depend on ``k`` alone, and the
    dot product of two rows depends on their distance alone.

    Args:
        n: positions, from 0 on.
        d: dimensions, an even number.
        base: the slowest hand takes about ``2π · base`` positions for a turn.

    >>> from attention_widget import sinusoidal
    >>> sinusoidal(3, 4).round(3)
    array([[ 0.   ,  1.   ,  0.   ,  1.   ],
           [ 0.841,  0.54 ,  0.01 ,  1.   ],
           [ 0.909, -0.416,  0.02 ,  1.   ]], dtype=float32)

    Raises:
        TypeError, ValueError: ``n`` or ``d`` is no whole number from 1 on, ``d`` is odd, or the
            base is no finite number above 0.
    """
    n, d = _count("n", n), _count("d", d)
    if d % 2:
        raise InvalidValueError(f"d must be even, a sine and a cosine of each angle, got {d}")
    if not isinstance(base, int | float) or isinstance(base, bool):
        raise InvalidTypeError(f"base must be a number, got {type(base).__name__}")
    if not (math.isfinite(base) and base > 0):
        raise InvalidValueError(f"base must be a finite number above 0, got {base}")
    angles = np.arange(n)[:, None] / base ** (np.arange(0, d, 2) / d)
    table = np.empty((n, d), np.float32)
    table[:, 0::2], table[:, 1::2] = np.sin(angles), np.cos(angles)
    return table


def _count(name: str, given: object) -> int:
    count = as_integer(given)
    if count is None:
        raise InvalidTypeError(f"{name} must be a whole number, got {type(given).__name__}")
    if count < 1:
        raise InvalidValueError(f"{name} must be at least 1, got {count}")
    return count

"""Integers as Python users pass them: Python's own, NumPy's and PyTorch's."""

from __future__ import annotations

import operator


def as_integer(value: object) -> int | None:
    """The integer that a value stands for; None for anything else, truth values among it.

    >>> as_integer(3), as_integer(True), as_integer(3.0)
    (3, None, None)
    """
    if str(getattr(value, "dtype", type(value).__name__)).endswith("bool"):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def within(size: int) -> str:
    """The indices that there are, in words.

    >>> f"layer must be {within(6)}", f"head must be {within(1)}"
    ('layer must be in 0–5', 'head must be 0')
    """
    return f"in 0–{size - 1}" if size > 1 else "0"

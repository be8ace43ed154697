"""Whether two values are equal to the last bit."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import numpy as np
import torch


def same(a: object, b: object) -> bool:
    """Whether two values are equal to the last bit."""
    if type(a) is not type(b):
        return False
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        return (
            a.dtype == b.dtype
            and a.shape == b.shape
            and bool(a.eq(b).logical_or(a.ne(a) & b.ne(b)).all())
        )
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if is_dataclass(a) and is_dataclass(b):
        return all(same(getattr(a, each.name), getattr(b, each.name)) for each in fields(a))
    return a == b

"""Sums over rows of products, without a pass that writes the products."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np
import torch

_vecdot: Final[Any] = getattr(np, "vecdot", None)  # since NumPy 2


def sum_products(one: torch.Tensor, other: torch.Tensor, into: torch.Tensor) -> None:
    """``Σ one · other`` over the last axis, of float32, to ``into``. PyTorch writes all products
    before it adds them up; on the CPU NumPy does not."""
    summing(one, other, into)()


def summing(one: torch.Tensor, other: torch.Tensor, into: torch.Tensor) -> Callable[[], object]:
    """What does this each time it is called."""
    if one.device.type == "cpu" and _vecdot is not None:
        return partial(_vecdot, one.numpy(), other.numpy(), out=into.numpy())
    return lambda: torch.sum(one * other, -1, out=into)

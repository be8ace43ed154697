"""Sums over rows of products, without a pass that writes the products."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import torch

_vecdot: Final[Any] = getattr(np, "vecdot", None)  # since NumPy 2


def sum_products(one: torch.Tensor, other: torch.Tensor, into: torch.Tensor) -> None:
    """``Σ one · other`` over the last axis, of float32, to ``into``. PyTorch writes all products
    before it adds them up; on the CPU NumPy does not."""
    if one.device.type == "cpu" and _vecdot is not None:
        _vecdot(one.numpy(), other.numpy(), out=into.numpy())
    else:
        torch.sum(one * other, -1, out=into)

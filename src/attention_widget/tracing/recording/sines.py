"""Whether rows of a table are sines and cosines of their positions."""

from __future__ import annotations

from typing import Any, Final

import torch

PROBED: Final = 64
"""Rows of a table by which sines are told from trained numbers."""


def is_sinusoidal(rows: torch.Tensor) -> bool:
    """Whether each column goes up and down as a sine of the position does, and each row is sines
    and cosines of the same angles.

    >>> import torch
    >>> angles = torch.arange(8.0)[:, None] * torch.tensor([1.0, 0.1])
    >>> is_sinusoidal(torch.cat([angles.sin(), angles.cos()], 1))
    True
    >>> is_sinusoidal(angles)
    False
    """
    rows = rows.double()
    n, dim = rows.shape
    if n < 4 or dim < 2 or not bool(rows.isfinite().all()):
        return False
    norms = rows.square().sum(1)
    if not torch.allclose(norms, torch.full_like(norms, dim / 2), rtol=2e-2):
        return False
    # sin(a + w) + sin(a - w) = 2 cos(w) sin(a)
    around, middle = rows[2:] + rows[:-2], rows[1:-1]
    twice = (around * middle).sum(0) / middle.square().sum(0).clamp(min=1e-12)
    return bool(((around - twice * middle).abs() < 2e-2).all())


def has_sines(rows: torch.Tensor, weight: Any) -> bool:
    """Whether rows, or the first of the table that they are of, are sines and cosines."""
    if is_sinusoidal(rows):
        return True
    is_table = isinstance(weight, torch.Tensor) and weight.ndim == 2
    if not is_table or weight.device.type == "meta" or not weight.is_floating_point():
        return False
    return is_sinusoidal(weight.detach()[len(weight) % 2 : PROBED].to("cpu"))

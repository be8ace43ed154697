"""How far numbers may lie apart that are the same but for their rounding."""

from __future__ import annotations

from typing import Final

import torch

TOLERANCE: Final = 1e-5


def tolerance(dtype: torch.dtype) -> float:
    """Relative to the largest number that was added."""
    return max(TOLERANCE, 8 * torch.finfo(dtype).eps)


def near(one: torch.Tensor, other: torch.Tensor, sizes: torch.Tensor, dtype: torch.dtype) -> bool:
    """Whether rows (position, hidden) are equal up to the rounding of numbers as large as
    ``sizes`` (position,) that were added in a dtype."""
    if one.shape != other.shape or not bool(one.isfinite().all()):
        return False
    off = (one - other).abs().amax(-1)
    return bool((off <= tolerance(dtype) * sizes.clamp(min=1e-30)).all())

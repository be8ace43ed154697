"""How projected vectors became those that enter the product: the same, scaled, or turned.

A rotary embedding (Su et al. 2021, https://arxiv.org/abs/2104.09864) turns pairs of dimensions by
an angle that depends on the position alone. So it is found without a model's code: the pairs of all
heads of a token are turned by the same angles, and nothing else changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import torch

from attention_widget.trace.projections import StageName
from attention_widget.tracing.recording.rounding import tolerance

Turned = tuple[StageName | Literal[""], float]
"""The name of a stage, "" for none, and a factor."""

_ENOUGH = 1e-3  # of the longest pair, that the size of a turn is known
_EVEN = 0.02  # by which share the sizes of turned pairs may differ, which rounding changes too


def turned(plain: torch.Tensor, entered: torch.Tensor) -> Turned | None:
    """How vectors (head, token, dim) became others; None where it is none of these ways."""
    if plain.shape != entered.shape:
        return None
    if torch.equal(plain, entered):
        return "", 1.0
    one, other = plain.double(), entered.double()
    if not bool(one.isfinite().all() and other.isfinite().all()):
        return None
    dtype = torch.float32 if plain.dtype == torch.float64 else plain.dtype
    size = float(other.abs().max())
    allowed = tolerance(dtype) * max(size, 1e-30)
    factor = float((one * other).sum() / (one * one).sum().clamp(min=1e-300))
    if float((one * factor - other).abs().max()) <= allowed:
        return ("", 1.0) if abs(factor - 1) <= tolerance(dtype) else ("scaled", factor)
    return ("rotated", 1.0) if _is_rotated(one, other, allowed) else None


def _is_rotated(one: torch.Tensor, other: torch.Tensor, allowed: float) -> bool:
    dim = one.shape[2]
    for first, last in _stretches(dim):
        outside = [slice(0, first), slice(last, dim)]
        if any(bool(((one - other)[..., part].abs() > allowed).any()) for part in outside):
            continue
        here, there = one[..., first:last], other[..., first:last]
        if any(_is_turned(pairs(here), pairs(there), allowed) for pairs in (_halves, _neighbours)):
            return True
    return False


def _stretches(dim: int) -> Iterator[tuple[int, int]]:
    """Which dimensions may be turned: all, so many at the start, or at the end."""
    yield 0, dim - dim % 2
    for size in range(dim - dim % 2, 0, -2):
        if size < dim:
            yield 0, size
            yield dim - size, dim


def _halves(vectors: torch.Tensor) -> torch.Tensor:
    """Complex numbers of dimensions i and i + half."""
    half = vectors.shape[2] // 2
    return torch.complex(vectors[..., :half], vectors[..., half : 2 * half])


def _neighbours(vectors: torch.Tensor) -> torch.Tensor:
    """Complex numbers of dimensions 2i and 2i + 1."""
    return torch.complex(vectors[..., 0::2], vectors[..., 1::2])


def _is_turned(one: torch.Tensor, other: torch.Tensor, allowed: float) -> bool:
    """Whether pairs (head, token, pair) were multiplied by numbers of one size that are the same
    for all heads."""
    lengths = (one.conj() * one).real.sum(0)
    by = (one.conj() * other).sum(0) / lengths.clamp(min=1e-300)  # (token, pair)
    if float((one * by - other).abs().max()) > 2 * allowed:
        return False
    enough = lengths > _ENOUGH * lengths.max()
    sizes = by.abs()[enough]
    if not sizes.numel():
        return False
    middle = float(sizes.median())
    off = (sizes - middle).abs() * lengths[enough].sqrt()
    return bool((off <= _EVEN * middle * lengths[enough].sqrt() + 2 * allowed).all())

"""A norm as it was in one pass: a linear map and a bias.

A LayerNorm or RMSNorm divides by the size of the whole state, so what one term adds depends on all
others. Frozen, each row is divided by what it was divided by in the pass, and each term has a part
of its own (Elhage et al. 2021, https://transformer-circuits.pub/2021/framework/).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from attention_widget.tracing.recording.rounding import TOLERANCE, near


@dataclass(frozen=True, eq=False)
class FrozenNorm:
    """``weight · (x − mean) / size + bias``, with the size that each row had in the pass."""

    weight: torch.Tensor  # (hidden,)
    bias: torch.Tensor  # (hidden,)
    sizes: torch.Tensor  # (position,) by which rows are multiplied
    centred: bool

    def double(self) -> FrozenNorm:
        """The same in float64."""
        return self.to(self.weight.device, torch.float64)

    def to(self, device: torch.device, dtype: torch.dtype) -> FrozenNorm:
        """The same on a device and in a dtype."""
        weight, bias, sizes = (
            each.to(device, dtype) for each in (self.weight, self.bias, self.sizes)
        )
        return FrozenNorm(weight, bias, sizes, self.centred)

    def times(self, factor: float) -> FrozenNorm:
        """The same, and then multiplied by a factor; by 1 where that is rounding."""
        if abs(factor - 1) <= TOLERANCE:
            return self
        return FrozenNorm(self.weight * factor, self.bias * factor, self.sizes, self.centred)

    def linear(self, vectors: torch.Tensor) -> torch.Tensor:
        """What it makes of terms (..., position, hidden), without the bias."""
        if self.centred:
            vectors = vectors - vectors.mean(-1, keepdim=True)
        return vectors * self.sizes[:, None] * self.weight


def frozen(norm: torch.nn.Module, given: torch.Tensor, gave: torch.Tensor) -> FrozenNorm | None:
    """A module frozen at what it gave out for rows (position, hidden); None if it is neither a
    LayerNorm nor an RMSNorm. On the CPU, in float32.

    Its parts are found by calling it: zeros give its bias, +1 and −1 in turns give its weight, and
    a constant gives nothing but the bias if it is a LayerNorm.
    """
    own = next((one for one in norm.parameters() if not one.is_meta), given)  # else offloaded
    given, gave = given.to(own.device), gave.to(own.device)
    n_hidden = given.shape[-1]
    turns = torch.ones(n_hidden, dtype=given.dtype, device=given.device)
    turns[1::2] = -1.0
    if n_hidden % 2:
        turns[-1] = 0.0
    other = turns.roll(1)
    probes = torch.stack([torch.zeros_like(turns), turns, other, torch.ones_like(turns)])
    made = norm(probes[None])
    if not isinstance(made, torch.Tensor) or made.shape != probes[None].shape:
        return None
    bias, one, two, constant = made[0].float()
    first, second = (one - bias) * turns, (two - bias) * other
    weight = torch.where(turns == 0, second, first)
    size = float(weight.abs().max())
    centred = bool(((constant - bias).abs() <= 1e-2 * size).all())
    raw = given.float()
    shifted = raw - raw.mean(-1, keepdim=True) if centred else raw
    base = shifted * weight
    inner = (base * base).sum(-1).clamp(min=1e-30)
    sizes = ((gave.float() - bias) * base).sum(-1) / inner
    found = FrozenNorm(weight, bias, sizes, centred)
    again = found.linear(raw) + bias
    if not near(again, gave.float(), gave.float().abs().amax(-1), given.dtype):
        return None
    return FrozenNorm(weight.cpu(), bias.cpu(), sizes.cpu(), centred)

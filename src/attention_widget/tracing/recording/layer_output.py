"""What a layer gave out: tensors, alone or in tuples, lists and dictionaries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True)
class Emptied:
    """What is left of a tensor whose numbers nobody needs."""

    shape: torch.Size
    dtype: torch.dtype
    device: torch.device


def emptied(output: Any) -> Any:
    """The shapes of what a layer gave out, of which :func:`copied` makes zeros."""
    if isinstance(output, torch.Tensor):
        states = output.is_floating_point()
        return Emptied(output.shape, output.dtype, output.device) if states else output
    if type(output) in (tuple, list):
        return type(output)(map(emptied, output))
    if type(output) is dict:
        return {name: emptied(each) for name, each in output.items()}
    return output


def copied(output: Any, batch: int) -> Any:
    """A copy of what a layer gave out, for so many rows: models write into what they are given."""
    if isinstance(output, Emptied):
        return torch.zeros(output.shape, dtype=output.dtype, device=output.device)
    if isinstance(output, torch.Tensor):
        if batch > 1 and output.ndim and output.shape[0] == 1:
            return output.expand(batch, *output.shape[1:]).clone()
        if batch > 1 and output.ndim > 2 and output.shape[1] == 1:  # (token, batch, hidden)
            return output.expand(output.shape[0], batch, *output.shape[2:]).clone()
        return output.clone()
    if type(output) in (tuple, list):
        return type(output)(copied(each, batch) for each in output)
    if type(output) is dict:
        return {name: copied(each, batch) for name, each in output.items()}
    return output


def nbytes_of(output: Any) -> int:
    """The bytes of its tensors."""
    if isinstance(output, torch.Tensor):
        return output.nbytes
    parts = output.values() if type(output) is dict else output
    return sum(map(nbytes_of, parts)) if type(output) in (tuple, list, dict) else 0


def identical(one: Any, other: Any) -> bool:
    """Whether two outputs hold the same numbers, to the last bit."""
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and torch.equal(one, other)
    if type(one) in (tuple, list):
        return len(one) == len(other) and all(map(identical, one, other))
    if type(one) is dict:
        return one.keys() == other.keys() and all(identical(one[name], other[name]) for name in one)
    return True

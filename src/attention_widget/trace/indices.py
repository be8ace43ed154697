"""Indices as Python has them: negative ones count from the end, and what is not there is an
IndexError."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Sequence

import torch

from attention_widget._util.integers import as_integer, within
from attention_widget.errors import InvalidTypeError, OutOfRangeError

Indices = int | Sequence[int]
"""One index or several; of one alone the axis stays, with length 1."""


def index_of(noun: str, value: object, size: int, advice: str = "") -> int:
    """The index from 0 that a value stands for among ``size``.

    >>> index_of("layer", -1, 6)
    5
    >>> index_of("layer", 9, 6)
    Traceback (most recent call last):
    ...
    attention_widget.errors.OutOfRangeError: layer must be in 0–5, got 9
    """
    index = as_integer(value)
    if index is None:
        raise InvalidTypeError(f"{noun} must be an integer, got {reprlib.repr(value)}")
    if not size:
        raise OutOfRangeError(f"there is no {noun}, got {index}{advice}")
    if not -size <= index < size:
        raise OutOfRangeError(f"{noun} must be {within(size)}, got {index}{advice}")
    return index % size


def indices_of(noun: str, chosen: Indices | None, size: int) -> list[int]:
    """The indices from 0 that are chosen of ``size``, in the order given; all if None.

    >>> indices_of("head", [-1, 0], 12)
    [11, 0]
    >>> indices_of("head", 3, 12)
    [3]
    """
    if chosen is None:
        return list(range(size))
    if not isinstance(chosen, Iterable) or as_integer(chosen) is not None:  # a scalar tensor too
        return [index_of(noun, chosen, size)]
    return [index_of(noun, value, size) for value in chosen]


def tensor_of(noun: str, chosen: Indices | None, size: int) -> torch.Tensor:
    """:func:`indices_of` as a tensor on the CPU."""
    if chosen is None:
        return torch.arange(size, dtype=torch.long, device="cpu")
    return torch.tensor(indices_of(noun, chosen, size), dtype=torch.long, device="cpu")

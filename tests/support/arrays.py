"""Attention of others, in arrays of every sort."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

LABELS = ["the", "red", "house", "."]

TARGET = ["<s>", "das", "rote", "Haus", "."]

N, M = len(LABELS), len(TARGET)


def weights(*shape: int, seed: int = 0) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=random).softmax(-1)


class Jax:
    """An array as JAX's: read-only, with ``__array__`` and little else."""

    def __init__(self, values: Any) -> None:
        self._values = np.asarray(values)
        self._values.setflags(write=False)
        self.shape = self._values.shape

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self._values.astype(dtype) if dtype is not None else self._values


LAYERS = [weights(1, 3, N, N, seed=seed) for seed in range(2)]


# ---------------------------------------------------------------- queries, keys and values


def vectors(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))

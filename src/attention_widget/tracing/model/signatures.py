"""The arguments that a model's forward takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from torch import nn


def accepted(model: nn.Module) -> frozenset[str]:
    """Names of the arguments of a model's forward."""
    if "forward" in vars(model):  # replaced on this very model, as accelerate does
        return _names.__wrapped__(model.forward)
    return _names(type(model).forward)


@lru_cache(maxsize=256)  # to look one up takes as long as a layer of a small model
def _names(function: Callable[..., Any]) -> frozenset[str]:
    return frozenset(inspect.signature(function).parameters)

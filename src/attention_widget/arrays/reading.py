"""Arrays of any library -> tensors of our own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch


def stacked(name: str, given: Any, *ndims: int) -> list[torch.Tensor | None]:
    """An array per layer, of one of these numbers of axes: a list of them, or one array with a
    layer axis in front or, of one layer, without."""
    if isinstance(given, list | tuple):
        layers = []
        for layer, each in enumerate(given):
            if isinstance(each, list | tuple) and any(_is_array(part) for part in each):
                raise TypeError(
                    f"{name}[{layer}] is a {type(each).__name__} of arrays, as generate() returns "
                    f"for each step; allowed: those of one forward pass, an array per layer"
                )
            layers.append(None if each is None else tensor(f"{name}[{layer}]", each))
    else:
        whole = tensor(name, given)
        layers = [whole] if whole.ndim == ndims[0] else [part.clone() for part in whole.unbind()]
    for layer, each in enumerate(layers):
        if each is not None and each.ndim not in ndims:
            raise ValueError(shape_error(name, layer, each, _axes(name, ndims)))
        if each is not None and not each.numel():
            raise ValueError(shape_error(name, layer, each, "no axis of length 0"))
    return layers


def _axes(name: str, ndims: Sequence[int]) -> str:
    of = {"q": "(head, query, dim)", "k": "(kv_head, key, dim)", "v": "(kv_head, key, dim)"}
    if name in of:
        return of[name]
    return "(head, query, key)" + (" or (batch, head, query, key)" if 4 in ndims else "")


def shape_error(name: str, layer: int, given: torch.Tensor, expected: str) -> str:
    return f"{name} of layer {layer} has shape {tuple(given.shape)}; allowed: {expected}"


def _is_array(given: Any) -> bool:
    return hasattr(given, "__array__") or hasattr(given, "__dlpack__")


def tensor(name: str, given: Any, weights: bool = True) -> torch.Tensor:
    """A copy, on the CPU."""
    if isinstance(given, torch.Tensor):
        made = given.detach().to("cpu", copy=True)
    elif hasattr(given, "__dlpack__") and not hasattr(given, "__array__"):
        made = torch.utils.dlpack.from_dlpack(given).to("cpu", copy=True)
    else:
        try:
            made = torch.from_numpy(_array(given))
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"{name} is a {type(given).__name__} that makes no array of numbers ({error}); "
                f"allowed: an array of NumPy, PyTorch or JAX, or nested lists of numbers"
            ) from error
    if made.is_complex():
        raise TypeError(f"{name} is complex; allowed: real numbers")
    if made.is_floating_point() and made.dtype != torch.float64:
        return made
    return made.float() if weights or made.dtype != torch.bool else made


def _array(given: Any) -> np.ndarray[Any, Any]:
    array = np.asarray(given).copy()  # asarray alone shares, and what it shares may be read-only
    if array.dtype.kind == "V" or array.dtype.name == "bfloat16":  # JAX's own, unknown to torch
        array = array.astype(np.float32)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"its dtype is {array.dtype}")
    return np.ascontiguousarray(array.astype(array.dtype.newbyteorder("="), copy=False))

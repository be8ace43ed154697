"""Arrays of any library -> tensors of our own, and the shapes that attention and vectors may have.

``(row, column)`` below is (query, key) of attention and (token, dim) of vectors:

* ``(row, column)``: one head; ``(head, row, column)``: one layer;
* ``(batch, head, row, column)``: one layer too, of a batch of one text, or of the ``item`` named;
* a list or tuple: any of these for each layer, None for a layer without attention;
* one array with a layer axis before the batch: (layer, batch, head, row, column).

Of one array with four axes nothing tells layers from texts, so its first axis has length 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import torch

NEEDS_EAGER: Final = (
    "a model that was loaded by default (sdpa) reports no attention, whatever "
    "output_attentions says: AttentionWidget(model, text) shows it all the same, or load the "
    'model with attn_implementation="eager"'
)

_AXES: Final[Mapping[str, tuple[str, ...]]] = {
    "q": ("head", "query", "dim"),
    "k": ("kv_head", "key", "dim"),
    "v": ("kv_head", "key", "dim"),
}


def layers_of(name: str, given: Any, item: int | None = None) -> list[torch.Tensor | None]:
    """An array (head, row, column) for each layer, None where there is none."""
    if isinstance(given, list | tuple) and not _is_matrix(given):
        layers: list[torch.Tensor | None] = []
        for layer, each in enumerate(given):
            _check_one_pass(name, layer, each)
            layers.append(None if each is None else tensor(f"{name}[{layer}]", each))
    else:
        whole = tensor(name, given)
        if whole.ndim == 4 and len(whole) > 1 and item is None:
            raise ValueError(
                f"{name} has shape {tuple(whole.shape)}, and its first axis may be layers or a "
                f"batch of texts; allowed: {_of_layers(name)}"
            )
        layers = [part.clone() for part in whole.unbind()] if whole.ndim == 5 else [whole]
    return [
        None if each is None else _layer(name, layer, each, item)
        for layer, each in enumerate(layers)
    ]


def _layer(name: str, layer: int, given: torch.Tensor, item: int | None) -> torch.Tensor:
    if given.ndim not in (2, 3, 4):
        raise ValueError(shape_error(name, layer, given, _axes(name)))
    if not given.numel():
        raise ValueError(shape_error(name, layer, given, "no axis of length 0"))
    if given.ndim == 4:
        return _item_of(name, layer, given, item)
    return given[None] if given.ndim == 2 else given


def _item_of(name: str, layer: int, given: torch.Tensor, item: int | None) -> torch.Tensor:
    size = len(given)
    if item is None and size != 1:
        one = (
            f"one text of it, {name}[{layer}][0]"
            if name in _AXES
            else f"item=0 to {size - 1} with its tokens"
        )
        raise ValueError(
            f"{name} of layer {layer} has shape {tuple(given.shape)} (batch, "
            f"{', '.join(_names(name))}), a batch of {size}; allowed: a batch of one, or {one}"
        )
    if item is not None and not 0 <= item < size:
        raise ValueError(f"item is {item}, of a batch of {size}; allowed: 0 to {size - 1}")
    return given[item or 0].clone()


def _of_layers(name: str) -> str:
    text = f"{name}[0] for one text of a batch" if name in _AXES else "item=0 for a text of a batch"
    return f"list({name}) for layers, an array each, or {text}"


def _names(name: str) -> tuple[str, ...]:
    return _AXES.get(name, ("head", "query", "key"))


def _axes(name: str) -> str:
    head, row, column = _names(name)
    return (
        f"({row}, {column}) of one head, ({head}, {row}, {column}), or "
        f"(batch = 1, {head}, {row}, {column})"
    )


def _check_one_pass(name: str, layer: int, given: Any) -> None:
    if not isinstance(given, list | tuple):
        return
    if not given:
        raise ValueError(
            f"{name}[{layer}] is an empty {type(given).__name__}; allowed: an array per layer "
            f"({NEEDS_EAGER}); what a model writes is traced by attention_widget.generate(model, "
            f"prompt)"
        )
    if any(part is None or _is_array(part) for part in given):
        raise TypeError(
            f"{name}[{layer}] is a {type(given).__name__} of arrays, as model.generate() returns "
            f"for each step; allowed: those of one forward pass, an array per layer, or "
            f"attention_widget.generate(model, prompt), which traces what a model writes"
        )


def _is_matrix(given: Sequence[Any]) -> bool:
    """Whether lists of numbers: one head, and no list of layers."""
    rows = [each for each in given if isinstance(each, list | tuple) and each]
    return len(rows) == len(given) > 0 and all(
        not isinstance(part, list | tuple) and not getattr(part, "shape", ()) and part is not None
        for row in rows
        for part in row
    )


def shape_error(name: str, layer: int, given: torch.Tensor, expected: str) -> str:
    return f"{name} of layer {layer} has shape {tuple(given.shape)}; allowed: {expected}"


def _is_array(given: Any) -> bool:
    return hasattr(given, "__array__") or hasattr(given, "__dlpack__")


def tensor(name: str, given: Any, weights: bool = True) -> torch.Tensor:
    """A copy, on the CPU; of ``weights`` in floats, else in the kind of numbers given."""
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
    if made.is_floating_point():
        return made.float() if made.dtype == torch.float64 else made
    return made.float() if weights else made


def _array(given: Any) -> np.ndarray[Any, Any]:
    array = np.asarray(given).copy()  # asarray alone shares, and what it shares may be read-only
    if array.dtype.kind == "V" or array.dtype.name == "bfloat16":  # JAX's own, unknown to torch
        array = array.astype(np.float32)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"its dtype is {array.dtype}")
    return np.ascontiguousarray(array.astype(array.dtype.newbyteorder("="), copy=False))

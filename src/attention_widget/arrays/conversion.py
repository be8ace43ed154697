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

from attention_widget._util.integers import within
from attention_widget.errors import InvalidTypeError, InvalidValueError

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
            _check_one_pass(f"{name}[{layer}]", each)
            layers.append(None if each is None else tensor(f"{name}[{layer}]", each))
    else:
        whole = tensor(name, given)
        if whole.ndim == 4 and len(whole) > 1 and item is None:
            item_of = f"{name}[0]" if name in _AXES else "item=0"
            raise InvalidValueError(
                f"{name} must say whether its first axis is layers or a batch of texts, got shape "
                f"{tuple(whole.shape)}; pass list({name}) for layers, an array each, or {item_of} "
                f"for a text of a batch"
            )
        layers = [part.clone() for part in whole.unbind()] if whole.ndim == 5 else [whole]
    return [
        None if each is None else _layer(name, layer, each, item)
        for layer, each in enumerate(layers)
    ]


def _layer(name: str, layer: int, given: torch.Tensor, item: int | None) -> torch.Tensor:
    axes = _AXES.get(name, ("head", "query", "key"))
    one_head = f"({axes[1]}, {axes[2]})"
    heads = ", ".join(axes)
    expected = f"{one_head} of one head, ({heads}), or (batch = 1, {heads})"
    if given.ndim not in (2, 3, 4):
        raise shape_error(name, layer, given, expected)
    if not given.numel():
        raise shape_error(name, layer, given, f"{expected}, with no axis of length 0")
    if given.ndim < 4:
        return given[None] if given.ndim == 2 else given
    size = len(given)
    if item is None and size != 1:
        one = (
            f"one text of it, {name}[{layer}][0]"
            if name in _AXES
            else f"item=0 to {size - 1} with its tokens"
        )
        raise InvalidValueError(
            f"{name} of layer {layer} must be a batch of one, got a batch of {size} in shape "
            f"{tuple(given.shape)} (batch, {heads}); pass {one}"
        )
    if item is not None and not 0 <= item < size:
        raise InvalidValueError(f"item must be {within(size)}, got {item}; {name} has {size} texts")
    return given[item or 0].clone()


def _check_one_pass(name: str, given: Any) -> None:
    if not isinstance(given, list | tuple):
        return
    kind = type(given).__name__
    generated = "to trace what a model writes, call attention_widget.generate(model, prompt)"
    if not given:
        raise InvalidValueError(
            f"{name} must be an array, got an empty {kind}; {NEEDS_EAGER}; {generated}"
        )
    if any(part is None or _is_array(part) for part in given):
        raise InvalidTypeError(
            f"{name} must be an array, got a {kind} of arrays, as model.generate() returns for "
            f"each step; pass those of one forward pass, or {generated}"
        )


def _is_matrix(given: Sequence[Any]) -> bool:
    """Whether lists of numbers: one head, and no list of layers."""
    rows = [each for each in given if isinstance(each, list | tuple) and each]
    return len(rows) == len(given) > 0 and all(
        not isinstance(part, list | tuple) and not getattr(part, "shape", ()) and part is not None
        for row in rows
        for part in row
    )


def shape_error(name: str, layer: int, given: torch.Tensor, expected: str) -> InvalidValueError:
    where = f"{name} of layer {layer}"
    return InvalidValueError(f"{where} must have shape {expected}, got {tuple(given.shape)}")


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
            raise InvalidTypeError(
                f"{name} must be an array of NumPy, PyTorch or JAX, or nested lists of numbers, "
                f"got {type(given).__name__} ({error})"
            ) from error
    if made.is_complex():
        raise InvalidTypeError(f"{name} must hold real numbers, got complex ones")
    if made.is_floating_point():
        return made.float() if made.dtype == torch.float64 else made
    return made.float() if weights else made


def _array(given: Any) -> np.ndarray[Any, Any]:
    array = np.asarray(given).copy()  # asarray alone shares, and what it shares may be read-only
    if array.dtype.kind == "V" or array.dtype.name == "bfloat16":  # JAX's own, unknown to torch
        array = array.astype(np.float32)
    if array.dtype.kind not in "biufc":
        raise InvalidTypeError(f"its dtype is {array.dtype}")
    return np.ascontiguousarray(array.astype(array.dtype.newbyteorder("="), copy=False))

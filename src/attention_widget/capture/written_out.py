"""Attention that a model writes out itself: matmul, scale, bias, mask, softmax, matmul.

Where no attention function is called, the tensors are followed from the product of queries
and keys through the softmax to the product with the values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from attention_widget.capture.recorder import Recorder

_MATMUL = {torch.matmul, torch.bmm, torch.Tensor.matmul, torch.Tensor.bmm, torch.Tensor.__matmul__}
_BADDBMM = {torch.baddbmm, torch.Tensor.baddbmm, torch.Tensor.baddbmm_}
_BATCHES = ("batch1", "batch2")
_SOFTMAX = {torch.softmax, torch.nn.functional.softmax, torch.Tensor.softmax}
_TIMES = {torch.mul, torch.Tensor.mul, torch.Tensor.mul_, torch.Tensor.__mul__}
_TIMES |= {torch.Tensor.__rmul__, torch.Tensor.__imul__}
_OVER = {torch.div, torch.true_divide, torch.Tensor.div, torch.Tensor.div_}
_OVER |= {torch.Tensor.__truediv__, torch.Tensor.__itruediv__, torch.Tensor.true_divide}

_ORIGIN = "_attention_widget_origin"  # tensors carry it, so that it dies with them


@dataclass(frozen=True)
class _Product:
    """query · keyᵀ, and how it was scaled since."""

    query: torch.Tensor  # (..., query, dim)
    key: torch.Tensor  # (..., key, dim)
    scale: float = 1.0


@dataclass(frozen=True)
class _Probabilities:
    product: _Product
    residue: tuple[torch.Tensor, torch.Tensor | None]  # visible, bias: (head or 1, query, key)


class WrittenOutMode(TorchFunctionMode):
    """Reports attention that is computed step by step to a recorder."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in _SOFTMAX:
            logits = args[0] if args else kwargs["input"]
            origin = getattr(logits, _ORIGIN, None)
            if isinstance(origin, _Product):
                # before the call, which may write over its input
                origin = _Probabilities(origin, _residue(origin, logits))
            result = func(*args, **kwargs)
            if isinstance(origin, _Probabilities):
                setattr(result, _ORIGIN, origin)
            return result
        result = func(*args, **kwargs)
        if not isinstance(result, torch.Tensor):
            return result
        if func in _MATMUL and len(args) == 2:
            self._multiplied(args[0], args[1], result)
        elif func in _BADDBMM:
            query, key = (*args[1:], *(kwargs[name] for name in _BATCHES if name in kwargs))[:2]
            scale = float(kwargs.get("alpha", 1.0))
            setattr(result, _ORIGIN, _Product(query, key.transpose(-1, -2), scale))
        else:
            _pass_on(func, args, kwargs, result)
        return result

    def _multiplied(self, left: torch.Tensor, right: torch.Tensor, result: torch.Tensor) -> None:
        origin = getattr(left, _ORIGIN, None)
        if isinstance(origin, _Probabilities):
            query, key = origin.product.query, origin.product.key
            self._recorder.written_out(
                _heads(query),
                _heads(key),
                _heads(right),
                origin.product.scale,
                *origin.residue,
                _heads(result),
            )
        elif left.ndim in (3, 4) and left.ndim == right.ndim:
            setattr(result, _ORIGIN, _Product(left, right.transpose(-1, -2)))


def _pass_on(func: Any, args: Any, kwargs: Any, result: torch.Tensor) -> None:
    """What is made of a tracked map, with its shape, is a tracked map."""
    if not result.is_floating_point():
        return
    given = [*args, *kwargs.values()]
    source = next((value for value in given if getattr(value, _ORIGIN, None) is not None), None)
    if source is None or result.shape[-2:] != source.shape[-2:]:
        return
    if result.numel() != source.numel():
        return
    origin = getattr(source, _ORIGIN)
    if isinstance(origin, _Product) and (func in _TIMES or func in _OVER):
        factor = next((_number(value) for value in given if value is not source), None)
        if factor:
            scale = origin.scale * factor if func in _TIMES else origin.scale / factor
            origin = _Product(origin.query, origin.key, scale)
    setattr(result, _ORIGIN, origin)


def _number(value: Any) -> float | None:
    if isinstance(value, torch.Tensor):
        return float(value) if value.numel() == 1 else None
    return float(value) if isinstance(value, int | float) else None


def _heads(tensor: torch.Tensor) -> torch.Tensor:
    """(head, ...) of a batch of one, which some models fold into the heads."""
    return tensor[0] if tensor.ndim == 4 else tensor


def _residue(product: _Product, logits: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
    """What the model did besides query · keyᵀ · scale: visible keys, and bias if there is one.

    Whatever it was (positions, soft caps, masks of any value), scores + bias are its logits.
    """
    found = _heads(logits).float()
    scores = _heads(product.query).float() @ _heads(product.key).float().transpose(1, 2)
    bias = found.reshape(scores.shape) - scores.mul_(product.scale)  # (head, query, key)
    visible = bias > -9e3  # models hide keys with -1e4, -1e9, the least number or -inf
    if bool((visible == visible[:1]).all()):
        visible = visible[:1]
    bias.masked_fill_(~visible, 0.0)
    precision = torch.finfo(product.query.dtype).eps
    limit = 16 * precision * max(1.0, float(scores.abs().max()))
    if float(bias.abs().max()) <= limit:
        return visible, None
    if bool(((bias - bias[:1]).abs() <= limit).all()):
        bias = bias[:1].clone()
    last = bias[:, -1:]
    if bool((((bias - last).abs() <= limit) | ~visible).all()):
        bias = last.clone()
    return visible, bias

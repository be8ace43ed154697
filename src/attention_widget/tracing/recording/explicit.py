"""Attention that a model writes out itself: matmul, scale, bias, mask, softmax, matmul.

The tensors are followed from the product of queries and keys, through the softmax, to the product
with the values. Where the queries and keys are lost on the way, the probabilities that multiply
the values are recorded instead.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from attention_widget.tracing.recording.calls import Listener
from attention_widget.tracing.recording.einsums import factors, mixture
from attention_widget.tracing.recording.value_products import Mixture

_MATMUL = {torch.matmul, torch.bmm, torch.Tensor.matmul, torch.Tensor.bmm, torch.Tensor.__matmul__}
_BADDBMM = {torch.baddbmm, torch.Tensor.baddbmm, torch.Tensor.baddbmm_}
_BATCHES = ("batch1", "batch2")
_SOFTMAX = {torch.softmax, torch.nn.functional.softmax, torch.Tensor.softmax}
_TIMES = {torch.mul, torch.Tensor.mul, torch.Tensor.mul_, torch.Tensor.__mul__}
_TIMES |= {torch.Tensor.__rmul__, torch.Tensor.__imul__}
_OVER = {torch.div, torch.true_divide, torch.Tensor.div, torch.Tensor.div_}
_OVER |= {torch.Tensor.__truediv__, torch.Tensor.__itruediv__, torch.Tensor.true_divide}
_CUT = {torch.Tensor.__getitem__, torch.narrow, torch.Tensor.narrow}

_ORIGIN = "_attention_widget_origin"  # tensors carry it, so that it dies with them


@dataclass(frozen=True)
class _Product:
    """query · keyᵀ, and its scale so far."""

    query: torch.Tensor  # (..., query, dim)
    key: torch.Tensor  # (..., key, dim)
    scale: float = 1.0


@dataclass(frozen=True)
class _Probabilities:
    """A softmax over keys; the logits are kept where the product in them is known."""

    product: _Product | None = None
    logits: torch.Tensor | None = None
    place: tuple[int, int] | None = None  # of what the softmax gave, while nobody writes to it


class WrittenOutMode(TorchFunctionMode):
    """Reports attention that is computed step by step to a listener.

    ``attending`` are the paths of the modules that compute attention; the listener is told of
    each softmax in one of them. ``batch`` is how many rows the model reads at once.
    """

    def __init__(self, listener: Listener, attending: Collection[str] = (), batch: int = 1) -> None:
        super().__init__()
        self._listener = listener
        self._attending = attending
        self._batch = batch

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if self._listener.deaf:
            return func(*args, **kwargs)
        if func in _SOFTMAX:
            return self._softmax(func, args, kwargs)
        result = func(*args, **kwargs)
        if not isinstance(result, torch.Tensor) or not result.is_floating_point():
            return result
        if func in _MATMUL and len(args) == 2:
            self._multiplied(args[0], args[1], result)
        elif func is torch.einsum and len(args) == 3 and isinstance(args[0], str):
            self._multiplied(args[1], args[2], result, equation=args[0])
        elif func in _BADDBMM:
            query, key = (*args[1:], *(kwargs[name] for name in _BATCHES if name in kwargs))[:2]
            scale = float(kwargs.get("alpha", 1.0))
            setattr(result, _ORIGIN, _Product(query, key.transpose(-1, -2), scale))
        else:
            _pass_on(func, args, kwargs, result)
        return result

    def _softmax(self, func: Any, args: Any, kwargs: Any) -> Any:
        logits = args[0] if args else kwargs["input"]
        dim = args[1] if len(args) > 1 else kwargs.get("dim")
        origin = getattr(logits, _ORIGIN, None)
        found: _Probabilities | None = None
        if isinstance(dim, int) and dim % logits.ndim == logits.ndim - 1 and logits.ndim > 2:
            found = _Probabilities()
            if isinstance(origin, _Product):
                # a copy, before the call that may write over its input
                found = _Probabilities(origin, logits.detach().float().clone())
            if (path := self._listener.calling()) in self._attending:
                self._listener.unfollowed(path)
        result = func(*args, **kwargs)
        if found is not None:
            setattr(result, _ORIGIN, replace(found, place=_place(result)))
        return result

    def _multiplied(
        self, left: torch.Tensor, right: torch.Tensor, result: torch.Tensor, equation: str = ""
    ) -> None:
        """A product of matrices, or an einsum by its equation."""
        origin = getattr(left, _ORIGIN, None)
        if isinstance(origin, _Probabilities):
            mixed = mixture(equation, left, right, result) if equation else (right, result)
            if mixed is not None:
                self._mixed(origin, left, *mixed)
        elif equation:
            if (pair := factors(equation, left, right)) is not None:
                setattr(result, _ORIGIN, _Product(*pair))
        elif left.ndim in (3, 4) and left.ndim == right.ndim:
            setattr(result, _ORIGIN, _Product(left, right.transpose(-1, -2)))

    def _mixed(
        self,
        origin: _Probabilities,
        weights: torch.Tensor,
        values: torch.Tensor,
        output: torch.Tensor,
    ) -> None:
        probabilities, value, mixed = map(self._rows, (weights, values, output))
        if probabilities is None or value is None or mixed is None:
            return
        if probabilities.shape[-2:] != (mixed.shape[2], value.shape[2]):
            return
        query, key, logits = None, None, None
        if origin.product is not None and origin.logits is not None:
            query, key = self._rows(origin.product.query), self._rows(origin.product.key)
            logits = self._rows(origin.logits.reshape(weights.shape))
        untouched = origin.place == _place(weights)
        mixtures = []
        for row in range(self._batch):
            factors = None
            if origin.product is not None and query is not None and key is not None:
                factors = (query[row], key[row], origin.product.scale)
            own = None if logits is None else logits[row]
            mixtures.append(
                Mixture(probabilities[row], value[row], mixed[row], factors, own, untouched)
            )
        self._listener.mixture(mixtures)

    def _rows(self, tensor: torch.Tensor) -> torch.Tensor | None:
        """(batch, head, ...): some models fold the batch into the heads, or put it second. None
        for what is of another batch, and for more axes."""
        if tensor.ndim == 3:
            fits = len(tensor) % self._batch == 0
            return tensor.unflatten(0, (self._batch, -1)) if fits else None
        if tensor.ndim != 4 or self._batch not in tensor.shape[:2]:
            return None
        return tensor if tensor.shape[0] == self._batch else tensor.transpose(0, 1)


def _place(tensor: torch.Tensor) -> tuple[int, int]:
    return tensor.data_ptr(), tensor._version


def _pass_on(func: Any, args: Any, kwargs: Any, result: torch.Tensor) -> None:
    """Results of operations on a tracked map that keep its shape are tracked too."""
    given = [*args, *kwargs.values()]
    source = next((value for value in given if getattr(value, _ORIGIN, None) is not None), None)
    if source is None or result.ndim < 2:
        return
    origin = getattr(source, _ORIGIN)
    if result.shape[-2:] != source.shape[-2:] or result.numel() != source.numel():
        if isinstance(origin, _Probabilities) and func in _CUT and result.ndim == source.ndim:
            setattr(result, _ORIGIN, _Probabilities())  # without the column of a sink
        return
    if isinstance(origin, _Product):
        if _is_transposed(source, result):
            origin = _Product(origin.key, origin.query, origin.scale)
        if func in _TIMES or func in _OVER:
            factor = next((_number(value) for value in given if value is not source), None)
            if factor:
                scale = origin.scale * factor if func in _TIMES else origin.scale / factor
                origin = _Product(origin.query, origin.key, scale)
    elif _is_transposed(source, result):
        return
    setattr(result, _ORIGIN, origin)


def _is_transposed(source: torch.Tensor, result: torch.Tensor) -> bool:
    rows, columns = source.stride()[-2:]
    return (
        rows != columns
        and result.data_ptr() == source.data_ptr()
        and result.stride()[-2:] == (columns, rows)
        and result is not source
    )


def _number(value: Any) -> float | None:
    if isinstance(value, torch.Tensor):
        return float(value) if value.numel() == 1 else None
    return float(value) if isinstance(value, int | float) else None

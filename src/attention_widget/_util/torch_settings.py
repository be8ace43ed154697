"""What a user may have set for all of torch: the precision of products, the default device."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import torch

from attention_widget._util.cleanup import Undo, guarded

_F = TypeVar("_F", bound=Callable[..., Any])


def exact(function: _F) -> _F:
    """Have a function compute outside of ``torch.autocast``."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        lowered = [kind for kind in _kinds() if torch.is_autocast_enabled(kind)]
        if not lowered:
            return function(*args, **kwargs)

        def work(undo: Undo) -> Any:
            for kind in lowered:
                undo.then(functools.partial(torch.set_autocast_enabled, kind, True))
                torch.set_autocast_enabled(kind, False)
            return function(*args, **kwargs)

        return guarded(work)

    return run  # type: ignore[return-value]


def as_multiplied(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """As products of matrices take them here: rounded by autocast where that is on."""
    first = tensors[0]
    kind = "cpu" if first.is_cpu else first.device.type  # the latter takes ten times as long
    if not torch.is_autocast_enabled(kind) or first.dtype == torch.float64:
        return tensors
    return tuple(tensor.to(torch.get_autocast_dtype(kind)) for tensor in tensors)


@exact
def plainly(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call what makes tensors without naming their type and device, as if nothing were set."""

    def work(undo: Undo) -> Any:
        before = torch.get_default_dtype()
        if before != torch.float32:
            undo.then(functools.partial(torch.set_default_dtype, before))
            torch.set_default_dtype(torch.float32)
        with torch._C.DisableTorchFunction():  # which the default device is a mode of
            return function(*args, **kwargs)

    return guarded(work)


@functools.lru_cache(maxsize=1)
def _kinds() -> tuple[str, ...]:
    try:
        accelerator = torch.accelerator.current_accelerator()
    except RuntimeError:  # of torch 2.6, in a build for GPUs where there is none
        accelerator = None
    return ("cpu",) if accelerator is None else ("cpu", accelerator.type)

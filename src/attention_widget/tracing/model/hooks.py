"""Hooks on modules, and the registries that hold them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import nn
from torch.nn.modules import module as torch_module
from torch.utils.hooks import RemovableHandle

_GLOBAL = ("_global_forward_hooks", "_global_forward_pre_hooks")


@contextmanager
def attached(handles: Iterable[RemovableHandle]) -> Iterator[None]:
    """Register the hooks whose handles an iterator gives, one by one, and take them off at the
    end."""
    with ExitStack() as stack:
        for handle in handles:
            stack.callback(handle.remove)
        yield


class Stopped(BaseException):
    """Ends a pass at the call of a module. Not an Exception, so that no model catches it."""

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.call = args, kwargs


def stopping(modules: Iterable[nn.Module]) -> Iterator[RemovableHandle]:
    """Have a pass in this thread end where it calls the first of these modules."""
    thread = threading.get_ident()

    def stop(module: nn.Module, args: Any, kwargs: Any) -> None:
        if threading.get_ident() == thread:  # hooks fire wherever the model runs
            raise Stopped(args, kwargs)

    for module in modules:
        yield module.register_forward_pre_hook(stop, with_kwargs=True)


def global_registries() -> list[MutableMapping[Any, Any]]:
    """The registries of hooks on all modules."""
    return [getattr(torch_module, name) for name in _GLOBAL]

"""Nothing is recorded while a user's own code runs inside a forward pass.

A hook, or a function that the model calls, may run the model again or compute attention for
itself. That is not part of the recorded pass; what the hook returns is.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any

import torch
from torch.utils.hooks import RemovableHandle

from attention_widget.tracing.model.hooks import global_registries

Suspend = Callable[[], AbstractContextManager[None]]  # in which nothing is recorded

_OWN = ("_forward_hooks", "_forward_pre_hooks")


@contextmanager
def hooks_left_alone(modules: Sequence[torch.nn.Module], suspend: Suspend) -> Iterator[None]:
    """Suspend the recording while hooks run that are registered now, on the modules or globally.
    Call it before registering our own."""
    held = [own[name] for own in map(vars, modules) for name in _OWN]
    with ExitStack() as undo:
        for registry in filter(None, (*held, *global_registries())):
            for key, hook in list(registry.items()):
                alone = _alone(hook, suspend)
                undo.callback(_restore, registry, key, alone, hook)
                registry[key] = alone
        yield


def nested_runs_left_alone(model: torch.nn.Module, suspend: Suspend) -> Iterator[RemovableHandle]:
    """Suspend the recording while the model runs within its own forward pass."""
    thread = threading.get_ident()
    runs: list[AbstractContextManager[None]] = []  # under way in this thread

    def enter(*_: Any) -> None:
        if threading.get_ident() == thread:
            runs.append(suspend() if runs else nullcontext())
            runs[-1].__enter__()

    def leave(*_: Any) -> None:
        if threading.get_ident() == thread and runs:
            runs.pop().__exit__(None, None, None)

    yield model.register_forward_pre_hook(enter)
    yield model.register_forward_hook(leave, always_call=True)


def _alone(hook: Callable[..., Any], suspend: Suspend) -> Callable[..., Any]:
    @functools.wraps(hook)
    def alone(*args: Any, **kwargs: Any) -> Any:
        with suspend():
            return hook(*args, **kwargs)

    return alone


def _restore(registry: MutableMapping[Any, Any], key: Any, alone: Any, hook: Any) -> None:
    if registry.get(key) is alone:  # else it was taken off meanwhile
        registry[key] = hook

"""Take away what an interrupted pass may have left behind: hooks, modes, replaced functions.

A pass that ends well takes them away itself, so they are looked for only where one did not.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from contextlib import suppress
from operator import is_
from types import FrameType
from typing import Any

import torch
from torch import nn
from torch.overrides import _get_current_function_mode_stack, _pop_mode, _push_mode

from attention_widget.tracing.model.hooks import global_registries

_REGISTRIES = (
    *("_forward_hooks", "_forward_pre_hooks", "_forward_hooks_with_kwargs"),
    *("_forward_pre_hooks_with_kwargs", "_forward_hooks_always_called"),
)
_FUNCTIONS = "scaled_dot_product_attention", "multi_head_attention_forward"
_NOTHING: Any = object()


def interface() -> Any:
    """What transformers' models ask for their attention function."""
    from transformers import modeling_utils

    return modeling_utils.ALL_ATTENTION_FUNCTIONS


def remover(modules: Sequence[nn.Module], hooked: Sequence[nn.Module]) -> Callable[[], None]:
    """A step that restores what there is now, if it is called while an error is raised; some
    modules have hooks."""
    offered = interface()
    hooks = {id(registry): (registry, dict(registry)) for registry in _registries(hooked)}
    modes = _get_current_function_mode_stack()
    functions = dict(offered) if isinstance(offered, dict) else None
    attributes = [
        (owner, name, vars(owner).get(name))
        for owner, names in (
            (type(offered), () if functions else ("__getitem__", "get_interface")),
            (torch.nn.functional, _FUNCTIONS),
        )
        for name in names
    ]

    def remove() -> None:
        if sys.exc_info()[0] is None:
            return
        _finish_generators(sys.exc_info()[1])
        for registry, before in hooks.values():
            put_back(registry, before)
        for registry in _registries(modules):
            if id(registry) not in hooks:
                put_back(registry, {})
        restore_modes(modes)
        for owner, name, value in attributes:
            put_attribute_back(owner, name, value)
        if functions is not None:
            put_back(offered, functions)
        for namespace in namespaces(modules):
            for name, value in list(namespace.items()):
                if name.endswith("eager_attention_forward") and hasattr(value, "_attention_widget"):
                    namespace[name] = value.__wrapped__

    return remove


def put_attribute_back(owner: Any, name: str, value: Any) -> None:
    """Give an owner an attribute that it had of its own, or take away one that it had not."""
    if value is not None:
        setattr(owner, name, value)
    elif name in vars(owner):
        delattr(owner, name)


def restore_modes(before: Sequence[Any]) -> None:
    """Restore this thread's stack of function modes."""
    now = _get_current_function_mode_stack()
    if len(now) != len(before) or not all(map(is_, now, before)):
        while _get_current_function_mode_stack():
            _pop_mode()
        for mode in before:
            _push_mode(mode)


def _finish_generators(error: BaseException | None) -> None:
    """A context manager that was interrupted as it began to leave would leave when the traceback
    is forgotten, and put a mode of ours back (torch takes modes off for each call)."""
    while error is not None:
        trace = error.__traceback__
        while trace is not None:
            frame: FrameType | None = trace.tb_frame
            while frame is not None:  # one that is done may be kept by those it called alone
                if frame.f_code.co_filename == contextlib.__file__:
                    with suppress(RuntimeError):  # it is still running
                        frame.clear()
                frame = frame.f_back
            trace = trace.tb_next
        error = error.__context__


def put_back(holder: MutableMapping[Any, Any], before: MutableMapping[Any, Any]) -> None:
    """Have a dictionary hold what it held, with no moment in which it does not: another thread
    may be using it. The mode of a module is not among what is put back."""
    for name in holder.keys() - before.keys():
        holder.pop(name, None)
    for name, value in before.items():
        if name != "training" and holder.get(name, _NOTHING) is not value:
            holder[name] = value
    if list(holder) != list(before):  # what had been taken out is now the last
        now = {name: holder[name] for name in before}
        holder.clear()
        holder.update(now)


def _registries(modules: Sequence[nn.Module]) -> list[MutableMapping[Any, Any]]:
    """The registries of hooks on some modules and on all, but for empty ones."""
    own = [held[name] for held in map(vars, modules) for name in _REGISTRIES if held.get(name)]
    return [*own, *filter(None, global_registries())]


def namespaces(modules: Iterable[nn.Module]) -> list[dict[str, Any]]:
    """The namespaces of the code of modules."""
    names = {cls.__module__ for module in modules for cls in type(module).__mro__}
    return [vars(sys.modules[name]) for name in names if name in sys.modules]

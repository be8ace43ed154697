"""Take away what an interrupted pass may have left behind: hooks, modes, replaced functions.

A pass that ends well takes them away itself, so they are looked for only where one did not.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import MutableMapping, Sequence
from contextlib import suppress
from operator import is_
from typing import Any

import torch
from torch.overrides import _get_current_function_mode_stack, _pop_mode, _push_mode
from transformers import modeling_utils

from attention_widget.tracing.model.hooks import global_registries

_REGISTRIES = (
    *("_forward_hooks", "_forward_pre_hooks", "_forward_hooks_with_kwargs"),
    *("_forward_pre_hooks_with_kwargs", "_forward_hooks_always_called"),
)
_INTERFACE: Any = modeling_utils.ALL_ATTENTION_FUNCTIONS
_FUNCTIONS = "scaled_dot_product_attention", "multi_head_attention_forward"
_NOTHING: Any = object()


class Leftovers:
    """Remembers what there was before a pass, so that it can be restored."""

    def __init__(
        self, modules: Sequence[torch.nn.Module], hooked: Sequence[torch.nn.Module]
    ) -> None:
        self._modules = modules
        self._hooks = [
            (registry, dict(registry))
            for registry in (*_registries(hooked), *global_registries())
            if registry
        ]
        self._modes = _get_current_function_mode_stack()
        self._interface = dict(_INTERFACE) if isinstance(_INTERFACE, dict) else None
        self._attributes = [
            (owner, name, vars(owner).get(name, _NOTHING))
            for owner, names in (
                (type(_INTERFACE), () if self._interface else ("__getitem__", "get_interface")),
                (torch.nn.functional, _FUNCTIONS),
            )
            for name in names
        ]

    def remove(self) -> None:
        if sys.exc_info()[0] is None:
            return
        _finish_generators(sys.exc_info()[1])
        noted = {id(registry) for registry, _ in self._hooks}
        for registry, before in self._hooks:
            put_back(registry, before)
        for registry in (*_registries(self._modules), *global_registries()):
            if registry and id(registry) not in noted:
                put_back(registry, {})
        restore_modes(self._modes)
        for owner, name, value in self._attributes:
            if value is not _NOTHING:
                setattr(owner, name, value)
            elif name in vars(owner):
                delattr(owner, name)
        if self._interface is not None:
            put_back(_INTERFACE, self._interface)
        for namespace in _namespaces(self._modules):
            for name, value in list(namespace.items()):
                if name.endswith("eager_attention_forward") and hasattr(value, "_attention_widget"):
                    namespace[name] = value.__wrapped__


def restore_modes(before: Sequence[Any]) -> None:
    """Restore this thread's stack of function modes."""
    if not _same(_get_current_function_mode_stack(), before):
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
            if trace.tb_frame.f_code.co_filename == contextlib.__file__:
                with suppress(RuntimeError):  # it is still running
                    trace.tb_frame.clear()
            trace = trace.tb_next
        error = error.__context__


def put_back(holder: MutableMapping[Any, Any], before: MutableMapping[Any, Any]) -> None:
    """Have a dictionary hold what it held, with no moment in which it does not: another thread
    may be reading it. The mode of a module is not among what is put back."""
    for name in holder.keys() - before.keys():
        holder.pop(name, None)
    for name, value in before.items():
        if name != "training" and holder.get(name, _NOTHING) is not value:
            holder[name] = value
    if list(holder) != list(before):  # what had been taken out is now the last
        now = {name: holder[name] for name in before}
        holder.clear()
        holder.update(now)


def _registries(modules: Sequence[torch.nn.Module]) -> list[MutableMapping[Any, Any]]:
    return [own[name] for own in map(vars, modules) for name in _REGISTRIES if own.get(name)]


def _same(one: Sequence[Any], other: Sequence[Any]) -> bool:
    return len(one) == len(other) and all(map(is_, one, other))


def _namespaces(modules: Sequence[torch.nn.Module]) -> list[dict[str, Any]]:
    names = {cls.__module__ for module in modules for cls in type(module).__mro__}
    return [vars(sys.modules[name]) for name in names if name in sys.modules]

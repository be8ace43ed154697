"""Evaluation mode for one thread, without a change to any module.

A module has one ``training`` flag for all threads. If a capture cleared it, a training pass in
another thread would run without dropout, and an interrupt while it is set again would leave the
model half in each mode. So the flags stay, and a descriptor answers ``training`` for a while.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from typing import Any

import torch

from attention_widget._util.cleanup import Undo

_NAME = "training"
_Kept = tuple[int, frozenset[int]]  # a thread, and the modules that it runs in evaluation mode
_kept: tuple[_Kept, ...] = ()


class _Training:
    """``torch.nn.Module.training``: False in a thread that runs the module in evaluation mode,
    which cannot change it either; the module's own flag in every other."""

    def __get__(self, module: Any, owner: Any = None) -> bool:
        if module is not None and _is_kept(module):
            return False
        try:
            own: bool = vars(module)[_NAME]
        except (KeyError, TypeError):  # a ScriptModule has it in C++, and the class has none
            raise AttributeError(_NAME) from None
        return own

    def __set__(self, module: Any, mode: bool) -> None:
        if not _is_kept(module):
            vars(module)[_NAME] = mode

    def __delete__(self, module: Any) -> None:
        if vars(module).pop(_NAME, None) is None:
            raise AttributeError(_NAME)


_DESCRIPTOR = _Training()


def _is_kept(module: Any) -> bool:
    thread = threading.get_ident()
    return any(thread == own and id(module) in modules for own, modules in _kept)


def evaluate(modules: Sequence[torch.nn.Module], undo: Undo) -> None:
    """Have this thread run the modules in evaluation mode."""
    global _kept
    for module in modules:
        if _NAME not in vars(module) and hasattr(module, _NAME):
            mode = module.training
            undo.then(functools.partial(setattr, module, _NAME, mode))
            module.training = False
    before = _kept
    undo.then(functools.partial(_put_back, before))
    _kept = (*before, (threading.get_ident(), frozenset(map(id, modules))))
    setattr(torch.nn.Module, _NAME, _DESCRIPTOR)


def _put_back(before: tuple[_Kept, ...]) -> None:
    global _kept
    _kept = before
    if not before and _NAME in vars(torch.nn.Module):
        delattr(torch.nn.Module, _NAME)

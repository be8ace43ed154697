"""How a module computes attention, found in its code without running it."""

from __future__ import annotations

import dis
import functools
import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from types import CodeType
from typing import Any

import torch

_SDPA = "scaled_dot_product_attention"
_INTERFACE = "ALL_ATTENTION_FUNCTIONS"
_SETUP = ("__init__", "_init_weights")
_PRODUCTS = {"matmul", "bmm", "baddbmm", "einsum", "@"}


def calls_attention(modules: Iterable[torch.nn.Module]) -> bool:
    """Whether a module calls torch's own attention functions, off the interface."""
    classes: set[Any] = {type(module) for module in modules}
    return any(
        issubclass(cls, torch.nn.MultiheadAttention)
        or _SDPA in _names(cls)
        or _function_calls_sdpa(cls.__module__)
        for cls in classes
    )


def attending(modules: Mapping[str, torch.nn.Module]) -> list[str]:
    """Paths of the modules that compute attention themselves, in any way their code shows."""
    examples = {type(module): module for module in modules.values()}
    classes = {cls for cls, module in examples.items() if _attends(module)}
    return [path for path, module in modules.items() if type(module) in classes]


def writes_out(module: torch.nn.Module) -> bool:
    """Whether a module computes attention in products and a softmax of its own."""
    cls: Any = type(module)
    names = _names(cls)
    if _INTERFACE in names or _SDPA in names:
        return False
    return _has_softmax(names) and not _PRODUCTS.isdisjoint(names)


def is_attention(module: torch.nn.Module) -> bool:
    """Whether a module is attention by its name and its code."""
    cls: Any = type(module)
    return "att" in cls.__name__.lower() and _has_softmax(_names(cls))


def _attends(module: torch.nn.Module) -> bool:
    cls: Any = type(module)
    if isinstance(module, torch.nn.MultiheadAttention) or is_attention(module):
        return True
    return writes_out(module) or not {_SDPA, _INTERFACE}.isdisjoint(_names(cls))


def _has_softmax(names: frozenset[str]) -> bool:
    return any("softmax" in name.lower() or name == "logsumexp" for name in names)


@functools.lru_cache(maxsize=4096)
def _names(cls: Any) -> frozenset[str]:
    """All that the methods of a class refer to, and the functions beside it that they call; "@"
    where they multiply matrices."""
    found: set[str] = set()
    for owner in cls.__mro__:
        if owner.__module__.startswith("torch.") or owner is object:
            break
        own: set[str] = set()
        for value in vars(owner).values():
            code = getattr(inspect.unwrap(value) if callable(value) else value, "__code__", None)
            if isinstance(code, CodeType) and code.co_name not in _SETUP:
                own.update(_code_names(code))
        found |= own
        namespace = vars(sys.modules.get(owner.__module__, object))
        for name in own:
            function = namespace.get(name)
            if inspect.isfunction(function) and function.__module__ == owner.__module__:
                found.update(_code_names(function.__code__))
    return frozenset(found)


def _code_names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for step in dis.get_instructions(code):
        if step.opname == "BINARY_MATRIX_MULTIPLY" or (
            step.opname.startswith("BINARY_") and "@" in step.argrepr
        ):
            yield "@"
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code_names(constant)


@functools.lru_cache(maxsize=1024)
def _function_calls_sdpa(namespace: str) -> bool:
    if namespace.startswith("torch.") or namespace not in sys.modules:
        return False
    return any(
        _SDPA in value.__code__.co_names
        for value in vars(sys.modules[namespace]).values()
        if inspect.isfunction(value) and value.__module__ == namespace
    )

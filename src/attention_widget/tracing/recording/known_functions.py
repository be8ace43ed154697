"""Whether an attention function is transformers' own, so that its arguments say what it does.

The name is no proof: ``functools.wraps`` copies it, and a wrapper may change anything before and
after. So the code itself must be in a file of transformers, with no closure, and the PyTorch
operations that it calls must be PyTorch's own.
"""

from __future__ import annotations

import builtins
import functools
import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import torch
import torch.overrides

_TORCH = str(Path(torch.__file__).parent)

SDPA: Any = getattr(
    torch._C._nn, "scaled_dot_product_attention", torch.nn.functional.scaled_dot_product_attention
)

# modes that change no numbers: the default device, and those of a capture around this one
_HARMLESS = ("torch.utils._device", "attention_widget.")

_OPERATIONS = [
    *((torch.nn.functional, name) for name in ("softmax", "dropout", "linear")),
    *((torch, name) for name in ("matmul", "bmm", "baddbmm", "einsum", "softmax", "where", "cat")),
    *((torch.Tensor, name) for name in ("matmul", "bmm", "softmax", "__matmul__", "masked_fill")),
]


@functools.cache
def _transformers() -> str:
    """The folder of transformers."""
    import transformers

    return str(Path(transformers.__file__).parent)


def native(function: Callable[..., Any]) -> bool:
    """Whether an attention function is transformers' own code and nothing else."""
    return (
        isinstance(function, FunctionType)
        and _written_in(function, _transformers())
        and not hasattr(function, "__wrapped__")
        and not function.__closure__
        and vars(sys.modules.get(function.__module__, builtins)) is function.__globals__
        and all(
            _written_in(function.__globals__.get(name), _transformers(), _TORCH)
            for name in function.__code__.co_names
        )
    )


def remembered(judge: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """A cached ``judge``: asked once about each function, and again if its code is replaced."""
    known: dict[tuple[int, Any], tuple[Any, bool]] = {}  # the function, lest its id be given away

    def judged(function: Any) -> bool:
        key = id(function), getattr(function, "__code__", None)
        if key not in known:
            known[key] = function, judge(function)
        return known[key][1]

    return judged


def native_class(cls: type) -> bool:
    """Whether the ``forward`` that instances of a class run is transformers' or torch's own."""
    forward = getattr(cls, "forward", None)
    return isinstance(forward, FunctionType) and _written_in(forward, _transformers(), _TORCH)


def untouched() -> bool:
    """Whether PyTorch's operations of attention are its own, with no mode watching them."""
    if torch.nn.functional.scaled_dot_product_attention is not SDPA:
        return False
    modes = torch.overrides._get_current_function_mode_stack()
    if not all(type(mode).__module__.startswith(_HARMLESS) for mode in modes):
        return False
    return all(_written_in(getattr(owner, name), _TORCH) for owner, name in _OPERATIONS)


def _written_in(value: Any, *folders: str) -> bool:
    """Whether a value is no function in Python, or one in a file in these folders."""
    return not isinstance(value, FunctionType) or value.__code__.co_filename.startswith(folders)


def name_of(function: Any) -> str:
    """The name of a function in an error."""
    function = getattr(function, "func", function)  # of a functools.partial
    name = getattr(function, "__qualname__", type(function).__name__)
    code = getattr(function, "__code__", None)
    if code is None:
        return f"{getattr(function, '__module__', '')}.{name}"
    return f"{name} ({Path(code.co_filename).name}, line {code.co_firstlineno})"

"""Transformer attention in a notebook cell: linked head, neuron and text views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attention_widget.arrays import from_arrays, from_attentions
from attention_widget.block import Block, Maps
from attention_widget.capture import TraceTooLargeError, UnsupportedModelError, capture, generate
from attention_widget.token import Token
from attention_widget.trace import Target, Trace, Window

if TYPE_CHECKING:
    from attention_widget.widget import AttentionWidget

__all__ = [
    "AttentionWidget",
    "Block",
    "Maps",
    "Target",
    "Token",
    "Trace",
    "TraceTooLargeError",
    "UnsupportedModelError",
    "Window",
    "capture",
    "from_arrays",
    "from_attentions",
    "generate",
]


def __getattr__(name: str) -> Any:
    # Traces can be captured and saved where no front end is built and no notebook runs.
    if name == "AttentionWidget":
        from attention_widget.widget import AttentionWidget

        return AttentionWidget
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""Transformer attention in a notebook cell: linked head, neuron and text views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attention_widget import errors, measures
from attention_widget._util.version import own_version
from attention_widget.arrays import from_arrays, from_attentions
from attention_widget.contrast import Contrast, compare
from attention_widget.errors import AttentionWidgetError
from attention_widget.experiments import Experiment
from attention_widget.trace import Block, Maps, Target, Token, Trace, Window
from attention_widget.tracing import (
    TraceTooLargeError,
    UnsupportedModelError,
    capture,
    generate,
)

if TYPE_CHECKING:
    from attention_widget.widget import AttentionWidget

__version__ = own_version()

__all__ = [
    "AttentionWidget",
    "AttentionWidgetError",
    "Block",
    "Contrast",
    "Experiment",
    "Maps",
    "Target",
    "Token",
    "Trace",
    "TraceTooLargeError",
    "UnsupportedModelError",
    "Window",
    "__version__",
    "capture",
    "compare",
    "errors",
    "from_arrays",
    "from_attentions",
    "generate",
    "measures",
]


def __getattr__(name: str) -> Any:
    # Traces can be captured and saved where no front end is built and no notebook runs.
    if name == "AttentionWidget":
        from attention_widget.widget import AttentionWidget

        return AttentionWidget
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

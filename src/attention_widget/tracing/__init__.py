"""Model and text -> :class:`~attention_widget.Trace`, in one ordinary forward pass."""

from attention_widget.tracing.continuation import generate
from attention_widget.tracing.errors import TraceTooLargeError, UnsupportedModelError
from attention_widget.tracing.forward import capture

__all__ = ["TraceTooLargeError", "UnsupportedModelError", "capture", "generate"]

"""Model and text -> :class:`~attention_widget.Trace`, in one ordinary forward pass."""

from attention_widget.tracing.continuation import generate
from attention_widget.tracing.forward import capture
from attention_widget.tracing.model.errors import TraceTooLargeError, UnsupportedModelError

__all__ = ["TraceTooLargeError", "UnsupportedModelError", "capture", "generate"]

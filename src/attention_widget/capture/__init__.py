"""Model and text -> :class:`~attention_widget.trace.Trace`, in one ordinary forward pass."""

from attention_widget.capture.continuation import generate
from attention_widget.capture.errors import TraceTooLargeError, UnsupportedModelError
from attention_widget.capture.forward import capture

__all__ = ["TraceTooLargeError", "UnsupportedModelError", "capture", "generate"]

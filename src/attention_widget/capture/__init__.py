"""Model and text -> :class:`~attention_widget.trace.Trace`, in one ordinary forward pass."""

from attention_widget.capture.errors import UnsupportedModelError
from attention_widget.capture.forward import capture

__all__ = ["UnsupportedModelError", "capture"]

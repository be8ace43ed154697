"""Run a model on a text, a picture or a sound, and keep what it computed as a trace."""

from attention_widget.tracing.batch import Batch
from attention_widget.tracing.continuation import generate
from attention_widget.tracing.forward import capture
from attention_widget.tracing.model.errors import TraceTooLargeError, UnsupportedModelError
from attention_widget.tracing.position_pass import positions

__all__ = [
    "Batch",
    "TraceTooLargeError",
    "UnsupportedModelError",
    "capture",
    "generate",
    "positions",
]

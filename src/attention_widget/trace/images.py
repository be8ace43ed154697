"""Traces of models that look at images."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attention_widget.trace.trace import Trace


def is_image_alone(trace: Trace) -> bool:
    """Whether a model looked at an image, and there is no text beside it."""
    patches = [token.box is not None for token in trace.tokens]
    others = [token.box is not None or token.special for token in trace.tokens]
    return trace.image is not None and trace.target is None and any(patches) and all(others)

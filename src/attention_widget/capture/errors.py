"""What capture says when it cannot serve a model."""

from __future__ import annotations


class UnsupportedModelError(ValueError):
    """The model's architecture cannot be captured; the message names it and what can be done."""

    def __init__(self, model: object, reason: str) -> None:
        name = type(model).__name__
        kind = getattr(getattr(model, "config", None), "model_type", None)
        super().__init__(f"{name} (model_type {kind!r}) {reason}")

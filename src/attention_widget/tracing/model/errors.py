"""Errors of capture: a model that it cannot trace, and a trace that is too large."""

from __future__ import annotations

from typing import Any


class UnsupportedModelError(ValueError):
    """The model's architecture cannot be captured; the message names it and what can be done."""

    def __init__(self, model: object, reason: str) -> None:
        name = type(model).__name__
        model_type = getattr(getattr(model, "config", None), "model_type", None)
        super().__init__(f"{name} (model_type {model_type!r}) {reason}")


class TraceTooLargeError(ValueError):
    """The trace would take, or has taken, more memory than it may."""

    def __init__(self, what: str, needed: int, limit: int) -> None:
        super().__init__(
            f"{what} the trace takes {_size(needed)}, but it may take {_size(limit)}; keep fewer "
            f"layers (layers=[...]), shorten the text (truncation=True), read it in windows "
            f"(windows=...) or raise the limit (memory_limit=..., in bytes)"
        )
        self.needed = needed
        self.limit = limit


def takes_another(model: Any, medium: str, names: str) -> ValueError:
    """The error for a model that does not take what it is given."""
    return ValueError(
        f"model must take {medium}, got {type(model).__name__}, which takes "
        f"{model.main_input_name}; pass one whose forward takes {names}"
    )


def _size(nbytes: int) -> str:
    size, unit = float(nbytes), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{size:.3g} {unit}" if unit != "bytes" else f"{nbytes} bytes"

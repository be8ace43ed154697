"""Errors of capture: a model that it cannot trace, and a trace that is too large."""

from __future__ import annotations

from attention_widget.errors import InvalidValueError


class UnsupportedModelError(InvalidValueError):
    """The model's architecture cannot be captured; the message names it and what can be done.

    >>> from attention_widget import UnsupportedModelError, capture
    >>> try:
    ...     capture(mamba, "A novel idea", tokenizer=tokenizer)
    ... except UnsupportedModelError as error:
    ...     print(error)
    MambaModel (model_type 'mamba') has no attention to capture: ...
    """

    def __init__(self, model: object, reason: str) -> None:
        name = type(model).__name__
        model_type = getattr(getattr(model, "config", None), "model_type", None)
        super().__init__(f"{name} (model_type {model_type!r}) {reason}")


class TraceTooLargeError(InvalidValueError):
    """The trace would take, or has taken, more memory than it may: ``needed`` of ``limit`` bytes.

    >>> from attention_widget import TraceTooLargeError, capture
    >>> try:
    ...     capture(model, "A novel idea", tokenizer=tokenizer, memory_limit=1_000)
    ... except TraceTooLargeError as error:
    ...     print(error.needed > error.limit)
    True
    """

    def __init__(self, what: str, needed: int, limit: int) -> None:
        super().__init__(
            f"{what} the trace takes {_size(needed)}, but it may take {_size(limit)}; keep fewer "
            f"layers (layers=[...]), shorten the text (truncation=True), read it in windows "
            f"(windows=...) or raise the limit (memory_limit=..., in bytes)"
        )
        self.needed = needed
        self.limit = limit


def _size(nbytes: int) -> str:
    size, unit = float(nbytes), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{size:.3g} {unit}" if unit != "bytes" else f"{nbytes} bytes"

"""Errors of capture: a model that it cannot trace, and a trace that is too large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attention_widget._util.sizes import in_words
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
    """The trace would take, or has taken, more memory than it may: ``needed`` and ``limit`` are
    the bytes of both.

    >>> from attention_widget import TraceTooLargeError, capture
    >>> try:
    ...     capture(model, "A novel idea", tokenizer=tokenizer, memory_limit=1_000)
    ... except TraceTooLargeError as error:
    ...     print(error.needed > error.limit)
    True
    """

    def __init__(self, when: str, needed: int, limit: int) -> None:
        super().__init__(
            f"trace must take at most {in_words(limit)} of memory, got {in_words(needed)} {when}; "
            f"keep fewer layers (layers=[...]), shorten the text (truncation=True), read it in "
            f"windows (windows=...) or raise the limit (memory_limit=..., in bytes)"
        )
        self.needed = needed
        self.limit = limit


def takes_another(model: Any, medium: str, names: str) -> InvalidValueError:
    """The error for a model that does not take what it is given."""
    return InvalidValueError(
        f"model must take {medium}, got {type(model).__name__}, which takes "
        f"{model.main_input_name}; pass one whose forward takes {names}"
    )


class HeadlessError(InvalidValueError):
    """A model that predicts no tokens. ``reason`` is what the browser says of it in its language:
    Headless in js/trace/contract.ts."""

    def __init__(self, model: object, message: str, classes: Sequence[str] = ()) -> None:
        super().__init__(message)
        name = type(model).__name__
        self.reason = {"code": "headless", "model": name, "classes": list(classes)}

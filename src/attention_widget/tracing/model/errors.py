"""Errors of capture: a model that it cannot trace, and a trace that is too large."""

from __future__ import annotations

from typing import Any

from attention_widget._util.sizes import in_words


class UnsupportedModelError(ValueError):
    """The model's architecture cannot be captured; the message names it and what can be done.

    >>> from transformers import MambaConfig, MambaModel
    >>> mamba = MambaModel(MambaConfig(hidden_size=32, num_hidden_layers=1, vocab_size=32))
    >>> capture(mamba, "attention is a novel", tokenizer=tokenizer)
    Traceback (most recent call last):
    ...
    attention_widget...UnsupportedModelError: MambaModel (model_type 'mamba') has no attention ...
    """

    def __init__(self, model: object, reason: str) -> None:
        name = type(model).__name__
        model_type = getattr(getattr(model, "config", None), "model_type", None)
        super().__init__(f"{name} (model_type {model_type!r}) {reason}")


class TraceTooLargeError(ValueError):
    """The trace would take, or has taken, more memory than it may: ``needed`` and ``limit`` are
    the bytes of both.

    >>> capture(model, "attention is a novel", tokenizer=tokenizer, memory_limit=1000)
    Traceback (most recent call last):
    ...
    attention_widget...TraceTooLargeError: trace must take at most 1 kB of memory, got ...
    """

    def __init__(self, when: str, needed: int, limit: int) -> None:
        super().__init__(
            f"trace must take at most {in_words(limit)} of memory, got {in_words(needed)} {when}; "
            f"keep fewer layers (layers=[...]), shorten the text (truncation=True), read it in "
            f"windows (windows=...) or raise the limit (memory_limit=..., in bytes)"
        )
        self.needed = needed
        self.limit = limit


def takes_another(model: Any, medium: str, names: str) -> ValueError:
    """The error for a model that does not take what it is given."""
    return ValueError(
        f"model must take {medium}, got {type(model).__name__}, which takes "
        f"{model.main_input_name}; pass one whose forward takes {names}"
    )

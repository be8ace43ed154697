"""What the browser sends, which may be anything, and what is said when it cannot be done."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from typing import Any, TypeVar

import traitlets as t

from attention_widget.utf8 import sendable

T = TypeVar("T")


def field(message: Mapping[str, Any], name: str, kind: type[T]) -> T:
    value = message.get(name)
    if type(value) is not kind:
        raise ValueError(
            f"malformed message: {name} is {reprlib.repr(value)}; allowed: {kind.__name__}"
        )
    return value


def readable(error: BaseException) -> str:
    """The error's own words; with its type where they may say nothing without it."""
    plain = isinstance(error, ValueError | TypeError | LookupError | t.TraitError)
    if plain and str(error) and not isinstance(error, KeyError):
        return sendable(str(error))
    return sendable(f"{type(error).__name__}: {error}".removesuffix(": "))

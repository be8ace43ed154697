"""The arguments of a scan, checked before any work."""

from __future__ import annotations

from typing import Any, Final, get_args

from attention_widget._util.integers import as_integer
from attention_widget.corpus.stretch import TooLong
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.tracing.inputs.text import named_length
from attention_widget.tracing.model.naming import type_name
from attention_widget.tracing.tracer import Tracer

MOST_TOKENS: Final = 1_024
"""Tokens that are read at once where the model takes more: the time of attention grows with their
square, and what heads do shows in so many."""


def checked_length(tracer: Tracer, max_tokens: Any) -> int:
    """How many tokens a pass reads, at most."""
    limit = tracer.text_limit
    if max_tokens is None:
        return min(
            MOST_TOKENS, limit or named_length(tracer.model, tracer.tokenizer) or MOST_TOKENS
        )
    most = integer("max_tokens", max_tokens, 2)
    if limit is not None and most > limit:
        raise InvalidValueError(
            f"max_tokens must be at most {limit:,}, as many as {type(tracer.model).__name__} "
            f"takes, got {most:,}"
        )
    return most


def checked_too_long(given: Any) -> TooLong:
    if given not in get_args(TooLong):
        raise InvalidValueError(
            f'too_long must be "split", "truncate" or "refuse", got {given!r:.80}'
        )
    found: TooLong = given
    return found


def checked_shard(given: Any) -> tuple[int, int]:
    """Which shard, of how many."""
    must = "shard must be two integers (i, n), the shard i of n, counted from 0, such as (0, 4)"
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise InvalidTypeError(f"{must}, got {given!r:.80}")
    index, count = map(as_integer, given)
    if index is None or count is None:
        raise InvalidTypeError(f"{must}, got {given!r:.80}")
    if not 0 <= index < count:
        raise InvalidValueError(f"{must}, got ({index}, {count})")
    return index, count


def integer(name: str, given: Any, least: int) -> int:
    found = as_integer(given)
    if found is None:
        raise InvalidTypeError(f"{name} must be an integer, got {type_name(given)}")
    if found < least:
        raise InvalidValueError(f"{name} must be {least} or more, got {found}")
    return found

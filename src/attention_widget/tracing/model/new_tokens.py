"""How many new tokens to generate, by the caller's options or the model's configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from transformers import GenerationConfig

from attention_widget._util.integers import as_integer
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.tracing.model.naming import type_name

DEFAULT = 64
"""Where nobody says when to stop."""


def asked(model: Any, options: Mapping[str, Any], name: str) -> Any:
    """What is asked for by an option of generation: in the call, in the configuration passed
    with it, or in the model's own, in this order; None where nowhere."""
    return next(_said(model, options, name), None)


def new_tokens(model: Any, options: Mapping[str, Any], n_read: int) -> tuple[int, bool]:
    """The most tokens that are to be written after ``n_read`` ones, and whether anybody said so.

    As in ``model.generate``, ``max_new_tokens`` goes before ``max_length``, which counts those
    read. ValueError where there is nothing to write.
    """
    most = _number("max_new_tokens", asked(model, options, "max_new_tokens"))
    if most is not None:
        if most < 1:
            raise InvalidValueError(f"max_new_tokens must be 1 or more, got {most}")
        return most, True
    whole = _number("max_length", asked(model, options, "max_length"))
    if whole is not None:
        if whole <= n_read:
            raise InvalidValueError(
                f"max_length must be {n_read + 1} or more, for the prompt has {n_read} tokens, got "
                f"{whole}; or pass max_new_tokens=..."
            )
        return whole - n_read, True
    least = asked(model, options, "min_new_tokens") or 0
    shortest = asked(model, options, "min_length") or 0
    return max(DEFAULT, least, shortest - n_read), False


def _said(model: Any, options: Mapping[str, Any], name: str) -> Iterator[Any]:
    if options.get(name) is not None:
        yield options[name]
    unsaid = getattr(GenerationConfig(), name, None)  # a max_length of 20 before transformers 5
    for config in (options.get("generation_config"), getattr(model, "generation_config", None)):
        value = getattr(config, name, None)
        if value is not None and value != unsaid:
            yield value


def _number(name: str, value: Any) -> int | None:
    number = as_integer(value)
    if number is None and value is not None:
        raise InvalidTypeError(f"{name} must be a whole number, got {type_name(value)}")
    return number

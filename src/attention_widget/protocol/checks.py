"""What an option may be, and what is said when it cannot be that.

Every check returns the value as it is stored, or raises a TraitError that says what must be, what
was given and, where it helps, what to do.
"""

from __future__ import annotations

import difflib
import reprlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import SupportsFloat

from traitlets import TraitError

from attention_widget._util.integers import as_integer
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace


def check_kind(name: str, value: object, trace: Trace) -> Kind:
    """A kind of attention that the trace has."""
    return trace.kinds[trace.kinds.index(check_choice(name, value, trace.kinds))]


def check_layer(name: str, value: object, trace: Trace, kind: Kind) -> int:
    """A layer that has attention of this kind."""
    have = trace.layers_with_attention(kind)
    layer = as_integer(value)
    if layer in have:
        return layer
    if len(have) == trace.count_layers(kind):
        raise _not_in(name, value, len(have))
    raise _error(f"{name} must be {_either(have)}, the layers with {kind} attention", value)


def check_heads(name: str, value: object, trace: Trace, kind: Kind, layer: int) -> tuple[int, ...]:
    """Heads of the layer, in the order given; a single integer is that one."""
    count = trace.count_heads(layer, kind)
    advice = f"; layer {layer} has {count} head{'s' * (count != 1)}"
    return _several(name, value, "head", count, advice)


def check_token(name: str, value: object, trace: Trace, kind: Kind) -> int | None:
    """Index of a query token of this kind of attention, or None for no token."""
    return _one_or_none(name, value, len(trace.sides(kind)[0]))


def check_key_token(name: str, value: object, trace: Trace, kind: Kind) -> int | None:
    """Index of a key token of this kind of attention, or None for no token."""
    return _one_or_none(name, value, len(trace.sides(kind)[1]))


def check_tokens(name: str, value: object, trace: Trace, kind: Kind) -> tuple[int, ...]:
    """Indices of query tokens in the order given, each once; a single one is that one, and None
    is none."""
    return () if value is None else _several(name, value, "token", len(trace.sides(kind)[0]))


def check_share(name: str, value: object) -> float:
    """A number from 0 to 1."""
    number = None
    if isinstance(value, SupportsFloat) and not isinstance(value, bool):
        with suppress(TypeError, ValueError, RuntimeError):  # an array of several
            number = float(value)
    if number is None or not 0 <= number <= 1:
        raise _error(f"{name} must be a number from 0 to 1", value)
    return number


def check_choice(name: str, value: object, allowed: Sequence[str]) -> str:
    """One of the allowed names."""
    if isinstance(value, str) and value in allowed:
        return value
    raise _error(f"{name} must be {_either(allowed)}", value, _advice(value, allowed))


def check_choices(name: str, value: object, allowed: Sequence[str]) -> tuple[str, ...]:
    """Allowed names in the order given, each once; a single string is that one."""
    if isinstance(value, str):
        value = (value,)
    must = f"{name} must be any of {_either(allowed)}"
    if not isinstance(value, Iterable):
        raise _error(must, value)
    chosen: list[str] = []
    for item in value:
        if not isinstance(item, str) or item not in allowed:
            raise _error(must, item, _advice(item, allowed))
        if item in chosen:
            raise TraitError(f"{name} must name each once, got {item!r} twice")
        chosen.append(item)
    return tuple(chosen)


def check_flag(name: str, value: object) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise _error(f"{name} must be True or False", value)
    return value


def check_text(name: str, value: object, optional: bool) -> str | None:
    """A string; None too where the text is optional."""
    if isinstance(value, str) or (value is None and optional):
        return value
    raise _error(f"{name} must be a string{' or None' if optional else ''}", value)


def first_kind(trace: Trace) -> Kind:
    """The kind of attention shown at first.

    Raises:
        ValueError: there is none.
    """
    if not trace.kinds:
        raise ValueError(f"the trace of {trace.model_name} holds no attention to show")
    return trace.kinds[0]


def _one_or_none(name: str, value: object, count: int) -> int | None:
    if value is None:
        return None
    token = as_integer(value)
    if token is None or not 0 <= token < count:
        raise _not_in(name, value, count, " or None")
    return token


def _several(name: str, value: object, noun: str, count: int, advice: str = "") -> tuple[int, ...]:
    if as_integer(value) is not None:
        value = (value,)
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise _error(f"{name} must be one or several integers {_within(count)}", value)
    chosen: list[int] = []
    for item in sorted(value) if isinstance(value, set | frozenset) else value:
        index = as_integer(item)
        if index is None or not 0 <= index < count:
            raise _not_in(name, item, count, advice=advice)
        if index in chosen:
            raise TraitError(f"{name} must name each {noun} once, got {index} twice")
        chosen.append(index)
    return tuple(chosen)


def _not_in(name: str, value: object, count: int, more: str = "", advice: str = "") -> TraitError:
    integer = "" if as_integer(value) is not None else "an integer "
    return _error(f"{name} must be {integer}{_within(count)}{more}", value, advice)


def _error(must: str, value: object, advice: str = "") -> TraitError:
    """The type of a value is named where the value may not show it."""
    plain = value is None or isinstance(value, str | bool | float) or as_integer(value) is not None
    kind = "" if plain else f" ({type(value).__name__})"
    given = as_integer(value)
    shown = reprlib.repr(value) if given is None else given
    return TraitError(f"{must}, got {shown}{kind}{advice}")


def _advice(value: object, allowed: Sequence[str]) -> str:
    close = difflib.get_close_matches(value, allowed, 1) if isinstance(value, str) else []
    return f"; did you mean {close[0]!r}?" if close else ""


def _within(count: int) -> str:
    return f"in 0–{count - 1}" if count > 1 else "0"


def _either(values: Sequence[object]) -> str:
    """``a, b or c``."""
    *most, last = map(str, values)
    return f"{', '.join(most)} or {last}" if most else last

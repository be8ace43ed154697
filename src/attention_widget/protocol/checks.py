"""Checks of values that a person chooses.

Each returns the value as it is stored, or raises a RefusedError that says what must be, what was
given and, where it helps, what to do.
"""

from __future__ import annotations

import difflib
import reprlib
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import suppress
from typing import TYPE_CHECKING, SupportsFloat

from attention_widget._util.integers import as_integer, within
from attention_widget.errors import InvalidValueError, RefusedError
from attention_widget.trace.kind import Kind

if TYPE_CHECKING:
    from attention_widget.trace.trace import Trace


def check_share(name: str, value: object) -> float:
    """A number from 0 to 1."""
    number = None
    if isinstance(value, SupportsFloat) and not isinstance(value, bool):
        with suppress(TypeError, ValueError, RuntimeError):  # an array of several
            number = float(value)
    if number is None or not 0 <= number <= 1:
        raise refused(f"{name} must be a number from 0 to 1", value)
    return number


def check_choice(name: str, value: object, allowed: Sequence[str]) -> str:
    """One of the allowed names."""
    if isinstance(value, str) and value in allowed:
        return value
    raise refused(f"{name} must be {either(allowed)}", value, _advice(value, allowed))


def check_choices(name: str, value: object, allowed: Sequence[str]) -> tuple[str, ...]:
    """Allowed names in the order given, each once; a single string is that one."""
    if isinstance(value, str):
        value = (value,)
    must = f"{name} must be any of {either(allowed)}"
    if not isinstance(value, Iterable):
        raise refused(must, value)
    chosen: list[str] = []
    for item in value:
        if not isinstance(item, str) or item not in allowed:
            raise refused(must, item, _advice(item, allowed))
        if item in chosen:
            raise RefusedError(f"{name} must name each once, got {item!r} twice")
        chosen.append(item)
    return tuple(chosen)


def check_flag(name: str, value: object) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise refused(f"{name} must be True or False", value)
    return value


def check_text(name: str, value: object, optional: bool) -> str | None:
    """A string; None too where the text is optional."""
    if isinstance(value, str) or (value is None and optional):
        return value
    raise refused(f"{name} must be a string{' or None' if optional else ''}", value)


def check_candidate(name: str, value: object) -> str | int | None:
    """A token of a vocabulary by its text or its id, or None."""
    if value is None or (isinstance(value, str) and value):
        return value
    id = None if isinstance(value, str) else as_integer(value)
    if id is None or id < 0:
        raise refused(f"{name} must be the text or the id of a token, or None", value)
    return id


def check_summary(name: str, value: object) -> str | None:
    """A summary of an atlas by its name, or None."""
    if value is None or (isinstance(value, str) and 0 < len(value) <= 200):
        return value
    raise refused(f"{name} must be the name of a summary, or None", value)


def check_index(name: str, value: object, count: int) -> int | None:
    """An index below ``count``, or None."""
    if value is None:
        return None
    index = as_integer(value)
    if index is None or not 0 <= index < count:
        raise not_in(name, value, count, " or None")
    return index


def check_indices(
    name: str, value: object, noun: str, count: int, advice: str = ""
) -> tuple[int, ...]:
    """Indices below ``count`` in the order given, each once; a single integer is that one."""
    if as_integer(value) is not None:
        value = (value,)
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise refused(f"{name} must be one or several integers {within(count)}", value)
    chosen: list[int] = []
    for item in sorted(value) if isinstance(value, set | frozenset) else value:
        index = as_integer(item)
        if index is None or not 0 <= index < count:
            raise not_in(name, item, count, advice=advice)
        if index in chosen:
            raise RefusedError(f"{name} must name each {noun} once, got {index} twice")
        chosen.append(index)
    return tuple(chosen)


def check_pairs(
    name: str, value: object, most: int, trace: Trace, kind: Kind
) -> tuple[tuple[int, int], ...]:
    """Heads of the kind, each as (layer, head), in the order given, each once."""
    must = f"{name} must be at most {most} pairs (layer, head)"
    given = _in_order(value)
    if given is None:
        raise refused(must, value)
    if len(given) > most:
        raise RefusedError(f"{must}, got {len(given)}")
    chosen: list[tuple[int, int]] = []
    have = trace.layers_with_attention(kind)
    for item in given:
        pair = _pair(item)
        if pair is None:
            advice = f"; write {name}=[(2, 5), (4, 1)]"
            raise refused(must, item, advice)
        layer, head = pair
        if layer not in have:
            raise refused(f"{must} of {kind} attention, whose layers are {_ranges(have)}", pair)
        count = trace.count_heads(layer, kind)
        if not 0 <= head < count:
            advice = f"; layer {layer} has {count} head{'s' * (count != 1)}"
            raise refused(f"{must} of {kind} attention", pair, advice)
        if pair in chosen:
            raise RefusedError(f"{name} must name each pair once, got {pair} twice")
        chosen.append(pair)
    return tuple(chosen)


def check_aligned(name: str, value: object) -> tuple[tuple[int, int], ...]:
    """Pairs of indices; which there are the texts say."""
    must = f"{name} must be pairs of indices (token of the one, token of the other)"
    given = _in_order(value)
    if given is None:
        raise refused(must, value)
    pairs = [_pair(item) for item in given]
    if None in pairs:
        raise refused(must, given[pairs.index(None)])
    return tuple(pair for pair in pairs if pair is not None)


def _pair(item: object) -> tuple[int, int] | None:
    numbers = [as_integer(each) for each in _in_order(item) or ()]
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
        return None
    return numbers[0], numbers[1]


def _in_order(value: object) -> list[object] | None:
    """None for what is no sequence; text and sets are none."""
    if isinstance(value, str | bytes | Set | Mapping) or not isinstance(value, Iterable):
        return None
    return list(value)


def _ranges(layers: Sequence[int]) -> str:
    """``0 to 5``, or all of them where some between are missing."""
    first, last = layers[0], layers[-1]
    if len(layers) > 2 and last - first == len(layers) - 1:
        return f"{first} to {last}"
    return ", ".join(map(str, layers))


def first_kind(trace: Trace) -> Kind:
    """The kind of attention shown at first; ValueError if there is none."""
    if not trace.kinds:
        raise InvalidValueError(f"the trace of {trace.model_name} holds no attention to show")
    return trace.kinds[0]


def not_in(name: str, value: object, count: int, more: str = "", advice: str = "") -> RefusedError:
    integer = "" if as_integer(value) is not None else "an integer "
    return refused(f"{name} must be {integer}{within(count)}{more}", value, advice)


def refused(must: str, value: object, advice: str = "") -> RefusedError:
    """The type of a value is named where the value may not show it."""
    plain = value is None or isinstance(value, str | bool | float) or as_integer(value) is not None
    kind = "" if plain else f" ({type(value).__name__})"
    given = as_integer(value)
    shown = reprlib.repr(value) if given is None else given
    return RefusedError(f"{must}, got {shown}{kind}{advice}")


def either(values: Sequence[object]) -> str:
    """``a, b or c``."""
    *most, last = map(str, values)
    return f"{', '.join(most)} or {last}" if most else last


def _advice(value: object, allowed: Sequence[str]) -> str:
    close = difflib.get_close_matches(value, allowed, 1) if isinstance(value, str) else []
    return f"; did you mean {close[0]!r}?" if close else ""

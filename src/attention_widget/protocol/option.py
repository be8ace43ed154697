"""One option: what it allows, what it is at first, and how a value is checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from attention_widget.protocol.checks import (
    check_choice,
    check_choices,
    check_flag,
    check_heads,
    check_key_token,
    check_kind,
    check_layer,
    check_share,
    check_token,
    check_tokens,
    first_kind,
)
from attention_widget.trace.trace import Trace

Chosen = Callable[[str], Any]
"""The value of an option that stands before the one that is checked."""

Place = Literal["picker", "rows", "views", "settings", "lines", "grid", "matrix", "text", "pins"]
"""Where the control of an option stands. "views" is what is clicked in any of them."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """Something that a person can choose."""

    name: str
    default: Any = None
    place: Place
    doc: str
    us: str | None = None
    """Its name in American spelling, where that is another one."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> Any:
        """The value as it is stored; TraitError if the trace does not have it."""
        raise NotImplementedError

    def first(self, trace: Trace, chosen: Chosen) -> Any:
        """The value for a trace of which nothing was chosen."""
        return self.default


@dataclass(frozen=True, kw_only=True)
class Choice(Option):
    """One of some names; ``us`` spellings of them are taken for them."""

    values: tuple[str, ...]
    us_values: Mapping[str, str] = field(default_factory=dict)

    def check(self, value: object, trace: Trace, chosen: Chosen) -> str:
        known = self.us_values.get(value, value) if isinstance(value, str) else value
        return check_choice(self.name, known, self.values)


@dataclass(frozen=True, kw_only=True)
class Choices(Option):
    """Several of some names, in order."""

    values: tuple[str, ...]

    def check(self, value: object, trace: Trace, chosen: Chosen) -> tuple[str, ...]:
        return check_choices(self.name, value, self.values)


@dataclass(frozen=True, kw_only=True)
class Flag(Option):
    """True or False."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> bool:
        return check_flag(self.name, value)


@dataclass(frozen=True, kw_only=True)
class Share(Option):
    """A number from 0 to 1."""

    stops: tuple[float, ...] = ()
    """Where its slider stops; empty for each hundredth."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> float:
        return check_share(self.name, value)


@dataclass(frozen=True, kw_only=True)
class KindChoice(Choice):
    """A kind of attention that the trace has."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> str:
        return check_kind(self.name, value, trace)

    def first(self, trace: Trace, chosen: Chosen) -> str:
        return first_kind(trace)


@dataclass(frozen=True, kw_only=True)
class Layer(Option):
    """A layer that has attention of the kind."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> int:
        return check_layer(self.name, value, trace, chosen("attention_kind"))

    def first(self, trace: Trace, chosen: Chosen) -> int:
        return trace.layers_with_attention(chosen("attention_kind"))[0]


@dataclass(frozen=True, kw_only=True)
class Heads(Option):
    """Heads of the layer."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> tuple[int, ...]:
        return check_heads(self.name, value, trace, chosen("attention_kind"), chosen("layer"))

    def first(self, trace: Trace, chosen: Chosen) -> tuple[int, ...]:
        return tuple(range(trace.count_heads(chosen("layer"), chosen("attention_kind"))))


@dataclass(frozen=True, kw_only=True)
class Query(Option):
    """A query token of the kind of attention, or None."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> int | None:
        return check_token(self.name, value, trace, chosen("attention_kind"))


@dataclass(frozen=True, kw_only=True)
class Key(Option):
    """A key token of the kind of attention, or None."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> int | None:
        return check_key_token(self.name, value, trace, chosen("attention_kind"))


@dataclass(frozen=True, kw_only=True)
class Queries(Option):
    """Query tokens of the kind of attention, each once."""

    default: tuple[int, ...] = ()

    def check(self, value: object, trace: Trace, chosen: Chosen) -> tuple[int, ...]:
        return check_tokens(self.name, value, trace, chosen("attention_kind"))


@dataclass(frozen=True, kw_only=True)
class MeasureChoice(Choice):
    """What colours the text. Where there are no hidden states it is attention at first."""

    def first(self, trace: Trace, chosen: Chosen) -> str:
        return self.default if trace.hidden else "attention_received"

"""One option: what it allows, what it is at first, and how a value is checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from attention_widget.protocol.checks import check_choice, check_choices, check_flag, check_share

if TYPE_CHECKING:
    from attention_widget.trace.trace import Trace

Chosen = Callable[[str], Any]
"""The value of an option that stands before the one that is checked."""

Place = Literal[
    "picker",
    "heads",
    "rows",
    "views",
    "settings",
    "lines",
    "grid",
    "neuron",
    "attribution",
    "matrix",
    "text",
    "pins",
    "passages",
    "calculation",
    "atlas",
]
"""Where the control of an option stands. "views" is what is clicked in any of them."""


@dataclass(frozen=True)
class Option:
    """Something that a person can choose."""

    name: str
    place: Place
    doc: str
    default: Any = field(default=None, kw_only=True)
    us: str | None = field(default=None, kw_only=True)
    """Its name in American spelling, where that is another one."""
    of_text: bool = field(default=True, kw_only=True)
    """Whether it is of a text that a model read; an atlas alone has the others."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> Any:
        """The value as it is stored; TraitError if the trace does not have it."""
        raise NotImplementedError

    def first(self, trace: Trace, chosen: Chosen) -> Any:
        """The value for a trace of which nothing was chosen."""
        return self.default


@dataclass(frozen=True)
class Choice(Option):
    """One of some names, at first the first of them; American spellings are taken for them."""

    values: tuple[str, ...]
    us_values: Mapping[str, str] = field(default_factory=dict, kw_only=True)

    def __post_init__(self) -> None:
        if self.default is None:
            object.__setattr__(self, "default", self.values[0])

    def check(self, value: object, trace: Trace, chosen: Chosen) -> str:
        known = self.us_values.get(value, value) if isinstance(value, str) else value
        return check_choice(self.name, known, self.values)


@dataclass(frozen=True)
class Choices(Option):
    """Several of some names, in order."""

    values: tuple[str, ...]

    def check(self, value: object, trace: Trace, chosen: Chosen) -> tuple[str, ...]:
        return check_choices(self.name, value, self.values)


@dataclass(frozen=True)
class Flag(Option):
    """True or False."""

    default: bool = field(default=False, kw_only=True)

    def check(self, value: object, trace: Trace, chosen: Chosen) -> bool:
        return check_flag(self.name, value)


@dataclass(frozen=True)
class Share(Option):
    """A number from 0 to 1."""

    stops: tuple[float, ...] = ()
    """Where its slider stops; empty for each hundredth."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> float:
        return check_share(self.name, value)

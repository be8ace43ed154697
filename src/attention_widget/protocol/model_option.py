"""Options whose values a model or an atlas gives; the widget asks them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from attention_widget.protocol.checks import check_candidate, check_summary
from attention_widget.protocol.edits import check_edits
from attention_widget.protocol.option import Choice, Chosen, Option

if TYPE_CHECKING:
    from attention_widget.trace.trace import Trace


@dataclass(frozen=True)
class MeasureOfPairs(Choice):
    """What is shown of a query and a key. Whether a model has it, the widget knows."""


@dataclass(frozen=True)
class Edits(Option):
    """What is changed in a second pass, each edit as protocol/edits.py has it."""

    default: tuple[dict[str, Any], ...] = field(default=(), kw_only=True)

    def check(self, value: object, trace: Trace, chosen: Chosen) -> tuple[dict[str, Any], ...]:
        return check_edits(self.name, value, trace)


@dataclass(frozen=True)
class Candidate(Option):
    """What a model may predict, by its text or its id, or None; the model alone knows which there
    are."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> str | int | None:
        return check_candidate(self.name, value)


@dataclass(frozen=True)
class SummaryName(Option):
    """A summary of an atlas, by its name, or None; the atlas alone knows which it has."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> str | None:
        return check_summary(self.name, value)

"""One side of a comparison: a trace, and the model that left it where it is known."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from typing import Any, Final

from attention_widget.errors import InvalidTypeError
from attention_widget.experiments import Edit, Experiment, Outcome
from attention_widget.trace.trace import Trace

_MUST: Final = (
    "must be a Trace, an Experiment, an Outcome, (model, text) or (model, text, tokenizer)"
)


@dataclass(frozen=True, eq=False)
class Side:
    """A trace, the experiment that left it if it is known, and the edits it was made with."""

    trace: Trace
    experiment: Experiment | None = None
    edits: tuple[Edit, ...] = ()


def side_of(name: str, given: Any) -> Side:
    """What a person gave for a side; what the model says if it cannot read the text.

    Raises:
        TypeError: it is nothing that can be compared.
    """
    if isinstance(given, Trace):
        return Side(given)
    if isinstance(given, Outcome):
        return Side(given.trace, given.experiment, given.edits)
    if isinstance(given, tuple) and len(given) in (2, 3):
        model, text, *rest = given
        given = Experiment(model, text, tokenizer=rest[0] if rest else None)
    if isinstance(given, Experiment):
        return Side(given.trace, given)
    raise InvalidTypeError(f"{name} {_MUST}, got {reprlib.repr(given)}")

"""How a question is answered: in steps, between which a kernel is free for other messages."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from attention_widget.experiments import (
    Experiment,
    Integrating,
    Metric,
    Predictions,
    Ranking,
    Removing,
)
from attention_widget.experiments.leaving_out import LeavingOut
from attention_widget.experiments.measuring.sides import Rows
from attention_widget.trace.kind import Kind
from attention_widget.widget.calculations import Calculations
from attention_widget.widget.edited import Edited
from attention_widget.widget.measured import Measures


@dataclass(frozen=True)
class Progress:
    """How far an answer is: so many parts of so many are done, and what is known by now, in the
    form of the answer."""

    done: int
    of: int
    partial: Any = None


Answer: TypeAlias = dict[str, Any]
Steps: TypeAlias = Generator[Progress, None, Answer]


class Asked(Protocol):
    """What a question is about: a text, in a pass of a model or in one with edits."""

    @property
    def measures(self) -> Measures: ...
    @property
    def calculations(self) -> Calculations: ...
    def experiment(self) -> Experiment: ...
    def edited(self, edits: object) -> Edited: ...
    def before(self, top_k: int, positions: Sequence[int] | None) -> Predictions: ...
    def leaving_out(self, metric: Metric | None) -> LeavingOut:
        """What comes of leaving passages out: the same one each time, which goes on where it
        stopped."""
        ...

    def ranking(self, metric: Metric) -> Ranking:
        """All heads by their effect on a metric: the same one each time, which goes on where it
        stopped."""
        ...

    def influence(
        self, measure: str, metric: Metric, rows: Rows, kind: Kind
    ) -> Removing | Integrating:
        """What each word has to do with a metric, in the same way."""
        ...

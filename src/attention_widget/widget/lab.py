"""The experiment with the text that a widget shows, made once somebody asks about it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from attention_widget.errors import InvalidValueError, RefusedError
from attention_widget.experiments import (
    Experiment,
    Integrating,
    Metric,
    Predictions,
    Ranking,
    Removing,
)
from attention_widget.experiments.comparing import before_edits
from attention_widget.experiments.leaving_out import LeavingOut
from attention_widget.experiments.measuring.sides import Rows
from attention_widget.protocol.edits import check_edits
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace
from attention_widget.widget.asking import failure_of
from attention_widget.widget.calculations import Calculations
from attention_widget.widget.edited import Edited
from attention_widget.widget.measured import Measures
from attention_widget.widget.other_texts import OtherTexts, Reads
from attention_widget.widget.questions import check_question, steps_of
from attention_widget.widget.steps import Answer, Steps

_PASSES: Final = 2
"""Passes with edits that are kept, the latest ones."""

_NO_MODEL = (
    "this widget was made from a trace and has no model to ask; make AttentionWidget(model, text)"
)


class Lab:
    """Questions to the model about a text, and the answers, each of which is found once.

    Args:
        trace: what is shown of the text.
        make: makes the experiment; None where there is no model.
        read: makes that of another text; None where what is shown is no plain text.
    """

    def __init__(
        self, trace: Trace, make: Callable[[], Experiment] | None, read: Reads | None = None
    ) -> None:
        self._trace, self._make = trace, make
        self._others = OtherTexts(trace, read)
        known = None if make is None else self.experiment
        self.measures = Measures(trace, known)
        self.calculations = Calculations(trace, known)
        self._lock = threading.Lock()
        self._experiment: Experiment | None = None
        self._edited: list[Edited] = []
        self._rankings: dict[Metric, Ranking] = {}
        self._influence: dict[tuple[str, Metric, Rows, Kind], Removing | Integrating] = {}
        self._leaving: dict[Metric | None, LeavingOut] = {}
        self._before: dict[tuple[int, tuple[int, ...] | None], Predictions] = {}
        self._answers: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []
        self._begun: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []

    def experiment(self) -> Experiment:
        """The model with the text; RefusedError, or what the model says, where there is none."""
        if self._make is None:
            raise RefusedError(_NO_MODEL)
        with self._lock:
            if self._experiment is None:
                if self._trace.windows:
                    raise InvalidValueError(
                        "the text must be read in one pass for this, got one that was read in "
                        "windows; take a shorter text"
                    )
                self._experiment = self._make()
            return self._experiment

    def edited(self, edits: object) -> Edited:
        """The pass with some edits, of which nothing runs yet but other texts; an error names
        what there is not in a text or the model."""
        checked = check_edits("edits", edits, self._trace)
        lab = self.experiment()
        with self._lock:
            known = next((each for each in self._edited if each.edits == checked), None)
            made = known or Edited(checked, lab, self._trace, self._others.of(checked))
            others = [each for each in self._edited if each is not made]
            self._edited = [*others, made][-_PASSES:]
            return made

    def before(self, top_k: int, positions: Sequence[int] | None) -> Predictions:
        """What is predicted without edits at some positions; with None at all, or the class of the
        whole text."""
        key = (top_k, None if positions is None else tuple(positions))
        lab = self.experiment()
        if key not in self._before:
            self._before[key] = before_edits(lab, top_k, positions)
        return self._before[key]

    def shown(self, state: Mapping[str, Any]) -> Trace | None:
        """The trace of the pass with the edits of a state, if it shows anything of that one."""
        is_shown = state["edits"] and state["shown_pass"] != "before" and self._make is not None
        return self.edited(list(state["edits"])).trace if is_shown else None

    def of_json(self, edits: str) -> Edited:
        """The pass with the edits of a key."""
        try:
            return self.edited(json.loads(edits))
        except json.JSONDecodeError as error:
            raise InvalidValueError(f"edits of a key must be JSON, got {edits!r:.80}") from error

    def ranking(self, metric: Metric) -> Ranking:
        """The one ranking of heads by their effect on a metric, which goes on where it stopped."""
        lab = self.experiment()
        with self._lock:
            if metric not in self._rankings:
                self._rankings[metric] = lab.ranking(metric)
            return self._rankings[metric]

    def influence(
        self, measure: str, metric: Metric, rows: Rows, kind: Kind
    ) -> Removing | Integrating:
        """What each word has to do with a metric: the one that goes on where it stopped."""
        lab = self.experiment()
        key = (measure, metric, rows, kind)
        with self._lock:
            if key not in self._influence:
                way = lab.removing if measure == "removal" else lab.integrating
                self._influence[key] = way(metric, rows=rows, kind=kind)
            return self._influence[key]

    def leaving_out(self, metric: Metric | None) -> LeavingOut:
        """The one that leaves passages out, by what is measured, which goes on where it stopped."""
        lab = self.experiment()
        with self._lock:
            if metric not in self._leaving:
                self._leaving[metric] = lab.leaving_out(metric)
            return self._leaving[metric]

    def answer(self, question: object) -> Mapping[str, Any] | None:
        """What was answered, if it was."""
        with self._lock:
            return next((answer for known, answer in self._answers if known == question), None)

    def steps(self, question: object) -> Steps:
        """The steps to an answer, which is then known."""
        asked = check_question(question)
        known = self.answer(asked)
        if known is not None:
            return dict(known)
        steps = steps_of(self, asked)
        answer: Answer | None = None
        while answer is None:
            try:
                progress = next(steps)
            except StopIteration as end:
                answer = end.value
            else:
                self._note(asked, progress.partial)
                yield progress
        with self._lock:
            self._answers.append((asked, answer))
        self._note(asked, None)
        return answer

    def kept(self, questions: Iterable[Mapping[str, Any]]) -> list[tuple[Any, dict[str, Any]]]:
        """Questions with what a page keeps of them: all that were answered, what is known of those
        that were not answered to the end, and these, with the error of one that cannot be."""
        errors: list[tuple[Any, dict[str, Any]]] = []
        begun = [asked for asked, _ in self._begun]
        if self._make is not None:
            for question in questions:
                if question in begun:
                    continue
                try:
                    for _ in self.steps(question):
                        pass
                except Exception as error:  # of the model's: the page says why
                    errors.append((question, failure_of(error)))
        with self._lock:
            known = [*self._answers, *self._begun]
            return [*((asked, {"answer": answer}) for asked, answer in known), *errors]

    def _note(self, asked: Mapping[str, Any], partial: Mapping[str, Any] | None) -> None:
        """Keep what is known of a question that is being answered; None once it is."""
        with self._lock:
            self._begun = [(known, of) for known, of in self._begun if known != asked]
            if partial is not None:
                self._begun.append((asked, partial))

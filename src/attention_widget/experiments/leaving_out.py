"""Leaves each passage of a text out: no token may see any token of it, in any layer and head.

What stands elsewhere keeps its place, so this is another question than a text without the passage.
It is exact where attention alone carries things from token to token, which is checked: with the
passage left out, other words in it may not change anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import torch

from attention_widget._util.progress import Progress
from attention_widget._util.ungraded import ungraded
from attention_widget.errors import InvalidValueError, NotFoundError
from attention_widget.experiments.editing import Edited
from attention_widget.experiments.edits import EdgeOff
from attention_widget.experiments.head import own_head, what_it_predicts
from attention_widget.experiments.left_out import LeftOut
from attention_widget.experiments.measure import Measure, measure_of
from attention_widget.experiments.metric import LogProbability, Metric, StateChange
from attention_widget.experiments.passes import Passes
from attention_widget.experiments.placing import placed
from attention_widget.experiments.subject import Subject
from attention_widget.experiments.under_way import finish
from attention_widget.trace.block import Array
from attention_widget.trace.kind import Kind
from attention_widget.trace.passage import Passage
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME

_CLOSE = 1e-4
"""How far two values may be apart: this share of the value, or this much, whichever is more."""


class LeavingOut:
    """Leaves one passage out after another: iterate over it for what is known so far.

    >>> from attention_widget import Experiment
    >>> lab = Experiment(gpt2, "a good novel about purple", tokenizer=gpt2_tokenizer,
    ...                  passages={"one": (0, 6), "two": (7, 12)})
    >>> [int((partial.effects == partial.effects).sum()) for partial in lab.leaving_out()]
    [0, 1, 2]
    """

    def __init__(self, lab: Subject, passes: Passes, metric: Metric | None = None) -> None:
        trace = lab.trace
        if not trace.passages:
            raise NotFoundError(
                "the text has no passages to leave out; name some: Experiment(model, text, "
                'passages={"doc 1": (0, 200), ...}), or passages="sentences"'
            )
        self._lab, self._passes, self._passages = lab, passes, trace.passages
        self._measure = measure_of(_metric_of(lab) if metric is None else metric, lab)
        self._kinds = _kinds_of(lab)
        about = {*self._measure.positions} if lab.read_tokens is trace.tokens else set()
        self._left = [
            index
            for index, passage in enumerate(self._passages)
            if about.isdisjoint(passage.tokens)
        ]
        if not self._left:
            raise InvalidValueError(
                f"metric must be read outside of some passage, got {self._measure.name}, which "
                f"stands in each of {len(self._passages)}; name another position"
            )
        self._effects = np.full(len(self._passages), np.nan, np.float32)

    @property
    def n_passages(self) -> int:
        """How many passages are to be left out."""
        return len(self._left)

    @property
    def measure(self) -> Measure:
        """What is measured: its metric, checked."""
        return self._measure

    @property
    def result(self) -> LeftOut:
        """What is known so far."""
        measure = self._measure
        effects: Array = self._effects.copy()
        return LeftOut(
            measure.metric, measure.name, measure.unit, self._passages, self._before, effects
        )

    def __iter__(self) -> Iterator[LeftOut]:
        yield self.result
        for index in self._left:
            if np.isnan(self._effects[index]):
                self._try(index)
                yield self.result

    def run(self, progress: bool = False) -> LeftOut:
        """Leave all passages out that were not yet.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel about purple", tokenizer=gpt2_tokenizer,
        ...                  passages={"one": (0, 6), "two": (7, 12)})
        >>> lab.leaving_out().run().unit
        'nats'
        """

        finish(
            enumerate(self),
            lambda step: step[0],
            lambda: Progress("leaving out", "passage", len(self._left), wanted=progress),
            lambda: None,
        )
        return self.result

    @cached_property
    def _before(self) -> float:
        with ONE_AT_A_TIME:
            self._passes.sites.check(self._edits(self._passages[self._left[0]]))
            return ungraded(lambda: self._value(self._lab.output, fed=False))

    @cached_property
    def _read(self) -> tuple[int, ...] | None:
        measure = self._measure
        return None if measure.of_states else self._passes.narrowed(measure.positions)

    def _edits(self, passage: Passage) -> Sequence[EdgeOff]:
        edits = [EdgeOff(key=passage.tokens, kind=kind) for kind in self._kinds]
        return placed(edits, self._lab.trace)  # type: ignore[return-value]

    def _try(self, index: int) -> None:
        before, edits = self._before, self._edits(self._passages[index])

        def work() -> float:
            [(_, output)] = self._passes.edited([edits], self._read)
            value = self._value(output, fed=self._read is not None)
            if np.isnan(self._effects).all():
                self._check(index, edits, value)
            return value

        with ONE_AT_A_TIME:
            self._effects[index] = ungraded(work) - before

    def _check(self, index: int, edits: Sequence[EdgeOff], value: float) -> None:
        """UnsupportedModelError if what is in the passage still changes anything."""
        runnable = self._passes.runnable
        ids: torch.Tensor = runnable.inputs["input_ids"].clone()
        size = self._lab.tracer.model.config.get_text_config().vocab_size
        where = list(self._passages[index].tokens)
        ids[0, where] = (
            ids[0, where] + 1 + torch.arange(len(where), dtype=ids.dtype, device=ids.device)
        ) % size
        changed = replace(runnable, inputs={**runnable.inputs, "input_ids": ids})
        output = changed.edited(Edited(self._passes.sites, [edits]), positions=self._read)
        other = self._value(output, fed=self._read is not None)
        if not abs(other - value) <= _CLOSE * max(1.0, abs(value)):
            raise UnsupportedModelError(
                self._lab.tracer.model,
                "carries what a passage says past its attention, so that no passage can be left "
                "out of it",
            )

    def _value(self, output: object, fed: bool) -> float:
        read = self._measure.read(output, self._lab.head, fed=fed)
        return float(self._measure.value(read)[0])


def _kinds_of(lab: Subject) -> tuple[Kind, ...]:
    """The kinds of attention whose keys are the text with the passages."""
    trace = lab.trace
    for kind in trace.kinds:
        if kind != "cross" and trace.sides(kind)[1] is trace.tokens:
            missing = trace.count_layers(kind) - len(trace.layers_with_attention(kind))
            if missing:
                raise UnsupportedModelError(
                    lab.tracer.model,
                    f"has {missing} layers without attention, which carry a passage on in another "
                    f"way, so that none can be left out",
                )
    return tuple(kind for kind in trace.kinds if trace.sides(kind)[1] is trace.tokens)


def _metric_of(lab: Subject) -> Metric:
    """The log-probability of what is predicted last; how far the states outside of passages turn
    where nothing is predicted."""
    is_class = what_it_predicts(lab.tracer.model) in ("class", "class of token")
    if lab.head is not None or is_class or own_head(lab.tracer.model) is not None:
        return LogProbability()
    inside = {token for passage in lab.trace.passages for token in passage.tokens}
    rest = [index for index in range(len(lab.read_tokens)) if index not in inside]
    return StateChange(rest or None)

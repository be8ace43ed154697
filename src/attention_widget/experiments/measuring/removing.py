"""Each token taken out of sight, exactly: what the metric is when nothing may look at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from attention_widget._util.progress import Progress
from attention_widget._util.ungraded import ungraded
from attention_widget.errors import InvalidValueError
from attention_widget.experiments.edits import EdgeOff, Edit
from attention_widget.experiments.measure import measure_of
from attention_widget.experiments.measuring.sides import Rows, Side, side_of
from attention_widget.experiments.measuring.token_effects import TokenEffects
from attention_widget.experiments.metric import LogProbability, Metric
from attention_widget.experiments.passes import Passes
from attention_widget.experiments.placing import placed
from attention_widget.experiments.subject import Subject
from attention_widget.experiments.under_way import finish
from attention_widget.trace.kind import Kind
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME

_TOKENS: Final = 512  # in the rows that run between two results


class RemovalInterruptedError(KeyboardInterrupt):
    """Removal was interrupted. ``removing.result`` has what was computed until then, and
    ``removing.run()`` goes on from there.

    >>> from attention_widget import Experiment
    >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
    >>> try:
    ...     found = lab.removal()
    ... except RemovalInterruptedError as error:
    ...     found = error.removing.result
    >>> found.n_done
    5
    """

    def __init__(self, removing: Removing) -> None:
        done, size = removing.result.n_done, len(removing.result.groups)
        super().__init__(f"{done} of {size} are removed: see .removing.result")
        self.removing = removing


class Removing:
    """Tokens that are being removed one by one: iterating gives a :class:`TokenEffects` of all
    that is known so far, again and again, until all are done.

    It may be left at any time and iterated again: it goes on where it stopped. The model is as it
    was between two results.

    >>> from attention_widget import Experiment
    >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
    >>> removing = lab.removing()
    >>> [partial.n_done for partial in removing][-1] == removing.n_groups
    True
    """

    def __init__(
        self,
        lab: Subject,
        passes: Passes,
        metric: Metric | None,
        *,
        rows: Rows = "tokens",
        kind: Kind | None = None,
    ) -> None:
        self._lab, self._passes = lab, passes
        self._side: Side = side_of(lab.trace, kind, rows)
        self._measure = measure_of(_default(lab) if metric is None else metric, lab)
        self._rows: dict[int, Sequence[Edit]] = {}
        self._values = np.full(len(self._side.groups), np.nan, np.float32)
        self._before: float | None = None
        self._read: tuple[int, ...] | None = None

    @property
    def n_groups(self) -> int:
        """How many tokens or words there are."""
        return len(self._side.groups)

    @property
    def result(self) -> TokenEffects:
        """What is known so far."""
        if self._before is None:
            self._begin()
        assert self._before is not None
        return TokenEffects(
            measure="removal",
            metric=self._measure.metric,
            name=self._measure.name,
            unit=self._measure.unit,
            before=self._before,
            kind=self._side.kind,
            rows=self._side.rows,
            groups=self._side.groups,
            labels=self._side.labels,
            values=self._values.copy(),
            is_exact=True,
            apart=self._side.apart,
            others_carry=self._others_carry(),
        )

    def __iter__(self) -> Iterator[TokenEffects]:
        yield self.result
        at_once = max(1, _TOKENS // max(1, len(self._lab.trace.tokens)))
        left = [index for index in self._rows if np.isnan(self._values[index])]
        for start in range(0, len(left), at_once):
            self._try(left[start : start + at_once])
            yield self.result

    def run(self, progress: bool = False) -> TokenEffects:
        """Remove all that are left.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> lab.removing(rows="words").run().n_done
        5

        Raises:
            RemovalInterruptedError: it was interrupted (Ctrl-C); nothing computed is lost.
        """

        finish(
            self,
            lambda result: result.n_done,
            lambda: Progress("removing tokens", "token", self.n_groups, wanted=progress),
            lambda: None if self._before is None else RemovalInterruptedError(self),
        )
        return self.result

    def _others_carry(self) -> bool:
        trace, kind = self._lab.trace, self._side.kind
        return len(trace.layers_with_attention(kind)) < trace.count_layers(kind)

    def _begin(self) -> None:
        """Measure the unchanged pass; what no query sees anyway changes nothing when it goes."""
        lab, measure = self._lab, self._measure
        with ONE_AT_A_TIME:
            rows = {index: self._edits(group) for index, group in enumerate(self._side.groups)}
            self._passes.sites.check([edit for row in rows.values() for edit in row])
            before = ungraded(lambda: float(measure.value(measure.read(lab.output, lab.head))[0]))
            self._read = None if measure.of_states else self._passes.narrowed(measure.positions)
        for index, row in rows.items():
            if not row:
                self._values[index] = 0.0
        self._rows = {index: row for index, row in rows.items() if row}
        self._before = before

    def _edits(self, group: tuple[int, ...]) -> tuple[Edit, ...]:
        trace, kind = self._lab.trace, self._side.kind
        kinds: list[Kind] = [kind]
        if kind == "encoder" and "cross" in trace.kinds:
            kinds.append("cross")
        found: list[Edit] = []
        for each in kinds:
            try:
                found += placed([EdgeOff(key=group, kind=each)], trace)
            except InvalidValueError:
                continue  # the mask hides it from every query already
        return tuple(found)

    def _try(self, indices: Sequence[int]) -> None:
        before = self._before
        assert before is not None
        lab, measure = self._lab, self._measure
        rows = [self._rows[index] for index in indices]

        def work() -> None:
            for place, output in self._passes.edited(rows, self._read, together=True):
                read = measure.read(output, lab.head, fed=self._read is not None)
                self._values[indices[place]] = float(measure.value(read)[0]) - before

        with ONE_AT_A_TIME:
            ungraded(work)


def _default(lab: Subject) -> Metric | None:
    """The log-probability of what is predicted last, where anything is: without a word all logits
    move together, which says nothing of what is predicted."""
    return None if measure_of(None, lab).of_states else LogProbability()

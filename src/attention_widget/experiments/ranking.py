"""The effect of every head, exact, the likeliest heads first."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Sequence
from typing import Final, get_args

import numpy as np

from attention_widget._util.integers import as_integer
from attention_widget._util.progress import Progress
from attention_widget._util.ungraded import ungraded
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.experiments.edits import HeadOff, Value
from attention_widget.experiments.effects import HeadEffects
from attention_widget.experiments.gradients import guesses
from attention_widget.experiments.measure import measure_of
from attention_widget.experiments.metric import Metric
from attention_widget.experiments.needed_memory import warn_of_ranking
from attention_widget.experiments.passes import Passes
from attention_widget.experiments.subject import Subject
from attention_widget.experiments.under_way import finish
from attention_widget.trace.block import Array
from attention_widget.trace.indices import Indices, indices_of
from attention_widget.trace.kind import Kind, check_kind
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME

_FIRST_TIER: Final = 1 / 12  # of all heads; each following tier is twice as large
_SMALL_BATCH: Final = 128  # tokens; up to there a further row costs little

Head = tuple[Kind, int, int]
"""A kind, a layer and a head."""


class RankingInterruptedError(KeyboardInterrupt):
    """Ranking was interrupted. ``ranking.result`` has what was computed until then, and
    ``ranking.run()`` goes on from there.

    >>> from attention_widget import Experiment
    >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
    >>> try:
    ...     found = lab.rank_heads()
    ... except RankingInterruptedError as error:
    ...     found = error.ranking.result
    >>> found.n_done
    12
    """

    def __init__(self, ranking: Ranking) -> None:
        done, n_heads = ranking.result.n_done, ranking.result.n_heads
        super().__init__(f"{done} of {n_heads} heads are ranked: see .ranking.result")
        self.ranking = ranking


class Ranking:
    """Heads that are being ranked: iterating gives a :class:`HeadEffects` of all that is known so
    far, again and again, until all heads are tried.

    It may be left at any time and iterated again: it goes on where it stopped. ``result`` is what
    is known. The model is as it was between two results.

    >>> from attention_widget import Experiment
    >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
    >>> ranking = lab.ranking()
    >>> for partial in ranking:
    ...     if partial.n_done >= 2:
    ...         break
    >>> ranking.result.n_done < ranking.run().n_done
    True
    """

    def __init__(
        self,
        lab: Subject,
        passes: Passes,
        metric: Metric | None,
        *,
        edit: Value,
        tokens: Indices | None,
        leave_first: bool | None,
        first: int | None,
        kind: Kind | None,
    ) -> None:
        if edit not in get_args(Value):
            raise InvalidValueError(f'edit must be "zero" or "mean", got {reprlib.repr(edit)}')
        if leave_first is not None and not isinstance(leave_first, bool):
            raise InvalidTypeError(
                f"leave_first must be True, False or None, got {reprlib.repr(leave_first)}"
            )
        self._lab, self._passes, self._edit = lab, passes, edit
        trace = lab.trace
        self._kinds = _kinds(kind, trace.kinds)
        self._measure = measure_of(metric, lab)
        self._tokens: dict[Kind, tuple[int, ...]] = {}
        self._left: list[Kind] = []
        for each in self._kinds:
            self._tokens[each] = self._at(each, tokens, leave_first)
        shape = trace.n_layers if trace.target is None else 0
        self._effects: dict[Kind, Array] = {}
        self._order: dict[Kind, Array] = {}
        self._heads: list[Head] = []
        for each in self._kinds:
            layers = trace.layers_with_attention(each)
            counts = [trace.count_heads(layer, each) for layer in layers]
            size = (max(shape, layers[-1] + 1), max(counts))
            self._effects[each] = np.full(size, np.nan, np.float32)
            self._order[each] = np.full(size, np.nan, np.float32)
            pairs = zip(layers, counts, strict=True)
            self._heads += [(each, layer, head) for layer, n in pairs for head in range(n)]
        self._first = _checked_first(first, len(self._heads))
        self._before: float | None = None
        self._plan: list[list[Head]] = []

    @property
    def n_heads(self) -> int:
        """How many heads are to be tried."""
        return self._first

    @property
    def result(self) -> HeadEffects:
        """What is known so far."""
        if self._before is None:
            self._begin()
        assert self._before is not None
        return HeadEffects(
            metric=self._measure.metric,
            name=self._measure.name,
            unit=self._measure.unit,
            before=self._before,
            edit=self._edit,
            tokens=dict(self._tokens),
            first_left_alone=tuple(self._left),
            effects_by_kind={kind: each.copy() for kind, each in self._effects.items()},
            order_by_kind={kind: each.copy() for kind, each in self._order.items()},
            counts={kind: sum(head[0] == kind for head in self._heads) for kind in self._kinds},
        )

    @property
    def queue(self) -> tuple[Head, ...]:
        """The heads in the order in which they are tried, as (kind, layer, head).

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> len(lab.ranking().queue)
        12
        """
        if self._before is None:
            self._begin()
        return tuple(head for group in self._plan for head in group)

    def __iter__(self) -> Iterator[HeadEffects]:
        yield self.result  # the order alone
        for group in self._plan:
            left = [head for head in group if np.isnan(self._effects[head[0]][head[1:]])]
            if left:
                self._try(left)
                yield self.result

    def run(self, progress: bool = False) -> HeadEffects:
        """Try all heads that are left.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> lab.ranking().run().n_done
        12

        Raises:
            RankingInterruptedError: it was interrupted (Ctrl-C); nothing computed is lost.
        """

        finish(
            self,
            lambda result: result.n_done,
            lambda: Progress("ranking heads", "head", self._first, wanted=progress),
            lambda: None if self._before is None else RankingInterruptedError(self),
        )
        return self.result

    def _begin(self) -> None:
        """Measure the unchanged pass, and find the order."""
        lab, measure = self._lab, self._measure
        with ONE_AT_A_TIME:
            self._passes.sites.check(())
            warn_of_ranking(lab, min(self._first, self._passes.most_at_once))
            before = ungraded(lambda: float(measure.value(measure.read(lab.output, lab.head))[0]))
            self._read = None if measure.of_states else self._passes.narrowed(measure.positions)
            found = guesses(self._passes, measure, lab.head, self._read, self._tokens, self._edit)
        for (kind, layer), sizes in found.items():
            if kind in self._order:
                self._order[kind][layer, : len(sizes)] = sizes.numpy()
        chosen = sorted(self._heads, key=self._likeliest)[: self._first]
        chosen.sort(key=self._worth)
        self._plan = _grouped(chosen, len(lab.trace.tokens), lab.trace.n_layers)
        self._before = before

    def _likeliest(self, head: Head) -> tuple[float, int]:
        size = float(np.nan_to_num(self._order[head[0]][head[1:]]))
        return -size, -head[1]  # late layers cost less

    def _worth(self, head: Head) -> tuple[float, int]:
        """The same by cost: a pass is resumed at the head's layer, so late ones cost less. The root
        did best on a trained model: cost itself puts off early heads that matter."""
        size, late = self._likeliest(head)
        n_layers = len(self._order[head[0]])
        return size / (n_layers + 1 - head[1]) ** 0.5, late

    def _try(self, heads: Sequence[Head]) -> None:
        before = self._before
        assert before is not None
        lab, measure = self._lab, self._measure
        rows = [
            [HeadOff(layer, (head,), kind, self._tokens[kind], self._edit)]
            for kind, layer, head in heads
        ]

        def work() -> None:
            for index, output in self._passes.edited(rows, self._read, together=True):
                kind, layer, head = heads[index]
                read = measure.read(output, lab.head, fed=self._read is not None)
                self._effects[kind][layer, head] = float(measure.value(read)[0]) - before

        with ONE_AT_A_TIME:
            ungraded(work)

    def _at(self, kind: Kind, tokens: Indices | None, leave_first: bool | None) -> tuple[int, ...]:
        """The queries at which heads of a kind are switched off."""
        size = len(self._lab.trace.sides(kind)[0])
        if tokens is not None:
            chosen = tuple(indices_of("token", tokens, size))
            if not chosen:
                raise InvalidValueError("tokens must name one token or more, got none")
            return chosen
        leaves = kind != "encoder" if leave_first is None else leave_first
        if not leaves or size == 1:
            return tuple(range(size))
        self._left.append(kind)
        return tuple(range(1, size))


def _kinds(kind: Kind | None, there: Sequence[Kind]) -> tuple[Kind, ...]:
    if kind is None:
        return tuple(there)
    check_kind(kind)
    if kind not in there:
        raise InvalidValueError(f"kind must be {' or '.join(there)}, got {kind!r}")
    return (kind,)


def _checked_first(first: int | None, n_heads: int) -> int:
    if first is None:
        return n_heads
    wanted = as_integer(first)
    if wanted is None:
        raise InvalidTypeError(f"first must be a whole number or None, got {reprlib.repr(first)}")
    if wanted < 0:
        raise InvalidValueError(f"first must be 0 (the order alone) or more, got {wanted}")
    return min(wanted, n_heads)


def _grouped(heads: Sequence[Head], n_tokens: int, n_layers: int) -> list[list[Head]]:
    """Heads in groups that go together in a batch, the likeliest first.

    Heads of one layer cost least together, and a batch of few tokens costs hardly more than a row
    of it. So heads come in tiers of growing size, and in a tier those of one layer are together,
    with those of the next layers while the batch is small.
    """
    enough, near = max(1, _SMALL_BATCH // n_tokens), max(1, n_layers // 6)
    groups: list[list[Head]] = []
    start, size = 0, max(1, round(len(heads) * _FIRST_TIER))
    while start < len(heads):
        tier = heads[start : start + size]
        rank = {head: place for place, head in enumerate(tier)}
        found: list[list[Head]] = []
        for head in sorted(tier, key=lambda head: (head[0], -head[1], rank[head])):
            last = found[-1] if found else []
            joins = bool(last) and last[0][0] == head[0]
            if joins and last[-1][1] != head[1]:
                joins = len(last) < enough and last[0][1] - head[1] <= near
            if joins:
                last.append(head)
            else:
                found.append([head])
        groups += sorted(found, key=lambda group: min(map(rank.__getitem__, group)))
        start, size = start + size, 2 * size
    return groups

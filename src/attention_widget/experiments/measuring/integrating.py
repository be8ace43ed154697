"""Integrated gradients at the embeddings, through captum, finer where the path needs it.

Sundararajan et al. 2017, https://arxiv.org/abs/1703.01365: the gradient of a metric at points on
the straight way from a baseline to the text, summed and multiplied with the way. The sum of all
shares is the metric of the text minus that of the baseline (completeness). The way is cut into
stretches: what a stretch misses of its own completeness says where to look closer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Final

import numpy as np
import torch

from attention_widget._util.progress import Progress
from attention_widget._util.ungraded import ungraded
from attention_widget.errors import NotInstalledError
from attention_widget.experiments.gradients import BACKWARD_ERRORS
from attention_widget.experiments.measure import measure_of
from attention_widget.experiments.measuring.embedding import Embedding
from attention_widget.experiments.measuring.refusals import without_gradient
from attention_widget.experiments.measuring.sides import Rows, Side, side_of
from attention_widget.experiments.measuring.token_effects import TokenEffects
from attention_widget.experiments.metric import Metric
from attention_widget.experiments.needed_memory import warn_of_gradient
from attention_widget.experiments.passes import Passes
from attention_widget.experiments.subject import Subject
from attention_widget.experiments.under_way import finish
from attention_widget.trace.kind import Kind
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME

_STRETCHES: Final = 4  # parts of the path at the start
_STEPS: Final = 8  # gradients in a stretch
_CLOSE: Final = 0.01  # a gap that needs no closer look
_LARGEST_GAP: Final = 0.05
_MOST_STEPS: Final = 1024


@dataclass(frozen=True, eq=False)
class _Stretch:
    """Of the way, from 0 to 1: the share of each token (token,), and what they miss."""

    start: float
    stop: float
    shares: torch.Tensor
    missed: float


class IntegrationInterruptedError(KeyboardInterrupt):
    """Integrated gradients were interrupted. ``integrating.result`` has what was computed until
    then, and ``integrating.run()`` goes on from there.

    >>> from attention_widget import Experiment
    >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
    >>> try:
    ...     found = lab.integrated_gradients()
    ... except IntegrationInterruptedError as error:
    ...     found = error.integrating.result
    >>> found.n_done
    5
    """

    def __init__(self, integrating: Integrating) -> None:
        super().__init__(f"after {integrating.result.steps} steps: see .integrating.result")
        self.integrating = integrating


class Integrating:
    """Integrated gradients under way: iterating gives a :class:`TokenEffects` of all that is known
    so far, again and again, each nearer to completeness, until its gap is small.

    It may be left at any time and iterated again: it goes on where it stopped. The model is as it
    was between two results.

    >>> from attention_widget import Experiment
    >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
    >>> *_, last = lab.integrating()
    >>> last.gap < 0.05
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
        _captum()
        self._lab, self._passes = lab, passes
        self._side: Side = side_of(lab.trace, kind, rows)
        self._measure = measure_of(metric, lab)
        self._stretches: list[_Stretch] = []
        self._values_at: dict[float, float] = {}
        self._steps = 0

    @property
    def result(self) -> TokenEffects:
        """What is known so far."""
        shares = np.full(len(self._side.tokens), np.nan, np.float32)
        gap = baseline = None
        if self._stretches:
            shares = torch.stack([one.shares for one in self._stretches]).sum(0).float().numpy()
        if self._is_begun:
            baseline, gap = self._values_at[0.0], self._gap
        return TokenEffects(
            measure="integrated_gradients",
            metric=self._measure.metric,
            name=self._measure.name,
            unit=self._measure.unit,
            before=self._embedding.before,
            kind=self._side.kind,
            rows=self._side.rows,
            groups=self._side.groups,
            labels=self._side.labels,
            values=np.array([shares[list(g)].sum() for g in self._side.groups], np.float32),
            is_exact=False,
            apart=self._side.apart,
            baseline=baseline,
            gap=gap,
            steps=self._steps,
        )

    def __iter__(self) -> Iterator[TokenEffects]:
        while not self._is_begun:
            at = len(self._stretches) / _STRETCHES
            self._stretches.append(self._integrated(at, at + 1 / _STRETCHES))
            if not self._is_begun:
                yield self.result
        yield self.result
        while self._gap > _CLOSE and self._steps < _MOST_STEPS:
            worst = max(self._stretches, key=lambda one: abs(one.missed))
            middle = (worst.start + worst.stop) / 2
            halves = [self._integrated(worst.start, middle), self._integrated(middle, worst.stop)]
            self._stretches = [one for one in self._stretches if one is not worst] + halves
            yield self.result
        if not self._gap <= _LARGEST_GAP:
            raise UnsupportedModelError(
                self._lab.tracer.model,
                f"has no integrated gradients for {self._measure.name}: after {self._steps} steps "
                f"their sum still misses the difference to the baseline by {self._gap:.0%}, more "
                f"than {_LARGEST_GAP:.0%}; ask for removal, which is exact",
            )

    def run(self, progress: bool = False) -> TokenEffects:
        """Go on until the gap is small.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> lab.integrating().run().is_exact
        False

        Raises:
            UnsupportedModelError: the model gives no gradient, or the gap stays above 5 %.
            IntegrationInterruptedError: it was interrupted (Ctrl-C); nothing computed is lost.
        """

        finish(
            self,
            lambda result: result.steps,
            lambda: Progress("integrating gradients", "step", None, wanted=progress),
            lambda: IntegrationInterruptedError(self) if self._stretches else None,
        )
        return self.result

    @property
    def _is_begun(self) -> bool:
        return len(self._stretches) >= _STRETCHES

    @property
    def _gap(self) -> float:
        """By how much the sum misses the difference of both ends, as a share of it."""
        whole = self._values_at[1.0] - self._values_at[0.0]
        missed = abs(sum(one.missed for one in self._stretches))
        return missed / abs(whole) if whole else (0.0 if missed < 1e-6 else float("inf"))

    @cached_property
    def _embedding(self) -> Embedding:
        is_target = self._lab.trace.target is not None and self._side.kind == "decoder"
        with ONE_AT_A_TIME:
            self._passes.sites.check(())
            what = f"integrated gradients at {len(self._lab.trace.tokens)} tokens"
            rows = min(_STEPS, self._passes.most_at_once)
            warn_of_gradient(self._lab, what, rows, "ask for removal, which needs none")
            found = Embedding(self._lab, self._passes, self._measure, self._side.tokens, is_target)
        self._values_at[1.0] = found.before
        return found

    def _integrated(self, start: float, stop: float) -> _Stretch:
        embedding = self._embedding
        given = embedding.given.float()
        baseline = embedding.mean.float().expand_as(given).clone()
        baseline[:, 0] = given[:, 0]
        way = given - baseline
        at_once = min(_STEPS, self._passes.at_once(_STEPS))
        ends = baseline + start * way, baseline + stop * way

        def work() -> torch.Tensor:
            found: torch.Tensor = (
                _captum()
                .IntegratedGradients(embedding.metric)
                .attribute(
                    ends[1],
                    ends[0],
                    n_steps=_STEPS,
                    method="gausslegendre",
                    internal_batch_size=at_once,
                )
            )
            return found.detach()

        with ONE_AT_A_TIME:
            for at, row in zip((start, stop), ends, strict=True):
                if at not in self._values_at:
                    value = ungraded(partial(embedding.metric, row))
                    self._values_at[at] = float(value[0])
            try:
                found = embedding.guarded(work)
            except BACKWARD_ERRORS as error:
                raise without_gradient(self._lab.tracer.model, error) from error
        shares = found[0].double().sum(-1).cpu()
        self._steps += _STEPS
        missed = self._values_at[stop] - self._values_at[start] - float(shares.sum())
        return _Stretch(start, stop, shares, missed)


def _captum() -> Any:
    try:
        import captum.attr
    except ModuleNotFoundError as error:
        raise NotInstalledError(
            "captum must be installed for integrated gradients: pip install "
            '"attention-widget[gradients]"'
        ) from error
    return captum.attr

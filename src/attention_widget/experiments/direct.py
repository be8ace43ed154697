"""Direct logit attribution: what each head and MLP writes straight into a logit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from attention_widget._util.ungraded import ungraded
from attention_widget.errors import InvalidTypeError, NotFoundError
from attention_widget.experiments.ending import Ending, ending_of
from attention_widget.experiments.measure import measure_of
from attention_widget.experiments.metric import Logit, LogitDifference
from attention_widget.experiments.passes import Passes
from attention_widget.experiments.residual import Stream, stream_of
from attention_widget.experiments.subject import Subject
from attention_widget.experiments.term import Term
from attention_widget.trace.block import Array
from attention_widget.trace.kind import Kind
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME
from attention_widget.tracing.recording.rounding import tolerance


@dataclass(frozen=True, eq=False, repr=False)
class DirectAttribution:
    """A logit as the sum of what was written into the residual stream at its position, through
    the final norm, frozen, and the output head (Elhage et al. 2021,
    https://transformer-circuits.pub/2021/framework/; nostalgebraist 2020).

    It counts what goes straight to the logit, not what later layers make of it: a head whose
    work others take over when it is off has a large part here and a small effect in
    :class:`HeadEffects`.

    Attributes:
        metric: :class:`Logit` or :class:`LogitDifference`, and ``name`` in words.
        position: the token whose stream is split.
        terms: what wrote; ``values`` (term,) how much each adds to the logit.
        logit: what the model itself gives.
        gap: ``logit`` less the sum of the values: rounding, or what the model makes of its logits
            after the output head, such as a soft cap.
        capped: whether the model changes its logits so.
        heads_by_kind: (layer, head) by kind of attention; NaN where there is no such head.

    >>> from attention_widget import Experiment
    >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
    >>> found = lab.direct_attribution()
    >>> found.heads.shape, abs(found.gap) < 1e-4  # (layer, head)
    ((3, 4), True)
    """

    metric: Logit | LogitDifference
    name: str
    position: int
    terms: tuple[Term, ...]
    values: Array
    logit: float
    gap: float
    capped: bool
    heads_by_kind: dict[Kind, Array]

    @property
    def heads(self) -> Array:
        """(layer, head) of the one kind that there is.

        Raises:
            LookupError: there are several kinds; see ``heads_by_kind``.
        """
        if len(self.heads_by_kind) > 1:
            raise NotFoundError(
                f"there are heads of several kinds ({', '.join(self.heads_by_kind)}): take one of "
                f"heads_by_kind"
            )
        return next(iter(self.heads_by_kind.values()))

    @property
    def mlps(self) -> Array:
        """(layer,) what MLPs add; NaN where a layer has none.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> lab.direct_attribution().mlps.shape
        (3,)
        """
        n_layers = max(len(each) for each in self.heads_by_kind.values())
        found = np.full(n_layers, np.nan, np.float32)
        for term, value in zip(self.terms, self.values, strict=True):
            if term.what == "MLP" and term.layer is not None:
                found[term.layer] = value
        return found

    @property
    def note(self) -> str:
        """How exact the sum is, in a sentence.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> lab.direct_attribution().note
        'The terms sum to the logit, with the final norm frozen.'
        """
        if not self.capped:
            return "The terms sum to the logit, with the final norm frozen."
        return (
            f"The terms sum to {self.logit - self.gap:.4g}, the logit before the model changes it "
            f"to {self.logit:.4g} (a soft cap), with the final norm frozen."
        )

    def table(self) -> list[dict[str, Any]]:
        """A row for each term, for ``pandas.DataFrame``, the largest first.

        >>> from attention_widget import Experiment
        >>> lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> rows = lab.direct_attribution().table()
        >>> sorted(rows[0])
        ['head', 'kind', 'label', 'layer', 'value', 'what']
        """
        rows = [
            {
                "what": term.what,
                "layer": term.layer,
                "head": term.head,
                "kind": term.kind,
                "label": term.label,
                "value": float(value),
            }
            for term, value in zip(self.terms, self.values, strict=True)
        ]
        return sorted(rows, key=lambda row: -abs(float(row["value"])))

    def __repr__(self) -> str:
        return f"DirectAttribution({self.name}: {self.logit:.3f} of {len(self.terms)} terms)"


def direct_attribution_of(
    lab: Subject, passes: Passes, metric: Logit | LogitDifference | None
) -> DirectAttribution:
    """See :meth:`Experiment.direct_attribution`."""
    if metric is not None and not isinstance(metric, Logit | LogitDifference):
        raise InvalidTypeError(
            f"metric must be Logit or LogitDifference, got {type(metric).__name__}; only a logit "
            f"is a sum of what was written"
        )
    model = lab.tracer.model
    measure = measure_of(metric or Logit(), lab)
    kinds = written_kinds(lab)

    def read() -> tuple[float, Stream, Ending]:
        own = measure.read(lab.output, lab.head)
        stream = stream_of(model, passes, measure.positions, kinds, len(lab.read_tokens))
        ending = ending_of(lab, passes, stream, measure, own[0, 0])
        return float(measure.value(own)[0]), stream, ending

    with ONE_AT_A_TIME:
        logit, stream, ending = ungraded(read)
    terms, vectors = stream.before()
    values = ending.values(vectors)
    if ending.constant:
        terms = (*terms, Term("bias"))
        values = torch.cat([values, values.new_tensor([ending.constant])])
    total, size = float(values.sum()), float(values.abs().max())
    gap = logit - total
    if abs(ending.logit - total) > tolerance(stream.dtype) * max(size, abs(ending.logit)):
        raise UnsupportedModelError(
            model,
            f"has a logit that is no sum of what was written into its residual stream: the terms "
            f"sum to {total:.5g}, not to {ending.logit:.5g}",
        )
    made = measure.metric
    assert isinstance(made, Logit | LogitDifference)
    return DirectAttribution(
        metric=replace(made, token=measure.ids[0]) if made.token is None else made,
        name=measure.name,
        position=measure.positions[0],
        terms=terms,
        values=values.float().numpy(),
        logit=logit,
        gap=gap,
        capped=not ending.scaled,
        heads_by_kind=_by_head(terms, values, lab, kinds),
    )


def written_kinds(lab: Subject) -> tuple[Kind, ...]:
    """The kinds of attention that write into the stream that logits are read from."""
    kinds: tuple[Kind, ...] = tuple(lab.trace.kinds)
    return kinds if lab.trace.target is None else tuple(k for k in kinds if k != "encoder")


def _by_head(
    terms: Sequence[Term], values: torch.Tensor, lab: Subject, kinds: Sequence[Kind]
) -> dict[Kind, Array]:
    found: dict[Kind, Array] = {}
    for kind in kinds:
        layers = lab.trace.layers_with_attention(kind)
        n_heads = max(lab.trace.count_heads(layer, kind) for layer in layers)
        n_layers = max(layers[-1] + 1, lab.trace.n_layers if lab.trace.target is None else 0)
        found[kind] = np.full((n_layers, n_heads), np.nan, np.float32)
    for term, value in zip(terms, values.tolist(), strict=True):
        if term.head is not None and term.layer is not None and term.kind is not None:
            found[term.kind][term.layer, term.head] = value
    return found

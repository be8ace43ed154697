"""One pass forward and one back: the gradient of a metric at every attention probability.

What a head gives out is z = α V, before the output projection. So the gradient at an attention
probability α of query and key is that at z of the query, times the value of the key:
∂m/∂α = (∂m/∂z) Vᵀ. No map of attention has to be computed by the model for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import torch

from attention_widget._util.torch_settings import exact
from attention_widget._util.ungraded import ungraded
from attention_widget.errors import InvalidValueError
from attention_widget.experiments.editing import Call
from attention_widget.experiments.edits import HeadScale
from attention_widget.experiments.gradients import BACKWARD_ERRORS, Backward, backward_of
from attention_widget.experiments.measure import Measure, measure_of
from attention_widget.experiments.measuring.kept_maps import Kept
from attention_widget.experiments.measuring.refusals import without_gradient
from attention_widget.experiments.metric import Metric
from attention_widget.experiments.needed_memory import warn_of_gradient
from attention_widget.experiments.passes import Passes
from attention_widget.experiments.subject import Subject
from attention_widget.trace.block import Array, Block, as_array
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace
from attention_widget.tracing.assemble import Place
from attention_widget.tracing.model.errors import UnsupportedModelError

_TOLERANCE: Final = 1e-3  # relative: of the metric in the pass whose gradient is taken


@dataclass(frozen=True, eq=False)
class Sweep:
    """The gradient of a metric at what heads give out, by kind and layer: (query, head, dim)."""

    model: object
    trace: Trace
    measure: Measure
    before: float
    gradients: Mapping[Place, torch.Tensor]
    rolled: dict[Place, Array] = field(default_factory=dict)
    """Relevance by place, once it is known of all."""

    def at_attention(self, layer: int, kind: Kind | None = None) -> Array:
        """The gradient of the metric at each attention probability: (head, query, key).

        Raises:
            UnsupportedModelError: the values of that layer are not known.
            LookupError, IndexError: there is no such layer or kind.
        """
        return as_array(self._at_attention(self._block(layer, kind)))

    def times_attention(self, layer: int, kind: Kind | None = None) -> Array:
        """The same times the probabilities, α ∘ ∂m/∂α: (head, query, key), signed.

        Raises:
            As :meth:`at_attention` does.
        """
        block = self._block(layer, kind)
        found: Array = block.attention() * as_array(self._at_attention(block))
        return found

    def _block(self, layer: int, kind: Kind | None) -> Block:
        operation = self.trace.operation(layer, kind)
        if not isinstance(operation, Block):
            raise UnsupportedModelError(
                self.model,
                f"has no gradient at its attention in {operation.kind} layer {operation.layer}, "
                f"of which the maps alone are known",
            )
        return operation

    @exact
    def _at_attention(self, block: Block) -> torch.Tensor:
        gradient = self.gradients[block.kind, block.layer][: block.n_queries]
        value = block.value.float().repeat_interleave(block.n_heads // block.n_kv_heads, 0)
        return gradient.transpose(0, 1) @ value.transpose(1, 2)


def sweep_of(lab: Subject, passes: Passes, kept: Kept, metric: Metric | None) -> Sweep:
    """The sweep for a metric; None stands for the logit of what is predicted last. The last one of
    an experiment is kept, so that its layers cost nothing more. Call it under the lock.

    Raises:
        UnsupportedModelError: the model gives no gradient, or predicts nothing. Says why.
        TypeError, ValueError, IndexError: the metric is none, or has no slope.
    """
    known: tuple[str, Sweep] | None = kept.of.get("sweep")
    if known is not None and known[0] == repr(metric):
        return known[1]
    found = _sweep(lab, passes, metric)
    kept.of["sweep"] = (repr(metric), found)
    return found


def _sweep(lab: Subject, passes: Passes, metric: Metric | None) -> Sweep:
    model = lab.tracer.model
    measure = measure_of(metric, lab)
    if measure.of_states:
        if metric is None:
            raise UnsupportedModelError(
                model,
                "has no output head, so there is no logit whose gradient could be taken; load it "
                "with its head, or pass one as head=...; removal needs none",
            )
        raise InvalidValueError(
            "metric must be Logit, LogitDifference, LogProbability or TextLoss for a gradient, got "
            "StateChange, which is flat where nothing is changed"
        )
    passes.sites.check(())
    what = f"a gradient at {len(lab.trace.tokens)} tokens"
    warn_of_gradient(lab, what, instead="take a measure without a gradient")
    before = ungraded(lambda: float(measure.value(measure.read(lab.output, lab.head))[0]))
    backward = _backward(lab, passes, measure, before)
    _check_reached(lab, passes, measure, backward.unreached)
    return Sweep(model, lab.trace, measure, before, _by_place(passes, backward))


def _backward(lab: Subject, passes: Passes, measure: Measure, before: float) -> Backward:
    """A backward pass whose forward pass gives the metric that the model gave: with its output head
    at the positions that are read alone, or else at all."""
    model = lab.tracer.model
    narrow = None if lab.head is not None else measure.positions
    if narrow is not None and 2 * len(narrow) <= len(lab.read_tokens):
        try:
            found = backward_of(passes, measure, lab.head, narrow)
            if _is_near(found.value, before):
                return found
        except BACKWARD_ERRORS:
            pass  # the code after the head may need all positions: try them below
    try:
        found = backward_of(passes, measure, lab.head, None)
    except BACKWARD_ERRORS as error:
        raise without_gradient(model, error) from error
    if not _is_near(found.value, before):
        raise UnsupportedModelError(
            model,
            f"gives another result when its gradient is taken: {measure.name} is {found.value:.4g} "
            f"there and {before:.4g} without",
        )
    return found


def _is_near(one: float, other: float) -> bool:
    return abs(one - other) <= _TOLERANCE * max(1.0, abs(other))


def _by_place(passes: Passes, backward: Backward) -> dict[Place, torch.Tensor]:
    parts: dict[Place, list[torch.Tensor]] = {}
    for call, place in passes.sites.places.items():
        if call in backward.found:
            parts.setdefault(place, []).append(backward.found[call][1].float().cpu())
    return {place: torch.cat(each, -1) for place, each in parts.items()}


def _check_reached(
    lab: Subject, passes: Passes, measure: Measure, unreached: Iterable[Call]
) -> None:
    """UnsupportedModelError where the model hides a part of itself from the gradient: the metric
    follows what heads give out there, and the gradient does not."""
    places = {passes.sites.places[call] for call in unreached if call in passes.sites.places}
    if not places:
        return
    trace = lab.trace
    rows = [
        [HeadScale(layer, tuple(range(trace.count_heads(layer, kind))), 0.9, kind)]
        for kind, layer in sorted(places)
    ]

    def work() -> None:
        [(_, same)] = passes.edited([[]])
        before = float(measure.value(measure.read(same, lab.head))[0])
        for index, output in passes.edited(rows):
            if float(measure.value(measure.read(output, lab.head))[0]) != before:
                kind, layer = sorted(places)[index]
                raise UnsupportedModelError(
                    lab.tracer.model,
                    f"gives no gradient in {kind} layer {layer}: what follows it is computed "
                    f"without one",
                )

    ungraded(work)

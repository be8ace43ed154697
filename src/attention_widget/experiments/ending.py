"""The way from the last layer's states to the logits: one norm, frozen, and the output head."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.hooks import RemovableHandle

from attention_widget.experiments.frozen_norm import FrozenNorm, frozen
from attention_widget.experiments.head import own_head
from attention_widget.experiments.measure import Measure, states_of
from attention_widget.experiments.passes import Passes
from attention_widget.experiments.residual import Stream
from attention_widget.experiments.subject import Subject
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.preserve import undisturbed
from attention_widget.tracing.recording.rounding import near, tolerance


@dataclass(frozen=True, eq=False)
class Ending:
    """A logit as a linear map of the last layer's state at one position: ``norm`` (None where
    there is none), then ``weight`` (hidden,) and ``bias``, float64. They give ``logit``;
    ``scaled`` says that this is the model's own, and not one that it goes on to change, by a soft
    cap."""

    norm: FrozenNorm | None
    weight: torch.Tensor
    bias: float
    logit: float
    scaled: bool

    def values(self, vectors: torch.Tensor) -> torch.Tensor:
        """What terms (term, 1, hidden) add to the logit: (term,)."""
        vectors = vectors.double()
        through = vectors if self.norm is None else self.norm.linear(vectors)
        return through[:, 0] @ self.weight

    @property
    def constant(self) -> float:
        """What is added whatever the text is."""
        return self.bias + (0.0 if self.norm is None else float(self.norm.bias @ self.weight))


class _Seen:
    """What the modules after the layers are given and give out, and what the head reads, at one
    position."""

    def __init__(self, outside: Sequence[torch.nn.Module], head: Any, position: int) -> None:
        self._outside, self._head, self._position = outside, head, position
        self._thread = threading.get_ident()
        self.calls: list[tuple[torch.nn.Module, torch.Tensor, torch.Tensor]] = []
        self.fed: torch.Tensor | None = None

    def hooks(self) -> Iterator[RemovableHandle]:
        for module in self._outside:
            yield module.register_forward_hook(self._left)
        if self._head is not None:
            yield self._head.register_forward_pre_hook(self._feed)

    def _left(self, module: torch.nn.Module, args: Any, output: Any) -> None:
        if threading.get_ident() == self._thread and len(args) == 1:
            given, gave = self._row(args[0]), self._row(output)
            if given is not None and gave is not None and given.shape == gave.shape:
                self.calls.append((module, given, gave))

    def _feed(self, module: torch.nn.Module, args: Any) -> None:
        if threading.get_ident() == self._thread and args:
            self.fed = self._row(args[0])

    def _row(self, state: Any) -> torch.Tensor | None:
        if not isinstance(state, torch.Tensor) or state.ndim != 3 or state.shape[0] != 1:
            return None
        return state[0, self._position : self._position + 1].detach().clone()


def ending_of(
    lab: Subject, passes: Passes, stream: Stream, measure: Measure, own: torch.Tensor
) -> Ending:
    """The ending for a logit or the difference of two, and the model's logits (vocabulary).

    Raises:
        UnsupportedModelError: more stands between than one norm, or the output head is not linear.
    """
    model = lab.tracer.model
    head = lab.head or own_head(model)
    if head is None or not measure.ids:
        raise UnsupportedModelError(
            model, "has no output head on each token's final state, so no logit is a sum"
        )
    [position] = measure.positions
    inside = {id(part) for layer in stream.layers for part in layer.modules()}
    modules = list(passes.runnable.modules.values())
    outside = [each for each in modules if id(each) not in inside and each is not head]
    seen = _Seen(outside, None if lab.head is not None else head, position)
    passes.unchanged(seen.hooks())
    fed = seen.fed
    if lab.head is not None:
        fed = states_of(lab.output)[0, position : position + 1]
    if fed is None:
        raise UnsupportedModelError(model, "makes its logits without its output head")

    def work() -> Ending | None:
        norm = None
        if not torch.equal(fed.float().cpu(), stream.final):
            norm = _norm(seen.calls, fed, stream)
            if norm is None:
                return None
        return _read(head, fed, norm, measure, own)

    found = undisturbed(modules, work)
    if found is None:
        raise UnsupportedModelError(
            model,
            "has more than a norm and a linear output head after its last layer, so a logit is no "
            "sum of what was written into its residual stream",
        )
    return found


def _norm(
    calls: Sequence[tuple[torch.nn.Module, torch.Tensor, torch.Tensor]],
    fed: torch.Tensor,
    stream: Stream,
) -> FrozenNorm | None:
    for module, given, gave in calls:
        if not torch.equal(given.float().cpu(), stream.final):
            continue
        found = frozen(module, given, gave)
        if found is None:
            continue
        made, wanted = gave.double().cpu(), fed.double().cpu()
        factor = float((made * wanted).sum() / (made * made).sum().clamp(min=1e-30))
        if factor and near(made * factor, wanted, wanted.abs().amax(-1), fed.dtype):
            return found.double().times(factor)  # as T5 scales its states before a tied head
    return None


def _read(
    head: torch.nn.Module,
    fed: torch.Tensor,
    norm: FrozenNorm | None,
    measure: Measure,
    own: torch.Tensor,
) -> Ending | None:
    weights, bias = getattr(head, "weight", None), getattr(head, "bias", None)
    if not isinstance(weights, torch.Tensor) or weights.shape != (len(own), fed.shape[-1]):
        return None
    signs = [1.0, -1.0][: len(measure.ids)]
    rows = weights[list(measure.ids)].double().cpu()
    raw = head(fed[None])[0, 0].double().cpu()
    logits = own.double().cpu()
    weight = sum(sign * row for sign, row in zip(signs, rows, strict=True))
    assert isinstance(weight, torch.Tensor)
    added = 0.0
    if isinstance(bias, torch.Tensor):
        given = bias[list(measure.ids)].double().tolist()
        added = sum(sign * one for sign, one in zip(signs, given, strict=True))
    made = float(fed[0].double().cpu() @ weight) + added
    limit = tolerance(fed.dtype) * float(raw.abs().max())
    expected = sum(sign * float(raw[id]) for sign, id in zip(signs, measure.ids, strict=True))
    if abs(made - expected) > limit:
        return None
    factor = float(raw @ logits) / max(float(raw @ raw), 1e-30)
    if abs(factor - 1) <= tolerance(fed.dtype):
        factor = 1.0
    off = float((factor * raw - logits).abs().max())
    scaled = off <= tolerance(fed.dtype) * float(logits.abs().max())
    factor = factor if scaled else 1.0
    return Ending(norm, weight * factor, added * factor, expected * factor, scaled)

"""One backward pass: how much each head might matter, to try the likeliest first.

The gradient of a metric at what the heads give out, times that, is a first guess of what switching
a head off would do (attribution patching: Nanda 2023; Michel et al. 2019, section 4.1,
https://arxiv.org/abs/1905.10650). Its sign and size are wrong for heads that saturate, often those
that matter most. The sum of absolute values is a good order all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import torch

from attention_widget._util.cleanup import Undo, guarded
from attention_widget.experiments.editing import Call
from attention_widget.experiments.edits import Value
from attention_widget.experiments.measure import Measure
from attention_widget.experiments.passes import Passes
from attention_widget.trace.block import Block, Maps
from attention_widget.trace.kind import Kind
from attention_widget.tracing.assemble import Place
from attention_widget.tracing.model.preserve import undisturbed
from attention_widget.tracing.recording.seam import Live

BACKWARD_ERRORS: Final = (
    RuntimeError,
    NotImplementedError,
    TypeError,
    ValueError,
    AttributeError,
)
"""What a model that gives no gradient raises."""


class _Leaves:
    """Adds a zero to what heads give out, for a gradient to end at."""

    def __init__(self) -> None:
        self.outputs: dict[Call, torch.Tensor] = {}  # (query, head, dim)
        self.leaves: dict[Call, torch.Tensor] = {}  # (1, query, head, dim)

    def wants(self, path: str, call: int) -> bool:
        return True

    def changed(self, path: str, call: int, output: torch.Tensor, live: Live) -> torch.Tensor:
        leaf = torch.zeros_like(output, requires_grad=True)
        self.outputs[path, call] = output.detach()[0].clone()
        self.leaves[path, call] = leaf
        return output + leaf

    def shown(self, operation: Block | Maps) -> Block | Maps:
        return operation


def guesses(
    passes: Passes,
    measure: Measure,
    head: torch.nn.Module | None,
    positions: Sequence[int] | None,
    tokens: Mapping[Kind, Sequence[int]],
    value: Value,
) -> dict[Place, torch.Tensor]:
    """Σ |z · gradient| over tokens and dimensions, for each head of each place (head,), float32.

    ``tokens`` are the queries at which heads are to be switched off, by kind. Nothing is returned
    where the model gives no gradient, or there is no memory for it. Parameters get none, and stay
    as they were.
    """
    sums: dict[Place, torch.Tensor] = {}
    try:
        found = backward_of(passes, measure, head, positions).found
    except BACKWARD_ERRORS:
        return {}  # it computes under no_grad, or in operations without a backward
    for call, (output, gradient) in found.items():
        place = passes.sites.places.get(call)
        if place is None or place[0] not in tokens:
            continue
        rows = list(tokens[place[0]])
        if value == "mean":
            output = output - output.mean(0)
        sizes = (output[rows] * gradient[rows]).abs().float().sum((0, 2)).cpu()
        sums[place] = sums.get(place, 0.0) + sizes.nan_to_num(0.0)
    return sums


@dataclass(frozen=True, eq=False)
class Backward:
    """What one backward pass gave.

    ``value`` is the metric in its forward pass. ``found`` holds by call what heads give out and the
    gradient of the metric there, (query, head, dim) each. The gradient is 0 in the calls of
    ``unreached``, from which no path of differentiable operations leads to the metric.
    """

    value: float
    found: Mapping[Call, tuple[torch.Tensor, torch.Tensor]]
    unreached: frozenset[Call]


def backward_of(
    passes: Passes,
    measure: Measure,
    head: torch.nn.Module | None,
    positions: Sequence[int] | None,
) -> Backward:
    """The gradient of a metric at what all heads give out, by one pass forward and one back.

    Raises:
        one of BACKWARD_ERRORS: the model computes under no_grad, or in operations without a
            backward, or there is no memory for it.
    """
    runnable = passes.runnable
    parameters = [*runnable.model.parameters(), *(() if head is None else head.parameters())]

    def work(undo: Undo) -> Backward:
        without_gradients(parameters, undo)
        made = _Leaves()
        with torch.enable_grad():
            output = runnable.run(made, positions=positions)
            slope = measure.slope(measure.read(output, head, fed=positions is not None))[0]
            leaves = list(made.leaves.values())
            gradients = torch.autograd.grad(slope, leaves, allow_unused=True)
        found: dict[Call, tuple[torch.Tensor, torch.Tensor]] = {}
        for (call, leaf), gradient in zip(made.leaves.items(), gradients, strict=True):
            of_row = torch.zeros_like(leaf[0]) if gradient is None else gradient[0]
            found[call] = (made.outputs[call], of_row)
        pairs = zip(found, gradients, strict=True)
        unreached = frozenset(call for call, gradient in pairs if gradient is None)
        return Backward(float(slope), found, unreached)

    return undisturbed(list(runnable.modules.values()), lambda: guarded(work))


def without_gradients(parameters: Iterable[torch.nn.Parameter], undo: Undo) -> None:
    """Let parameters need no gradient for a while."""
    for parameter in parameters:
        if parameter.requires_grad:
            undo.then(partial(parameter.requires_grad_, True))
            parameter.requires_grad_(False)

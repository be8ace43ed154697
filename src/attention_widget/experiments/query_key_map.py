"""The linear map from normed hidden states to a query and a key, from the model's own code."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.utils.hooks import RemovableHandle

from attention_widget._util.cleanup import Undo, guarded
from attention_widget._util.ungraded import ungraded
from attention_widget.experiments.frozen_norm import FrozenNorm, frozen
from attention_widget.experiments.gradients import without_gradients
from attention_widget.experiments.passes import Passes
from attention_widget.trace.block import Block, Maps
from attention_widget.tracing.assemble import Place
from attention_widget.tracing.model.hooks import Stopped
from attention_widget.tracing.model.preserve import undisturbed
from attention_widget.tracing.recording.records import Record
from attention_widget.tracing.recording.rounding import near
from attention_widget.tracing.recording.seam import Live


@dataclass(frozen=True, eq=False)
class Projected:
    """``module`` was given states and gave out normed ones, at the query's and the key's token
    (2, hidden); ``maps`` (dim, hidden) and ``constants`` (dim,) make the query and the key of the
    latter, float64, with the ``norms`` frozen that stand between."""

    module: torch.nn.Module
    given: torch.Tensor
    gave: torch.Tensor
    norms: Sequence[FrozenNorm | None]
    maps: tuple[torch.Tensor, torch.Tensor]
    constants: tuple[torch.Tensor, torch.Tensor]


class _Meeting:
    """Puts a leaf behind each module that is given a layer's input, and ends the pass at the
    attention, of which it keeps query and key.

    Norms on the way, as of queries and keys, are frozen: in their place stands the linear map that
    they were. ``known`` are those of another pass, in the order of their calls, with None for
    modules that are none; the leaves hold other states then.
    """

    def __init__(
        self,
        passes: Passes,
        layer: torch.nn.Module,
        place: Place,
        known: Sequence[FrozenNorm | None] | None,
    ) -> None:
        self._places = passes.sites.places
        self._layer, self._place, self._known = layer, place, known
        self.norms: list[FrozenNorm | None] = []
        self._thread = threading.get_ident()
        self._input: torch.Tensor | None = None
        self.leaves: list[tuple[torch.nn.Module, torch.Tensor, torch.Tensor]] = []
        self.block: Block | None = None

    def wants(self, path: str, call: int) -> bool:
        return self._places.get((path, call)) == self._place

    def changed(self, path: str, call: int, output: torch.Tensor, live: Live) -> torch.Tensor:
        record = live(0)
        if isinstance(record, Record):
            self.block = record.parts
        raise Stopped((), {})

    def shown(self, operation: Block | Maps) -> Block | Maps:
        return operation

    def hooks(self) -> Iterator[RemovableHandle]:
        yield self._layer.register_forward_pre_hook(self._enter, with_kwargs=True)
        for path, module in self._layer.named_modules():
            if path:
                yield module.register_forward_hook(self._left)

    def _enter(self, module: torch.nn.Module, args: Any, kwargs: Any) -> None:
        if threading.get_ident() != self._thread:
            return
        values = [*args, kwargs.get("hidden_states"), *kwargs.values()]
        self._input = next(
            (one for one in values if isinstance(one, torch.Tensor) and one.ndim == 3), None
        )
        self.leaves.clear()
        self.norms.clear()

    def _left(self, module: torch.nn.Module, args: Any, output: Any) -> Any:
        state = self._input
        if threading.get_ident() != self._thread or state is None or len(args) != 1:
            return None
        given = args[0]
        if not isinstance(given, torch.Tensor) or not isinstance(output, torch.Tensor):
            return None
        if given.shape != output.shape or not given.is_floating_point():
            return None
        if given is state or (given.shape == state.shape and torch.equal(given, state)):
            return self._leaf(module, given, output)
        if not output.requires_grad or torch.equal(given, output):  # such as a dropout
            return None
        return self._frozen(module, given, output)

    def _leaf(
        self, module: torch.nn.Module, given: torch.Tensor, output: torch.Tensor
    ) -> torch.Tensor:
        leaf = output.detach().clone()
        if self._known is not None:
            # in another direction, as a norm does not see the length of a state
            leaf = 0.5 * leaf + 0.3 * leaf.roll(1, -1)
        leaf.requires_grad_()
        self.leaves.append((module, given.detach(), leaf))
        return leaf

    def _frozen(
        self, module: torch.nn.Module, given: torch.Tensor, output: torch.Tensor
    ) -> torch.Tensor | None:
        if self._known is None:
            rows = [one.detach().flatten(0, -2) for one in (given, output)]
            norm = ungraded(lambda: frozen(module, *rows))
        else:
            number = len(self.norms)
            norm = self._known[number] if number < len(self._known) else None
        self.norms.append(norm)
        if norm is None:
            return None
        there = norm.to(given.device, given.dtype)
        made = there.linear(given.flatten(0, -2)) + there.bias
        return made.view(given.shape)


def projected(
    passes: Passes,
    layer: torch.nn.Module,
    place: Place,
    heads: tuple[int, int],
    tokens: tuple[int, int],
) -> Projected | None:
    """How the query and the key of a head (its own number, and that of its keys) are made at two
    tokens; None where they are not made by a linear map of one token's normed state."""
    first = _run(passes, layer, place, heads, tokens)
    if first is None:
        return None
    found, vectors = first
    again = _run(passes, layer, place, heads, tokens, known=found.norms)
    if again is None:
        return None
    constants = []
    for side in (0, 1):
        state, matrix = found.gave[side].double().cpu(), found.maps[side]
        constant = vectors[side] - matrix @ state
        expected = matrix @ again[0].gave[side].double().cpu() + constant
        sizes = expected.abs().amax() + vectors[side].abs().amax()
        if not near(again[1][side][None], expected[None], sizes[None], found.gave.dtype):
            return None
        constants.append(constant)
    return replace(found, constants=(constants[0], constants[1]))


def _run(
    passes: Passes,
    layer: torch.nn.Module,
    place: Place,
    heads: tuple[int, int],
    tokens: tuple[int, int],
    *,
    known: Sequence[FrozenNorm | None] | None = None,
) -> tuple[Projected, list[torch.Tensor]] | None:
    """The maps without their constants, and query and key (dim,). With ``known`` norms, no maps:
    query and key of other normed states, for which a map that is linear is the same."""
    runnable = passes.runnable

    def work(undo: Undo) -> tuple[Projected, list[torch.Tensor]] | None:
        without_gradients(runnable.model.parameters(), undo)
        meeting = _Meeting(passes, layer, place, known)
        with torch.enable_grad(), suppress(Stopped):
            runnable.run(meeting, hooks=meeting.hooks())
        block = meeting.block
        if block is None or not (block.query.requires_grad and block.key.requires_grad):
            return None
        with torch.enable_grad():
            vectors = block.query[heads[0], tokens[0]], block.key[heads[1], tokens[1]]
            whole = vectors[0].sum() + vectors[1].sum()
        leaves = [leaf for _, _, leaf in meeting.leaves]
        found = torch.autograd.grad(whole, leaves, retain_graph=True, allow_unused=True)
        used = [index for index, one in enumerate(found) if one is not None and bool(one.any())]
        if len(used) != 1:
            return None
        module, given, leaf = meeting.leaves[used[0]]
        rows, values = list(tokens), [one.detach().double().cpu() for one in vectors]
        made = [torch.empty(0, dtype=torch.float64, device="cpu")] * 2
        for side in (0, 1) if known is None else ():
            with torch.enable_grad():
                parts = list(vectors[side])
            all_rows = torch.stack(
                [torch.autograd.grad(one, leaf, retain_graph=True)[0][0] for one in parts]
            )  # (dim, token, hidden)
            made[side] = all_rows[:, rows[side]].clone().double().cpu()
            all_rows[:, rows[side]] = 0.0
            if bool(all_rows.any()):
                return None  # of other tokens too, as after a convolution
        both = (made[0], made[1])
        kept = Projected(module, given[0, rows], leaf.detach()[0, rows], meeting.norms, both, both)
        return kept, values

    try:
        return undisturbed(list(runnable.modules.values()), lambda: guarded(work))
    except (RuntimeError, NotImplementedError, TypeError, ValueError, AttributeError):
        return None  # computed under no_grad, or in operations without a backward

"""The projections of a model's layers: one more pass, in which each is found while it runs."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

import torch
from torch.utils.hooks import RemovableHandle

from attention_widget._util.cleanup import Undo, guarded
from attention_widget.trace.block import Block, Maps
from attention_widget.trace.projections import OutputProjection, Projection, Projections, Side
from attention_widget.trace.trace import Trace
from attention_widget.tracing.assemble import Place, Site, Traced
from attention_widget.tracing.decoder_input import DecoderInput, lengths_of, model_inputs
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.model.errors import TraceTooLargeError
from attention_widget.tracing.model.hooks import Stopped
from attention_widget.tracing.model.preserve import undisturbed
from attention_widget.tracing.recording.edited_pass import Runnable
from attention_widget.tracing.recording.input_projections import Noted, Search, as_kept
from attention_widget.tracing.recording.layer_modules import outermost_layers
from attention_widget.tracing.recording.linear import Linear, by_token
from attention_widget.tracing.recording.multi_head_maps import input_maps
from attention_widget.tracing.recording.output_projections import OutputProjections
from attention_widget.tracing.recording.seam import Live
from attention_widget.tracing.tracer import Tracer

_SIDES: Final[tuple[Side, ...]] = ("query", "key", "value")


def find_projections(
    runnable: Runnable, traced: Traced, places: Collection[Place], limit: int | None = None
) -> tuple[Projections, ...]:
    """What makes queries, keys and values of some layers, and what writes their output. The model
    is run up to the last of them, and left as it was; it is stopped where what is kept takes more
    than ``limit`` bytes. Call it only under the lock."""
    blocks = {place: traced.trace.operation(place[1], place[0]) for place in places}
    known = {place: one for place, one in blocks.items() if isinstance(one, Block)}
    if not known:
        return ()

    def work(undo: Undo) -> _Finding:
        finding = _Finding(runnable.modules, traced.sites, known, limit)
        finding.widths = {state.shape[-1] for state in _states(traced.trace)}
        finding.entering = {
            place: traced.trace._states(place[0])[place[1]]
            for place in known
            if place[1] < len(traced.trace._states(place[0]))
        }
        with suppress(Stopped):
            runnable.run(finding, hooks=finding.hooks())
        return finding

    finding = undisturbed(list(runnable.modules.values()), lambda: guarded(work))
    return tuple(finding.found(place) for place in known)


def _states(trace: Trace) -> tuple[torch.Tensor, ...]:
    """The hidden states of both stacks."""
    return (*trace.hidden, *(trace.target.hidden if trace.target else ()))


class _Finding:
    """Changes nothing; notes the calls of modules inside the layers, and looks among those before
    each call of attention for what made its vectors."""

    def __init__(
        self,
        modules: Mapping[str, torch.nn.Module],
        sites: Mapping[Place, Site],
        blocks: Mapping[Place, Block],
        limit: int | None,
    ) -> None:
        self._blocks = blocks
        self._limit, self._nbytes = limit, 0
        self.widths: set[int] = set()
        self.entering: Mapping[Place, torch.Tensor] = {}
        calls = {
            (sites[place].path, call): place for place in blocks for call in sites[place].calls[:1]
        }
        self._calls = calls
        self._outputs = OutputProjections(calls, self._written)
        self._modules = modules
        paths = {path for path, _ in calls}
        layers = outermost_layers(modules, None)
        self._homes = {
            path: layer
            for path, layer in layers.items()
            if any(one.startswith(f"{path}.") for one in paths)
        }
        self._is_whole = not all(
            any(one.startswith(f"{path}.") for path in self._homes) for one in paths
        )
        self._thread = threading.get_ident()
        self._noted: list[Noted] = []
        self._busy = False
        self._sides: dict[Place, dict[Side, Projection | None]] = {}
        self._by: dict[Place, str] = {}
        self._written_by: dict[Place, OutputProjection] = {}

    def found(self, place: Place) -> Projections:
        """All that was found of a layer."""
        kind, layer = place
        sides = self._sides.get(place, dict.fromkeys(_SIDES))
        output = self._written_by.get(place)
        refusal = _refusal([name for name, one in sides.items() if one is None], output is None)
        query, key, value = _with_shared_inputs(*(sides[name] for name in _SIDES))
        by = self._by.get(place, "")
        return Projections(layer, kind, query, key, value, output, by, refusal)

    def wants(self, path: str, call: int) -> bool:
        is_wanted = (path, call) in self._calls
        if not is_wanted:
            self._noted.clear()  # it was of another layer
        return is_wanted

    def changed(self, path: str, call: int, output: torch.Tensor, live: Live) -> torch.Tensor:
        place = self._calls[path, call]
        block = self._blocks[place]
        self._busy = True  # modules are called again, to learn what they do
        try:
            search = Search(self._noted, self.widths)
            sides = {
                side: search.projection(getattr(block, side))
                if getattr(block, side).numel()
                else None
                for side in _SIDES
            }
            self._sides[place] = sides
            self._count(*(tensor for one in sides.values() if one for tensor in one.tensors))
            query = sides["query"]
            if query is not None and query.input is not None:
                maker = search.maker_of(query.input)
                if maker is not None and self._is_entering(place, maker.given):
                    self._by[place] = type(maker.module).__name__
        finally:
            self._busy = False
        self._noted.clear()
        return self._outputs.changed(path, call, output, live)

    def _is_entering(self, place: Place, given: torch.Tensor) -> bool:
        """Whether it is the hidden state that enters the layer: that of a cross-attention has come
        through the layer's own attention before."""
        state = self.entering.get(place)
        if state is None or given.numel() != state.numel():
            return False
        return torch.equal(given.detach().reshape(state.shape).to("cpu", state.dtype), state)

    def shown(self, operation: Block | Maps) -> Block | Maps:
        return operation

    def hooks(self) -> Iterator[RemovableHandle]:
        """Put the hooks on the modules."""
        inside = [self._modules] if self._is_whole else []
        inside += [dict(layer.named_modules()) for layer in self._homes.values()]
        every = {id(one): one for part in inside for path, one in part.items() if path}
        yield from self._outputs.hooks({f"{key}": one for key, one in every.items()})
        for module in every.values():
            if isinstance(module, torch.nn.MultiheadAttention):
                yield module.register_forward_pre_hook(self._note_maps, with_kwargs=True)
            yield module.register_forward_hook(self._note, with_kwargs=True)
        for layer in self._homes.values():
            yield layer.register_forward_hook(self._left)

    def _note(self, module: torch.nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        if self._busy or threading.get_ident() != self._thread or len(args) != 1 or kwargs:
            return
        given = args[0]
        for one in (given, output):
            if not isinstance(one, torch.Tensor) or not one.is_floating_point() or one.ndim < 2:
                return
        given, gave = (by_token(module, one.detach()) for one in (given, output))
        # Copies: a model may go on to write into what a module gave out.
        noted = Noted(module, given, gave.clone(), output.dtype)
        self._noted.append(noted)

    def _note_maps(self, module: torch.nn.Module, args: Any, kwargs: Any) -> None:
        """Those of an attention that calls no modules."""
        assert isinstance(module, torch.nn.MultiheadAttention)
        if self._busy or threading.get_ident() != self._thread:
            return
        for made, given in input_maps(module, args, kwargs):
            self._noted.append(Noted(made, given, made(given), given.dtype))

    def _left(self, module: torch.nn.Module, args: Any, output: Any) -> None:
        is_done = self._sides.keys() >= self._blocks.keys()
        if is_done and not self._busy and threading.get_ident() == self._thread:
            raise Stopped((), {})

    def _written(self, place: Place, linear: Linear, whole: torch.Tensor) -> None:
        block = self._blocks[place]
        dims = block.value.shape[2]
        if len(linear.matrix) != block.n_heads * dims or not dims:
            return
        weight = linear.of_heads(dims)
        bias = linear.bias if bool(linear.bias.any()) else None
        gave = whole.detach().to("cpu", copy=True)
        made = OutputProjection(as_kept(weight, whole.dtype), bias, gave)
        self._written_by[place] = made
        self._count(*made.tensors)

    def _count(self, *tensors: torch.Tensor) -> None:
        self._nbytes += sum(tensor.nbytes for tensor in tensors)
        if self._limit is not None and self._nbytes > self._limit:
            done = f"after the weights of {len(self._sides)} of {len(self._blocks)} layers"
            raise TraceTooLargeError(done, self._nbytes, self._limit)


def _with_shared_inputs(
    query: Projection | None, key: Projection | None, value: Projection | None
) -> tuple[Projection | None, Projection | None, Projection | None]:
    """The same, where an input that is that of the side before stands there alone."""
    last: torch.Tensor | None = None
    made: list[Projection | None] = []
    for one in (query, key, value):
        if one is not None and one.input is not None:
            if last is not None and torch.equal(last, one.input):
                one = replace(one, input=None)
            else:
                last = one.input
        made.append(one)
    return made[0], made[1], made[2]


_NAMES: Final[dict[Side, str]] = {"query": "queries", "key": "keys", "value": "values"}


def _refusal(missing: list[Side], has_no_output: bool) -> str:
    """Why steps are missing; empty if none is."""
    told = []
    if missing:
        names = [_NAMES[side] for side in missing]
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        told.append(
            f"its {listed} are not found to be one linear map of a hidden state (but several, such "
            f"as through a compressed vector, or with rounding, or in code without a module for "
            f"it), so the steps before them are not known"
        )
    if has_no_output:
        told.append(
            "no linear map is found that takes what its heads give out (but a gate, a norm or "
            "rounding between), so what a head writes is not known"
        )
    return "; ".join(told)


def with_weights(
    tracer: Tracer, encoded: Encoded, decoder: DecoderInput | None, traced: Traced
) -> Trace:
    """The trace of a pass, with the weights of all its layers. Call it only under the lock."""
    inputs = model_inputs(tracer.model, encoded, decoder)
    lengths = lengths_of(encoded, decoder)
    runnable = Runnable(tracer.model, tracer.modules, inputs, lengths, traced.way)
    limit = tracer.memory_left(traced.trace.nbytes)
    found = find_projections(runnable, traced, list(traced.sites), limit)
    return replace(traced.trace, projections=found)

"""Watch the layers of a pass: what enters and leaves them, and what is computed inside."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.utils.hooks import RemovableHandle

from attention_widget.experiments.editing import Call
from attention_widget.trace.block import Block, Maps
from attention_widget.trace.kind import Kind
from attention_widget.tracing.assemble import Place
from attention_widget.tracing.recording.seam import Live


def hooks_inside(layer: torch.nn.Module, heard: Callable[..., None]) -> Iterator[RemovableHandle]:
    """Put hooks on the modules inside a layer; ``heard`` is told of each call as a hook is, and at
    last how deep the module lies."""
    for path, module in layer.named_modules():
        if path:
            depth = path.count(".")
            yield module.register_forward_hook(
                lambda module, args, kwargs, output, depth=depth: heard(
                    module, args, kwargs, output, depth
                ),
                with_kwargs=True,
            )


@dataclass(eq=False)
class Attended:
    """What heads gave out at some positions, (position, head, dim), and the modules that were
    given it, with what they gave out (position, hidden)."""

    kind: Kind
    layer: int
    z: torch.Tensor
    candidates: list[tuple[torch.nn.Module, torch.Tensor]] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Inside:
    """A call of a module inside a layer, at some positions: what it gave out (position, hidden),
    and what it was given, where that is one state."""

    module: torch.nn.Module
    depth: int
    gave: torch.Tensor
    given: torch.Tensor | None


def _nothing() -> torch.Tensor:
    return torch.empty(0, dtype=torch.float32, device="cpu")


@dataclass(eq=False)
class LayerCall:
    """A call of a layer at some positions: states (position, hidden) before and after, and what
    the modules inside gave out, the outer ones first."""

    module: torch.nn.Module
    before: torch.Tensor
    dtype: torch.dtype
    after: torch.Tensor = field(default_factory=_nothing)
    attention: list[Attended] = field(default_factory=list)
    found: list[Inside] = field(default_factory=list)

    @property
    def outputs(self) -> list[torch.Tensor]:
        return [one.gave for one in sorted(self.found, key=lambda one: one.depth)]

    def after_that(self, whole: torch.Tensor) -> Iterator[Inside]:
        """The modules that were given something (position, hidden), and it alone."""
        for one in self.found:
            if one.given is not None and torch.equal(one.given, whole):
                yield one


class Watching:
    """Changes nothing, and keeps what the layers of a stack did at some positions."""

    def __init__(
        self,
        places: Mapping[Call, Place],
        layers: Sequence[torch.nn.Module],
        positions: Sequence[int],
        kinds: Sequence[Kind],
    ) -> None:
        self._places = places
        self._layers = layers
        self._positions = list(positions)
        self._kinds = kinds
        self._thread = threading.get_ident()
        self._open: LayerCall | None = None
        self._shape = torch.Size()
        self._given: list[tuple[Attended, torch.Tensor]] = []
        self._calls: list[LayerCall] = []
        self.dtype = torch.float32

    @property
    def finished(self) -> list[LayerCall]:
        """The calls of the layers of the stack, in order; none if one had no state per token."""
        return self._calls

    def wants(self, path: str, call: int) -> bool:
        return (path, call) in self._places

    def changed(self, path: str, call: int, output: torch.Tensor, live: Live) -> torch.Tensor:
        kind, layer = self._places[path, call]
        if self._open is not None and kind in self._kinds:
            z = output[0, self._positions].detach().clone()
            attended = Attended(kind, layer, z)
            self._open.attention.append(attended)
            self._given.append((attended, output.detach().flatten(2).clone()))
        return output.clone()

    def shown(self, operation: Block | Maps) -> Block | Maps:
        return operation

    def hooks(self) -> Iterator[RemovableHandle]:
        """Put the hooks on the layers and the modules inside."""
        for layer in self._layers:
            yield layer.register_forward_pre_hook(self._enter, with_kwargs=True)
            yield layer.register_forward_hook(self._leave)
            yield from hooks_inside(layer, self._inside)

    def _enter(self, module: torch.nn.Module, args: Any, kwargs: Any) -> None:
        if threading.get_ident() != self._thread:
            return
        values = [*args, kwargs.get("hidden_states"), *kwargs.values()]
        state = next((one for one in values if _is_state(one)), None)
        if state is None or state.shape[1] <= max(self._positions):
            self._open = None
            return
        self._shape, self.dtype = state.shape, state.dtype
        self._open = LayerCall(module, self._rows(state), state.dtype)
        self._given.clear()

    def _leave(self, module: torch.nn.Module, args: Any, output: Any) -> None:
        call, self._open = self._open, None
        if threading.get_ident() != self._thread or call is None or call.module is not module:
            return
        state = _first(output)
        if state is None or state.shape != self._shape:
            return
        call.after = self._rows(state)
        self._calls.append(call)

    def _inside(
        self, module: torch.nn.Module, args: Any, kwargs: Any, output: Any, depth: int
    ) -> None:
        call = self._open
        if threading.get_ident() != self._thread or call is None:
            return
        state = _first(output)
        if state is None or state.shape[-1] != self._shape[-1]:
            return
        if state.ndim == 2 and state.shape[0] == self._shape[1]:
            state = state[None]
        if state.shape != self._shape:
            return
        rows = self._rows(state)
        given = args[0] if len(args) == 1 and not kwargs else None
        if not isinstance(given, torch.Tensor):
            call.found.append(Inside(module, depth, rows, None))
            return
        same = self._rows(given) if given.shape == self._shape else None
        call.found.append(Inside(module, depth, rows, same))
        for attended, flat in self._given:
            fits = given.shape[-1] == flat.shape[-1] and given.numel() == flat.numel()
            if fits and torch.equal(given.reshape(flat.shape), flat):
                attended.candidates.append((module, rows))

    def _rows(self, state: torch.Tensor) -> torch.Tensor:
        return state[0, self._positions].detach().float().cpu().clone()


def _is_state(value: Any) -> bool:
    return (
        isinstance(value, torch.Tensor)
        and value.is_floating_point()
        and value.ndim == 3
        and value.shape[0] == 1
    )


def _first(output: Any) -> torch.Tensor | None:
    value = output[0] if type(output) in (tuple, list) and output else output
    return value if isinstance(value, torch.Tensor) and value.is_floating_point() else None

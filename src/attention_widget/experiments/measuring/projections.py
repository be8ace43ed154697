"""Find the output projections of a pass, and give each to who wants it while the pass goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch.utils.hooks import RemovableHandle

from attention_widget.experiments.editing import Call
from attention_widget.experiments.measuring.linear import Linear, linear_of
from attention_widget.experiments.passes import Passes
from attention_widget.trace.block import Block, Maps
from attention_widget.tracing.assemble import Place
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.recording.seam import Live

Found = Callable[[Place, Linear, torch.Tensor], None]
"""Takes a place, its projection, and what that gave out (query, hidden)."""


class Projections:
    """Changes nothing, and finds the module that takes what the heads of each place give out: the
    outermost that is linear, as an adapter holds the layer that it adapts."""

    def __init__(self, places: Mapping[Call, Place], found: Found) -> None:
        self._places = places
        self._found = found
        self._thread = threading.get_ident()
        self._open: tuple[Place, torch.Tensor] | None = None
        self._outer: torch.nn.Module | None = None
        self._candidates: list[tuple[torch.nn.Module, torch.Tensor]] = []

    def wants(self, path: str, call: int) -> bool:
        return (path, call) in self._places

    def changed(self, path: str, call: int, output: torch.Tensor, live: Live) -> torch.Tensor:
        self._open = self._places[path, call], output.detach().clone()
        self._outer = None
        self._candidates.clear()
        return output

    def shown(self, operation: Block | Maps) -> Block | Maps:
        return operation

    def is_here(self) -> bool:
        """Whether it is asked in the thread of the pass."""
        return threading.get_ident() == self._thread

    def hooks(self, modules: Mapping[str, torch.nn.Module]) -> Iterator[RemovableHandle]:
        """Put the hooks on all modules."""
        for module in {id(one): one for one in modules.values()}.values():
            yield module.register_forward_pre_hook(self._enter, with_kwargs=True)
            yield module.register_forward_hook(self._left, with_kwargs=True)

    def _enter(self, module: torch.nn.Module, args: Any, kwargs: Any) -> None:
        if self._outer is None and self._is_given(args, kwargs):
            self._outer = module

    def _left(self, module: torch.nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        if self._outer is None or self._open is None or not self._is_given(args, kwargs):
            return
        place, z = self._open
        if _is_of(output, z.shape[1]) and not _same(args[0], output):
            whole = output.detach().reshape(z.shape[1], output.shape[-1])
            self._candidates.append((module, whole))
        if module is not self._outer:
            return
        self._outer = None
        candidates = self._candidates[::-1]
        self._candidates.clear()
        self._open = None  # modules are called again, to learn what they do
        for candidate, whole in candidates:
            linear = linear_of(candidate, z[0], whole, z.dtype)
            if linear is not None:
                self._found(place, linear, whole)
                return
        self._open = place, z  # another may be it

    def _is_given(self, args: Any, kwargs: Any) -> bool:
        """Whether a module is given what heads gave out, and it alone."""
        if self._open is None or len(args) != 1 or kwargs or not self.is_here():
            return False
        given, z = args[0], self._open[1]
        if not isinstance(given, torch.Tensor) or given.numel() != z.numel():
            return False
        width = z.shape[2] * z.shape[3]
        return given.shape[-1] == width and torch.equal(given.reshape(z.shape), z)


def _is_of(output: Any, n_queries: int) -> bool:
    """Whether a module gave out one vector for each query."""
    return isinstance(output, torch.Tensor) and output.numel() == n_queries * output.shape[-1]


def _same(given: torch.Tensor, output: torch.Tensor) -> bool:
    """Whether a module gave out what it was given, as a dropout does."""
    return given.shape == output.shape and torch.equal(given, output)


def each_projection(passes: Passes, found: Found) -> None:
    """Run the model once and give the projection of each place that has one."""
    watching = Projections(passes.sites.places, found)
    runnable = passes.runnable
    runnable.edited(watching, hooks=watching.hooks(runnable.modules))


def refused(model: Any, place: Place) -> UnsupportedModelError:
    """The error for a place whose projection is not known."""
    kind, layer = place
    return UnsupportedModelError(
        model,
        f"has no module that takes what the heads of {kind} layer {layer} give out, such as an "
        f"output projection, or more stands between, such as a gate, so the vector that a key "
        f"gives is not known; 'value_weighted' needs no projection",
    )

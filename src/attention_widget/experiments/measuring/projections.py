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
    """Changes nothing, and finds the module that takes what the heads of each place give out."""

    def __init__(self, places: Mapping[Call, Place], found: Found) -> None:
        self._places = places
        self._found = found
        self._thread = threading.get_ident()
        self._open: tuple[Place, torch.Tensor] | None = None
        self.done: set[Place] = set()

    def wants(self, path: str, call: int) -> bool:
        return (path, call) in self._places

    def changed(self, path: str, call: int, output: torch.Tensor, live: Live) -> torch.Tensor:
        self._open = self._places[path, call], output.detach().clone()
        return output

    def shown(self, operation: Block | Maps) -> Block | Maps:
        return operation

    def is_here(self) -> bool:
        """Whether it is asked in the thread of the pass."""
        return threading.get_ident() == self._thread

    def hooks(self, modules: Mapping[str, torch.nn.Module]) -> Iterator[RemovableHandle]:
        """Put the hooks on all modules."""
        for module in {id(one): one for one in modules.values()}.values():
            yield module.register_forward_hook(self._left, with_kwargs=True)

    def _left(self, module: torch.nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        if self._open is None or not self.is_here():
            return
        place, z = self._open
        given = args[0] if len(args) == 1 and not kwargs else None
        if not isinstance(given, torch.Tensor) or not isinstance(output, torch.Tensor):
            return
        width = z.shape[2] * z.shape[3]
        if given.shape[-1] != width or given.numel() != z.numel() or given is output:
            return
        if not torch.equal(given.reshape(z.shape), z) or _same(given, output):
            return
        if output.numel() != z.shape[1] * output.shape[-1]:
            return
        whole = output.detach().reshape(z.shape[1], output.shape[-1])
        self._open = None  # the module is called again, to learn what it does
        linear = linear_of(module, z[0], whole, z.dtype)
        if linear is None:
            self._open = place, z  # another may be it
            return
        self.done.add(place)
        self._found(place, linear, whole)


def _same(given: torch.Tensor, output: torch.Tensor) -> bool:
    """Whether a module gave out what it was given, as a dropout does."""
    return given.shape == output.shape and torch.equal(given, output)


def each_projection(passes: Passes, found: Found) -> set[Place]:
    """Run the model once and give the projection of each place that has one; the places that
    have."""
    watching = Projections(passes.sites.places, found)
    runnable = passes.runnable
    runnable.edited(watching, hooks=watching.hooks(runnable.modules))
    return watching.done


def refused(model: Any, place: Place) -> UnsupportedModelError:
    """The error for a place whose projection is not known."""
    kind, layer = place
    return UnsupportedModelError(
        model,
        f"has no module that takes what the heads of {kind} layer {layer} give out, such as an "
        f"output projection, or more stands between, such as a gate, so the vector that a key "
        f"gives is not known; 'value_weighted' needs no projection",
    )

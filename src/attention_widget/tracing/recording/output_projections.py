"""Find the output projections of a pass, and give each to who wants it while the pass goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch.utils.hooks import RemovableHandle

from attention_widget.trace.block import Block, Maps
from attention_widget.trace.kind import Kind
from attention_widget.tracing.recording.linear import Linear, by_token, linear_of
from attention_widget.tracing.recording.seam import Live

Call = tuple[str, int]
Place = tuple[Kind, int]
Found = Callable[[Place, Linear, torch.Tensor], None]
"""Takes a place, its projection, and what that gave out (query, hidden)."""


class OutputProjections:
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
            if isinstance(module, torch.nn.MultiheadAttention):
                yield module.register_forward_hook(self._left_heads)

    def _enter(self, module: torch.nn.Module, args: Any, kwargs: Any) -> None:
        if self._outer is None and self._is_given(module, args, kwargs):
            self._outer = module

    def _left(self, module: torch.nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        if self._outer is None or self._open is None or not self._is_given(module, args, kwargs):
            return
        place, z = self._open
        if isinstance(output, torch.Tensor) and not _same(args[0], output):
            gave = by_token(module, output)
            if gave.numel() == z.shape[1] * gave.shape[-1]:  # one vector for each query
                whole = gave.detach().reshape(z.shape[1], -1)
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

    def _left_heads(self, module: torch.nn.Module, args: Any, output: Any) -> None:
        """It calls no module for what it gives out."""
        assert isinstance(module, torch.nn.MultiheadAttention)
        if self._open is None or not self.is_here():
            return
        place, z = self._open
        if output[0].numel() != z.shape[1] * output[0].shape[-1]:
            return
        whole = output[0].detach().reshape(z.shape[1], -1)
        linear = linear_of(module.out_proj, z[0], whole, z.dtype)
        if linear is not None:
            self._open = None
            self._found(place, linear, whole)

    def _is_given(self, module: torch.nn.Module, args: Any, kwargs: Any) -> bool:
        """Whether a module is given what heads gave out, and it alone."""
        if self._open is None or len(args) != 1 or kwargs or not self.is_here():
            return False
        given, z = args[0], self._open[1]
        if not isinstance(given, torch.Tensor) or given.numel() != z.numel():
            return False
        given = by_token(module, given)
        width = z.shape[2] * z.shape[3]
        return given.shape[-1] == width and torch.equal(given.reshape(z.shape), z)


def _same(given: torch.Tensor, output: torch.Tensor) -> bool:
    """Whether a module gave out what it was given, as a dropout does."""
    return given.shape == output.shape and torch.equal(given, output)

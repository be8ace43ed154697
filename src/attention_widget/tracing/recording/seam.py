"""Where attention passes by in a forward pass: one who listens there, and may change it.

Whichever way a model computes attention, each call gives out vectors (batch, query, head, dim)
before the output projection. That is the seam: the recorder and the editor stand there, and
transformers' interface, PyTorch's functions and written-out products report to them alike.
"""

from __future__ import annotations

import sys
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

import torch

from attention_widget.trace.block import Block, Maps, mixed_by
from attention_widget.tracing.recording import known_functions
from attention_widget.tracing.recording.calls import Listener, by_head, by_query
from attention_widget.tracing.recording.layers import Layers
from attention_widget.tracing.recording.masks import Masks
from attention_widget.tracing.recording.multi_head import MultiHeadCall
from attention_widget.tracing.recording.records import AnyRecord, Record
from attention_widget.tracing.recording.value_products import Mixture

_T = TypeVar("_T")
_active: ContextVar[Seam | None] = ContextVar("attention_widget_seam", default=None)

Live = Callable[[int], AnyRecord | None]
"""The attention of a row of the batch, as its call computes it; None where it is not known. Scale
and mask are as the arguments say, before a check that may know better."""


def active() -> Seam | None:
    """Who listens to the pass under way in this thread, if anybody does."""
    return _active.get()


class Changes(Protocol):
    """What is to be changed in a pass. A call of attention is named by its module and a number:
    how often that module had attended before in the pass."""

    def wants(self, path: str, call: int) -> bool:
        """Whether anything is to be changed in a call."""

    def changed(
        self, path: str, call: int, output: torch.Tensor, live: Live
    ) -> torch.Tensor | None:
        """What the heads are to give out instead of an output (batch, query, head, dim), which
        is left as it is; None for that output."""

    def shown(self, operation: Block | Maps) -> Block | Maps:
        """Recorded attention as it is after the changes."""


class Seam(Listener):
    """Is told of each call of attention in one forward pass, and gives out what is to go on."""

    def __init__(
        self, modules: Mapping[str, torch.nn.Module], layers: Layers, changes: Changes | None
    ) -> None:
        self._modules = modules
        self._paths = {id(module): path for path, module in modules.items()}
        self._untouched = known_functions.untouched()
        self._native = known_functions.remembered(known_functions.native)
        self._masks = Masks()
        self._changes = changes
        self._counts: Counter[str] = Counter()  # calls so far, by path
        self._inside = False
        self._following = False
        self.layers = layers

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Be the one who is told, in this thread."""
        token = _active.set(self)
        try:
            yield
        finally:
            _active.reset(token)

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Hear nothing that this thread does meanwhile."""
        if active() is not self:
            yield
            return
        token = _active.set(None)
        try:
            yield
        finally:
            _active.reset(token)

    @property
    def deaf(self) -> bool:
        """Inside a function that is heard already, or in a user's hook."""
        return self._inside or active() is not self

    def interface(
        self,
        function: Callable[..., Any],
        module: torch.nn.Module,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attention_mask: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Make a call of a function of transformers' AttentionInterface."""
        raise NotImplementedError

    def patched_sdpa(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Make a call of a replacement of scaled_dot_product_attention."""
        raise NotImplementedError

    def banded(
        self, path: str, record: Callable[[int], Record], output: torch.Tensor
    ) -> torch.Tensor:
        """Longformer's attention gave out (batch, query, head, dim); what is to go on."""
        raise NotImplementedError

    def calling(self) -> str:
        """Path of the innermost module of which a method is on Python's call stack."""
        frame = sys._getframe(1)
        while frame is not None:
            code = frame.f_code
            if code.co_argcount and code.co_varnames[0] == "self":
                path = self._paths.get(id(frame.f_locals.get("self")))
                if path is not None:
                    return path
            frame = frame.f_back  # type: ignore[assignment]
        return self.layers.path

    def _within(self, work: Callable[[], _T]) -> _T:
        """Do what is not to be heard."""
        before, self._inside = self._inside, True
        try:
            return work()
        finally:
            self._inside = before

    def _followed_by_parts(self, attend: Callable[[], _T]) -> _T:
        """Make a call of which the operations inside are heard; what it gives out is what is
        changed, not what they do."""
        self._following = True
        try:
            return attend()
        finally:
            self._following = False

    def _interface_out(self, path: str, output: Any, live: Live) -> Any:
        changed = self._given_out(path, lambda: output[0], live)
        return output if changed is None else (changed, *output[1:])

    def _sdpa_out(self, path: str, output: torch.Tensor, batch: int, live: Live) -> torch.Tensor:
        if self._following:
            return output
        changed = self._given_out(path, lambda: by_query(output, batch), live)
        return output if changed is None else by_head(changed, output)

    def _multi_head_out(
        self, path: str, output: torch.Tensor, call: MultiHeadCall, live: Live
    ) -> torch.Tensor:
        before: list[torch.Tensor] = []

        def heads() -> torch.Tensor:
            records = [live(row) for row in range(call.batch)]
            parts = [one.parts for one in records if isinstance(one, Record)]
            before.append(torch.stack([mixed_by(each) for each in parts]))
            return before[0]

        changed = self._given_out(path, heads, live)
        return output if changed is None else call.moved(changed - before[0])

    def _mixture_out(self, path: str, rows: Sequence[Mixture], live: Live) -> None:
        if self._following:
            return
        changed = self._given_out(
            path, lambda: torch.stack([row.mixed.transpose(0, 1) for row in rows]), live
        )
        if changed is not None:
            for row, new in zip(rows, changed, strict=True):
                row.mixed.copy_(new.transpose(0, 1))

    def _given_out(
        self, path: str, output: Callable[[], torch.Tensor], live: Live
    ) -> torch.Tensor | None:
        """Count a call, and change its output (batch, query, head, dim); None if nothing is to be
        changed."""
        call = self._counts[path]
        self._counts[path] += 1
        changes = self._changes
        if changes is None or not changes.wants(path, call):
            return None
        return self._within(lambda: changes.changed(path, call, output(), live))


def listens(seam: Seam) -> Callable[[], bool]:
    """Whether it is the one that is told now. No circle: what is recorded goes when nobody needs
    it any more."""
    own = weakref.ref(seam)
    return lambda: active() is own()

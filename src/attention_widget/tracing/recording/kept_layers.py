"""What the layers of a pass gave out, and passes in which layers give it out again.

The calls of layers are kept as a tree, by path and number, as ALBERT calls one layer several times.
A pass is resumed at a call of attention, numbered through the whole pass: each kept call that was
over by then gives out a copy of what it gave, and nothing in it runs.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import torch

from attention_widget._util.cleanup import Undo
from attention_widget.tracing.model.hooks import Stopped
from attention_widget.tracing.recording.layer_output import (
    copied,
    emptied,
    identical,
    nbytes_of,
)

_Name = tuple[str, int]  # the path of a module, and the number of its call


class Hearing(Protocol):
    """Who counts the calls of attention in a pass."""

    @property
    def counts(self) -> Mapping[str, int]:
        """How often each module attended so far, by path."""

    def skip(self, calls: Mapping[str, int]) -> None:
        """Count calls that are not made, by their paths."""

    def hears(self) -> bool:
        """Whether it is this pass that is under way here: no other thread's, no user's hook."""


class Deaf:
    """Stands for one in a pass of this thread in which nobody counts."""

    def __init__(self) -> None:
        self.counts: Mapping[str, int] = {}
        self._thread = threading.get_ident()

    def skip(self, calls: Mapping[str, int]) -> None:
        pass

    def hears(self) -> bool:
        return threading.get_ident() == self._thread


@dataclass
class _Kept:
    """A call of a layer."""

    name: _Name
    output: Any = None
    over: int = 0  # how many calls of attention had been made in the pass when it was over
    attention: Counter[str] = field(default_factory=Counter)  # calls inside, by path
    elements: Counter[str] = field(default_factory=Counter)  # calls of layers, this one too
    inner: list[_Kept] = field(default_factory=list)

    @property
    def nbytes(self) -> int:
        return nbytes_of(self.output) + sum(one.nbytes for one in self.inner)


class KeptLayers:
    """What the layers of one pass gave out.

    Args:
        layers: those that are kept, by their paths.
        fits: whether so many bytes more may be kept; where they may not, the calls from there on
            are not, and they run in every pass.
        last_alone: only what the last of the layers gave out last is kept, and of all other calls
            the shapes: for passes in which nothing reads what they give out, and which get zeros.
    """

    def __init__(
        self,
        layers: dict[str, torch.nn.Module],
        fits: Callable[[int], bool] = lambda nbytes: True,
        *,
        last_alone: bool = False,
    ) -> None:
        self._layers, self._fits, self._last_alone = layers, fits, last_alone
        self._calls: dict[_Name, _Kept] = {}
        self._outermost: list[_Kept] = []
        self.nbytes = 0
        self.complete = True
        self.last: int | None = None  # the outermost call that was pinned

    def __len__(self) -> int:
        return len(self._outermost)

    def output(self, index: int) -> Any:
        """What an outermost call gave out."""
        return self._outermost[index].output

    def pin(self) -> None:
        """Take the outermost call that was over last for the last, whatever follows."""
        self.last = len(self) - 1 if len(self) else None

    def keeping(self, heard: Hearing, undo: Undo) -> None:
        """Keep it from now on, in a pass over one row."""
        final = next(reversed(self._layers), None)
        open_calls: list[_Kept] = []
        counts: Counter[str] = Counter()

        def call(path: str, forward: Callable[..., Any], args: Any, kwargs: Any) -> Any:
            kept = _Kept((path, counts[path]))
            counts[path] += 1
            before, elements = Counter(heard.counts), Counter(counts)
            open_calls.append(kept)
            try:
                output = forward(*args, **kwargs)
            finally:
                open_calls.pop()
            if not self.complete:
                return output
            by_shape = self._last_alone and path != final
            kept.output = emptied(output) if by_shape else copied(output, 1)
            kept.over = sum(heard.counts.values())
            kept.attention = Counter(heard.counts) - before
            kept.elements = counts - elements + Counter([path])
            if sum(kept.attention.values()) < 2:
                kept.inner.clear()  # to skip it whole is all there is to skip
            if open_calls:
                open_calls[-1].inner.append(kept)
            else:
                self._keep(kept)
            return output

        self._calls.clear()
        self._outermost.clear()
        self.nbytes, self.complete, self.last = 0, True, None
        self._wrap(heard, call, undo)

    def _keep(self, kept: _Kept) -> None:
        nbytes = kept.nbytes
        if self._last_alone and self._outermost and self.last is None:
            before = self._outermost[-1]
            self.nbytes -= before.nbytes
            before.output = emptied(before.output)
        self.complete = self._fits(nbytes)
        if self.complete:
            self.nbytes += nbytes
            self._outermost.append(kept)
            self._add(kept)

    def resuming(
        self,
        heard: Hearing,
        at: int,
        batch: int,
        undo: Undo,
        changed: Mapping[int, Any] | None = None,
    ) -> None:
        """Skip from now on what was over when so many calls of attention had been made.
        ``changed`` has what some outermost calls give out instead."""
        instead = {self._outermost[index].name: new for index, new in (changed or {}).items()}
        counts: Counter[str] = Counter()

        def call(path: str, forward: Callable[..., Any], args: Any, kwargs: Any) -> Any:
            kept = self._calls.get((path, counts[path]))
            if kept is None or kept.over > at:
                counts[path] += 1
                return forward(*args, **kwargs)
            counts.update(kept.elements)
            heard.skip(kept.attention)
            return copied(instead.get(kept.name, kept.output), batch)

        self._wrap(heard, call, undo)

    def alone(self, heard: Hearing, at: int, undo: Undo) -> list[bool]:
        """Skip from now on all but the element with a call of attention, by its number, and end
        the pass after that (:class:`Stopped`). The list then holds whether the element gave out
        what it gave before, to the last bit: it needs nothing of those before but their outputs.
        """
        found: list[bool] = []
        counts: Counter[str] = Counter()

        def call(path: str, forward: Callable[..., Any], args: Any, kwargs: Any) -> Any:
            kept = self._calls.get((path, counts[path]))
            if kept is None or kept.over > at:
                counts[path] += 1
                output = forward(*args, **kwargs)
                if kept is None or kept.inner or found:
                    return output
                found.append(identical(output, kept.output))
                raise Stopped(args, kwargs)
            counts.update(kept.elements)
            heard.skip(kept.attention)
            return copied(kept.output, 1)

        self._wrap(heard, call, undo)
        return found

    @property
    def attending(self) -> bool:
        """Whether all outermost layers attend, so that :meth:`alone` can tell of each."""
        return all(kept.over and sum(kept.attention.values()) for kept in self._outermost)

    @property
    def reach(self) -> int:
        """How many calls of attention had been made when the last kept call was over: a pass is
        resumed there at the latest."""
        return self._outermost[-1].over if self._outermost else 0

    def _add(self, kept: _Kept) -> None:
        self._calls[kept.name] = kept
        for inner in kept.inner:
            self._add(inner)

    def _wrap(self, heard: Hearing, call: Callable[..., Any], undo: Undo) -> None:
        """Have the layers run ``call`` in this pass."""
        for path, module in self._layers.items():
            if isinstance(module, torch.jit.ScriptModule):
                continue
            own = vars(module)
            undo.then(partial(_put_back, own, own.get("forward")))
            own["forward"] = partial(_run, heard, call, path, module.forward)


def _run(
    heard: Hearing,
    call: Callable[..., Any],
    path: str,
    forward: Callable[..., Any],
    *args: Any,
    **kwargs: Any,
) -> Any:
    return call(path, forward, args, kwargs) if heard.hears() else forward(*args, **kwargs)


def _put_back(own: dict[str, Any], forward: Any) -> None:
    if forward is None:
        own.pop("forward", None)
    else:
        own["forward"] = forward

"""Skip the layers of a pass that a change does not reach: they give out what they gave before.

The calls of all elements of the model's stacks are kept as a tree, by path and number, as ALBERT
calls one layer several times. A pass is resumed at a call of attention, numbered through the whole
pass: each kept call that was over by then gives out a copy of what it gave, and nothing in it runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch

from attention_widget._util.cleanup import Undo
from attention_widget.tracing.model.hooks import Stopped
from attention_widget.tracing.recording.editor import Editor
from attention_widget.tracing.recording.layer_modules import stacks_of
from attention_widget.tracing.recording.seam import active

_Name = tuple[str, int]  # the path of a module, and the number of its call


@dataclass
class _Kept:
    """A call of an element of a stack."""

    name: _Name
    output: Any = None
    over: int = 0  # how many calls of attention had been made in the pass when it was over
    attention: Counter[str] = field(default_factory=Counter)  # calls inside, by path
    elements: Counter[str] = field(default_factory=Counter)  # calls of elements, this one too
    inner: list[_Kept] = field(default_factory=list)


class Kept:
    """What the layers of one pass gave out."""

    def __init__(self) -> None:
        self._calls: dict[_Name, _Kept] = {}
        self._outermost: list[_Kept] = []

    def keeping(self, modules: Mapping[str, torch.nn.Module], editor: Editor, undo: Undo) -> None:
        """Keep it from now on, in a pass over one row."""
        open_calls: list[_Kept] = []
        counts: Counter[str] = Counter()

        def call(path: str, forward: Callable[..., Any], args: Any, kwargs: Any) -> Any:
            kept = _Kept((path, counts[path]))
            counts[path] += 1
            before, elements = Counter(editor.counts), Counter(counts)
            open_calls.append(kept)
            try:
                output = forward(*args, **kwargs)
            finally:
                open_calls.pop()
            kept.output = _copied(output, 1)
            kept.over = sum(editor.counts.values())
            kept.attention = Counter(editor.counts) - before
            kept.elements = counts - elements + Counter([path])
            if sum(kept.attention.values()) < 2:
                kept.inner.clear()  # to skip it whole is all there is to skip
            if open_calls:
                open_calls[-1].inner.append(kept)
            else:
                self._outermost.append(kept)
                self._add(kept)
            return output

        _wrap(modules, editor, call, undo)

    def resuming(
        self,
        modules: Mapping[str, torch.nn.Module],
        editor: Editor,
        at: int,
        batch: int,
        undo: Undo,
    ) -> None:
        """Skip from now on what was over when so many calls of attention had been made."""
        counts: Counter[str] = Counter()

        def call(path: str, forward: Callable[..., Any], args: Any, kwargs: Any) -> Any:
            kept = self._calls.get((path, counts[path]))
            if kept is None or kept.over > at:
                counts[path] += 1
                return forward(*args, **kwargs)
            counts.update(kept.elements)
            editor.skip(kept.attention)
            return _copied(kept.output, batch)

        _wrap(modules, editor, call, undo)

    def alone(
        self, modules: Mapping[str, torch.nn.Module], editor: Editor, at: int, undo: Undo
    ) -> list[bool]:
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
                found.append(_identical(output, kept.output))
                raise Stopped(args, kwargs)
            counts.update(kept.elements)
            editor.skip(kept.attention)
            return _copied(kept.output, 1)

        _wrap(modules, editor, call, undo)
        return found

    @property
    def attending(self) -> bool:
        """Whether all outermost elements attend, so that :meth:`alone` can tell of each."""
        return all(kept.over and sum(kept.attention.values()) for kept in self._outermost)

    def _add(self, kept: _Kept) -> None:
        self._calls[kept.name] = kept
        for inner in kept.inner:
            self._add(inner)


def _wrap(
    modules: Mapping[str, torch.nn.Module],
    editor: Editor,
    call: Callable[[str, Callable[..., Any], Any, Any], Any],
    undo: Undo,
) -> None:
    """Have the elements of all stacks run ``call`` where the editor listens."""
    paths = {id(module): path for path, module in modules.items()}
    elements = {id(part): part for stack in stacks_of(modules).values() for part in stack}
    for key, module in elements.items():
        if module is None or isinstance(module, torch.jit.ScriptModule):
            continue
        own = vars(module)
        undo.then(partial(_put_back, own, own.get("forward")))
        own["forward"] = partial(_run, editor, call, paths[key], module.forward)


def _run(
    editor: Editor,
    call: Callable[..., Any],
    path: str,
    forward: Callable[..., Any],
    *args: Any,
    **kwargs: Any,
) -> Any:
    if active() is not editor:  # another thread, or a user's hook
        return forward(*args, **kwargs)
    return call(path, forward, args, kwargs)


def _put_back(own: dict[str, Any], forward: Any) -> None:
    if forward is None:
        own.pop("forward", None)
    else:
        own["forward"] = forward


def _identical(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and torch.equal(one, other)
    if type(one) in (tuple, list):
        return len(one) == len(other) and all(map(_identical, one, other))
    if type(one) is dict:
        return one.keys() == other.keys() and all(
            _identical(one[name], other[name]) for name in one
        )
    return True


def _copied(output: Any, batch: int) -> Any:
    """A copy of what a layer gave out, for so many rows: models write into what they are given."""
    if isinstance(output, torch.Tensor):
        if batch > 1 and output.ndim and output.shape[0] == 1:
            return output.expand(batch, *output.shape[1:]).clone()
        if batch > 1 and output.ndim > 2 and output.shape[1] == 1:  # (token, batch, hidden)
            return output.expand(output.shape[0], batch, *output.shape[2:]).clone()
        return output.clone()
    if type(output) in (tuple, list):
        return type(output)(_copied(each, batch) for each in output)
    if type(output) is dict:
        return {name: _copied(each, batch) for name, each in output.items()}
    return output

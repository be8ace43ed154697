"""Forward passes in which attention is changed and nothing is recorded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.hooks import RemovableHandle

from attention_widget._util.cleanup import Undo, guarded
from attention_widget.tracing.model.hooks import Stopped
from attention_widget.tracing.model.preserve import undisturbed
from attention_widget.tracing.recording.editor import Editor
from attention_widget.tracing.recording.heard_pass import Way, heard
from attention_widget.tracing.recording.kept_layers import KeptLayers
from attention_widget.tracing.recording.seam import Changes, active

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True, eq=False)
class Runnable:
    """A model with what it is given: one row, whose tensors are (1, ...)."""

    model: PreTrainedModel
    modules: Mapping[str, torch.nn.Module]
    inputs: Mapping[str, Any]
    lengths: Collection[int]
    way: Way

    def edited(
        self,
        changes: Changes,
        batch: int = 1,
        *,
        keep: KeptLayers | None = None,
        resume: tuple[KeptLayers, int] | None = None,
        positions: Sequence[int] | None = None,
        hooks: Iterable[RemovableHandle] = (),
    ) -> Any:
        """What the model returns of so many equal rows, with changes made in the pass.

        It runs as it runs when it is recorded, and is left as it was. ``keep`` takes what the
        layers give out, and ``resume`` skips those of a kept pass that were over when so many
        calls of attention had been made. With ``positions`` its output head reads those alone;
        ``hooks`` are on the model meanwhile.
        """

        def work(undo: Undo) -> Any:
            editor = self._editor(changes, batch)
            if keep is not None:
                keep.keeping(editor, undo)
            if resume is not None:
                resume[0].resuming(editor, resume[1], batch, undo)
            given = {name: _repeated(each, batch) for name, each in self.inputs.items()}
            every = chain(hooks, self._reading(editor, positions))
            with heard(self.model, self.modules, editor, self.way, every, batch):
                return self.model(**given)

        return undisturbed(list(self.modules.values()), lambda: guarded(work))

    def run(
        self,
        changes: Changes,
        batch: int = 1,
        *,
        positions: Sequence[int] | None = None,
        hooks: Iterable[RemovableHandle] = (),
    ) -> Any:
        """What :meth:`edited` gives, with gradients where they are on. Call it only where the model
        is preserved."""
        editor = self._editor(changes, batch)
        given = {name: _repeated(each, batch) for name, each in self.inputs.items()}
        every = chain(hooks, self._reading(editor, positions))
        with heard(self.model, self.modules, editor, self.way, every, batch):
            return self.model(**given)

    def alone(self, changes: Changes, kept: KeptLayers, at: int) -> bool:
        """Whether the element of a stack with a call of attention, by its number in a kept pass,
        gives out what it gave there when no other element runs."""

        def work(undo: Undo) -> bool:
            editor = self._editor(changes, 1)
            found = kept.alone(editor, at, undo)
            with suppress(Stopped), heard(self.model, self.modules, editor, self.way):
                self.model(**self.inputs)
            return found == [True]

        return undisturbed(list(self.modules.values()), lambda: guarded(work))

    def editing(
        self, changes: Changes, resume: tuple[KeptLayers, int] | None = None
    ) -> Callable[[Undo], AbstractContextManager[None]]:
        """What opens a context in which changes are made in one pass over one row, resumed as
        :meth:`edited` has it. Enter it only where the model is preserved."""

        def opened(undo: Undo) -> AbstractContextManager[None]:
            editor = self._editor(changes, 1)
            if resume is not None:
                resume[0].resuming(editor, resume[1], 1, undo)
            return heard(self.model, self.modules, editor, self.way)

        return opened

    def _editor(self, changes: Changes, batch: int) -> Editor:
        return Editor(self.modules, self.lengths, changes, self.way.followed, batch)

    def _reading(
        self, editor: Editor, positions: Sequence[int] | None
    ) -> Iterator[RemovableHandle]:
        head: Any = None if positions is None else self.model.get_output_embeddings()
        if head is None or positions is None:
            return
        chosen = list(positions)

        def read(_: torch.nn.Module, args: Any) -> Any:
            states = args[0] if args else None
            if active() is not editor or not isinstance(states, torch.Tensor) or states.ndim != 3:
                return None
            return (states[:, chosen], *args[1:])

        yield head.register_forward_pre_hook(read)


def _repeated(given: Any, batch: int) -> Any:
    if batch == 1 or not isinstance(given, torch.Tensor) or given.shape[:1] != (1,):
        return given
    return given.expand(batch, *given.shape[1:]).clone()

"""A forward pass in which attention is changed and nothing is recorded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.hooks import RemovableHandle
from transformers import PreTrainedModel

from attention_widget._util.cleanup import Undo, guarded
from attention_widget.tracing.model.hooks import Stopped
from attention_widget.tracing.model.preserve import undisturbed
from attention_widget.tracing.recording.editor import Editor
from attention_widget.tracing.recording.heard_pass import Way, run_heard
from attention_widget.tracing.recording.resuming import Kept
from attention_widget.tracing.recording.seam import Changes


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
        keep: Kept | None = None,
        resume: tuple[Kept, int] | None = None,
        hooks: Iterable[RemovableHandle] = (),
    ) -> Any:
        """What the model returns of so many equal rows, with changes made in the pass.

        It runs as it runs when it is recorded, and is left as it was. ``keep`` takes what the
        layers give out, and ``resume`` skips those of a kept pass that were over when so many
        calls of attention had been made. ``hooks`` are on the model meanwhile.
        """

        def work(undo: Undo) -> Any:
            editor = Editor(self.modules, self.lengths, changes, self.way.followed, batch)
            if keep is not None:
                keep.keeping(self.modules, editor, undo)
            if resume is not None:
                resume[0].resuming(self.modules, editor, resume[1], batch, undo)
            given = {name: _repeated(each, batch) for name, each in self.inputs.items()}
            return run_heard(self.model, self.modules, given, editor, self.way, hooks, batch)

        return undisturbed(list(self.modules.values()), lambda: guarded(work))

    def alone(self, changes: Changes, kept: Kept, at: int) -> bool:
        """Whether the element of a stack with a call of attention, by its number in a kept pass,
        gives out what it gave there when no other element runs."""

        def work(undo: Undo) -> bool:
            editor = Editor(self.modules, self.lengths, changes, self.way.followed)
            found = kept.alone(self.modules, editor, at, undo)
            with suppress(Stopped):
                run_heard(self.model, self.modules, self.inputs, editor, self.way)
            return found == [True]

        return undisturbed(list(self.modules.values()), lambda: guarded(work))


def _repeated(given: Any, batch: int) -> Any:
    if batch == 1 or not isinstance(given, torch.Tensor) or given.shape[:1] != (1,):
        return given
    return given.expand(batch, *given.shape[1:]).clone()

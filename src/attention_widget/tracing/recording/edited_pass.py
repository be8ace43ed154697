"""A forward pass in which attention is changed and nothing is recorded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import torch
from transformers import PreTrainedModel

from attention_widget.tracing.model.preserve import undisturbed
from attention_widget.tracing.recording.editor import Editor
from attention_widget.tracing.recording.heard_pass import Way, run_heard
from attention_widget.tracing.recording.seam import Changes


def run_edited(
    model: PreTrainedModel,
    modules: Mapping[str, torch.nn.Module],
    inputs: Mapping[str, Any],
    lengths: Collection[int],
    way: Way,
    changes: Changes,
    batch: int = 1,
) -> Any:
    """What a model returns of its keyword arguments, of so many rows, with changes made in the
    pass. It runs as :func:`record` runs it, and is left as it was."""

    def run() -> Any:
        editor = Editor(modules, lengths, changes, way.followed, batch)
        return run_heard(model, modules, inputs, editor, way, batch=batch)

    return undisturbed(list(modules.values()), run)

"""A recorded forward pass: from a model and its inputs to its layers with their attention."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import torch
from torch.overrides import TorchFunctionMode, _get_current_function_mode_stack, _push_mode
from transformers import PreTrainedModel

from attention_widget.tracing.model.hooks import attached
from attention_widget.tracing.model.leftovers import restore_modes
from attention_widget.tracing.model.preserve import undisturbed
from attention_widget.tracing.recording.banded import bands
from attention_widget.tracing.recording.call_sites import (
    attending,
    calls_attention,
    is_attention,
    writes_out,
)
from attention_widget.tracing.recording.calls import CallMode
from attention_widget.tracing.recording.explicit import WrittenOutMode
from attention_widget.tracing.recording.extra_keys import TOKENS_FIRST
from attention_widget.tracing.recording.interface import listening
from attention_widget.tracing.recording.layers import Layer
from attention_widget.tracing.recording.recorder import Findings, Recorder
from attention_widget.tracing.recording.reported import fill_in
from attention_widget.tracing.recording.suspension import hooks_left_alone, nested_runs_left_alone


@dataclass(frozen=True, eq=False)
class Recorded:
    """The layers of one pass with their attention, or the ``refusal``: why they cannot be shown."""

    output: Any  # of the model
    layers: tuple[Layer, ...]  # in the order in which they were called
    n_records: int
    refusal: str = ""


def record(
    model: PreTrainedModel,
    modules: Mapping[str, torch.nn.Module],
    inputs: Mapping[str, Any],
    lengths: Collection[int] = (),
    on_layer: Callable[[int, Layer], None] | None = None,
) -> Recorded:
    """Run a model on its keyword arguments (batch of one) and record its attention.

    The model runs in evaluation mode, without gradients, and is left as it was. Hidden states
    are kept of layers that pass on as many tokens as one of ``lengths``; ``on_layer`` is told
    of each layer that is done, in order, and from 0 again where a second pass is needed.

    One pass is enough where every module that computes attention lets it be seen. Otherwise a
    second one follows every operation, and where that is not enough either a third asks the
    model's own eager code for its probabilities. What is still wrong then is the ``refusal``.
    """
    everything = list(modules.values())
    paths = attending(modules)
    first = getattr(model.config, "model_type", None) in TOKENS_FIRST

    def recorded() -> Recorded:
        recorder = Recorder(modules, lengths, on_layer, tokens_first=first)
        modes: list[TorchFunctionMode] = []
        if calls_attention(everything):
            modes.append(CallMode(recorder))
        # following every operation costs time, so only where nothing else can do
        if any(writes_out(modules[path]) for path in paths):
            modes.append(WrittenOutMode(recorder, paths))
        found = _forward(model, inputs, modules, paths, recorder, modes)
        if not found.unexplained and (found.wrong or found.missing or not found.n_records):
            followed = found.wrong
            del found  # lest two passes be held at a time
            recorder = Recorder(modules, lengths, on_layer, followed, tokens_first=first)
            modes = [CallMode(recorder), WrittenOutMode(recorder, paths)]
            found = _forward(model, inputs, modules, paths, recorder, modes)
        silent = {path for path in found.missing if is_attention(modules[path])}
        failed = {*found.wrong, *found.lost, *found.layers.misfits, *silent}
        refusal = ""
        if found.unexplained:
            path, function = min(found.unexplained.items())
            refusal = (
                f"attends with {function}, in module {path!r}, which is not transformers' own, and "
                f"neither its arguments, nor what it does, nor the weights that it returns give "
                f"the output it computed; have it return its attention weights as the second "
                f"value, or write it with torch.matmul and softmax, or with "
                f"scaled_dot_product_attention"
            )
        elif failed:
            refusal = fill_in(found, model, inputs, failed, lengths)
        return Recorded(found.output, tuple(found.layers.found()), found.n_records, refusal)

    return undisturbed(everything, recorded)


def _forward(
    model: PreTrainedModel,
    inputs: Mapping[str, Any],
    modules: Mapping[str, torch.nn.Module],
    paths: Collection[str],
    recorder: Recorder,
    modes: list[TorchFunctionMode],
) -> Findings:
    notes = (
        modules[path].register_forward_pre_hook(partial(recorder.note, path)) for path in paths
    )
    hooks = chain(
        nested_runs_left_alone(model, recorder.suspended),
        recorder.layers.watching(modules),
        notes,
        bands(recorder, modules, paths),
    )
    with ExitStack() as stack:
        stack.enter_context(hooks_left_alone([*modules.values()], recorder.suspended))
        stack.enter_context(attached(hooks))
        stack.enter_context(listening(modules.values()))
        stack.enter_context(recorder.recording())
        stack.callback(restore_modes, _get_current_function_mode_stack())
        for mode in modes:
            _push_mode(mode)
        output = model(**inputs)
    return recorder.findings(output)

"""A recorded forward pass: from a model and its inputs to its layers with their attention."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.hooks import RemovableHandle

from attention_widget.tracing.model.preserve import undisturbed
from attention_widget.tracing.recording.call_sites import attending, is_attention
from attention_widget.tracing.recording.extra_keys import TOKENS_FIRST
from attention_widget.tracing.recording.heard_pass import Way, heard
from attention_widget.tracing.recording.layers import Layer
from attention_widget.tracing.recording.recorder import Findings, Recorder
from attention_widget.tracing.recording.reported import fill_in, what_failed
from attention_widget.tracing.recording.seam import Changes

if TYPE_CHECKING:
    from transformers import PreTrainedModel

OnLayer = Callable[[int, Layer], None]
Hooks = Callable[[], Iterator[RemovableHandle]]
"""Makes hooks for one pass."""


@dataclass(frozen=True, eq=False)
class Recorded:
    """The layers of one pass with their attention, or the ``refusal``: why they cannot be shown."""

    output: Any  # of the model
    layers: tuple[Layer, ...]  # in the order in which they were called
    n_records: int
    refusal: str = ""
    way: Way = field(default_factory=Way)


def record(
    model: PreTrainedModel,
    modules: Mapping[str, torch.nn.Module],
    inputs: Mapping[str, Any],
    lengths: Collection[int] = (),
    on_layer: OnLayer | None = None,
    also: Hooks | None = None,
) -> Recorded:
    """Run a model on its keyword arguments (batch of one) and record its attention.

    The model runs in evaluation mode, without gradients, and is left as it was. Hidden states
    are kept of layers that pass on as many tokens as one of ``lengths``; ``on_layer`` is told
    of each layer that is done, in order, and from 0 again where a second pass is needed. ``also``
    makes more hooks for each pass.

    One pass is enough where every module that computes attention lets it be seen. Otherwise a
    second one follows every operation, and where that is not enough either a third asks the
    model's own eager code for its probabilities. What is still wrong then is the ``refusal``.
    """

    def recorded() -> Recorded:
        way = Way()
        found = _forward(model, modules, inputs, lengths, on_layer, way, also=also)
        if not found.unexplained and (found.wrong or found.missing or not found.n_records):
            way = Way(every_operation=True, followed=found.wrong)
            del found  # lest two passes be held at a time
            found = _forward(model, modules, inputs, lengths, on_layer, way, also=also)
        failed = _failed(found, modules)
        refusal = _unexplained(found)
        if failed and not refusal:
            refusal = fill_in(found, model, inputs, failed, lengths)
        layers = tuple(found.layers.found())
        return Recorded(found.output, layers, found.n_records, refusal, way)

    return undisturbed(list(modules.values()), recorded)


def record_changed(
    model: PreTrainedModel,
    modules: Mapping[str, torch.nn.Module],
    inputs: Mapping[str, Any],
    lengths: Collection[int],
    on_layer: OnLayer | None,
    way: Way,
    changes: Changes,
    also: Hooks | None = None,
) -> Recorded:
    """:func:`record` a pass in which something is changed, in the way in which the pass without
    changes was recorded. The model's own maps are not asked for: they would lack the changes."""

    def recorded() -> Recorded:
        found = _forward(model, modules, inputs, lengths, on_layer, way, changes, also)
        failed = _failed(found, modules)
        refusal = _unexplained(found) or (what_failed(found, failed) if failed else "")
        layers = tuple(found.layers.found())
        return Recorded(found.output, layers, found.n_records, refusal, way)

    return undisturbed(list(modules.values()), recorded)


def _forward(
    model: PreTrainedModel,
    modules: Mapping[str, torch.nn.Module],
    inputs: Mapping[str, Any],
    lengths: Collection[int],
    on_layer: OnLayer | None,
    way: Way,
    changes: Changes | None = None,
    also: Hooks | None = None,
) -> Findings:
    first = getattr(model.config, "model_type", None) in TOKENS_FIRST
    recorder = Recorder(modules, lengths, on_layer, way.followed, first, changes)
    notes = (
        modules[path].register_forward_pre_hook(partial(recorder.note, path))
        for path in attending(modules)
    )
    with heard(model, modules, recorder, way, chain(notes, also() if also else ())):
        output = model(**inputs)
    return recorder.findings(output)


def _failed(found: Findings, modules: Mapping[str, torch.nn.Module]) -> set[str]:
    silent = {path for path in found.missing if is_attention(modules[path])}
    return {*found.wrong, *found.lost, *found.layers.misfits, *silent}


def _unexplained(found: Findings) -> str:
    if not found.unexplained:
        return ""
    path, function = min(found.unexplained.items())
    return (
        f"attends with {function}, in module {path!r}, which is not transformers' own, and "
        f"neither its arguments, nor what it does, nor the weights that it returns give "
        f"the output it computed; have it return its attention weights as the second "
        f"value, or write it with torch.matmul and softmax, or with "
        f"scaled_dot_product_attention"
    )

"""A forward pass of a model in which a seam hears its attention."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import torch
from torch.overrides import TorchFunctionMode, _get_current_function_mode_stack, _push_mode
from torch.utils.hooks import RemovableHandle

from attention_widget.tracing.model.hooks import attached
from attention_widget.tracing.model.leftovers import restore_modes
from attention_widget.tracing.recording.banded import bands
from attention_widget.tracing.recording.call_sites import attending, calls_attention, writes_out
from attention_widget.tracing.recording.calls import CallMode
from attention_widget.tracing.recording.explicit import WrittenOutMode
from attention_widget.tracing.recording.interface import listening
from attention_widget.tracing.recording.seam import Seam
from attention_widget.tracing.recording.suspension import hooks_left_alone, nested_runs_left_alone

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True)
class Way:
    """How attention is heard: with every operation followed or not, and the paths of the modules
    whose calls of the interface are heard by the operations inside them."""

    every_operation: bool = False
    followed: frozenset[str] = frozenset()


@contextmanager
def heard(
    model: PreTrainedModel,
    modules: Mapping[str, torch.nn.Module],
    seam: Seam,
    way: Way,
    hooks: Iterable[RemovableHandle] = (),
    batch: int = 1,
) -> Iterator[None]:
    """Have a seam told of the attention of one pass of a model over so many rows, with more
    ``hooks``. Enter it only where the model is preserved.
    """
    paths = attending(modules)
    everything = list(modules.values())
    with ExitStack() as stack:
        stack.enter_context(hooks_left_alone(everything, seam.suspended))
        own = nested_runs_left_alone(model, seam.suspended)
        watched = chain(own, seam.layers.watching(modules), hooks, bands(seam, modules, paths))
        stack.enter_context(attached(watched))
        stack.enter_context(listening(everything))
        stack.enter_context(seam.listening())
        stack.callback(restore_modes, _get_current_function_mode_stack())
        for mode in _modes(modules, seam, way, paths, batch):
            _push_mode(mode)
        yield


def _modes(
    modules: Mapping[str, torch.nn.Module],
    seam: Seam,
    way: Way,
    paths: Collection[str],
    batch: int,
) -> list[TorchFunctionMode]:
    modes: list[TorchFunctionMode] = []
    if way.every_operation or calls_attention(modules.values()):
        modes.append(CallMode(seam))
    # following every operation costs time, so only where nothing else can do
    if way.every_operation or any(writes_out(modules[path]) for path in paths):
        modes.append(WrittenOutMode(seam, paths, batch))
    return modes

"""The pass of an experiment in which every call of attention is given on as a copy.

It changes nothing, so it must give the model's own output to the last bit: the check that this
model can be edited. What the heads gave out is kept, for other texts to take.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch

from attention_widget.experiments.editing import Call
from attention_widget.trace.block import Block, Maps
from attention_widget.tracing.recording.seam import Live


class Keeping:
    """Gives on a copy of each output, and keeps what heads gave out, for a batch of one.

    ``kept`` holds it by call: (query, head, dim), on the model's device and in its dtype.
    """

    def __init__(self) -> None:
        self.kept: dict[Call, torch.Tensor] = {}

    def wants(self, path: str, call: int) -> bool:
        return True

    def changed(self, path: str, call: int, output: torch.Tensor, live: Live) -> torch.Tensor:
        self.kept[path, call] = output[0].clone()
        return output.clone()

    def shown(self, operation: Block | Maps) -> Block | Maps:
        return operation


def same_output(one: Any, other: Any) -> bool:
    """Whether two outputs of a model hold the same numbers, to the last bit."""
    pairs = list(zip(tensors_of(one), tensors_of(other), strict=False))
    return bool(pairs) and all(
        a.shape == b.shape and torch.equal(a.nan_to_num(0.0), b.nan_to_num(0.0)) for a, b in pairs
    )


def tensors_of(output: Any) -> Iterator[torch.Tensor]:
    """All tensors of numbers in what a model or a layer returned."""
    if isinstance(output, torch.Tensor):
        if output.is_floating_point():
            yield output
    elif isinstance(output, Mapping):
        for value in output.values():
            yield from tensors_of(value)
    elif isinstance(output, Sequence) and not isinstance(output, str):
        for value in output:
            yield from tensors_of(value)

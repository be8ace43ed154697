"""The pass of an experiment in which every call of attention is given on as a copy.

It changes nothing, so it must give the model's own output to the last bit: the check that this
model can be edited. What the heads gave out is kept, for other texts to take, and what the layers
did, for passes that begin later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from attention_widget.experiments.editing import Call, Sites
from attention_widget.trace.block import Block, Maps
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.recording.edited_pass import Runnable
from attention_widget.tracing.recording.kept_layers import KeptLayers
from attention_widget.tracing.recording.layer_modules import elements_of
from attention_widget.tracing.recording.seam import Live


class Keeping:
    """Gives on a copy of each output, and keeps what heads gave out, for a batch of one.

    ``kept`` holds it by call, in the order of the pass: (query, head, dim), on the model's device
    and in its dtype.
    """

    def __init__(self) -> None:
        self.kept: dict[Call, torch.Tensor] = {}
        self.nbytes = 0

    def wants(self, path: str, call: int) -> bool:
        return True

    def changed(self, path: str, call: int, output: torch.Tensor, live: Live) -> torch.Tensor:
        self.kept[path, call] = output[0].clone()
        self.nbytes += output[0].nbytes
        return output.clone()

    def shown(self, operation: Block | Maps) -> Block | Maps:
        return operation


class Nothing:
    """No changes."""

    def wants(self, path: str, call: int) -> bool:
        return False

    def changed(self, path: str, call: int, output: torch.Tensor, live: Live) -> torch.Tensor:
        return output

    def shown(self, operation: Block | Maps) -> Block | Maps:
        return operation


@dataclass(frozen=True, eq=False)
class Base:
    """What the pass without edits left: what heads gave out, in the order of the pass, and what
    layers did."""

    heads: dict[Call, torch.Tensor]
    layers: KeptLayers

    @property
    def nbytes(self) -> int:
        """Bytes of both."""
        return self.layers.nbytes + sum(each.nbytes for each in self.heads.values())


def base_of(runnable: Runnable, sites: Sites, output: Any, memory: int) -> Base:
    """Run that pass of a model that gave an output, and keep in so many bytes what fits.

    What heads gave out is kept in any case. Of the layers the first are kept, as far as they fit.

    Raises:
        UnsupportedModelError: the pass is not the one that was recorded.
    """
    keeping = Keeping()

    def fits(nbytes: int) -> bool:
        # the outputs of the other heads are still to come
        share = len(sites.places) / max(1, len(keeping.kept))
        return keeping.nbytes * max(1.0, share) + layers.nbytes + nbytes <= memory

    layers = KeptLayers(elements_of(runnable.modules), fits)
    found = runnable.edited(keeping, keep=layers)
    missing = sites.places.keys() - keeping.kept.keys()
    if missing:
        path, call = min(missing)
        raise UnsupportedModelError(
            runnable.model,
            f"cannot be run with its attention changed: call {call} of module {path!r} was "
            f"recorded, and is not reached when the model runs again",
        )
    if not same_output(found, output):
        raise UnsupportedModelError(
            runnable.model,
            "cannot be run with its attention changed: an edit that changes nothing changes its "
            "output",
        )
    return Base(keeping.kept, layers)


def same_output(one: Any, other: Any) -> bool:
    """Whether two outputs of a model hold the same numbers, to the last bit."""
    return _alike(one, other, 0.0)


def close_output(one: Any, other: Any) -> bool:
    """Whether they do within 1e-4 of the largest of each tensor."""
    return _alike(one, other, 1e-4)


def _alike(one: Any, other: Any, tolerance: float) -> bool:
    mine, theirs = list(_tensors(one)), list(_tensors(other))
    if not mine or len(mine) != len(theirs):
        return False
    return all(_near(a, b, tolerance) for a, b in zip(mine, theirs, strict=True))


def _near(one: torch.Tensor, other: torch.Tensor, tolerance: float) -> bool:
    if one.shape != other.shape:
        return False
    if not tolerance:
        if torch.equal(one, other):  # much faster than the comparison below, which allows NaN
            return True
        return bool(((one == other) | (one.isnan() & other.isnan())).all())
    one, other = one.float(), other.float()
    size = float(one.abs().nan_to_num(0.0, 0.0, 0.0).max()) if one.numel() else 0.0
    return torch.allclose(one, other, rtol=0.0, atol=tolerance * max(size, 1e-6), equal_nan=True)


def row_of_output(output: Any, row: int, batch: int) -> Any:
    """The part of a model's output that is of one row of the batch, which keeps its axis."""
    if isinstance(output, torch.Tensor):
        if output.shape[:1] == (batch,):
            return output[row : row + 1]
        token_first = output.ndim > 2 and output.shape[1] == batch
        return output[:, row : row + 1] if token_first else output
    if isinstance(output, Mapping):
        return {name: row_of_output(each, row, batch) for name, each in output.items()}
    if isinstance(output, tuple | list):
        return tuple(row_of_output(each, row, batch) for each in output)
    return output


def _tensors(output: Any) -> list[torch.Tensor]:
    """All tensors of numbers in what a model returned."""
    if isinstance(output, torch.Tensor):
        return [output] if output.is_floating_point() else []
    if isinstance(output, Mapping):
        return [tensor for each in output.values() for tensor in _tensors(each)]
    if isinstance(output, tuple | list):
        return [tensor for each in output for tensor in _tensors(each)]
    return []

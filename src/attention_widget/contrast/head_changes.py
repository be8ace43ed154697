"""Heads by how far their attention is from that of another pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attention_widget.trace.block import Array
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace


@dataclass(frozen=True)
class HeadChange:
    """A head, and how far its attention is from that of the other side, in bits."""

    kind: Kind
    layer: int
    head: int
    divergence: float


def by_change(trace: Trace, divergence: Callable[[int, Kind], Array]) -> tuple[HeadChange, ...]:
    """All heads of a trace, the one that changed most first; ``divergence`` is that of the heads
    of a layer."""
    found = [
        HeadChange(kind, layer, head, float(value))
        for kind in trace.kinds
        for layer in trace.layers_with_attention(kind)
        for head, value in enumerate(divergence(layer, kind))
    ]
    return tuple(sorted(found, key=lambda each: -np.nan_to_num(each.divergence, nan=-1.0)))


def columns_of(changes: Sequence[HeadChange]) -> dict[str, NDArray[Any]]:
    """The same as columns (head,)."""
    return {
        "kind": np.array([each.kind for each in changes]),
        "layer": np.array([each.layer for each in changes], np.intp),
        "head": np.array([each.head for each in changes], np.intp),
        "divergence": np.array([each.divergence for each in changes], np.float32),
    }

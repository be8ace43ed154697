"""The heads of a model, flat, in the order of its atlas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from attention_widget.trace.kind import KINDS, Kind
from attention_widget.trace.trace import Trace


@dataclass(frozen=True)
class Heads:
    """By kind, layer and head. A model of which texts are scanned has one kind."""

    kinds: tuple[Kind, ...]  # (head,)
    layers: tuple[int, ...]  # (head,)
    heads: tuple[int, ...]  # (head,)
    of_layer: Mapping[int, slice]
    """Where the heads of each layer with attention are."""

    @property
    def kind(self) -> Kind:
        return self.kinds[0]

    def __len__(self) -> int:
        return len(self.heads)


def heads_of(trace: Trace) -> Heads:
    """Those of a trace of one stack."""
    kinds: list[Kind] = []
    layers: list[int] = []
    heads: list[int] = []
    places: dict[int, slice] = {}
    for one in sorted(trace.operations, key=lambda of: (KINDS.index(of.kind), of.layer)):
        places[one.layer] = slice(len(heads), len(heads) + one.n_heads)
        kinds += [one.kind] * one.n_heads
        layers += [one.layer] * one.n_heads
        heads += range(one.n_heads)
    return Heads(tuple(kinds), tuple(layers), tuple(heads), places)

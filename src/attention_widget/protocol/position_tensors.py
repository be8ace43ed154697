"""What is sent of how a model tells positions apart."""

from __future__ import annotations

from typing import Final

from attention_widget.trace.block import Array
from attention_widget.trace.indices import index_of
from attention_widget.trace.positions import Positions, first_of
from attention_widget.trace.trace import Trace

SHOWN_POSITIONS: Final = 512
"""Positions that are sent, from 0 on: more are no picture."""


def position_table(trace: Trace, index: int) -> Array:
    """Position × dimension, or of rotary positions its angles; of a bias (head, distance)."""
    one = _shown_positions(trace, index)
    return one.bias if one.biases is not None else one.table


def position_pairs(trace: Trace, index: int) -> Array:
    """Position × position of a table, or what follows from the distance: (head or 1, distance), of
    a table by distance the bucket."""
    one = _shown_positions(trace, index)
    if one.biases is not None:
        return one.bias
    if one.buckets is not None:
        return one.bucket[None]
    return one.rotation[None] if one.frequencies is not None else one.similarity


def _shown_positions(trace: Trace, index: int) -> Positions:
    known = trace.windows[0].trace if trace.windows else trace
    at = index_of("index", index, len(known.positions))
    return first_of(known.positions[at], SHOWN_POSITIONS)

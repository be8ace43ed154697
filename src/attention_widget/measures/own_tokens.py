"""Which tokens are a text's own: the others only fill its row of a batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attention_widget.trace.kind import Kind
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace


def own_tokens(tokens: Sequence[Token]) -> NDArray[np.intp]:
    """Indices of the tokens that are no padding (token,)."""
    return np.flatnonzero([not token.padding for token in tokens])


def own_queries(
    trace: Trace, layer: int, kind: Kind | None = None, most: int | None = None
) -> list[int]:
    """Indices of the queries of a layer that are no padding, or of ``most`` of them, evenly
    spaced: what is meant by the queries of a text."""
    own = own_tokens(trace.sides(trace.operation(layer, kind).kind)[0]).tolist()
    return own if most is None else [own[at] for at in evenly(len(own), most)]


def evenly(size: int, most: int) -> list[int]:
    """All of ``size`` queries, or ``most`` of them, evenly spaced."""
    count = min(size, most)
    return [index * size // count for index in range(count)]

"""Rotary positions taken out of queries and keys, so that what a head asks is alike wherever in a
text it asks it.

A rotary embedding turns a query at position i by R(i) and a key at position j by R(j) (Su et al.
2021, https://arxiv.org/abs/2104.09864, section 3.2), and their product depends on j - i alone:
``(R(i) q) · (R(j) k) = q · (R(j - i) k)``. Turning both back by R(-i) leaves it as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from attention_widget.errors import NotFoundError
from attention_widget.trace.block import Array, Block
from attention_widget.trace.trace import Trace
from attention_widget.tracing.inputs.padding import rows_of_ids
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME
from attention_widget.tracing.tracer import Tracer

Pairs = Literal["halves", "neighbours"]
_PROBED: Final = 12  # tokens
_EXACT, _COARSE = 1e-3, 5e-2  # of the largest number: float32, and half precision


@dataclass(frozen=True)
class Turn:
    """How a layer turns pairs of dimensions by the position: pair p by ``position ·
    frequencies[p]`` radians.

    >>> turn = Turn((1.0,), 0, "halves")
    >>> turn.back(np.array([[np.cos(2), np.sin(2)]], np.float32), np.array([2])).round(6)
    array([[1., 0.]], dtype=float32)
    """

    frequencies: tuple[float, ...]
    first: int
    """The first of the dimensions that are turned."""
    pairs: Pairs
    """Dimensions p and p + half, or 2p and 2p + 1."""

    def back(self, vectors: Array, positions: NDArray[Any]) -> Array:
        """Vectors (vector, dim) turned back by a position each."""
        n = 2 * len(self.frequencies)
        angles = -np.asarray(positions, np.float64)[:, None] * np.array(self.frequencies)
        cos, sin = np.cos(angles), np.sin(angles)
        made = vectors.astype(np.float32)
        part = vectors[:, self.first : self.first + n].astype(np.float64)
        half = slice(None, n // 2), slice(n // 2, None)
        one, other = half if self.pairs == "halves" else (slice(0, None, 2), slice(1, None, 2))
        turned = np.empty_like(part)
        turned[:, one] = part[:, one] * cos - part[:, other] * sin
        turned[:, other] = part[:, other] * cos + part[:, one] * sin
        made[:, self.first : self.first + n] = turned
        return made

    def to_json(self) -> dict[str, Any]:
        return {
            "frequencies": list(self.frequencies),
            "first": self.first,
            "pairs": self.pairs,
        }

    @classmethod
    def from_json(cls, held: Any) -> Turn | None:
        if held is None:
            return None
        return cls(tuple(held["frequencies"]), held["first"], held["pairs"])


def is_rotary(trace: Trace, layer: int) -> bool:
    """Whether a layer turns its queries and keys, as far as the pass was heard."""
    return any(
        layer in each.layers and (each.encoding == "rotary" or each.source.endswith("rotary_emb"))
        for each in trace.positions
        if each.encoding in ("rotary", "other")
    )


def turn_of(tracer: Tracer, layer: int, token: int) -> tuple[Turn | None, bool]:
    """How a layer turns its queries and keys, and whether it turns them at all.

    The model reads the same token several times over. Then only the position tells one query from
    another, so that they are all the same once they are turned back; how they are turned is what
    makes them so. None where nothing does: there something beside the position differs.
    """
    limit = tracer.text_limit or _PROBED
    with ONE_AT_A_TIME:
        row = rows_of_ids(tracer.model, [[token] * min(limit, _PROBED)], tracer.tokenizer)[0]
        trace = tracer.trace(row, silent=True)[0]
    if not is_rotary(trace, layer):
        return None, False
    try:
        block = trace.block(layer)
    except NotFoundError:
        return None, True
    for turn in _turns(trace, layer, block.query.shape[2]):
        if all(_is_even(each, turn) for each in (block.query, block.key)):
            return turn, True
    return None, True


def _turns(trace: Trace, layer: int, dim: int) -> Iterator[Turn]:
    for each in trace.positions:
        if each.frequencies is None or layer not in each.layers:
            continue
        found = tuple(each.frequencies.double().tolist())
        n = 2 * len(found)
        if n > dim:
            continue
        both: tuple[Pairs, ...] = ("halves", "neighbours")
        for first in dict.fromkeys((0, dim - n)):
            for pairs in both:
                yield Turn(found, first, pairs)


def _is_even(vectors: torch.Tensor, turn: Turn) -> bool:
    """Whether the vectors (head, token, dim) of each head are the same once turned back."""
    allowed = _EXACT if vectors.dtype in (torch.float32, torch.float64) else _COARSE
    places = np.arange(vectors.shape[1])
    for of_head in vectors.float().numpy():
        back = turn.back(of_head, places)
        if np.abs(back - back[:1]).max() > allowed * np.abs(back).max():
            return False
    return True


def turned_back(block: Block, head: int, turn: Turn | None) -> tuple[Array, Array]:
    """Queries (query, dim) and keys (key, dim) of a head, each turned back by its own position."""
    query = block.query[head].float().cpu().numpy()
    key = block.key[head // (block.n_heads // block.n_kv_heads)].float().cpu().numpy()
    if turn is None:
        return query, key
    return turn.back(query, np.arange(len(query))), turn.back(key, np.arange(len(key)))

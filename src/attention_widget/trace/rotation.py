"""By which angles queries and keys of a layer were turned, and which two numbers each turns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from attention_widget.trace.block import Array, Block
from attention_widget.trace.positions import Positions
from attention_widget.trace.projections import Projection, Projections

_Exact = NDArray[np.float64]
_Dimensions = NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class Rotation:
    """A rotary embedding (Su et al. 2021, https://arxiv.org/abs/2104.09864): of each pair of
    dimensions i, j the two numbers become q_i cos θ − q_j sin θ and q_j cos θ + q_i sin θ, where
    the angle θ is the position times the frequency of the pair. Dimensions in no pair stay as they
    are.

    It is only given where it turns the vectors of the pass into those that the model had.

    >>> model, tokenizer = demo_language_model()
    >>> kept = capture(model, "The keys to the cabinet", tokenizer=tokenizer, keep_weights=True)
    >>> found = kept.calculation(0, 3)
    >>> found.rotation
    Rotation(32 pairs of dimensions: 0 with 32, 1 with 33, ...)
    >>> made = found.rotation.turn(found["q"].values, "query")
    >>> bool(abs(made - found["q_rotated"].values).max() < 1e-5)
    True
    """

    pairs: _Dimensions  # (pair, 2): the dimensions i and j of a head
    frequencies: _Exact  # (pair,), radians from one position to the next
    positions: _Exact  # (token,)
    scaling: tuple[float, float] = (1.0, 1.0)
    """What the sines and cosines of queries and of keys are multiplied by, as YaRN does with both;
    ESM gives its queries their scale here."""

    @property
    def angles(self) -> _Exact:
        """Position times frequency (token, pair), in radians."""
        return np.asarray(self.positions[:, None] * self.frequencies, np.float64)

    def turn(self, vectors: Array, side: Literal["query", "key"]) -> Array:
        """Queries or keys (..., token, dim) as they are after the turn."""
        made = vectors.astype(np.float64)
        i, j = self.pairs[:, 0], self.pairs[:, 1]
        size = self.scaling[0 if side == "query" else 1]
        cos, sin = size * np.cos(self.angles), size * np.sin(self.angles)
        first, second = made[..., i].copy(), made[..., j].copy()
        made[..., i] = first * cos - second * sin
        made[..., j] = second * cos + first * sin
        return made.astype(np.float32)

    def __repr__(self) -> str:
        named = [f"{i} with {j}" for i, j in self.pairs[:2].tolist()]
        more = ["..."] if len(self.pairs) > 2 else []
        counted = f"{len(self.pairs)} pair{'' if len(self.pairs) == 1 else 's'} of dimensions"
        return f"Rotation({counted}: {', '.join([*named, *more])})"


_SAME: Final = 0.02  # by which share a size may differ that is the same but for rounding


def rotation_of(
    block: Block, known: Projections | None, ways: Iterable[Positions]
) -> Rotation | None:
    """How queries and keys were turned by the angles of one of the ``ways`` in which the model
    tells positions apart; None where they were not, or in another way."""
    changes = {} if known is None else dict(_changes(block, known))
    if not changes:
        return None
    for way in ways:
        is_of_layer = way.kind == block.kind and block.layer in way.layers
        if not is_of_layer or way.frequencies is None or way.n != block.n_queries:
            continue
        for plain in _candidates(way, block.query.shape[2]):
            rotation = _sized(plain, changes)
            if all(_fits(rotation, side, *change) for side, change in changes.items()):
                return rotation
    return None


_Turned = Literal["query", "key"]
_Change = tuple[torch.Tensor, torch.Tensor]
"""Vectors (head, token, dim) before they were turned and after it."""


def _changes(block: Block, known: Projections) -> Iterator[tuple[_Turned, _Change]]:
    sides: tuple[tuple[_Turned, Projection | None], ...] = (
        ("query", known.query),
        ("key", known.key),
    )
    for side, made in sides:
        if made is None or made.plain is None:
            continue
        now = made.plain
        for stage in made.stages:
            after = getattr(block, side) if stage.values is None else stage.values
            if stage.name == "rotated":
                yield side, (now, after)
            now = after


def _sized(rotation: Rotation, changes: Mapping[_Turned, _Change]) -> Rotation:
    """With the sizes that the turned dimensions have afterwards, where they are other ones."""
    turned = rotation.pairs.reshape(-1)
    sizes = dict(zip(("query", "key"), rotation.scaling, strict=True))
    for side, change in changes.items():
        before, after = (float(each.double()[..., turned].norm()) for each in change)
        size = after / before if before else 1.0
        if abs(size - sizes[side]) > _SAME * sizes[side]:
            sizes[side] = size
    return replace(rotation, scaling=(sizes["query"], sizes["key"]))


def _candidates(way: Positions, dim: int) -> Iterator[Rotation]:
    """The layouts that models have: a dimension goes with the one half of them further, or with
    its neighbour; all are turned, so many at the start, or at the end; to the left or right."""
    assert way.frequencies is not None
    count = min(len(way.frequencies), dim // 2)
    frequencies = way.frequencies.double().numpy()[:count]
    places = np.maximum(np.arange(way.n) - way.first, 0).astype(np.float64)
    one = np.arange(count, dtype=np.int64)
    layouts = (np.stack([one, one + count], 1), np.stack([2 * one, 2 * one + 1], 1))
    for start in dict.fromkeys((0, dim - 2 * count)):
        for pairs in layouts:
            for sign in (1.0, -1.0):
                yield Rotation(pairs + start, sign * frequencies, places, (way.scaling,) * 2)


def _fits(rotation: Rotation, side: _Turned, before: torch.Tensor, after: torch.Tensor) -> bool:
    """Whether the turn gives what the model had, up to its rounding."""
    made = rotation.turn(before.float().numpy(), side)
    known = after.float().numpy()
    # An angle is rounded in float32, the more the larger it is; cosines are to the model's dtype.
    allowed = max(1e-5, 4 * torch.finfo(after.dtype).eps) + 5e-7 * float(rotation.positions[-1])
    return bool(np.abs(made - known).max() <= allowed * max(float(np.abs(known).max()), 1e-30))

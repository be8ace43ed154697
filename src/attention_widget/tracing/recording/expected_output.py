"""The output that a block's attention gives, and how far rounding may take a model from it.

A model computes in its own precision, of which the unit roundoff u is half of torch's ``eps``;
here float32 is used. Let l be the largest logit of a row, p its probabilities, v the values.
Each logit is rounded a few times (product, scale, bias, soft cap), so that it is off by some u·l
where p is not next to nothing, and with it its probability, which is rounded once more:
p·u·(1 + |l|); one more is for what lies below l.

In float32 and float64 the limit of a row is the sum of these errors, should they all have one
sign: ``64 · u · (2 + |l|) · Σ p|v|``. In half precision that would let through what can be seen:
there the errors of the keys are taken for what they are, independent of each other, and the limit
is so many of their standard deviations, and the rounding of the output besides:
``8 · u · ((2 + |l|) · √Σ p²v² + |output|)``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import torch

from attention_widget.trace.block import Block
from attention_widget.trace.formula import to_logits, to_probabilities
from attention_widget.trace.mask import Mask

_FULL, _HALF = 64, 8  # times the unit roundoff
_AT_ONCE = 2**20  # logits


def unit(*dtypes: torch.dtype) -> float:
    """The largest unit roundoff of some dtypes."""
    return max(torch.finfo(dtype).eps for dtype in dtypes if dtype.is_floating_point) / 2


@dataclass(frozen=True, eq=False)
class Values:
    """Values (kv_head, key, dim) and their sizes, in float32."""

    value: torch.Tensor
    size: torch.Tensor

    @classmethod
    def of(cls, block: Block) -> Values:
        value = block.value.float()
        return cls(value, value.abs())

    @classmethod
    def summed(cls, block: Block) -> Values:
        """One number for each vector, in which a change of any part of it shows: its sum."""
        value = block.value.float()
        norm = torch.linalg.vector_norm(value, dim=-1, keepdim=True)
        return cls(value.sum(-1, keepdim=True), norm)


@dataclass(frozen=True, eq=False)
class Expected:
    """The attention of some rows of blocks that are alike, as many rows of each head."""

    weights: torch.Tensor  # (record, head, row, key)
    largest: torch.Tensor  # (record, head, row): size of the largest logit
    seen: torch.Tensor | None  # (record, head, row): sees a key; None where all do

    def mixed(
        self, values: Sequence[Values], output: torch.Tensor, u: float
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Probabilities × values (record, head, row, dim), and how far an ``output`` of such a
        size may lie from them."""
        value = torch.stack([one.value for one in values])  # (record, kv_head, key, dim)
        size = torch.stack([one.size for one in values])
        scale = 2 + self.largest[..., None]
        if u < 1e-6:
            mixed, limits = self._times(self.weights, torch.cat([value, size], -1)).chunk(2, -1)
            return mixed, limits * scale.mul_(_FULL * max(u, 2.0**-24))
        limits = self._times(self.weights.square(), size.square()).sqrt_()
        limits = limits.mul_(scale).add_(output).mul_(_HALF * u)
        return self._times(self.weights, value), limits

    def _times(self, weights: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
        n_records, n_heads, n_rows, n_keys = weights.shape
        left = weights.reshape(n_records * value.shape[1], -1, n_keys)
        return torch.bmm(left, value.flatten(0, 1)).view(n_records, n_heads, n_rows, -1)


@dataclass(frozen=True, eq=False)
class Rows:
    """The same number of queries of each head."""

    of: torch.Tensor  # (head, row)
    n_queries: int

    @cached_property
    def flat(self) -> torch.Tensor:
        """Indices into (head · query)."""
        first = _integers(0, len(self.of) * self.n_queries, self.n_queries)[:, None]
        return (first + self.of).flatten()

    @cached_property
    def by_query(self) -> torch.Tensor:
        """Indices into (query · head)."""
        return (self.of * len(self.of) + _integers(0, len(self.of))[:, None]).flatten()

    def __getitem__(self, part: slice) -> Rows:
        if part.start == 0 and part.stop >= self.of.shape[1]:
            return self
        return Rows(self.of[:, part], self.n_queries)

    def chosen(self, tensor: torch.Tensor) -> torch.Tensor:
        """These rows of a tensor (head or 1, query, ...)."""
        shape = (*self.of.shape, *tensor.shape[2:])
        if tensor.shape[0] == 1 and len(self.of) > 1:
            return tensor[0].index_select(0, self.of.flatten()).view(shape)
        return tensor.flatten(0, 1).index_select(0, self.flat.to(tensor.device)).view(shape)


@lru_cache(maxsize=64)
def dealt(n_heads: int, n_queries: int, turns: int = 1, turn: int = 0) -> Rows:
    """The rows to check: the first, middle and last of every head, and each other row in one head.
    A change of one row in all heads, or of all rows in one head, is among them. With ``turns``,
    each layer checks one of so many parts of the rows."""
    head = _integers(0, n_heads)[:, None]
    n_each = -(-n_queries // (n_heads * turns))
    every = head + n_heads * (turn + turns * _integers(0, n_each))
    fixed = torch.tensor([0, n_queries // 2, n_queries - 1], dtype=torch.long, device="cpu").expand(
        n_heads, 3
    )
    return Rows(torch.cat([every.clamp(max=n_queries - 1), fixed], 1), n_queries)


def turns(n_heads: int, n_queries: int, dim: int) -> int:
    """Over how many layers to spread the rows, so that the check takes no more than a hundredth of
    the layers' time: more than one if the vectors are short and many."""
    if n_queries <= 256:
        return 1
    width = n_heads * dim
    work = 12 * width**2 + 2 * n_queries * width  # multiplications for each token, about
    return -(-n_queries * 20000 // work)


def all_rows(n_heads: int, n_queries: int) -> Rows:
    return Rows(_integers(0, n_queries).expand(n_heads, n_queries), n_queries)


def parts(n_records: int, rows: Rows, n_keys: int) -> Iterator[tuple[slice, slice]]:
    """Slices of blocks and rows that take little memory at a time."""
    n_heads, n_rows = rows.of.shape
    at_once = max(1, _AT_ONCE // (n_heads * n_keys))
    records = max(1, at_once // n_rows)
    for first in range(0, n_records, records):
        for start in range(0, n_rows, at_once):
            yield slice(first, first + records), slice(start, start + at_once)


def expected(blocks: Sequence[Block], rows: Sequence[Rows]) -> Expected:
    """The attention of rows of each block; the blocks have the same shapes, mask and soft cap."""
    one = blocks[0]
    n_heads, n_rows = rows[0].of.shape
    shape = (len(blocks), n_heads, n_rows, one.key.shape[1])
    logits = torch.empty(shape, dtype=torch.float32, device="cpu")
    hidden: dict[int, torch.Tensor] = {}
    seen = None
    if not one.mask.hides_nothing:
        hidden = {id(of): _hidden(one.mask, of) for of in {id(of): of for of in rows}.values()}
        seen = torch.stack([_sees(one.mask, of) for of in rows])
        seen = None if bool(seen.all()) else seen
    for block, of, made in zip(blocks, rows, logits, strict=True):
        query = of.chosen(block.query).float()
        scores = made
        if len(block.key) != n_heads:
            query = query.view(len(block.key), -1, block.query.shape[2])
            scores = made.view(len(block.key), -1, block.key.shape[1])
        key = block.key.float().transpose(1, 2)
        torch.baddbmm(scores, query, key, beta=0, alpha=block.scale, out=scores)
        bias = block.bias
        if bias is not None:
            bias = (bias if bias.shape[1] == 1 else of.chosen(bias)).float()
        to_logits(made, block.softcap, bias, hidden.get(id(of)))
    largest = logits.amax(-1).abs_().nan_to_num_(0.0, 0.0, 0.0)
    sinks = None
    if one.sinks is not None:
        sinks = torch.stack([_sinks(block, of) for block, of in zip(blocks, rows, strict=True)])
    weights = to_probabilities(logits, sinks, None if seen is None else ~seen)
    return Expected(weights, largest, seen)


def _sinks(block: Block, rows: Rows) -> torch.Tensor:
    """One logit for each of these rows (head, row)."""
    assert block.sinks is not None
    sinks = block.sinks.float()
    return rows.chosen(sinks) if sinks.ndim == 2 else sinks[:, None].expand(rows.of.shape)


def _hidden(mask: Mask, rows: Rows) -> torch.Tensor:
    """Which keys these rows do not see (head, row, key)."""
    if mask.explicit is not None:
        return ~rows.chosen(mask.explicit)
    key = torch.arange(mask.n_keys, dtype=torch.int32, device="cpu")
    hidden = key >= mask.stop[rows.of][..., None]
    start = mask.start[rows.of]
    if bool(start.any()):
        hidden |= key < start[..., None]
    return hidden


def _sees(mask: Mask, rows: Rows) -> torch.Tensor:
    """Which of these rows see a key (head, row)."""
    if mask.explicit is not None:
        return rows.chosen(mask.explicit.any(-1))
    return (mask.stop.clamp(max=mask.n_keys) > mask.start.clamp(min=0))[rows.of]


def _integers(start: int, stop: int, step: int = 1) -> torch.Tensor:
    return torch.arange(start, stop, step, dtype=torch.long, device="cpu")

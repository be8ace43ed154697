"""What a record says that its attention function gave out, and how far rounding may lead away.

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

import torch

from attention_widget.capture.recording.records import Record

_FULL, _HALF = 64, 8  # times the unit roundoff
_AT_ONCE = 2**20  # logits


def unit(*dtypes: torch.dtype) -> float:
    """The unit roundoff of the least precise of some types."""
    return max(torch.finfo(dtype).eps for dtype in dtypes if dtype.is_floating_point) / 2


@dataclass(frozen=True, eq=False)
class Expected:
    """Some rows (the same number of each head) of some records that are alike."""

    weights: torch.Tensor  # (record, head, row, key)
    largest: torch.Tensor  # (record, head, row): size of the largest logit
    seen: torch.Tensor | None  # (head or 1, row): sees a key; None where all do

    def mixed(self, records: Sequence[Record]) -> torch.Tensor:
        """Probabilities × values (record, head, row, dim)."""
        return _products(self.weights, [_float(record.value) for record in records])

    def limit(self, records: Sequence[Record], output: torch.Tensor, u: float) -> torch.Tensor:
        """How far the output (record, head, row, dim) may lie from :meth:`mixed`."""
        scale = 2 + self.largest[..., None]
        if u < 1e-6:
            sizes = _products(self.weights, [_float(record.value).abs() for record in records])
            return sizes.mul_(scale).mul_(_FULL * max(u, 2.0**-24))
        squares = [_float(record.value).square() for record in records]
        sizes = _products(self.weights.square(), squares).sqrt_()
        return sizes.mul_(scale).add_(output.abs()).mul_(_HALF * u)


def dealt(n_heads: int, n_queries: int) -> torch.Tensor:
    """Rows (head, row) to look at: the first, middle and last of every head, and every other row
    in one head. What changes a row of all heads, or all rows of a head, is among them."""
    head = torch.arange(n_heads)[:, None]
    every = head + n_heads * torch.arange(-(-n_queries // n_heads))
    fixed = torch.tensor([0, n_queries // 2, n_queries - 1]).expand(n_heads, 3)
    return torch.cat([every.clamp(max=n_queries - 1), fixed], 1)


def all_rows(n_heads: int, n_queries: int) -> torch.Tensor:
    return torch.arange(n_queries).expand(n_heads, n_queries)


def parts(n_records: int, rows: torch.Tensor, n_keys: int) -> Iterator[tuple[slice, slice]]:
    """Records and rows in parts that take little memory."""
    n_heads, n_rows = rows.shape
    at_once = max(1, _AT_ONCE // (n_heads * n_keys))
    records = max(1, at_once // n_rows)
    for first in range(0, n_records, records):
        for start in range(0, n_rows, at_once):
            yield slice(first, first + records), slice(start, start + at_once)


def chosen(tensor: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """Of a tensor (head, query, ...) the rows (head, row) of each head."""
    if tensor.shape[0] == 1:
        return tensor[0].index_select(0, rows.flatten()).view(*rows.shape, *tensor.shape[2:])
    first = torch.arange(0, tensor.shape[0] * tensor.shape[1], tensor.shape[1])[:, None]
    flat = tensor.flatten(0, 1).index_select(0, (first + rows).flatten())
    return flat.view(*rows.shape, *tensor.shape[2:])


def expected(records: Sequence[Record], rows: torch.Tensor) -> Expected:
    """Rows (head, row) of records with the same shapes, mask and soft cap."""
    one = records[0]
    n_heads, n_rows = rows.shape
    logits = torch.empty(len(records), n_heads, n_rows, one.key.shape[1])
    for index, record in enumerate(records):
        query = _float(chosen(record.query, rows)).view(len(record.key), -1, record.query.shape[2])
        out = logits[index].view(len(record.key), -1, record.key.shape[1])
        key = _float(record.key).transpose(1, 2)
        torch.baddbmm(out, query, key, beta=0, alpha=record.scale, out=out)
    if one.softcap is not None:
        logits.div_(one.softcap).tanh_().mul_(one.softcap)
    for index, record in enumerate(records):
        if record.bias is not None:
            bias = record.bias
            logits[index] += (bias if bias.shape[1] == 1 else chosen(bias, rows)).float()
    seen = None
    if not one.mask.hides_nothing:
        visible = _visible(one, rows)
        logits.masked_fill_(~visible, float("-inf"))
        seen = visible.any(-1)
        seen = None if bool(seen.all()) else seen
    largest = logits.amax(-1).abs_().nan_to_num_(0.0, 0.0, 0.0)
    if one.sinks is None:
        weights = logits.softmax(-1)
    else:
        given = torch.stack([s for record in records if (s := record.sinks) is not None]).float()
        if given.ndim == 3:
            sinks = torch.stack([chosen(part, rows) for part in given])
        else:
            sinks = given[..., None].expand(-1, -1, n_rows)
        weights = torch.cat([logits, sinks[..., None]], -1).softmax(-1)[..., :-1]
    if seen is not None:
        weights = weights.masked_fill(~seen[..., None], 0.0)  # softmax of no keys is NaN
    return Expected(weights, largest, seen)


def _visible(record: Record, rows: torch.Tensor) -> torch.Tensor:
    """Which keys these rows see (head, row, key)."""
    mask = record.mask
    if mask.explicit is not None:
        return chosen(mask.explicit, rows)
    key = torch.arange(mask.n_keys, dtype=torch.int32)
    return (key >= mask.start[rows][..., None]) & (key < mask.stop[rows][..., None])


def _products(weights: torch.Tensor, values: Sequence[torch.Tensor]) -> torch.Tensor:
    """Weights (record, head, row, key) × values (kv_head, key, dim) of each record."""
    n_records, n_heads, n_rows, n_keys = weights.shape
    found = torch.empty(n_records, n_heads, n_rows, values[0].shape[2])
    for index, value in enumerate(values):
        left = weights[index].reshape(len(value), -1, n_keys)
        torch.bmm(left, value, out=found[index].view(len(value), -1, value.shape[2]))
    return found


def _float(tensor: torch.Tensor) -> torch.Tensor:
    return tensor if tensor.dtype == torch.float32 else tensor.float()

"""A product of probabilities and values, and the record that explains its probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from attention_widget._util.torch_settings import as_multiplied, exact
from attention_widget.trace.block import Block
from attention_widget.tracing.recording.expected_output import (
    all_rows,
    dealt,
    expected,
    parts,
    unit,
)
from attention_widget.tracing.recording.logits import record_of
from attention_widget.tracing.recording.records import Record

_ROUNDINGS = 4  # of a logit, in its own precision: product, scale, bias, soft cap
_NOTHING = 2.0**-24  # the least of float16 above 0


@dataclass(frozen=True, eq=False)
class Mixture:
    """Probabilities × values, and the product of queries and keys that they come from, where it
    could be followed: query, key (head, token, dim) and scale, and the logits."""

    probabilities: torch.Tensor  # (head, query, key)
    value: torch.Tensor  # (head or kv_head, key, dim)
    mixed: torch.Tensor  # (head, query, dim)
    factors: tuple[torch.Tensor, torch.Tensor, float] | None = None
    logits: torch.Tensor | None = None  # (head, query, key)
    untouched: bool = False  # the probabilities are the softmax of the logits

    def gave(self, output: torch.Tensor) -> bool:
        """Whether it equals, to the bit, the output of a function (query, head, dim)."""
        return identical(self.mixed.transpose(0, 1).to(output.dtype), output)

    def mixes(self, value: torch.Tensor) -> bool:
        """Whether its values are these (kv_head, key, dim), repeated for the heads."""
        own = self.value.to("cpu")
        return identical(own, value.repeat_interleave(len(own) // len(value), 0))

    def record(self, path: str, *, whole: bool = True) -> Record | None:
        """Its record, if queries and keys give the probabilities: all of them (``whole``), or the
        rows that every check looks at."""
        if self.factors is None or self.logits is None:
            return None
        query, key, scale = self.factors
        query, key, value = as_multiplied(query, key, self.value)
        record = record_of(path, (query, key, value, scale), self.logits)
        if record is None or self.probabilities.shape != self.logits.shape:
            return None
        whole = whole or not self.untouched
        return record if explains(record.parts, self.probabilities, whole=whole) else None


def identical(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two tensors hold the same numbers, and NaN in the same places."""
    if one.shape != other.shape:
        return False
    return bool(((one == other) | (one.isnan() & other.isnan())).all())


@exact
def explains(block: Block, probabilities: torch.Tensor, *, whole: bool = True) -> bool:
    """Whether the queries and keys of a block give these probabilities (head, query, key).

    Each may be off by what the rounding of its logit makes of it, and by its own.
    """
    n_heads, n_queries = block.query.shape[:2]
    if probabilities.shape != (n_heads, n_queries, block.n_keys):
        return False
    u = unit(block.query.dtype, probabilities.dtype)
    rows = all_rows(n_heads, n_queries) if whole else dealt(n_heads, n_queries)
    for _, part in parts(1, rows, block.n_keys):
        here = rows[part]
        made = expected([block], [here])
        ours = made.weights[0]
        theirs = here.chosen(probabilities).to("cpu", torch.float32)
        relative = 2 * _ROUNDINGS * max(u, 2.0**-21) * (2 + made.largest[0][..., None])
        off = (ours - theirs).abs() > torch.maximum(ours, theirs) * relative + _NOTHING
        off |= ours.isfinite() != theirs.isfinite()
        if made.seen is not None:
            off &= made.seen[0, ..., None]
        if bool(off.any()):
            return False
    return True

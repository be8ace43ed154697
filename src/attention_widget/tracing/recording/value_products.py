"""A product of probabilities and values, and the record that explains its probabilities.

Of query, key, value and logits it is made so: the rest of the logits is mask and bias.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from attention_widget._util.torch_settings import as_multiplied, exact
from attention_widget._util.ungraded import ungraded
from attention_widget.trace.block import Block
from attention_widget.trace.mask import Mask
from attention_widget.tracing.recording.expected_output import (
    all_rows,
    dealt,
    expected,
    parts,
    unit,
)
from attention_widget.tracing.recording.records import Record, copied, copied_record, ungrouped

Factors = tuple[torch.Tensor, torch.Tensor, torch.Tensor, float]

_HIDDEN = -9e3  # models hide keys with -1e4, -1e9, the least number or -inf
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
        record = _record_of(path, (query, key, value, scale), self.logits)
        if record is None or self.probabilities.shape != self.logits.shape:
            return None
        whole = whole or not self.untouched
        return record if explains(record.parts, self.probabilities, whole=whole) else None


def identical(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two tensors hold the same numbers, and NaN in the same places."""
    if one.shape != other.shape:
        return False
    return bool(((one == other) | (one.isnan() & other.isnan())).all())


def explains(block: Block, probabilities: torch.Tensor, *, whole: bool = True) -> bool:
    """Whether the queries and keys of a block give these probabilities (head, query, key).

    Each may be off by what the rounding of its logit makes of it, and by its own.
    """
    return ungraded(lambda: _explains(block, probabilities, whole))


@exact
def _explains(block: Block, probabilities: torch.Tensor, whole: bool) -> bool:
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


@exact
def _record_of(path: str, factors: Factors, logits: torch.Tensor) -> Record | None:
    """The record of query, key and value (head, token, dim) and a scale, with whatever else the
    logits (head, query, key) hold as mask and bias; None where they do not go together."""
    query, key, value, scale = factors
    n_heads = max(len(query), len(key), len(value))
    shape = (n_heads, query.shape[1], key.shape[1])
    if logits.shape != shape or query.shape[0] != n_heads:
        return None
    if value.shape[1] != key.shape[1] or n_heads % len(key) or n_heads % len(value):
        return None
    n_kv_heads = max(len(key), len(value))
    key, value = (t.repeat_interleave(n_kv_heads // len(t), 0) for t in (key, value))
    visible, bias = _residue(query, key, scale, logits)
    key, value = ungrouped(key, value)
    mask = Mask.from_visible(visible)
    bias = None if bias is None else copied(bias)
    return copied_record(path, query, key, value, scale, mask, bias, how="written out")


def _residue(
    query: torch.Tensor, key: torch.Tensor, scale: float, logits: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """What the logits hold besides query · keyᵀ · scale: visible keys, and a bias if there is one.

    Whatever the model did (positions, soft caps, masks of any value), scores + bias are its logits.
    """
    groups = query.shape[0] // key.shape[0]
    scores = query.float() @ key.float().repeat_interleave(groups, 0).transpose(1, 2)
    bias = logits - scores.mul_(scale)  # (head, query, key)
    visible = ~(bias <= _HIDDEN)  # NaN is shown, not hidden
    if bool((visible == visible[:1]).all()):
        visible = visible[:1]
    bias.masked_fill_(~visible, 0.0)
    size = scores.abs().amax(-1, keepdim=True).clamp(min=1.0)  # of each row (head, query, 1)
    limit = size.mul_((16 if query.dtype == torch.float32 else 4) * torch.finfo(query.dtype).eps)
    if bool((bias.abs() <= limit).all()):
        return visible, None
    if bool(((bias - bias[:1]).abs() <= limit).all()):
        bias = bias[:1].clone()
    last = bias[:, -1:]
    if bool((((bias - last).abs() <= limit) | ~visible).all()):
        bias = last.clone()
    return visible, bias

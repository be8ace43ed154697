"""The parts of attention that a model wrote out, from the logits that entered its softmax."""

from __future__ import annotations

import torch

from attention_widget.ambient import exact
from attention_widget.capture.recording.checks import TOLERANCE
from attention_widget.capture.recording.layers import copied
from attention_widget.capture.recording.recorder import repeats
from attention_widget.capture.recording.records import Record
from attention_widget.mask import Mask

Factors = tuple[torch.Tensor, torch.Tensor, torch.Tensor, float]

_HIDDEN = -9e3  # models hide keys with -1e4, -1e9, the least number or -inf


@exact
def record_of(
    path: str, factors: Factors, logits: torch.Tensor, probabilities: torch.Tensor
) -> Record | None:
    """The record of query, key and value (head, token, dim) and a scale, with whatever else the
    logits (head, query, key) hold as mask and bias; None where it does not give the
    probabilities that the model went on with."""
    query, key, value, scale = factors
    n_heads = max(len(query), len(key), len(value))
    shape = (n_heads, query.shape[1], key.shape[1])
    if logits.shape != shape or probabilities.shape != shape or query.shape[0] != n_heads:
        return None
    if value.shape[1] != key.shape[1] or n_heads % len(key) or n_heads % len(value):
        return None
    n_kv_heads = max(len(key), len(value))
    key, value = (t.repeat_interleave(n_kv_heads // len(t), 0) for t in (key, value))
    visible, bias = _residue(query, key, scale, logits)
    n_groups = repeats(key, value)
    record = Record(
        path=path,
        query=copied(query),
        key=copied(key[::n_groups]),
        value=copied(value[::n_groups]),
        scale=scale,
        mask=Mask.from_visible(visible),
        bias=None if bias is None else copied(bias),
        how="written out",
    )
    return record if _gives(record, probabilities) else None


def _residue(
    query: torch.Tensor, key: torch.Tensor, scale: float, logits: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """What the model did besides query · keyᵀ · scale: visible keys, and bias if there is one.

    Whatever it was (positions, soft caps, masks of any value), scores + bias are its logits.
    """
    groups = query.shape[0] // key.shape[0]
    scores = query.float() @ key.float().repeat_interleave(groups, 0).transpose(1, 2)
    bias = logits - scores.mul_(scale)  # (head, query, key)
    visible = ~(bias <= _HIDDEN)  # NaN is shown, not hidden
    if bool((visible == visible[:1]).all()):
        visible = visible[:1]
    bias.masked_fill_(~visible, 0.0)
    precision = torch.finfo(query.dtype).eps
    limit = 16 * precision * max(1.0, float(scores.abs().max()))
    if float(bias.abs().max()) <= limit:
        return visible, None
    if bool(((bias - bias[:1]).abs() <= limit).all()):
        bias = bias[:1].clone()
    last = bias[:, -1:]
    if bool((((bias - last).abs() <= limit) | ~visible).all()):
        bias = last.clone()
    return visible, bias


def _gives(record: Record, probabilities: torch.Tensor) -> bool:
    n_queries = record.query.shape[1]
    rows = sorted({0, n_queries // 2, n_queries - 1})
    own = probabilities[:, rows].to("cpu", torch.float32)
    seen = record.mask.visible(torch.tensor(rows, dtype=torch.long, device="cpu")).any(
        -1, keepdim=True
    )
    ours = torch.from_numpy(record.block(0).attention(queries=rows))
    difference = ((ours - own) * seen).abs().max()
    return not bool(difference > TOLERANCE.get(record.query.dtype, 1e-1))

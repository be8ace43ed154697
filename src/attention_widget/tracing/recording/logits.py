"""A record from query, key, value and logits: the rest of the logits is mask and bias."""

from __future__ import annotations

import torch

from attention_widget._util.torch_settings import exact
from attention_widget.trace.mask import Mask
from attention_widget.tracing.recording.records import Record, copied, copied_record, ungrouped

Factors = tuple[torch.Tensor, torch.Tensor, torch.Tensor, float]

_HIDDEN = -9e3  # models hide keys with -1e4, -1e9, the least number or -inf


@exact
def record_of(path: str, factors: Factors, logits: torch.Tensor) -> Record | None:
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

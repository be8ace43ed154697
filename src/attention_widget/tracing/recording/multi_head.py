"""Calls of torch.nn.MultiheadAttention, which projects, attends and projects back in one."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch.nn import functional

from attention_widget.tracing.recording.checks import Project
from attention_widget.tracing.recording.masks import Masks
from attention_widget.tracing.recording.records import Record, copied_record

_SIGNATURE = inspect.signature(functional.multi_head_attention_forward)


def multi_head_record(
    path: str, masks: Masks, output: torch.Tensor, *args: Any, **kwargs: Any
) -> tuple[Record, torch.Tensor, Project] | None:
    """The record of a call of multi_head_attention_forward, whose output is (token, batch,
    hidden) or (token, hidden), that output (token, hidden), and how it comes of attention.

    None for a batch, and for added keys and values (``bias_k``, ``add_zero_attn``), which stand
    for no token.
    """
    given = _SIGNATURE.bind(*args, **kwargs)
    given.apply_defaults()
    of = given.arguments
    added = [of["bias_k"], of["bias_v"], of["static_k"], of["static_v"]]
    if output.ndim == 3 and output.shape[1] != 1:
        return None
    if of["add_zero_attn"] or any(value is not None for value in added):
        return None
    query, key, value = (_flat(of[name]) for name in ("query", "key", "value"))
    parts = [
        functional.linear(tensor, weight, bias)
        for tensor, weight, bias in zip((query, key, value), *_projections(of), strict=True)
    ]
    query, key, value = (
        part.unflatten(-1, (of["num_heads"], -1)).transpose(0, 1) for part in parts
    )
    mask, bias = masks.convert(_mask(of), query.shape[1], key.shape[1])

    def project(mixed: torch.Tensor) -> torch.Tensor:  # (row, head, dim)
        weight, bias = of["out_proj_weight"], of["out_proj_bias"]
        given = mixed.flatten(1).to(weight.device, weight.dtype)
        return functional.linear(given, weight, bias).float().cpu()

    scale = query.shape[-1] ** -0.5
    record = copied_record(path, query, key, value, scale, mask, bias, how="multi-head")
    return record, _flat(output), project


def _flat(tensor: torch.Tensor) -> torch.Tensor:
    """(token, hidden) of (token, batch of one, hidden)."""
    return tensor[:, 0] if tensor.ndim == 3 else tensor


def _projections(of: dict[str, Any]) -> tuple[list[torch.Tensor], list[torch.Tensor | None]]:
    if of["use_separate_proj_weight"]:
        weights = [of["q_proj_weight"], of["k_proj_weight"], of["v_proj_weight"]]
    else:
        weights = list(of["in_proj_weight"].chunk(3))
    bias = of["in_proj_bias"]
    return weights, [None] * 3 if bias is None else list(bias.chunk(3))


def _mask(of: dict[str, Any]) -> torch.Tensor | None:
    """One additive mask (batch, head or 1, query or 1, key), or None."""
    whole, padding = of["attn_mask"], of["key_padding_mask"]
    masks = []
    if whole is not None:
        masks.append(_additive(whole).reshape(1, -1, *whole.shape[-2:]))
    if padding is not None:
        masks.append(_additive(padding).reshape(1, 1, 1, -1))
    if not masks:
        return None
    mask = masks[0] if len(masks) == 1 else masks[0] + masks[1]
    return mask.expand(1, -1, len(of["query"]), -1)


def _additive(mask: torch.Tensor) -> torch.Tensor:
    if mask.is_floating_point():
        return mask
    none = torch.zeros(mask.shape, dtype=torch.float32, device=mask.device)
    return none.masked_fill_(mask.bool(), float("-inf"))

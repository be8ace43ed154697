"""Calls of a function of transformers' AttentionInterface, recorded by their arguments.

Only transformers' own sdpa means one thing in every version. The arguments do not say what eager,
flash and registered functions do with a missing mask, a window or their module's attributes: the
self-check tells which of several alternatives is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import torch

from attention_widget._util.torch_settings import as_multiplied
from attention_widget.tracing.recording.masks import Masks
from attention_widget.tracing.recording.records import Alternatives, Record, copied, copied_record

_FAMILIES = {"sdpa_attention": "sdpa", "flash_attention": "flash", "flex_attention": "flex"}


def interface_record(
    path: str,
    masks: Masks,
    function: Callable[..., Any],
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: Any,
    options: Mapping[str, Any],
) -> tuple[Record, Alternatives]:
    """The record of a call by its arguments, and others with another scale or mask than they
    say. Query, key and value (1, head, token, dim) are as the function gets them."""
    used = family(function)
    n_queries, n_keys = query.shape[2], key.shape[2]
    causal = options.get("is_causal")
    if causal is None:
        causal = getattr(module, "is_causal", True)
    causal = bool(causal) and n_queries > 1 and used in ("sdpa", "flash")
    window = options.get("sliding_window") if used == "flash" else None
    mask, bias = masks.convert(
        attention_mask,
        n_queries,
        n_keys,
        causal=causal and (used == "flash" or attention_mask is None),
        window=window if window is not None and window < n_keys else None,
    )
    position_bias = options.get("position_bias")
    if position_bias is not None:
        _, added = masks.convert(position_bias.float(), n_queries, n_keys)
        bias = added if bias is None else bias if added is None else bias + added
    scaling = options.get("scaling")
    query, key, value = as_multiplied(query, key, value)
    record = copied_record(
        path,
        query[0],
        key[0],
        value[0],
        scale=float(query.shape[-1] ** -0.5 if scaling is None else scaling),
        mask=mask,
        bias=bias,
        softcap=None if used == "sdpa" else options.get("softcap"),
        sinks=None if used == "sdpa" else _sinks(module, options, query),
        how="interface",
    )
    return record, partial(_alternatives, record, module, masks, window)


def _alternatives(
    record: Record, module: torch.nn.Module, masks: Masks, window: int | None
) -> Iterator[Record]:
    n_queries, n_keys = record.sizes
    visible = record.parts.mask.visible(torch.arange(n_queries, dtype=torch.long, device="cpu"))
    causal, _ = masks.convert(visible[None], n_queries, n_keys, causal=True)
    if window is not None:  # until transformers 4.49 flash attention saw one key more
        wider, _ = masks.convert(
            None, n_queries, n_keys, causal=causal.is_causal, window=window + 1
        )
        yield record.changed(mask=wider)
    scales = [record.parts.scale]
    if getattr(module, "scale_attn_by_inverse_layer_idx", False):  # GPT-2 until 4.57
        scales.append(record.parts.scale / (getattr(module, "layer_idx", 0) + 1))
    if not getattr(module, "scale_attn_weights", True):
        scales += [scale / record.parts.scale for scale in scales]
    for scale in scales:
        yield record.changed(scale=scale)
        yield record.changed(scale=scale, mask=causal)


def family(function: Callable[..., Any]) -> str:
    """ "sdpa", "flash" or "flex" for transformers' own functions, otherwise ""."""
    function = getattr(function, "func", function)
    home, _, file = getattr(function, "__module__", "").rpartition(".")
    return _FAMILIES.get(file, "") if home == "transformers.integrations" else ""


def _sinks(
    module: torch.nn.Module, kwargs: Mapping[str, Any], query: torch.Tensor
) -> torch.Tensor | None:
    """One logit per head (head,), or per head and query where they depend on the token."""
    sinks = kwargs.get("s_aux", kwargs.get("sinks", getattr(module, "sinks", None)))
    if not isinstance(sinks, torch.Tensor):
        return None
    n_heads, n_queries = query.shape[1:3]
    if sinks.numel() == n_heads:
        return copied(sinks.flatten())
    if sinks.numel() == n_heads * n_queries:
        by_token = sinks.reshape(sinks.shape[-3:-1] if sinks.shape[-1] == 1 else sinks.shape[-2:])
        return copied(by_token if by_token.shape[0] == n_heads else by_token.transpose(0, 1))
    return None

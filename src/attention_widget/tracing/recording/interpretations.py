"""Other ways to read a call of an attention function, for what its arguments leave open.

Only transformers' own sdpa means one thing in every version: what eager, flash and registered
functions do with a missing mask, a window or their module's attributes has to be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import torch

from attention_widget.tracing.recording.masks import Masks
from attention_widget.tracing.recording.records import Record


def family(function: Callable[..., Any]) -> str:
    """ "sdpa", "flash" or "flex" for transformers' own functions, otherwise ""."""
    function = getattr(function, "func", function)
    home = getattr(function, "__module__", "")
    if home == "transformers.integrations.sdpa_attention":
        return "sdpa"
    if home == "transformers.integrations.flash_attention":
        return "flash"
    return "flex" if home == "transformers.integrations.flex_attention" else ""


def readings(
    record: Record, module: torch.nn.Module, masks: Masks, window: int | None
) -> Iterator[Record]:
    """Records with another scale or mask than the arguments of the call say."""
    n_queries, n_keys = record.sizes
    visible = record.mask.visible(torch.arange(n_queries, dtype=torch.long, device="cpu"))
    causal, _ = masks.convert(visible[None], n_queries, n_keys, causal=True)
    if window is not None:  # until transformers 4.49 flash attention saw one key more
        wider, _ = masks.convert(
            None, n_queries, n_keys, causal=causal.is_causal, window=window + 1
        )
        yield replace(record, mask=wider)
    scales = [record.scale]
    if getattr(module, "scale_attn_by_inverse_layer_idx", False):  # GPT-2 until 4.57
        scales.append(record.scale / (getattr(module, "layer_idx", 0) + 1))
    if not getattr(module, "scale_attn_weights", True):
        scales += [scale / record.scale for scale in scales]
    for scale in scales:
        yield replace(record, scale=scale)
        yield replace(record, scale=scale, mask=causal)

"""Calls of torch.nn.MultiheadAttention, which projects, attends and projects back in one."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch.nn import functional

from attention_widget.tracing.recording.calls import row_of
from attention_widget.tracing.recording.masks import Masks
from attention_widget.tracing.recording.records import Record, copied_record

_SIGNATURE = inspect.signature(functional.multi_head_attention_forward)
_INPUTS = ("query", "key", "value")


class MultiHeadCall:
    """A call of multi_head_attention_forward, whose output is (token, batch, hidden) or
    (token, hidden)."""

    def __init__(self, output: torch.Tensor, args: Any, kwargs: Any) -> None:
        given = _SIGNATURE.bind(*args, **kwargs)
        given.apply_defaults()
        self._of = given.arguments
        self._output = output
        self.batch = output.shape[1] if output.ndim == 3 else 1

    @property
    def plain(self) -> bool:
        """Whether there are no added keys and values (``bias_k``, ``add_zero_attn``), which stand
        for no token."""
        of = self._of
        added = [of["bias_k"], of["bias_v"], of["static_k"], of["static_v"]]
        return not of["add_zero_attn"] and all(value is None for value in added)

    def output(self, row: int = 0) -> torch.Tensor:
        """That of a row (token, hidden)."""
        return _flat(self._output, row)

    def record(self, path: str, masks: Masks, row: int = 0) -> Record:
        """The attention of a row."""
        of = self._of
        parts = [
            functional.linear(_flat(of[name], row), weight, bias)
            for name, weight, bias in zip(_INPUTS, *_projections(of), strict=True)
        ]
        query, key, value = (
            part.unflatten(-1, (of["num_heads"], -1)).transpose(0, 1) for part in parts
        )
        mask, bias = masks.convert(self._mask(row), query.shape[1], key.shape[1])
        scale = query.shape[-1] ** -0.5
        return copied_record(path, query, key, value, scale, mask, bias, how="multi-head")

    def project(self, mixed: torch.Tensor) -> torch.Tensor:
        """What the output (row, hidden) is of heads' outputs (row, head, dim)."""
        weight, bias = self._of["out_proj_weight"], self._of["out_proj_bias"]
        given = mixed.flatten(1).to(weight.device, weight.dtype)
        return functional.linear(given, weight, bias).float().cpu()

    def moved(self, difference: torch.Tensor) -> torch.Tensor:
        """The output where the heads' outputs (batch, query, head, dim) differ by so much."""
        weight = self._of["out_proj_weight"]
        given = difference.flatten(2).transpose(0, 1).to(weight.device, weight.dtype)
        return self._output + functional.linear(given, weight).view(self._output.shape)

    def _mask(self, row: int) -> torch.Tensor | None:
        """One additive mask (1, head or 1, query or 1, key), or None."""
        whole, padding = self._of["attn_mask"], self._of["key_padding_mask"]
        masks = []
        if whole is not None:
            if whole.ndim == 3:
                whole = row_of(whole, row, self.batch)
            masks.append(_additive(whole).reshape(1, -1, *whole.shape[-2:]))
        if padding is not None:
            padding = padding if padding.ndim == 1 else padding[row]
            masks.append(_additive(padding).reshape(1, 1, 1, -1))
        if not masks:
            return None
        mask = masks[0] if len(masks) == 1 else masks[0] + masks[1]
        return mask.expand(1, -1, len(self._of["query"]), -1)


def _flat(tensor: torch.Tensor, row: int) -> torch.Tensor:
    """(token, hidden) of (token, batch, hidden)."""
    return tensor[:, row] if tensor.ndim == 3 else tensor


def _projections(of: dict[str, Any]) -> tuple[list[torch.Tensor], list[torch.Tensor | None]]:
    if of["use_separate_proj_weight"]:
        weights = [of["q_proj_weight"], of["k_proj_weight"], of["v_proj_weight"]]
    else:
        weights = list(of["in_proj_weight"].chunk(3))
    bias = of["in_proj_bias"]
    return weights, [None] * 3 if bias is None else list(bias.chunk(3))


def _additive(mask: torch.Tensor) -> torch.Tensor:
    if mask.is_floating_point():
        return mask
    none = torch.zeros(mask.shape, dtype=torch.float32, device=mask.device)
    return none.masked_fill_(mask.bool(), float("-inf"))

"""The attention between the tokens of a text that was padded behind them."""

from __future__ import annotations

from dataclasses import replace

import torch

from attention_widget.trace.block import Block, Maps
from attention_widget.trace.mask import Mask


def block_of_tokens(operation: Block | Maps, n: int) -> Block | Maps:
    """The attention of the first ``n`` queries to the first ``n`` keys."""
    if operation.n_queries == operation.n_keys == n:
        return operation
    if isinstance(operation, Maps):
        return replace(operation, probabilities=operation.probabilities[:, :n, :n])
    bias, sinks = operation.bias, operation.sinks
    if bias is not None:
        bias = bias[:, : n if bias.shape[1] > 1 else 1, :n]
    if sinks is not None and sinks.ndim == 2:
        sinks = sinks[:, :n]
    return replace(
        operation,
        query=operation.query[:, :n],
        key=operation.key[:, :n],
        value=operation.value[:, :n],
        mask=_cut(operation.mask, n),
        bias=bias,
        sinks=sinks,
    )


def _cut(mask: Mask, n: int) -> Mask:
    if mask.explicit is not None:
        return Mask.from_visible(mask.explicit[:, :n, :n])
    stop: torch.Tensor = mask.stop[:n].clamp(max=n)
    return Mask(mask.start[:n].clamp(max=n), stop, n)

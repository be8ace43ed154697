"""Models that attend over more than their tokens: the part over tokens is kept."""

from __future__ import annotations

from collections.abc import Collection

import torch

from attention_widget.trace.mask import Mask
from attention_widget.tracing.recording.records import Record

# model type -> what comes after the tokens, among queries or keys
TOKENS_FIRST = {
    "deepseek_v4": "compressed keys of earlier tokens",
    "prophetnet": "queries of the streams that predict the tokens after the next",
    "videoprism_text_model": "a class token",
}


def tokens_of(record: Record, lengths: Collection[int]) -> Record:
    """The part of a record that is over tokens.

    Attention to the other keys goes to a sink of each head and query, so that the rest is exactly
    the model's.
    """
    n_queries, n_keys = (_first(size, lengths) for size in record.sizes)
    if (n_queries, n_keys) == record.sizes:
        return record
    rows = torch.arange(n_queries, dtype=torch.long, device="cpu")
    whole = record.parts
    visible, sinks, bias = whole.mask.visible(rows), whole.sinks, whole.bias
    if n_keys < record.sizes[1]:
        logits = torch.from_numpy(whole.logits(queries=rows.tolist()))  # (head, query, key)
        parts = [logits[..., n_keys:]]
        if sinks is not None:
            own = sinks[:, None] if sinks.ndim == 1 else sinks[:, rows]
            parts.append(own.float().expand(-1, n_queries)[..., None])
        sinks = torch.cat(parts, -1).logsumexp(-1)
    elif sinks is not None and sinks.ndim == 2:
        sinks = sinks[:, rows]
    if bias is not None:
        bias = bias[:, : n_queries if bias.shape[1] > 1 else 1, :n_keys].clone()
    return record.changed(
        query=whole.query[:, :n_queries].clone(),
        key=whole.key[:, :n_keys].clone(),
        value=whole.value[:, :n_keys].clone(),
        mask=Mask.from_visible(visible[..., :n_keys]),
        bias=bias,
        sinks=sinks,
    )


def _first(size: int, lengths: Collection[int]) -> int:
    """How many of the positions are tokens, which come first; ProphetNet's streams follow each
    other."""
    fitting = [n for n in lengths if n <= size]
    whole = [n for n in fitting if size % n == 0]
    return max(whole or fitting, default=size)

"""The formula of attention, from scaled dot products to probabilities.

The only place that has it: a trace computes its attention with it, and a capture checks by it
that what it recorded gives the model's output.
"""

from __future__ import annotations

import torch


def to_logits(
    scores: torch.Tensor,
    softcap: float | None = None,
    bias: torch.Tensor | None = None,
    hidden: torch.Tensor | None = None,
) -> torch.Tensor:
    """Turn scores ``query · keyᵀ · scale`` (head, query, key) into what enters the softmax.

    In this order, and in place: the soft cap ``cap · tanh(score / cap)`` (Gemma 2,
    https://arxiv.org/abs/2408.00118, section 2), the bias, and -inf where a key is hidden.
    """
    if softcap is not None:
        scores.div_(softcap).tanh_().mul_(softcap)
    if bias is not None:
        scores.add_(bias)
    if hidden is not None:
        scores.masked_fill_(hidden, float("-inf"))
    return scores


def to_probabilities(
    logits: torch.Tensor,
    sinks: torch.Tensor | None = None,
    empty: torch.Tensor | None = None,
) -> torch.Tensor:
    """Softmax of logits (..., query, key) over the keys.

    ``sinks`` (..., query or 1) are one more logit a row, whose share is left out (Xiao et al.
    2023, https://arxiv.org/abs/2309.17453). ``empty`` (..., query) are rows that see no key:
    without a sink their softmax is not defined, and they become 0.
    """
    if sinks is not None:
        sink = sinks[..., None].expand(*logits.shape[:-1], 1)
        return torch.cat([logits, sink], -1).softmax(-1)[..., :-1]
    weights = logits.softmax(-1)
    return weights if empty is None else weights.masked_fill_(empty[..., None], 0.0)

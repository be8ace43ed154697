"""What an attention block does after its output projection: it adds a residual, and may norm.

The block of Kobayashi et al. 2021 (https://arxiv.org/abs/2109.07152): attention, residual
connection, and the norm after the sum, where there is one. The norm is frozen: each query is
divided by what it was divided by in the pass, so that the block's output is a sum over keys.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from attention_widget.experiments.frozen_norm import FrozenNorm
from attention_widget.experiments.measuring.linear import Linear
from attention_widget.experiments.rounding import near
from attention_widget.trace.block import Array, Block


@dataclass(frozen=True, eq=False)
class BlockParts:
    """``outer(residual · a + inner(projection) · b)``, which is ``gave``: (query, hidden) each, in
    float32 on the CPU."""

    linear: Linear
    residual: torch.Tensor
    factors: tuple[float, float]
    inner: FrozenNorm | None
    outer: FrozenNorm | None
    gave: torch.Tensor
    dtype: torch.dtype


@dataclass(frozen=True, eq=False)
class KeyVectors:
    """A block's output as a sum over keys: of key j query i takes
    ``sizes[i] · Σ_h attention[h, i, j] · parts[h, j]``, and ``own[i]`` beside where i = j; what
    belongs to no key is in ``bias``."""

    attention: torch.Tensor  # (head, query, key)
    parts: torch.Tensor  # (head, key, hidden)
    sizes: torch.Tensor  # (query,)
    own: torch.Tensor  # (query, hidden)
    bias: torch.Tensor  # (query, hidden)
    gave: torch.Tensor  # (query, hidden)


def key_vectors(block: Block, parts: BlockParts) -> KeyVectors | None:
    """The block's output as a sum over keys; None where the sum is not what the block gave out."""
    attention = torch.from_numpy(block.attention())
    group = block.n_heads // block.n_kv_heads
    value = block.value.float().repeat_interleave(group, 0)  # (head, key, dim)
    if value.shape[0] * value.shape[2] != len(parts.linear.matrix):
        return None
    written = value @ parts.linear.of_heads(value.shape[2])
    bias = parts.linear.bias.expand(block.n_queries, -1)
    sizes = torch.ones(block.n_queries, dtype=torch.float32, device="cpu")
    a, b = parts.factors
    if parts.inner is not None:
        written, sizes = _through(parts.inner, written), sizes * parts.inner.sizes
        bias = parts.inner.linear(bias) + parts.inner.bias
    written, bias, own = written * b, bias * b, parts.residual * a
    if parts.outer is not None:
        written, sizes = _through(parts.outer, written), sizes * parts.outer.sizes
        bias, own = parts.outer.linear(bias) + parts.outer.bias, parts.outer.linear(own)
    made = KeyVectors(attention, written, sizes, own, bias, parts.gave)
    return made if _sums(made, parts.dtype) else None


def _through(norm: FrozenNorm, written: torch.Tensor) -> torch.Tensor:
    """What a norm makes of what keys give, before the size of the query."""
    if norm.centred:
        written = written - written.mean(-1, keepdim=True)
    return written * norm.weight


def _sums(made: KeyVectors, dtype: torch.dtype) -> bool:
    """Whether the terms sum to the block's output."""
    taken = (made.attention @ made.parts) * made.sizes[:, None]  # (head, query, hidden)
    whole = taken.sum(0) + made.own + made.bias
    largest = [each.abs().amax(-1) for each in (made.own, made.bias, made.gave)]
    heads = taken.abs().amax((0, 2)) * len(taken) ** 0.5
    return near(whole, made.gave, torch.stack([*largest, heads]).sum(0), dtype)


_CHUNK = 2**22  # numbers held at a time


def lengths(made: KeyVectors) -> Array:
    """How long what each query takes from each key is: (query, key).

    Through the products of the heads' parts at each key, so that no vector is made for each pair;
    in float64, as heads may cancel each other.
    """
    n_heads, n_keys, n_hidden = made.parts.shape
    n_queries = len(made.sizes)
    found = torch.empty((n_queries, n_keys), dtype=torch.float64, device="cpu")
    step = max(1, _CHUNK // (n_heads * max(n_hidden, n_queries)))
    for first in range(0, n_keys, step):
        keys = slice(first, first + step)
        parts = made.parts[:, keys].transpose(0, 1).double()  # (key, head, hidden)
        weights = made.attention[:, :, keys].permute(2, 0, 1).double()  # (key, head, query)
        squares = ((parts @ parts.transpose(1, 2) @ weights) * weights).sum(1)  # (key, query)
        found[:, keys] = squares.clamp(min=0.0).sqrt().T
    found *= made.sizes.abs().double()[:, None]
    found.diagonal().copy_(_own(made).double().norm(dim=-1))
    lengths: Array = found.float().numpy()
    return lengths


def _own(made: KeyVectors) -> torch.Tensor:
    """What each query takes from its own token (query, hidden)."""
    weights = made.attention.diagonal(dim1=1, dim2=2)  # (head, query)
    taken = torch.einsum("hq,hqe->qe", weights, made.parts)
    return taken * made.sizes[:, None] + made.own


def nearness(made: KeyVectors) -> Array:
    """max(0, ‖y‖₁ − ‖y − what is taken from a key‖₁) of the block's output y (query, key), each
    row divided by its sum; where no key brings it nearer, the token itself (Ferrando et al. 2022,
    equations 7 and 8)."""
    _, n_keys, n_hidden = made.parts.shape
    n_queries = len(made.sizes)
    whole = made.gave.abs().sum(-1)  # (query,)
    found = torch.zeros((n_queries, n_keys), dtype=torch.float32, device="cpu")
    step = max(1, _CHUNK // max(1, n_queries * n_hidden))
    used = (made.attention != 0).any(0)  # (query, key)
    for first in range(0, n_keys, step):
        keys = slice(first, min(n_keys, first + step))
        rows = used[:, keys].any(1).nonzero()[:, 0]
        if not len(rows):
            continue
        weights = made.attention[:, rows, keys].permute(2, 1, 0)  # (key, query, head)
        taken = weights @ made.parts[:, keys].transpose(0, 1)  # (key, query, hidden)
        taken *= made.sizes[rows, None]
        taken -= made.gave[rows]
        found[rows, keys] = (whole[rows] - taken.abs_().sum(-1)).T
    off = (made.gave - _own(made)).abs().sum(-1)
    found.diagonal().copy_(whole - off)
    found.clamp_(min=0.0)
    sums = found.sum(1, keepdim=True)
    found /= sums
    empty = (sums[:, 0] == 0).nonzero()[:, 0]
    found[empty] = 0.0
    found[empty, empty] = 1.0
    shares: Array = found.numpy()
    return shares

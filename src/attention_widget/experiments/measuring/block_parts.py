"""What an attention block does after its output projection: it adds a residual, and may norm.

The block of Kobayashi et al. 2021 (https://arxiv.org/abs/2109.07152): attention, residual
connection, and the norm after the sum, where there is one. The norm is frozen: each query is
divided by what it was divided by in the pass, so that the block's output is a sum over keys.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from attention_widget._util.torch_settings import exact
from attention_widget.experiments.frozen_norm import FrozenNorm
from attention_widget.trace.block import Array, Block
from attention_widget.tracing.recording.linear import Linear
from attention_widget.tracing.recording.rounding import near


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


@exact
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
    return made if _sums(made, attention @ value, parts) else None


def _through(norm: FrozenNorm, written: torch.Tensor) -> torch.Tensor:
    """What a norm makes of what keys give, before the size of the query."""
    if norm.centred:
        written = written - written.mean(-1, keepdim=True)
    return written * norm.weight


def _sums(made: KeyVectors, mixed: torch.Tensor, parts: BlockParts) -> bool:
    """Whether the terms sum to the block's output, where heads gave out (head, query, dim)."""
    taken = mixed.transpose(0, 1).flatten(1) @ parts.linear.matrix
    if parts.inner is not None:
        taken = parts.inner.linear(taken)
    taken = taken * parts.factors[1]
    if parts.outer is not None:
        taken = parts.outer.linear(taken)
    whole = taken + made.own + made.bias
    largest = sum(each.abs().amax(-1) for each in (taken, made.own, made.bias, made.gave))
    assert isinstance(largest, torch.Tensor)
    if near(whole, made.gave, largest, parts.dtype):
        return True
    heads = (made.attention @ made.parts).abs().amax((0, 2)) * len(made.parts) ** 0.5
    return near(whole, made.gave, largest + heads * made.sizes.abs(), parts.dtype)


_CHUNK = 2**19  # numbers held at a time
_CACHED = 2**18  # numbers that a processor keeps at hand


@exact
def lengths(made: KeyVectors) -> Array:
    """How long what each query takes from each key is: (query, key).

    At each key the parts of the heads span as many dimensions as there are heads, and lengths are
    taken among these, so that no vector of the hidden size is made for each pair.
    """
    n_heads, n_keys, n_hidden = made.parts.shape
    n_queries = len(made.sizes)
    found = torch.empty((n_queries, n_keys), dtype=torch.float32, device="cpu")
    step = max(1, _CHUNK // (n_heads * max(n_hidden, n_queries)))
    weights = _by_key(made.attention).transpose(0, 1)  # (key, head, query)
    for first in range(0, n_keys, step):
        keys = slice(first, first + step)
        roots = _roots(made.parts[:, keys].transpose(0, 1).double()).float()
        turned = torch.bmm(roots, weights[keys])
        found[:, keys] = turned.mul_(turned).sum(1).sqrt_().T
    found *= made.sizes.abs()[:, None]
    found.diagonal().copy_(_own(made).norm(dim=-1))
    lengths: Array = found.numpy()
    return lengths


def _roots(parts: torch.Tensor) -> torch.Tensor:
    """Matrices R (key, head, head) with RᵀR = P Pᵀ for parts P (key, head, hidden), so that R w is
    as long as w P."""
    products = parts @ parts.transpose(1, 2)
    diagonal = products.diagonal(dim1=1, dim2=2)
    diagonal += (1e-13 * diagonal.sum(1, keepdim=True)).clamp(min=1e-300)  # heads may be parallel
    roots: torch.Tensor
    roots, failed = torch.linalg.cholesky_ex(products, upper=True)
    if bool(failed.any()):
        values, vectors = torch.linalg.eigh(products)
        roots = values.clamp(min=0.0).sqrt()[:, :, None] * vectors.transpose(1, 2)
    return roots


def _by_key(attention: torch.Tensor) -> torch.Tensor:
    """(head, key, query) of (head, query, key), in this order in memory."""
    made = torch.empty_like(attention.transpose(1, 2), memory_format=torch.contiguous_format)
    for one, other in zip(made, attention, strict=True):
        one.copy_(other.T)  # which is faster by the matrix than at once
    return made


def _own(made: KeyVectors) -> torch.Tensor:
    """What each query takes from its own token (query, hidden)."""
    weights = made.attention.diagonal(dim1=1, dim2=2)  # (head, query)
    taken = torch.einsum("hq,hqe->qe", weights, made.parts)
    return taken * made.sizes[:, None] + made.own


@exact
def nearness(made: KeyVectors) -> Array:
    """max(0, ‖y‖₁ − ‖y − what is taken from a key‖₁) of the block's output y (query, key), each
    row divided by its sum; where no key brings it nearer, the token itself (Ferrando et al. 2022,
    equations 7 and 8)."""
    _, n_keys, n_hidden = made.parts.shape
    n_queries = len(made.sizes)
    whole = made.gave.abs().sum(-1)  # (query,)
    by_key = torch.zeros((n_keys, n_queries), dtype=torch.float32, device="cpu")
    rows_at_once = max(1, _CACHED // n_hidden)
    weights = _by_key(made.attention).mul_(made.sizes)
    used = weights.ne(0).any(0).byte()  # (key, query)
    starts, ends = used.argmax(1).tolist(), (n_queries - used.flip(1).argmax(1)).tolist()
    ends = [end if some else 0 for end, some in zip(ends, used.any(1).tolist(), strict=True)]
    ones = torch.ones(n_hidden, dtype=torch.float32, device="cpu")
    for key, (start, end) in enumerate(zip(starts, ends, strict=True)):
        for first in range(start, end, rows_at_once):
            here = slice(first, min(first + rows_at_once, end))
            off = torch.addmm(made.gave[here], weights[:, key, here].T, made.parts[:, key], beta=-1)
            torch.sub(whole[here], off.abs_().mv(ones), out=by_key[key, here])
    found = by_key.T.contiguous()
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

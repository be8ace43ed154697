"""What an attention block does after its output projection: it adds a residual, and may norm.

The block of Kobayashi et al. 2021 (https://arxiv.org/abs/2109.07152): attention, residual
connection, and the norm after the sum, where there is one. The norm is frozen: each query is
divided by what it was divided by in the pass, so that the block's output is a sum over keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch

from attention_widget._util.torch_settings import exact
from attention_widget.experiments.frozen_norm import FrozenNorm
from attention_widget.trace.block import Array, Block
from attention_widget.tracing.recording.linear import Linear
from attention_widget.tracing.recording.rounding import near

_CHUNK: Final = 2**19  # numbers held at a time
_CACHED: Final = 2**18  # numbers that a processor keeps at hand


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
    ``sizes[i] · Σ_h weights[h, j, i] · parts[h, j]``, and ``own[i]`` beside where i = j; what
    belongs to no key is in ``bias``."""

    weights: torch.Tensor  # (head, key, query), the attention
    parts: torch.Tensor  # (head, key, hidden)
    sizes: torch.Tensor  # (query,)
    own: torch.Tensor  # (query, hidden)
    bias: torch.Tensor  # (query, hidden)
    gave: torch.Tensor  # (query, hidden)


@exact
def key_vectors(block: Block, parts: BlockParts) -> KeyVectors | None:
    """The block's output as a sum over keys; None where the sum is not what the block gave out."""
    group = block.n_heads // block.n_kv_heads
    value = block.value.float().repeat_interleave(group, 0)  # (head, key, dim)
    if value.shape[0] * value.shape[2] != len(parts.linear.matrix):
        return None
    matrix = parts.linear.of_heads(value.shape[2])  # (head, dim, hidden)
    bias = parts.linear.bias.expand(block.n_queries, -1)
    sizes = torch.ones(block.n_queries, dtype=torch.float32, device="cpu")
    a, b = parts.factors
    if parts.inner is not None:
        matrix, sizes = _through(parts.inner, matrix), sizes * parts.inner.sizes
        bias = parts.inner.linear(bias) + parts.inner.bias
    matrix, bias, own = matrix * b, bias * b, parts.residual * a
    if parts.outer is not None:
        matrix, sizes = _through(parts.outer, matrix), sizes * parts.outer.sizes
        bias, own = parts.outer.linear(bias) + parts.outer.bias, parts.outer.linear(own)
    weights = _by_key(block)
    made = KeyVectors(weights, value @ matrix, sizes, own, bias, parts.gave)
    return made if _sums(made, weights.transpose(1, 2) @ value, parts) else None


def _by_key(block: Block) -> torch.Tensor:
    """The attention of a block (head, key, query), in this order in memory."""
    n_queries, n_keys = block.n_queries, block.n_keys
    made = torch.empty((block.n_heads, n_keys, n_queries), dtype=torch.float32, device="cpu")
    if made.nelement() <= _CACHED:
        made.copy_(torch.from_numpy(block.attention()).transpose(1, 2))
        return made
    for head, one in enumerate(made):  # one by one, so that memory holds no second copy of all
        one.copy_(torch.from_numpy(block.attention(head))[0].T)
    return made


def _through(norm: FrozenNorm, matrix: torch.Tensor) -> torch.Tensor:
    """A map to hidden states (..., hidden) with a norm behind it, before the size of the query."""
    if norm.centred:
        matrix = matrix - matrix.mean(-1, keepdim=True)
    return matrix * norm.weight


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
    heads = (made.weights.transpose(1, 2) @ made.parts).abs().amax((0, 2)) * len(made.parts) ** 0.5
    return near(whole, made.gave, largest + heads * made.sizes.abs(), parts.dtype)


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
    weights = made.weights.transpose(0, 1)  # (key, head, query)
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


def _own(made: KeyVectors) -> torch.Tensor:
    """What each query takes from its own token (query, hidden)."""
    weights = made.weights.diagonal(dim1=1, dim2=2)  # (head, query)
    taken = torch.einsum("hq,hqe->qe", weights, made.parts)
    return taken * made.sizes[:, None] + made.own


@exact
def nearness(made: KeyVectors) -> Array:
    """max(0, ‖y‖₁ − ‖y − what is taken from a key‖₁) of the block's output y (query, key), each
    row divided by its sum; where no key brings it nearer, the token itself (Ferrando et al. 2022,
    equations 7 and 8)."""
    _, n_keys, n_hidden = made.parts.shape
    n_queries = len(made.sizes)
    whole = made.gave.abs()
    by_key = torch.zeros((n_keys, n_queries), dtype=torch.float32, device="cpu")
    rows_at_once = max(1, _CACHED // n_hidden)
    weights = made.weights * made.sizes
    used = weights.ne(0).any(0).byte()  # (key, query)
    starts, ends = used.argmax(1).tolist(), (n_queries - used.flip(1).argmax(1)).tolist()
    ends = [end if some else 0 for end, some in zip(ends, used.any(1).tolist(), strict=True)]
    given, parts = weights.permute(1, 2, 0), made.parts.transpose(0, 1)
    keys_at_once = max(1, _CACHED // (n_queries * n_hidden))
    for key in range(0, n_keys, keys_at_once):
        keys = slice(key, min(key + keys_at_once, n_keys))
        end = max(ends[keys])
        for first in range(min(starts[keys]), end, rows_at_once):
            here = slice(first, min(first + rows_at_once, end))
            gave = made.gave[here].expand(keys.stop - key, -1, -1)
            off = torch.baddbmm(gave, given[keys, here], parts[keys], beta=-1)
            # numbers nearly alike are taken from each other before the sum, which rounds more
            torch.sum(torch.sub(whole[here], off.abs_(), out=off), -1, out=by_key[keys, here])
    found = by_key.T.contiguous()
    found.diagonal().copy_((whole - (made.gave - _own(made)).abs()).sum(-1))
    found.clamp_(min=0.0)
    sums = found.sum(1, keepdim=True)
    found /= sums
    empty = (sums[:, 0] == 0).nonzero()[:, 0]
    found[empty] = 0.0
    found[empty, empty] = 1.0
    shares: Array = found.numpy()
    return shares

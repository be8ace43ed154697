"""Attention between groups of tokens: words, or all but the special tokens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from attention_widget.trace.block import Array, Block, Maps
from attention_widget.trace.indices import Indices, indices_of
from attention_widget.trace.kind import Kind

Groups = tuple[tuple[int, ...], ...]
"""Indices of the tokens of each group; a token that is in none is left out."""


@dataclass(frozen=True, eq=False, repr=False)
class Grouped:
    """The attention of one layer between groups of tokens: words, or all but the special ones.

    Summed over the keys of a group and averaged over its queries, so that rows sum to what they
    did (Clark et al. 2019, https://arxiv.org/abs/1906.04341, section 4.1). With ``renormalise``
    each query's weights are first divided by the sum of those that are in a group; what is NaN, as
    keys are that a pass has not beside another, has no part in the sum. Computed when asked for.

    >>> trace.without_special().operation(3)
    Grouped(layer 3, encoder, 12 heads, 5 × 5 groups of 7 × 7 tokens)
    """

    of: Block | Maps | Grouped
    query_groups: Groups
    key_groups: Groups
    renormalise: bool = False

    @property
    def layer(self) -> int:
        return self.of.layer

    @property
    def kind(self) -> Kind:
        return self.of.kind

    @property
    def n_heads(self) -> int:
        return self.of.n_heads

    @property
    def n_kv_heads(self) -> int:
        return self.of.n_heads

    @property
    def n_queries(self) -> int:
        return len(self.query_groups)

    @property
    def n_keys(self) -> int:
        return len(self.key_groups)

    @property
    def tensors(self) -> tuple[torch.Tensor, ...]:
        return self.of.tensors

    def attention(self, heads: Indices | None = None, queries: Indices | None = None) -> Array:
        """Attention between groups: (head, query, key). Rows of which no key is in a group are 0.

        >>> trace.without_special().operation(3).attention(heads=[0, 5]).shape
        (2, 5, 5)
        """
        rows = indices_of("query", queries, self.n_queries)
        wanted = [token for row in rows for token in self.query_groups[row]]
        weights = self.of.attention(heads, wanted)  # (head, token, token)
        weights = _sums(weights, *self._keys, axis=2)
        if self.renormalise:
            total = np.nansum(weights, 2, keepdims=True)
            # Of a total of 0 what is NaN stays NaN.
            weights = np.divide(weights, total, out=weights * 0, where=total != 0)
        sizes = np.array([len(self.query_groups[row]) for row in rows], np.intp)
        members = np.arange(len(wanted))
        means = _sums(weights, members, sizes, axis=1)
        means /= np.maximum(sizes, 1)[:, None]
        return means

    def __repr__(self) -> str:
        return (
            f"Grouped(layer {self.layer}, {self.kind}, {self.n_heads} head"
            f"{'s' * (self.n_heads != 1)}, {self.n_queries} × {self.n_keys} groups of "
            f"{self.of.n_queries} × {self.of.n_keys} tokens)"
        )

    @cached_property
    def _keys(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        members = [token for group in self.key_groups for token in group]
        return np.array(members, np.intp), np.array([len(g) for g in self.key_groups], np.intp)


def group_means(hidden: tuple[torch.Tensor, ...], groups: Groups) -> tuple[torch.Tensor, ...]:
    """Hidden states of groups; those that were not kept stay empty."""
    members = torch.tensor(
        [token for group in groups for token in group], dtype=torch.long, device="cpu"
    )
    sizes = torch.tensor([len(group) for group in groups], dtype=torch.long, device="cpu")
    return tuple(
        torch.segment_reduce(states[members].float(), "mean", lengths=sizes)
        if len(states) and len(groups)
        else states[:0]
        for states in hidden
    )


def _sums(weights: Array, members: NDArray[np.intp], sizes: NDArray[np.intp], axis: int) -> Array:
    """Sums over the members of each group along an axis, group after group; no member sums to 0."""
    shape = list(weights.shape)
    shape[axis] = len(sizes)
    sums = np.zeros(shape, np.float32)
    if not members.size:
        return sums
    kept = (
        weights
        if len(members) == weights.shape[axis] and (members == np.arange(len(members))).all()
        else weights.take(members, axis)
    )
    filled = np.flatnonzero(sizes)
    starts = (np.cumsum(sizes) - sizes)[filled]
    place = (slice(None), filled) if axis == 1 else (..., filled)
    sums[place] = np.add.reduceat(kept, starts, axis)
    return sums


Operation: TypeAlias = Block | Maps | Grouped

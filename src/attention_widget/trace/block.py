"""One attention operation, in the parts that give its exact attention, or as finished maps.

Tensors stay on the CPU in the model's own dtype; every array handed out is NumPy float32. Those
tensors are what was recorded: write into a copy, never into them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from attention_widget._util.sizes import in_words
from attention_widget._util.torch_settings import exact
from attention_widget.trace.formula import to_logits, to_probabilities
from attention_widget.trace.indices import Indices, tensor_of
from attention_widget.trace.kind import Kind, check_kind
from attention_widget.trace.mask import Mask

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False, repr=False)
class Block:
    """The attention of one layer, in the parts that give its exact probabilities.

    ``softmax(cap(query · keyᵀ · scale) + bias)`` over the keys that ``mask`` shows, with one
    more logit per head where the model has attention sinks (Xiao et al. 2023); queries and
    keys are as they enter that product, after rotary embedding.

    >>> block = trace.block(3)
    >>> block
    Block(layer 3, encoder, 12 heads, 7 × 7 tokens, 32 kB)
    >>> block.query.shape, block.key.shape  # (head, query, dim), (kv_head, key, dim)
    (torch.Size([12, 7, 32]), torch.Size([12, 7, 32]))
    """

    layer: int
    kind: Kind
    query: torch.Tensor  # (head, query, dim)
    key: torch.Tensor  # (kv_head, key, dim)
    value: torch.Tensor  # (kv_head, key, dim)
    scale: float
    mask: Mask
    softcap: float | None = None
    bias: torch.Tensor | None = None  # (head or 1, query or 1, key), added after the soft cap
    sinks: torch.Tensor | None = None  # (head,), or (head, query) where they depend on it; NaN in
    # rows whose probabilities are not finite in the model, and the least float32 for none

    def __post_init__(self) -> None:
        check_kind(self.kind)

    @property
    def n_heads(self) -> int:
        return self.query.shape[0]

    @property
    def n_kv_heads(self) -> int:
        return self.key.shape[0]

    @property
    def n_queries(self) -> int:
        return self.query.shape[1]

    @property
    def n_keys(self) -> int:
        return self.key.shape[1]

    @property
    def has_sinks(self) -> bool:
        """Whether any of the attention may go to a sink."""
        least = torch.finfo(torch.float32).min
        return self.sinks is not None and bool((self.sinks > least).any())

    @property
    def tensors(self) -> tuple[torch.Tensor, ...]:
        kept = (self.query, self.key, self.value, self.bias, self.sinks)
        mask = (self.mask.start, self.mask.stop, self.mask.explicit)
        return tuple(tensor for tensor in (*kept, *mask) if tensor is not None)

    @exact
    def scores(self, heads: Indices | None = None, queries: Indices | None = None) -> Array:
        """Scaled dot products ``query · keyᵀ · scale``: (head, query, key), before soft cap,
        bias and mask. Equation 1 of Vaswani et al. 2017 without its softmax.

        >>> trace.block(3).scores(heads=7, queries=[2, 4]).shape
        (1, 2, 7)
        """
        return as_array(self._scores(self._heads(heads), self._queries(queries)))

    @exact
    def logits(self, heads: Indices | None = None, queries: Indices | None = None) -> Array:
        """What enters the softmax: (head, query, key), the scores after soft cap and bias, -inf
        where the mask hides a key.

        >>> trace.block(3).logits(heads=7).shape
        (1, 7, 7)
        """
        return as_array(self._logits(self._heads(heads), self._queries(queries)))

    @exact
    def attention(self, heads: Indices | None = None, queries: Indices | None = None) -> Array:
        """Attention probabilities: (head, query, key).

        A row sums to 1, to less where the block has sinks (the rest goes to the sink), and to 0
        where the mask hides every key.

        >>> trace.block(3).attention(heads=[0, -1]).shape
        (2, 7, 7)
        """
        chosen, rows = self._heads(heads), self._queries(queries)
        logits = self._logits(chosen, rows)
        sinks, empty = None, None
        if self.sinks is not None:
            of_heads = self.sinks[chosen].float()
            sinks = of_heads[:, None] if of_heads.ndim == 1 else of_heads[:, rows]
        elif not self.mask.hides_nothing:
            empty = logits.amax(-1).isneginf()
        return as_array(to_probabilities(logits, sinks, empty))

    def __repr__(self) -> str:
        return _in_short(self)

    def _scores(self, heads: torch.Tensor, queries: torch.Tensor) -> torch.Tensor:
        return _products(self, heads, queries).mul_(self.scale)

    def _logits(self, heads: torch.Tensor, queries: torch.Tensor) -> torch.Tensor:
        bias, hidden = self.bias, None
        if bias is not None:
            bias = bias if bias.shape[0] == 1 else bias[heads]
            bias = (bias if bias.shape[1] == 1 else bias[:, queries]).float()
        if not self.mask.hides_nothing:
            visible = self.mask.visible(queries)
            hidden = ~(visible if visible.shape[0] == 1 else visible[heads])
        return to_logits(self._scores(heads, queries), self.softcap, bias, hidden)

    def _heads(self, heads: Indices | None) -> torch.Tensor:
        return tensor_of("head", heads, self.n_heads)

    def _queries(self, queries: Indices | None) -> torch.Tensor:
        return tensor_of("query", queries, self.n_queries)


@dataclass(frozen=True, eq=False, repr=False)
class Maps:
    """The attention of one layer of which only the probabilities are known.

    From attentions that a model reported, or that were handed over without queries and keys.

    >>> from attention_widget import from_attentions
    >>> from_attentions([[[[0.5, 0.5], [0.9, 0.1]]]], ["a", "novel"]).operation(0)
    Maps(layer 0, encoder, 1 head, 2 × 2 tokens, 16 bytes)
    """

    layer: int
    kind: Kind
    probabilities: torch.Tensor  # (head, query, key)

    def __post_init__(self) -> None:
        check_kind(self.kind)

    @property
    def n_heads(self) -> int:
        return self.probabilities.shape[0]

    @property
    def n_kv_heads(self) -> int:
        return self.probabilities.shape[0]

    @property
    def n_queries(self) -> int:
        return self.probabilities.shape[1]

    @property
    def n_keys(self) -> int:
        return self.probabilities.shape[2]

    @property
    def tensors(self) -> tuple[torch.Tensor, ...]:
        return (self.probabilities,)

    def attention(self, heads: Indices | None = None, queries: Indices | None = None) -> Array:
        """Attention probabilities: (head, query, key), as they were given. NaN stays NaN, and a
        row may sum to less than 1 where a sink took the rest.

        >>> from attention_widget import from_attentions
        >>> maps = from_attentions([[[[0.5, 0.5], [0.9, 0.1]]]], ["a", "novel"]).operation(0)
        >>> maps.attention(heads=0, queries=1)
        array([[[0.9, 0.1]]], dtype=float32)
        """
        chosen = tensor_of("head", heads, self.n_heads)
        rows = tensor_of("query", queries, self.n_queries)
        return as_array(self.probabilities[chosen[:, None], rows])

    def __repr__(self) -> str:
        return _in_short(self)


@exact
def products_of(
    block: Block, heads: Indices | None = None, queries: Indices | None = None
) -> torch.Tensor:
    """Dot products of queries and keys before any scale (head, query, key), float32."""
    chosen = tensor_of("head", heads, block.n_heads)
    return _products(block, chosen, tensor_of("query", queries, block.n_queries))


def _products(block: Block, heads: torch.Tensor, queries: torch.Tensor) -> torch.Tensor:
    kv_heads = heads // (block.n_heads // block.n_kv_heads)
    query = block.query[heads[:, None], queries].float()  # (head, query, dim)
    key = block.key[kv_heads].float()  # (head, key, dim)
    return query @ key.transpose(1, 2)


@exact
def mixed_by(
    block: Block, heads: Indices | None = None, queries: Indices | None = None
) -> torch.Tensor:
    """What heads give out: probabilities × values (query, head, dim), float32, before the output
    projection."""
    chosen = tensor_of("head", heads, block.n_heads)
    value = block.value[chosen // (block.n_heads // block.n_kv_heads)].float()
    return (torch.from_numpy(block.attention(heads, queries)) @ value).transpose(0, 1)


def _in_short(one: Block | Maps) -> str:
    """One line that says what it is."""
    shared = f" ({one.n_kv_heads} of keys)" if one.n_kv_heads < one.n_heads else ""
    return (
        f"{type(one).__name__}(layer {one.layer}, {one.kind}, "
        f"{one.n_heads} head{'s' * (one.n_heads != 1)}{shared}, "
        f"{one.n_queries} × {one.n_keys} tokens, "
        f"{in_words(sum(tensor.nbytes for tensor in one.tensors))})"
    )


def as_array(tensor: torch.Tensor) -> Array:
    """NumPy float32 of a tensor on the CPU, which nothing else may hold."""
    return tensor.float().numpy()


def kept_array(tensor: torch.Tensor) -> Array:
    """NumPy float32 of a tensor that a trace keeps. It may share the tensor's memory, so it is
    read-only: writing into it would change what was recorded."""
    array = as_array(tensor)
    array.flags.writeable = False
    return array

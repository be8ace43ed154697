"""What one forward pass left behind: tokens, attention blocks and hidden states.

Frozen data and array access only; nothing here knows a model or a widget.
Tensors stay on the CPU in the model's own dtype; every array handed out is NumPy float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from attention_widget.mask import Mask

Kind = Literal["self", "cross"]
Stack = Literal["encoder", "decoder"]
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Token:
    """One position of the model's input.

    ``lead + text + trail`` of all tokens of a segment, joined, is the segment's text wherever
    the tokenizer keeps it. ``lead`` is what the tokenizer skipped before the token (blanks,
    mostly), ``trail`` what follows the last one. ``text`` is empty for special tokens, for
    markers that stand for nothing in the text and for the later bytes of a character split over
    several tokens; ``label`` is never empty and is what a list of tokens shows.
    """

    index: int
    id: int | None
    label: str
    text: str = ""
    lead: str = ""
    trail: str = ""
    start: int | None = None  # character offsets of ``text`` in its segment
    end: int | None = None
    word: int | None = None  # counts through all segments; None for blank and special tokens
    special: bool = False
    segment: int | None = None  # 0: text, 1: text_pair; None for special tokens


@dataclass(frozen=True, eq=False)
class Block:
    """One attention operation, in the parts that give its exact attention.

    ``softmax(cap(query · keyᵀ · scale) + bias)`` over the keys that ``mask`` shows, with one
    more logit per head where the model has attention sinks (Xiao et al. 2023); queries and
    keys are as they enter that product, after rotary embedding.
    """

    layer: int
    kind: Kind
    stack: Stack
    query: torch.Tensor  # (head, query, dim)
    key: torch.Tensor  # (kv_head, key, dim)
    value: torch.Tensor  # (kv_head, key, dim)
    scale: float
    mask: Mask
    softcap: float | None = None
    bias: torch.Tensor | None = None  # (head or 1, query or 1, key), added after the soft cap
    sinks: torch.Tensor | None = None  # (head,)

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
    def tensors(self) -> tuple[torch.Tensor, ...]:
        kept = (self.query, self.key, self.value, self.bias, self.sinks)
        mask = (self.mask.start, self.mask.stop, self.mask.explicit)
        return tuple(tensor for tensor in (*kept, *mask) if tensor is not None)

    def scores(
        self, heads: Sequence[int] | None = None, queries: Sequence[int] | None = None
    ) -> Array:
        """Scaled dot products ``query · keyᵀ · scale`` (head, query, key), before soft cap,
        bias and mask: equation 1 of Vaswani et al. 2017 without its softmax."""
        return _numpy(self._scores(self._heads(heads), self._queries(queries)))

    def logits(
        self, heads: Sequence[int] | None = None, queries: Sequence[int] | None = None
    ) -> Array:
        """What enters the softmax (head, query, key): scores after soft cap and bias, -inf
        where the mask hides a key."""
        return _numpy(self._logits(self._heads(heads), self._queries(queries)))

    def attention(
        self, heads: Sequence[int] | None = None, queries: Sequence[int] | None = None
    ) -> Array:
        """Attention probabilities (head, query, key).

        A row sums to 1, to less where the block has sinks (the missing mass is the sink's),
        and to 0 where the mask hides every key.
        """
        chosen = self._heads(heads)
        logits = self._logits(chosen, self._queries(queries))
        if self.sinks is None:
            weights = logits.softmax(-1)
            if not self.mask.hides_nothing:  # softmax of no keys is NaN
                weights.masked_fill_(logits.amax(-1, keepdim=True).isneginf(), 0.0)
            return _numpy(weights)
        sink = self.sinks[chosen].float()[:, None, None].expand(-1, logits.shape[1], 1)
        return _numpy(torch.cat([logits, sink], -1).softmax(-1)[..., :-1])

    def _scores(self, heads: torch.Tensor, queries: torch.Tensor) -> torch.Tensor:
        kv_heads = heads // (self.n_heads // self.n_kv_heads)
        query = self.query[heads[:, None], queries].float()  # (head, query, dim)
        key = self.key[kv_heads].float()  # (head, key, dim)
        return (query @ key.transpose(1, 2)).mul_(self.scale)

    def _logits(self, heads: torch.Tensor, queries: torch.Tensor) -> torch.Tensor:
        logits = self._scores(heads, queries)
        if self.softcap is not None:
            logits = torch.tanh(logits / self.softcap) * self.softcap
        if self.bias is not None:
            bias = self.bias if self.bias.shape[0] == 1 else self.bias[heads]
            logits = logits + (bias if bias.shape[1] == 1 else bias[:, queries]).float()
        if self.mask.hides_nothing:
            return logits
        visible = self.mask.visible(queries)
        if visible.shape[0] > 1:
            visible = visible[heads]
        return logits.masked_fill(~visible, float("-inf"))

    def _heads(self, heads: Sequence[int] | None) -> torch.Tensor:
        return _index(heads, self.n_heads, "head")

    def _queries(self, queries: Sequence[int] | None) -> torch.Tensor:
        return _index(queries, self.n_queries, "query token")


@dataclass(frozen=True, eq=False)
class Trace:
    """What one forward pass left behind.

    ``texts`` holds the text of each segment, ``hidden`` the hidden states: index 0 is what
    entered the first layer (the token embeddings, with positions where the model adds them),
    index i what layer i - 1 gave out, before any final norm.
    """

    tokens: tuple[Token, ...]
    blocks: tuple[Block, ...]
    hidden: tuple[torch.Tensor, ...]  # each (token, hidden)
    texts: tuple[str, ...]
    model_name: str

    @property
    def n_layers(self) -> int:
        return len(self.hidden) - 1

    @property
    def nbytes(self) -> int:
        """Bytes of all kept tensors, each storage counted once."""
        kept = [*self.hidden, *(tensor for block in self.blocks for tensor in block.tensors)]
        storages = {
            tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes()
            for tensor in kept
        }
        return sum(storages.values())

    def block(self, layer: int, kind: Kind = "self", stack: Stack | None = None) -> Block:
        """The attention block of a layer; LookupError names the layers that have one."""
        for block in self.blocks:
            if block.layer == layer and block.kind == kind and stack in (None, block.stack):
                return block
        layers = sorted({block.layer for block in self.blocks if block.kind == kind})
        raise LookupError(
            f"layer {layer} has no {kind}-attention in {self.model_name}; "
            f"layers that have: {', '.join(map(str, layers)) or 'none'}"
        )

    def attention(
        self,
        layer: int,
        kind: Kind = "self",
        stack: Stack | None = None,
        *,
        heads: Sequence[int] | None = None,
        queries: Sequence[int] | None = None,
    ) -> Array:
        """Attention probabilities of a layer (head, query, key); see :meth:`Block.attention`."""
        return self.block(layer, kind, stack).attention(heads, queries)

    def queries(self, layer: int, kind: Kind = "self", stack: Stack | None = None) -> Array:
        """Query vectors of a layer (head, query, dim), after rotary embedding."""
        return _numpy(self.block(layer, kind, stack).query)

    def keys(self, layer: int, kind: Kind = "self", stack: Stack | None = None) -> Array:
        """Key vectors of a layer (kv_head, key, dim), after rotary embedding."""
        return _numpy(self.block(layer, kind, stack).key)

    def values(self, layer: int, kind: Kind = "self", stack: Stack | None = None) -> Array:
        """Value vectors of a layer (kv_head, key, dim)."""
        return _numpy(self.block(layer, kind, stack).value)

    def hidden_states(self, layer: int) -> Array:
        """Hidden states (token, hidden): 0 is the token embeddings, i the output of layer i - 1."""
        if not 0 <= layer < len(self.hidden):
            raise LookupError(
                f"hidden_states({layer}) does not exist; {self.model_name} has 0 (token "
                f"embeddings) to {self.n_layers} (output of the last layer)"
            )
        return _numpy(self.hidden[layer])


def _numpy(tensor: torch.Tensor) -> Array:
    return tensor.float().numpy()


def _index(chosen: Sequence[int] | None, size: int, noun: str) -> torch.Tensor:
    if chosen is None:
        return torch.arange(size)
    for index in chosen:
        if not 0 <= index < size:
            raise LookupError(f"{noun} {index} does not exist; allowed: 0 to {size - 1}")
    return torch.tensor(list(chosen), dtype=torch.long)

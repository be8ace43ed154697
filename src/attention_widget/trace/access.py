"""Attention, queries, keys and values by layer and kind, as a trace offers them."""

from __future__ import annotations

from abc import ABC, abstractmethod

from attention_widget.trace.block import Array, Block, kept_array
from attention_widget.trace.grouping import Operation
from attention_widget.trace.indices import Indices
from attention_widget.trace.kind import Kind
from attention_widget.trace.lookup import Lookup


class AttentionAccess(ABC):
    """What a :class:`Trace` offers of its attention.

    ``layer`` counts from 0; negative numbers count from the last layer, as in Python. ``kind`` is
    "encoder", "decoder" or "cross"; without it the first of :attr:`kinds` is meant. All methods
    that take them raise

    - IndexError for a layer that the model does not have,
    - LookupError for a kind that it does not have, for a layer without attention of this kind,
      for one that was not kept, and where the text was read in windows,
    - ValueError for what is no kind at all.
    """

    @property
    @abstractmethod
    def _lookup(self) -> Lookup: ...

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of attention that there are, in the order "encoder", "decoder", "cross".

        Self-attention has the name of its stack: a model with a causal mask (GPT-2) is a decoder,
        one without (BERT) an encoder. "cross" goes from a decoder to its encoder. Of a text read
        in windows, the kinds of a window.

        >>> trace.kinds
        ('encoder',)
        """
        return self._lookup.kinds

    def count_layers(self, kind: Kind | None = None) -> int:
        """Number of layers of the encoder for "encoder", else of the decoder; 0 if there is no
        attention of this kind.

        >>> trace.count_layers()
        6
        """
        return self._lookup.count(kind)

    def layers_with_attention(self, kind: Kind | None = None) -> tuple[int, ...]:
        """The layers that have attention of this kind. Some models mix them with others.

        >>> trace.layers_with_attention("encoder")
        (0, 1, 2, 3, 4, 5)
        """
        return self._lookup.with_attention(kind)

    def count_heads(self, layer: int, kind: Kind | None = None) -> int:
        """Number of heads of a layer, 0 if it has no attention of this kind.

        >>> trace.count_heads(0)
        12
        """
        found = self._lookup.get(layer, kind)
        return found.n_heads if found else 0

    def attention(
        self,
        layer: int,
        kind: Kind | None = None,
        *,
        heads: Indices | None = None,
        queries: Indices | None = None,
    ) -> Array:
        """Attention probabilities of a layer: (head, query, key), float32.

        ``heads`` and ``queries`` choose some, in the order given: an index or several, negative
        ones from the end. A single index keeps its axis, with length 1. Rows sum to 1, to less
        where a sink took the rest; see :meth:`Block.attention`.

        >>> trace.attention(3).shape
        (12, 7, 7)
        >>> trace.attention(-1, heads=[0, 5], queries=2).shape
        (2, 1, 7)
        >>> trace.attention(9)
        Traceback (most recent call last):
        ...
        IndexError: layer must be in 0–5, got 9; the encoder of ... has 6 layers
        """
        return self.operation(layer, kind).attention(heads, queries)

    def queries(self, layer: int, kind: Kind | None = None) -> Array:
        """Query vectors of a layer: (head, query, dim), after rotary embedding. Read-only.

        >>> trace.queries(0).shape
        (12, 7, 32)
        """
        return kept_array(self.block(layer, kind).query)

    def keys(self, layer: int, kind: Kind | None = None) -> Array:
        """Key vectors of a layer: (kv_head, key, dim), after rotary embedding. Read-only.

        With grouped heads, query head h goes with key head ``h // (heads // kv_heads)``.

        >>> trace.keys(0).shape
        (12, 7, 32)
        """
        return kept_array(self.block(layer, kind).key)

    def values(self, layer: int, kind: Kind | None = None) -> Array:
        """Value vectors of a layer: (kv_head, key, dim). Read-only.

        >>> (trace.attention(0) @ trace.values(0)).shape  # (head, query, dim)
        (12, 7, 32)
        """
        block = self.block(layer, kind)
        if not block.value.shape[2]:
            raise LookupError(
                f"the values of layer {block.layer} of {self._lookup.model_name} were not given"
            )
        return kept_array(block.value)

    def block(self, layer: int, kind: Kind | None = None) -> Block:
        """The attention of a layer in its parts: queries, keys, values, mask.

        LookupError too where the probabilities alone are known.

        >>> trace.block(0)
        Block(layer 0, encoder, 12 heads, 7 × 7 tokens, 32 kB)
        """
        found = self.operation(layer, kind)
        if not isinstance(found, Block):
            raise LookupError(
                f"layer {found.layer} of {self._lookup.model_name} is known by its attention "
                f"alone: there are no queries, keys and values"
            )
        return found

    def operation(self, layer: int, kind: Kind | None = None) -> Operation:
        """The attention of a layer, in its parts (:class:`Block`) or as probabilities
        (:class:`Maps`).

        >>> trace.operation(0) is trace.block(0)
        True
        """
        return self._lookup.find(layer, kind)

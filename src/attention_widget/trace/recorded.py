"""What one pass of a model left behind: tokens, attention and hidden states."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from attention_widget.errors import NotFoundError
from attention_widget.trace.block import Array, Block, Maps, kept_array
from attention_widget.trace.grouping import Grouped, Operation
from attention_widget.trace.indices import Indices
from attention_widget.trace.kind import KINDS, Kind, check_kind
from attention_widget.trace.lookup import Lookup
from attention_widget.trace.passage import Passage
from attention_widget.trace.positions import Positions
from attention_widget.trace.projections import Projections
from attention_widget.trace.target import Target
from attention_widget.trace.token import Token


@dataclass(frozen=True, eq=False, repr=False)
class Recorded:
    """What :class:`Trace` holds of one pass, and how its attention is asked for.

    ``layer`` counts from 0; negative numbers count from the last layer, as in Python. ``kind`` is
    "encoder", "decoder" or "cross"; without it the first of :attr:`kinds` is meant. All methods
    that take them raise

    - IndexError for a layer that the model does not have,
    - LookupError for a kind that it does not have, for a layer without attention of this kind,
      for one that was not kept, and where the text was read in windows,
    - ValueError for what is no kind at all.
    """

    tokens: tuple[Token, ...]
    blocks: tuple[Block, ...]
    hidden: tuple[torch.Tensor, ...]  # each (token, hidden)
    texts: tuple[str, ...]
    model_name: str
    target: Target | None = None
    maps: tuple[Maps | Grouped, ...] = ()
    """Attention that is known without its parts; in no layer beside a block of its kind."""
    roles: tuple[str, ...] = ()
    """Who speaks in each segment of a chat."""
    image: NDArray[np.uint8] | None = None
    """What the boxes of the tokens lie in (height, width, 3)."""
    kept: tuple[int, ...] | None = None
    """The layers whose attention was kept, and the hidden states before and after them; None
    for all. The other hidden states hold no token."""
    edits: tuple[str, ...] = ()
    """What was changed in the pass, a sentence each; none where the model ran as it is."""
    word_rows: torch.Tensor | None = None
    """Rows of the model's table of word embeddings (token, any dim); None where not known."""
    passages: tuple[Passage, ...] = ()
    """Stretches of the text that have a name, in its order: see :class:`Passage`."""
    positions: tuple[Positions, ...] = ()
    """How the layers tell positions apart: see :class:`Positions`. None where it is not known."""
    projections: tuple[Projections, ...] = ()
    """What makes queries, keys and values, of the layers whose weights were kept."""

    def __post_init__(self) -> None:
        if self.image is not None:
            image = self.image.view()  # whose array it is may write into it, but not through us
            image.flags.writeable = False
            object.__setattr__(self, "image", image)

    @property
    def n_layers(self) -> int:
        """Number of layers of the model, of its encoder where it has two stacks.

        >>> trace.n_layers
        6
        """
        if self.hidden:
            return len(self.hidden) - 1
        kinds = KINDS if self.target is None else KINDS[:1]
        return max(map(self.count_layers, kinds))

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

    @property
    def n_heads(self) -> int:
        """Number of heads, where all layers of all kinds have as many.

        >>> trace.n_heads
        12

        Raises:
            LookupError: they differ, or there are none; ask :meth:`count_heads`.
        """
        return self._lookup.n_heads

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
        attention_widget.errors.OutOfRangeError: layer must be in 0–5, got 9; the encoder ...
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
            raise NotFoundError(
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
            raise NotFoundError(
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

    def sides(self, kind: Kind | None = None) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
        """The tokens of the queries of a kind of attention, and those of its keys.

        They are as many as the rows and the columns of its maps, but where the text was read in
        windows: then they are those of the whole text.

        >>> queries, keys = trace.sides()
        >>> len(queries), len(keys)
        (7, 7)
        """
        if kind is not None:
            check_kind(kind)
        kind = kind or next(iter(self.kinds), "encoder")
        queries = self.tokens if self.target is None or kind == "encoder" else self.target.tokens
        return queries, self.tokens if kind == "cross" else queries

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The attention of all layers and kinds, in parts or as probabilities.

        >>> len(trace.operations)
        6
        """
        return (*self.blocks, *self.maps)

    @property
    def nbytes(self) -> int:
        """Bytes of all kept tensors, each storage counted once.

        >>> trace.nbytes >= sum(part.nbytes for part in trace.hidden)
        True
        """
        storages = {
            tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes()
            for tensor in self.tensors
        }
        return sum(storages.values())

    @property
    def tensors(self) -> tuple[torch.Tensor, ...]:
        """All tensors that are kept, on the CPU and in the model's dtype. Read them only.

        >>> {str(tensor.dtype) for tensor in trace.hidden}
        {'torch.float32'}
        """
        target = self.target.hidden if self.target else ()
        attention = [tensor for one in self.operations for tensor in one.tensors]
        rows = (self.word_rows, self.target.word_rows if self.target else None)
        known = [each for each in rows if each is not None]
        positions = [tensor for one in self.positions for tensor in one.tensors]
        weights = [tensor for one in self.projections for tensor in one.tensors]
        return (*self.hidden, *target, *known, *attention, *positions, *weights)

    @cached_property
    def _lookup(self) -> Lookup:
        n_states = {kind: len(self._states(kind)) for kind in KINDS}
        return Lookup(self.model_name, self.operations, n_states, self.kept)

    def _states(self, kind: Kind) -> tuple[torch.Tensor, ...]:
        """Hidden states of the stack in which attention of this kind lies."""
        return self.hidden if self.target is None or kind == "encoder" else self.target.hidden

"""What one pass of a model left behind: tokens, attention and hidden states."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from attention_widget.trace.access import AttentionAccess
from attention_widget.trace.block import Array, Block, Maps, kept_array
from attention_widget.trace.grouping import Grouped, Operation
from attention_widget.trace.indices import index_of
from attention_widget.trace.kind import KINDS, Kind, check_kind
from attention_widget.trace.lookup import Lookup
from attention_widget.trace.target import Target
from attention_widget.trace.token import Token


@dataclass(frozen=True, eq=False, repr=False)
class Recorded(AttentionAccess):
    """What :class:`Trace` holds of one pass; see there."""

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
        """The attention of all layers and kinds, in parts or as probabilities."""
        return (*self.blocks, *self.maps)

    @property
    def nbytes(self) -> int:
        """Bytes of all kept tensors, each storage counted once."""
        storages = {
            tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes()
            for tensor in self.tensors
        }
        return sum(storages.values())

    @property
    def tensors(self) -> tuple[torch.Tensor, ...]:
        """All tensors that are kept."""
        target = self.target.hidden if self.target else ()
        attention = [tensor for one in self.operations for tensor in one.tensors]
        return (*self.hidden, *target, *attention)

    def hidden_states(self, index: int, kind: Kind | None = None) -> Array:
        """Hidden states (token, hidden), float32. Read-only.

        ``index`` counts states, not layers, and there is one more of them: 0 is what entered the
        first layer (the token embeddings, with positions where the model adds them), i is what
        layer i - 1 gave out, and -1 what the last layer gave out, before any final norm.

        ``kind`` says of which stack, "encoder" or "decoder", where there are two; the encoder's
        if None.

        >>> trace.hidden_states(0).shape
        (7, 384)
        >>> layer = 2
        >>> before, after = trace.hidden_states(layer), trace.hidden_states(layer + 1)

        Raises:
            IndexError: there is no such state.
            LookupError: none were kept, or not this one.
            ValueError: the kind is neither "encoder" nor "decoder".
        """
        if kind is not None:
            check_kind(kind)
        if kind == "cross":
            raise ValueError(
                "kind must be encoder or decoder, got 'cross'; cross-attention lies in the decoder"
            )
        hidden = self._states(kind or "encoder")
        if not hidden:
            raise LookupError(f"{self.model_name} left no hidden states, only attention")
        advice = "; 0 is the token embeddings, i the output of layer i - 1"
        at = index_of("index", index, len(hidden), advice)
        if self.kept is not None and not len(hidden[at]):
            raise LookupError(f"hidden_states({at}) were not kept; {self._lookup.what_is_kept}")
        return kept_array(hidden[at])

    @cached_property
    def _lookup(self) -> Lookup:
        n_states = {kind: len(self._states(kind)) for kind in KINDS}
        return Lookup(self.model_name, self.operations, n_states, self.kept)

    def _states(self, kind: Kind) -> tuple[torch.Tensor, ...]:
        """Hidden states of the stack in which attention of this kind lies."""
        return self.hidden if self.target is None or kind == "encoder" else self.target.hidden

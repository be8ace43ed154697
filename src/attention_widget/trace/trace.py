"""What one forward pass left behind: tokens, attention blocks and hidden states.

Frozen data and array access only; nothing here knows a model or a widget.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from attention_widget.trace import old_files, storage
from attention_widget.trace.block import Array, Block, Maps, kept_array
from attention_widget.trace.grouping import Grouped, Groups, Operation, group_means
from attention_widget.trace.indices import Indices, index_of
from attention_widget.trace.kind import KINDS, Kind, check_kind
from attention_widget.trace.lookup import Lookup
from attention_widget.trace.mask import Mask
from attention_widget.trace.target import Target
from attention_widget.trace.token import Token, merged, units
from attention_widget.trace.validation import (
    hidden_flaw,
    image_flaw,
    operation_flaw,
    window_flaw,
)


@dataclass(frozen=True, eq=False)
class Window:
    """A stretch of a text that is longer than the model takes, read by a pass of its own."""

    trace: Trace
    positions: tuple[int | None, ...]
    """For each token of this trace its index in the whole text; None for special tokens."""
    own: range
    """Tokens of the whole text whose hidden states are taken from this window."""


@dataclass(frozen=True, eq=False)
class Trace:
    """What one forward pass left behind.

    ``texts`` holds the text of each segment, ``hidden`` the hidden states: index 0 is what
    entered the first layer (the token embeddings, with positions where the model adds them),
    index i what layer i - 1 gave out, before any final norm. It is empty where only attention
    is known.

    An encoder-decoder's ``tokens``, ``hidden`` and ``texts`` are those of its encoder, and
    ``target`` holds the decoder's. Of a text read in ``windows`` the hidden states are stitched
    together, and attention is that of a window (see :meth:`window`).

    A trace does not change: :meth:`queries`, :meth:`keys`, :meth:`values`,
    :meth:`hidden_states` and ``image`` are read-only arrays, without a copy where they can be
    (take ``array.copy()`` to write into one), and :meth:`attention` is computed for each call.
    The tensors behind them (``hidden``, ``Block.query``, ...) cannot be locked: read them only.
    """

    tokens: tuple[Token, ...]
    blocks: tuple[Block, ...]
    hidden: tuple[torch.Tensor, ...]  # each (token, hidden)
    texts: tuple[str, ...]
    model_name: str
    target: Target | None = None
    maps: tuple[Maps | Grouped, ...] = ()
    """Attention that is known without its parts; in no layer beside a block of its kind."""
    windows: tuple[Window, ...] = ()
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
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of attention that there are: "encoder", "decoder", "cross", in this order.

        Self-attention is named after its stack. A model with a causal mask, as GPT-2, is a
        decoder; one without, as BERT, an encoder. Of a text read in windows, those of a window.
        """
        return self._lookup.kinds

    @property
    def n_layers(self) -> int:
        """Layers of the model, or of its encoder; those of a decoder beside it are
        ``target.n_layers``."""
        if self.hidden:
            return len(self.hidden) - 1
        kinds = KINDS if self.target is None else KINDS[:1]
        return max(map(self.count_layers, kinds))

    def count_layers(self, kind: Kind | None = None) -> int:
        """How many layers the stack has in which attention of this kind lies: the encoder for
        "encoder", else the decoder; 0 if the trace has no such attention."""
        return self._lookup.count(self._or_first(kind))

    def layers_with_attention(self, kind: Kind | None = None) -> tuple[int, ...]:
        """The layers that have attention of this kind, in order. Some models mix them with layers
        that have none."""
        return self._lookup.with_attention(self._or_first(kind))

    def count_heads(self, layer: int, kind: Kind | None = None) -> int:
        """How many heads a layer has, 0 if it has no attention of this kind."""
        found = self._lookup.get(layer, self._or_first(kind))
        return found.n_heads if found else 0

    def sides(self, kind: Kind | None = None) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
        """The tokens that the queries of a kind of attention stand for, and those of its keys."""
        kind = self._or_first(kind)
        queries = self.tokens if self.target is None or kind == "encoder" else self.target.tokens
        return queries, self.tokens if kind == "cross" else queries

    @property
    def operations(self) -> tuple[Operation, ...]:
        """All that attends, in parts or not."""
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
        """All that is kept, windows included."""
        target = self.target.hidden if self.target else ()
        attention = [tensor for one in self.operations for tensor in one.tensors]
        windows = [tensor for window in self.windows for tensor in window.trace.tensors]
        return (*self.hidden, *target, *attention, *windows)

    def attention(
        self,
        layer: int,
        kind: Kind | None = None,
        *,
        heads: Indices | None = None,
        queries: Indices | None = None,
    ) -> Array:
        """Attention probabilities of a layer (head, query, key); see :meth:`Block.attention`."""
        return self.operation(layer, kind).attention(heads, queries)

    def queries(self, layer: int, kind: Kind | None = None) -> Array:
        """Query vectors of a layer (head, query, dim), after rotary embedding."""
        return kept_array(self.block(layer, kind).query)

    def keys(self, layer: int, kind: Kind | None = None) -> Array:
        """Key vectors of a layer (kv_head, key, dim), after rotary embedding."""
        return kept_array(self.block(layer, kind).key)

    def values(self, layer: int, kind: Kind | None = None) -> Array:
        """Value vectors of a layer (kv_head, key, dim)."""
        value = self.block(layer, kind).value
        if not value.shape[2]:
            raise LookupError(f"the values of layer {layer} of {self.model_name} were not given")
        return kept_array(value)

    def block(self, layer: int, kind: Kind | None = None) -> Block:
        """The attention block of a layer, in its parts; LookupError names the layers that have
        one, or says that the attention is known without its parts."""
        block = self.operation(layer, kind)
        if not isinstance(block, Block):
            raise LookupError(
                f"layer {layer} of {self.model_name} is known by its attention alone: there are "
                f"no queries, keys and values"
            )
        return block

    def operation(self, layer: int, kind: Kind | None = None) -> Operation:
        """The attention of a layer, in parts or not; LookupError names the layers that have any."""
        if self.windows:
            raise LookupError(
                f"{self.model_name} read this text in {len(self.windows)} windows, each with "
                f"attention of its own; ask trace.window(token).trace"
            )
        return self._lookup.find(layer, kind)

    def hidden_states(self, index: int, kind: Kind | None = None) -> Array:
        """Hidden states (token, hidden): 0 is the token embeddings, i the output of layer i - 1.

        Those of the encoder where there are two stacks; ``kind="decoder"`` gives the other's.
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

    def window(self, token: int) -> Window:
        """The window that a token of the whole text takes its hidden states from."""
        if not self.windows:
            raise LookupError(f"{self.model_name} read this text in one pass; it has no windows")
        at = index_of("token", token, len(self.tokens))
        for window in self.windows:
            if at in window.own:
                return window
        raise LookupError(f"no window holds token {at}")

    def words(self) -> Trace:
        """This trace with the tokens of each word as one.

        Attention is summed over the keys of a word and averaged over its queries (Clark et al.
        2019, https://arxiv.org/abs/1906.04341, section 4.1), hidden states are averaged. Special
        tokens and tokens outside any word stay as they are. Attention is computed when asked for;
        queries, keys and values are no longer known.

        Raises:
            LookupError: the text was read in windows, each with words of its own.
        """
        self._refuse_windows("words()")
        return self._grouped(lambda tokens: units(tokens, words=True), renormalise=False)

    def without_special(self, renormalise: bool = False) -> Trace:
        """This trace without its special tokens, as queries and as keys.

        With ``renormalise`` what is left of each row is divided by its sum. Special tokens are
        marked in ``tokens``. Computed when asked for, as :meth:`words` is.

        Raises:
            LookupError: the text was read in windows.
        """
        self._refuse_windows("without_special()")
        return self._grouped(
            lambda tokens: tuple((i,) for i, token in enumerate(tokens) if not token.special),
            renormalise,
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the trace to one safetensors file, exactly: numbers and JSON, nothing that could
        run. A file that stands there is replaced once all is written."""
        storage.write(path, self)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Trace:
        """The trace that :meth:`save` wrote, in this version or an earlier one.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it is damaged, it holds no trace, or another version wrote it.
        """
        classes = (Trace, Token, Target, Window, Block, Maps, Grouped, Mask)
        trace = storage.read(path, Trace, classes, old_files.CONVERSIONS)
        problem = next(filter(None, _flaws(trace)), None)
        if problem:
            raise ValueError(f"{os.fspath(path)!r} is damaged: {problem}")
        return trace

    @cached_property
    def _lookup(self) -> Lookup:
        if self.windows:
            return self.windows[0].trace._lookup
        n_states = {kind: len(self._states(kind)) for kind in KINDS}
        return Lookup(self.model_name, self.operations, n_states, self.kept)

    def _or_first(self, kind: Kind | None) -> Kind:
        if kind is not None:
            check_kind(kind)
            return kind
        return self.kinds[0] if self.kinds else "encoder"

    def _states(self, kind: Kind) -> tuple[torch.Tensor, ...]:
        """Hidden states of the stack in which attention of this kind lies."""
        return self.hidden if self.target is None or kind == "encoder" else self.target.hidden

    def _refuse_windows(self, method: str) -> None:
        if self.windows:
            raise LookupError(
                f"{self.model_name} read this text in {len(self.windows)} windows; ask "
                f"trace.window(token).trace.{method}"
            )

    def _grouped(self, groups_of: Callable[[Sequence[Token]], Groups], renormalise: bool) -> Trace:
        target = self.target
        groups = {self.tokens: groups_of(self.tokens)}
        if target is not None:
            groups[target.tokens] = groups_of(target.tokens)
            target = replace(
                target,
                tokens=merged(target.tokens, groups[target.tokens]),
                hidden=group_means(target.hidden, groups[target.tokens]),
            )
        grouped = []
        for one in self.operations:
            queries, keys = self.sides(one.kind)
            grouped.append(Grouped(one, groups[queries], groups[keys], renormalise))
        return replace(
            self,
            tokens=merged(self.tokens, groups[self.tokens]),
            hidden=group_means(self.hidden, groups[self.tokens]),
            blocks=(),
            maps=tuple(grouped),
            target=target,
        )


def _flaws(trace: Trace) -> Iterator[str]:
    """What in a trace cannot be, as of a file that was changed; an empty string for what can."""
    if trace.roles and len(trace.roles) != len(trace.texts):
        yield f"{len(trace.roles)} roles of {len(trace.texts)} texts"
    yield image_flaw(trace.image)
    yield hidden_flaw(trace.hidden, len(trace.tokens))
    if trace.target is not None:
        yield hidden_flaw(trace.target.hidden, len(trace.target.tokens))
    for window in trace.windows:
        inside = window.trace
        yield window_flaw(window.positions, window.own, len(inside.tokens), len(trace.tokens))
        if inside.windows:
            yield "a window in a window"
        yield from _flaws(inside)
    if trace.windows and trace.operations:
        yield "it has windows, and attention beside theirs"
    for one in trace.operations:
        queries, keys = map(len, trace.sides(one.kind))
        yield operation_flaw(one, len(trace._states(one.kind)), queries, keys)

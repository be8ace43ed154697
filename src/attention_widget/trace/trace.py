"""What one forward pass left behind: tokens, attention blocks and hidden states.

Frozen data and array access only; nothing here knows a model or a widget.
"""

from __future__ import annotations

import os
import reprlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from attention_widget.trace import storage
from attention_widget.trace.block import Array, Block, Kind, Maps, Stack, kept_array
from attention_widget.trace.grouping import Grouped, Groups, Operation
from attention_widget.trace.mask import Mask
from attention_widget.trace.token import Token, merge, units
from attention_widget.trace.validation import flaw


@dataclass(frozen=True, eq=False)
class Target:
    """What the decoder of an encoder-decoder read, and made of it; see :class:`Trace`."""

    tokens: tuple[Token, ...]
    hidden: tuple[torch.Tensor, ...]  # each (token, hidden)
    texts: tuple[str, ...]
    generated: bool = False  # the model chose the tokens, as no target was given

    @property
    def n_layers(self) -> int:
        return len(self.hidden) - 1


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
    def n_layers(self) -> int:
        """Layers of the model, or of its encoder; those of a decoder beside it are
        ``target.n_layers``."""
        if self.hidden:
            return len(self.hidden) - 1
        stack = "encoder" if self.target is not None else None
        layers = [one.layer for one in self.operations if stack in (None, one.stack)]
        return max(layers, default=-1) + 1

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

    def block(self, layer: int, kind: Kind = "self", stack: Stack | None = None) -> Block:
        """The attention block of a layer, in its parts; LookupError names the layers that have
        one, or says that the attention is known without its parts."""
        block = self.operation(layer, kind, stack)
        if not isinstance(block, Block):
            raise LookupError(
                f"layer {layer} of {self.model_name} is known by its attention alone: there are "
                f"no queries, keys and values"
            )
        return block

    def operation(self, layer: int, kind: Kind = "self", stack: Stack | None = None) -> Operation:
        """The attention of a layer, in parts or not; LookupError names the layers that have any.

        Where ``stack`` is not given, self-attention is the encoder's if there is one.
        """
        if self.windows:
            raise LookupError(
                f"{self.model_name} read this text in {len(self.windows)} windows, each with "
                f"attention of its own; ask trace.window(token).trace"
            )
        if stack is None and self.target is not None:
            stack = "encoder" if kind == "self" else "decoder"
        among = [one for one in self.operations if one.kind == kind and stack in (None, one.stack)]
        for one in among:
            if one.layer == layer:
                return one
        if self.kept is not None and layer not in self.kept:
            raise LookupError(f"layer {layer} was not kept; {self._kept}")
        of = f"{stack} " if stack else ""
        layers = sorted({one.layer for one in among})
        raise LookupError(
            f"layer {layer} has no {of}{kind}-attention in {self.model_name}; "
            f"layers that have: {', '.join(map(str, layers)) or 'none'}"
        )

    def sides(self, block: Operation) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
        """The tokens that a block's queries stand for, and those of its keys."""
        if self.target is None:
            return self.tokens, self.tokens
        queries = self.target.tokens if block.stack == "decoder" else self.tokens
        return queries, self.tokens if block.kind == "cross" else queries

    def window(self, token: int) -> Window:
        """The window that a token of the whole text takes its hidden states from."""
        for window in self.windows:
            if token in window.own:
                return window
        if not self.windows:
            raise LookupError(f"{self.model_name} read this text in one pass; it has no windows")
        raise LookupError(f"token {token} does not exist; allowed: 0 to {len(self.tokens) - 1}")

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the trace to one safetensors file, exactly: numbers and JSON, nothing that could
        run. A file that stands there is replaced once all is written."""
        storage.write(path, self)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Trace:
        """The trace that :meth:`save` wrote.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it is damaged, it holds no trace, or another version wrote it.
        """
        trace = storage.read(
            path, Trace, (Trace, Token, Target, Window, Block, Maps, Grouped, Mask)
        )
        problem = _contradiction(trace)
        if problem:
            raise ValueError(f"{os.fspath(path)!r} is damaged: {problem}")
        return trace

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

    def _refuse_windows(self, method: str) -> None:
        if self.windows:
            raise LookupError(
                f"{self.model_name} read this text in {len(self.windows)} windows; ask "
                f"trace.window(token).trace.{method}"
            )

    def _grouped(self, groups_of: Callable[[Sequence[Token]], Groups], renormalise: bool) -> Trace:
        groups = {side: groups_of(side) for one in self.operations for side in self.sides(one)}
        groups[self.tokens] = groups_of(self.tokens)
        target = self.target
        if target is not None:
            groups[target.tokens] = groups_of(target.tokens)
            target = replace(
                target,
                tokens=_merged(target.tokens, groups[target.tokens]),
                hidden=_means(target.hidden, groups[target.tokens]),
            )
        grouped = []
        for one in self.operations:
            queries, keys = self.sides(one)
            grouped.append(Grouped(one, groups[queries], groups[keys], renormalise))
        return replace(
            self,
            tokens=_merged(self.tokens, groups[self.tokens]),
            hidden=_means(self.hidden, groups[self.tokens]),
            blocks=(),
            maps=tuple(grouped),
            target=target,
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
        return self.operation(layer, kind, stack).attention(heads, queries)

    def queries(self, layer: int, kind: Kind = "self", stack: Stack | None = None) -> Array:
        """Query vectors of a layer (head, query, dim), after rotary embedding."""
        return kept_array(self.block(layer, kind, stack).query)

    def keys(self, layer: int, kind: Kind = "self", stack: Stack | None = None) -> Array:
        """Key vectors of a layer (kv_head, key, dim), after rotary embedding."""
        return kept_array(self.block(layer, kind, stack).key)

    def values(self, layer: int, kind: Kind = "self", stack: Stack | None = None) -> Array:
        """Value vectors of a layer (kv_head, key, dim)."""
        value = self.block(layer, kind, stack).value
        if not value.shape[2]:
            raise LookupError(f"the values of layer {layer} of {self.model_name} were not given")
        return kept_array(value)

    def hidden_states(self, layer: int, stack: Stack | None = None) -> Array:
        """Hidden states (token, hidden): 0 is the token embeddings, i the output of layer i - 1.

        Those of the encoder where there are two stacks; ``stack="decoder"`` gives the other's.
        """
        hidden = self.hidden
        if stack == "decoder" and self.target is not None:
            hidden = self.target.hidden
        if not hidden:
            raise LookupError(f"{self.model_name} left no hidden states, only attention")
        if not 0 <= layer < len(hidden):
            raise LookupError(
                f"hidden_states({layer}) does not exist; {self.model_name} has 0 (token "
                f"embeddings) to {len(hidden) - 1} (output of the last layer)"
            )
        if self.kept is not None and not len(hidden[layer]):
            raise LookupError(f"hidden_states({layer}) were not kept; {self._kept}")
        return kept_array(hidden[layer])

    @property
    def _kept(self) -> str:
        layers = ", ".join(map(str, self.kept or ()))
        return (
            f"this trace holds layers {layers} and the hidden states before and after each; "
            f"name others in capture(..., layers=[...])"
        )


def _merged(tokens: tuple[Token, ...], groups: Groups) -> tuple[Token, ...]:
    return tuple(merge([tokens[i] for i in group], at) for at, group in enumerate(groups))


def _means(hidden: tuple[torch.Tensor, ...], groups: Groups) -> tuple[torch.Tensor, ...]:
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


MOST_LAYERS: Final = 10_000
"""Of attention that comes without hidden states, which say how many layers there are."""


def _contradiction(trace: Trace) -> str:
    """What in a trace cannot be, as of a file that was changed; empty if nothing."""
    if trace.roles and len(trace.roles) != len(trace.texts):
        return f"{len(trace.roles)} roles of {len(trace.texts)} texts"
    image = trace.image
    if image is not None and (image.ndim != 3 or image.shape[2] != 3 or not image.size):
        return f"an image of shape {image.shape}"
    stacks = {"encoder": (trace.hidden, trace.tokens)}
    if trace.target is not None:
        stacks["decoder"] = (trace.target.hidden, trace.target.tokens)
    for hidden, tokens in stacks.values():
        for index, states in enumerate(hidden):
            fits = states.ndim == 2 and len(states) in (0, len(tokens))
            if not fits or not states.is_floating_point():
                return f"hidden_states({index}) of shape {tuple(states.shape)}, {states.dtype}"
    for window in trace.windows:
        if problem := _window_contradiction(window, len(trace.tokens)):
            return problem
    for one in trace.operations:
        hidden = stacks.get(one.stack, stacks["encoder"])[0]
        count = len(hidden) - 1 if hidden else MOST_LAYERS
        where = f"layer {reprlib.repr(one.layer)} ({one.stack}, {one.kind})"
        if not 0 <= one.layer < count:
            return f"the attention of {where}, of {count} layers"
        queries, keys = trace.sides(one)
        sizes = f"for {len(queries)} and {len(keys)} tokens"
        problem = "there are windows" if trace.windows else flaw(one, len(queries), len(keys))
        if problem:
            return f"the attention of {where} cannot be computed, {sizes}: {problem}"
    return ""


def _window_contradiction(window: Window, n_tokens: int) -> str:
    """What in a window of a text cannot be."""
    positions, own = window.positions, window.own
    if len(positions) != len(window.trace.tokens):
        return f"{len(positions)} positions of {len(window.trace.tokens)} tokens"
    if window.trace.windows:
        return "a window in a window"
    if not all(position is None or 0 <= position < n_tokens for position in positions):
        return f"a window of tokens that are not among {n_tokens}"
    if not 0 <= own.start <= own.stop <= n_tokens:
        return f"a window of its own {reprlib.repr(own)}, of {n_tokens} tokens"
    return _contradiction(window.trace)

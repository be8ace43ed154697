"""What can be changed in a pass: heads switched off, scaled or given another text's output, and
edges blocked.

An edit of heads changes what they give out, ``z`` (query, head, dim), before the output projection:
the sum of values weighted by attention. An edit of edges changes what a query sees, before the
softmax. Heads, layers and tokens are numbered as in the trace, from 0; negative numbers count from
the end. ``kind`` is "encoder", "decoder" or "cross"; without it the first of the trace's kinds.
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, TypeAlias, get_args

import numpy as np
import torch

from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.trace.block import Block
from attention_widget.trace.indices import Indices, indices_of
from attention_widget.trace.kind import Kind
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace

Value = Literal["zero", "mean"]


class Source(Protocol):
    """Where another text's outputs come from: an :class:`Experiment`."""

    @property
    def trace(self) -> Trace: ...

    def heads_output(self, layer: int, kind: Kind | None = None) -> torch.Tensor: ...


@dataclass(frozen=True)
class _OfHeads:
    layer: int
    heads: Indices

    def _placed(self, trace: Trace, **chosen: Any) -> Any:
        """The same with what was left out or negative filled in."""
        operation = trace.operation(self.layer, chosen["kind"])
        heads = _checked("head", self.heads, operation.n_heads)
        return replace(self, layer=operation.layer, heads=heads, **chosen)

    def _named(self) -> str:
        heads = (self.heads,) if isinstance(self.heads, int) else tuple(self.heads)
        return f"layer {self.layer}, head{'s' * (len(heads) != 1)} {_listed(heads)}"


@dataclass(frozen=True)
class HeadOff(_OfHeads):
    """Heads switched off: what they give out becomes zero, or its mean over the text.

    Zero is the ablation of Michel et al. 2019 (https://arxiv.org/abs/1905.10650), the same as a
    model whose output projection has zeros in the columns of the head. ``value="mean"`` leaves what
    a head gives out whatever the token is: the mean of z over all queries of this pass. Both differ
    widely in the first layers. ``tokens`` are the queries at which it is off; None for all.

    >>> HeadOff(23, 4).describe()
    'Layer 23, head 4 is switched off: it gives out zero.'
    >>> HeadOff(2, [1, 7], tokens=4, value="mean").describe()
    'Layer 2, heads 1 and 7 are switched off at token 4: they give out their mean over the text.'
    """

    kind: Kind | None = None
    tokens: Indices | None = None
    value: Value = "zero"

    def placed(self, trace: Trace) -> HeadOff:
        """The same edit with every number from 0 and the kind filled in.

        Raises:
            IndexError: a layer, head or token that the trace does not have.
            LookupError: a kind or attention that it does not have.
            ValueError, TypeError: something that is no such number.
        """
        if self.value not in get_args(Value):
            raise InvalidValueError(
                f'value must be "zero" or "mean", got {reprlib.repr(self.value)}; another text\'s '
                f"output is HeadPatch"
            )
        return self._placed(trace, **_at_queries(self.kind, self.tokens, trace))  # type: ignore[no-any-return]

    def describe(self, tokens: Sequence[Token] = ()) -> str:
        """One sentence; ``tokens`` are those of the queries, to name them by their text."""
        several = not _is_single(self.heads)
        they, their = ("they give", "their") if several else ("it gives", "its")
        what = f"{their} mean over the text" if self.value == "mean" else "zero"
        verb = "are" if several else "is"
        at = _at(self.tokens, tokens)
        return f"{_upper(self._named())} {verb} switched off{at}: {they} out {what}."


@dataclass(frozen=True)
class HeadScale(_OfHeads):
    """Heads made weaker or stronger: what they give out is multiplied by ``factor``.

    A factor of 1 changes nothing, 0 is :class:`HeadOff`, and below 0 the head is turned round.

    >>> HeadScale(23, 4, 0.5).describe()
    'Layer 23, head 4 is multiplied by 0.5.'
    """

    factor: float
    kind: Kind | None = None
    tokens: Indices | None = None

    def placed(self, trace: Trace) -> HeadScale:
        """The same edit with every number from 0 and the kind filled in; it raises what
        :meth:`HeadOff.placed` does."""
        is_number = isinstance(self.factor, int | float | np.number)
        if not is_number or isinstance(self.factor, bool):
            raise InvalidTypeError(f"factor must be a number, got {reprlib.repr(self.factor)}")
        if not math.isfinite(self.factor):
            raise InvalidValueError(f"factor must be a finite number, got {self.factor}")
        return self._placed(trace, **_at_queries(self.kind, self.tokens, trace))  # type: ignore[no-any-return]

    def describe(self, tokens: Sequence[Token] = ()) -> str:
        """One sentence; ``tokens`` are those of the queries, to name them by their text."""
        verb = "is" if _is_single(self.heads) else "are"
        at = _at(self.tokens, tokens)
        return f"{_upper(self._named())} {verb} multiplied by {self.factor:g}{at}."


@dataclass(frozen=True)
class HeadPatch(_OfHeads):
    """Heads that give out what they give in another text (activation patching: Meng et al. 2022,
    https://arxiv.org/abs/2202.05262, section 2; Wang et al. 2022, https://arxiv.org/abs/2211.00593).

    ``source`` is the :class:`Experiment` of the other text, with the same model or one of the same
    shape. ``tokens`` of this text take the output at ``source_tokens`` of the other, one for one;
    without them all tokens do, if the texts have equally many, and one list stands for both.

    >>> HeadPatch(3, 4, source=lab).describe()
    "Layer 3, head 4 gives out what it gives out in 'Attention is a novel idea'."
    """

    source: Source
    tokens: Indices | None = None
    source_tokens: Indices | None = None
    kind: Kind | None = None

    def placed(self, trace: Trace) -> HeadPatch:
        """The same edit with every number from 0 and the kind filled in; it raises what
        :meth:`HeadOff.placed` does, for both texts."""
        if not callable(getattr(self.source, "heads_output", None)):
            raise InvalidTypeError(
                f"source must be an Experiment with the other text, got "
                f"{type(self.source).__name__}; make one: Experiment(model, text)"
            )
        chosen = _at_queries(self.kind, self.tokens, trace)
        own, other = (each.sides(chosen["kind"])[0] for each in (trace, self.source.trace))
        mine = self.source_tokens if self.tokens is None else self.tokens
        theirs = self.tokens if self.source_tokens is None else self.source_tokens
        tokens = _checked("token", mine, len(own))
        source_tokens = _checked("source token", theirs, len(other))
        if len(tokens) != len(source_tokens):
            raise InvalidValueError(
                f"tokens and source_tokens must be equally many, got {len(tokens)} and "
                f"{len(source_tokens)}; name the tokens that go together: tokens=[...], "
                f"source_tokens=[...]"
            )
        if mine is not None or theirs is not None:
            chosen |= {"tokens": tokens, "source_tokens": source_tokens}
        made: HeadPatch = self._placed(trace, **chosen)
        here, there = (each.operation(made.layer, made.kind) for each in (trace, self.source.trace))
        if here.n_heads != there.n_heads:
            raise InvalidValueError(
                f"source must have as many heads in layer {made.layer} as the model, "
                f"{here.n_heads}, got {there.n_heads}; take an experiment with the same model"
            )
        return made

    def describe(self, tokens: Sequence[Token] = ()) -> str:
        """One sentence; ``tokens`` are those of the queries, to name them by their text."""
        they = "it gives" if _is_single(self.heads) else "they give"
        give = "gives" if _is_single(self.heads) else "give"
        texts = self.source.trace.texts
        where = reprlib.repr(texts[0]) if texts else "the other input"
        at = _at(self.tokens, tokens)
        return f"{_upper(self._named())} {give} out{at} what {they} out in {where}."


@dataclass(frozen=True, kw_only=True)
class EdgeOff:
    """Edges that are blocked: a query may not see a key (attention knockout: Geva et al. 2023,
    https://arxiv.org/abs/2304.14767, section 4).

    They are blocked before the softmax, so that the rest of the row is shared out again, as in a
    model whose mask lacks the edge. A query that sees no key any more gets zero. None stands for
    all: without ``query`` no token may see ``key``, without ``heads`` and ``layer`` anywhere. In an
    encoder-decoder each kind of attention needs an edit of its own. Edges are blocked before edits
    of heads, wherever they stand in the list.

    >>> EdgeOff(layer=23, heads=4, query=4, key=3).describe()
    'In layer 23, head 4, token 4 may not see token 3.'
    >>> EdgeOff(key=3).describe()
    'In all layers, no token may see token 3.'
    """

    key: Indices
    layer: int | None = None
    heads: Indices | None = None
    query: Indices | None = None
    kind: Kind | None = None

    def placed(self, trace: Trace) -> EdgeOff:
        """The same edit with every number from 0 and the kind filled in; it raises what
        :meth:`HeadOff.placed` does, and ValueError where there is no such edge."""
        kind, layer = _kind(self.kind, trace), self.layer
        if layer is not None:
            layer = trace.operation(layer, kind).layer
        queries, keys = trace.sides(kind)
        made = replace(
            self,
            kind=kind,
            layer=layer,
            query=None if self.query is None else _checked("query", self.query, len(queries)),
            key=_checked("key", self.key, len(keys)),
        )
        places = made.layers(trace)
        if self.heads is not None:
            fewest = min(trace.count_heads(each, kind) for each in places)
            made = replace(made, heads=_checked("head", self.heads, fewest))
        if not any(made.visible(trace, each) for each in places):
            sees = "any token" if made.query is None else _tokens(made.query, ())
            raise InvalidValueError(
                f"key must be a token that the query sees, got {_tokens(made.key, ())}, which the "
                f"mask hides from {sees} already"
            )
        return made

    def layers(self, trace: Trace) -> tuple[int, ...]:
        """The layers that it is made in."""
        return trace.layers_with_attention(self.kind) if self.layer is None else (self.layer,)

    def blocked(self, n_heads: int, n_queries: int, n_keys: int) -> torch.Tensor:
        """Which edges are blocked (head, query, key), of an edit that is placed."""
        edges = torch.zeros((n_heads, n_queries, n_keys), dtype=torch.bool, device="cpu")
        axes = [
            indices_of(noun, chosen, size)
            for noun, chosen, size in (
                ("head", self.heads, n_heads),
                ("query", self.query, n_queries),
                ("key", self.key, n_keys),
            )
        ]
        edges[np.ix_(*axes)] = True
        return edges

    def visible(self, trace: Trace, layer: int) -> bool:
        """Whether any of its edges in a layer is there, of an edit that is placed."""
        operation = trace.operation(layer, self.kind)
        if not isinstance(operation, Block):
            return True
        edges = self.blocked(operation.n_heads, operation.n_queries, operation.n_keys)
        rows = torch.arange(operation.n_queries, dtype=torch.long, device="cpu")
        return bool((operation.mask.visible(rows) & edges).any())

    def describe(self, tokens: Sequence[Token] = (), keys: Sequence[Token] | None = None) -> str:
        """One sentence; ``tokens`` are those of the queries, to name them by their text, and
        ``keys`` those of the keys, where they are others."""
        where = "all layers" if self.layer is None else f"layer {self.layer}"
        if self.heads is not None:
            chosen = (self.heads,) if isinstance(self.heads, int) else tuple(self.heads)
            where += f", head{'s' * (len(chosen) != 1)} {_listed(chosen)}"
        return f"In {where}, {self._edge(tokens, keys)}."

    def _edge(self, tokens: Sequence[Token] = (), keys: Sequence[Token] | None = None) -> str:
        who = "no token" if self.query is None else _tokens(self.query, tokens)
        verb = "may see" if self.query is None else "may not see"
        return f"{who} {verb} {_tokens(self.key, tokens if keys is None else keys)}"


Edit: TypeAlias = HeadOff | HeadScale | HeadPatch | EdgeOff


def placed(edits: Sequence[Edit], trace: Trace) -> tuple[Edit, ...]:
    """Edits checked against a trace, with every number from 0 and the kind filled in."""
    for edit in edits:
        if not isinstance(edit, Edit):
            raise InvalidTypeError(
                f"edits must be HeadOff, HeadScale, HeadPatch or EdgeOff, got {type(edit).__name__}"
            )
    return tuple(edit.placed(trace) for edit in edits)


def described(edits: Sequence[Edit], trace: Trace) -> tuple[str, ...]:
    """A sentence for each edit that is placed, with the text of its tokens."""
    return tuple(
        edit.describe(*trace.sides(edit.kind))
        if isinstance(edit, EdgeOff)
        else edit.describe(trace.sides(edit.kind)[0])
        for edit in edits
    )


def _kind(kind: Kind | None, trace: Trace) -> Kind:
    """The kind that is meant; LookupError if the trace has none of it."""
    layers = trace.layers_with_attention(kind)
    return trace.operation(layers[0] if layers else 0, kind).kind


def _at_queries(kind: Kind | None, tokens: Indices | None, trace: Trace) -> dict[str, Any]:
    found = _kind(kind, trace)
    size = len(trace.sides(found)[0])
    return {"kind": found, "tokens": None if tokens is None else _checked("token", tokens, size)}


def _checked(noun: str, chosen: Indices | None, size: int) -> tuple[int, ...]:
    if isinstance(chosen, str | bytes):
        raise InvalidTypeError(f"{noun} must be an integer or several, got {chosen!r:.80}")
    found = indices_of(noun, chosen, size)
    if not found:
        raise InvalidValueError(f"{noun} must be one or more of 0–{size - 1}, got none")
    return tuple(found)


def _is_single(chosen: Indices) -> bool:
    return isinstance(chosen, int) or len(chosen) == 1


def _listed(numbers: Sequence[object]) -> str:
    *first, last = map(str, numbers)
    return f"{', '.join(first)} and {last}" if first else last


def _tokens(chosen: Indices, tokens: Sequence[Token]) -> str:
    numbers = (chosen,) if isinstance(chosen, int) else tuple(chosen)
    named = [
        f"{number} {reprlib.repr(tokens[number].label)}" if tokens else f"{number}"
        for number in numbers
    ]
    return f"token{'s' * (len(named) != 1)} {_listed(named)}"


def _at(chosen: Indices | None, tokens: Sequence[Token]) -> str:
    return "" if chosen is None else f" at {_tokens(chosen, tokens)}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]

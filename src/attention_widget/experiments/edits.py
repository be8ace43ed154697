"""What can be changed in a pass: heads switched off, scaled or given another text's output, and
edges blocked.

An edit of heads changes what they give out, ``z`` (query, head, dim), before the output projection:
the sum of values weighted by attention. An edit of edges changes what a query sees, before the
softmax. Heads, layers and tokens are numbered as in the trace, from 0; negative numbers count from
the end. ``kind`` is "encoder", "decoder" or "cross"; without it the first of the trace's kinds.
"""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import torch

from attention_widget.trace.indices import Indices
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

    def describe(self, tokens: Sequence[Token] = ()) -> str:
        """One sentence; ``tokens`` are those of the queries, to name them by their text.

        >>> HeadOff(23, 4, tokens=[0, 1]).describe()
        'Layer 23, head 4 is switched off at tokens 0 and 1: it gives out zero.'
        """
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

    def describe(self, tokens: Sequence[Token] = ()) -> str:
        """One sentence; ``tokens`` are those of the queries, to name them by their text.

        >>> HeadScale(23, [4, 5], 2.0).describe()
        'Layer 23, heads 4 and 5 are multiplied by 2.'
        """
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

    def describe(self, tokens: Sequence[Token] = ()) -> str:
        """One sentence; ``tokens`` are those of the queries, to name them by their text.

        >>> HeadPatch(3, 4, source=lab, tokens=2).describe()
        "Layer 3, head 4 gives out at token 2 what it gives out in 'Attention is a novel idea'."
        """
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

    def describe(self, tokens: Sequence[Token] = (), keys: Sequence[Token] | None = None) -> str:
        """One sentence; ``tokens`` are those of the queries, to name them by their text, and
        ``keys`` those of the keys, where they are others.

        >>> EdgeOff(layer=3, query=[4, 5], key=2).describe(trace.tokens)
        "In layer 3, tokens 4 'novel' and 5 'idea' may not see token 2 'is'."
        """
        where = "all layers" if self.layer is None else f"layer {self.layer}"
        if self.heads is not None:
            chosen = (self.heads,) if isinstance(self.heads, int) else tuple(self.heads)
            where += f", head{'s' * (len(chosen) != 1)} {_listed(chosen)}"
        return f"In {where}, {self._edge(tokens, keys)}."

    def _edge(self, tokens: Sequence[Token] = (), keys: Sequence[Token] | None = None) -> str:
        who = "no token" if self.query is None else named_tokens(self.query, tokens)
        verb = "may see" if self.query is None else "may not see"
        return f"{who} {verb} {named_tokens(self.key, tokens if keys is None else keys)}"


Edit: TypeAlias = HeadOff | HeadScale | HeadPatch | EdgeOff


def _is_single(chosen: Indices) -> bool:
    return isinstance(chosen, int) or len(chosen) == 1


def _listed(numbers: Sequence[object]) -> str:
    *first, last = map(str, numbers)
    return f"{', '.join(first)} and {last}" if first else last


def named_tokens(chosen: Indices, tokens: Sequence[Token] = ()) -> str:
    """Tokens by their numbers, and by their text where it is at hand."""
    numbers = (chosen,) if isinstance(chosen, int) else tuple(chosen)
    named = [
        f"{number} {reprlib.repr(tokens[number].label)}" if tokens else f"{number}"
        for number in numbers
    ]
    return f"token{'s' * (len(named) != 1)} {_listed(named)}"


def _at(chosen: Indices | None, tokens: Sequence[Token]) -> str:
    return "" if chosen is None else f" at {named_tokens(chosen, tokens)}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]

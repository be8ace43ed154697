"""Two passes beside each other."""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from attention_widget.contrast.alignment import Alignment, Pairs, slot_tokens
from attention_widget.contrast.head_changes import HeadChange, by_change, columns_of
from attention_widget.contrast.paired_predictions import PairedPredictions, predict_both
from attention_widget.contrast.placed import placed_trace
from attention_widget.contrast.side import Side
from attention_widget.errors import InvalidValueError, RefusedError
from attention_widget.experiments import Experiment
from attention_widget.measures import head_divergence
from attention_widget.measures.own_tokens import evenly
from attention_widget.measures.summaries import SAMPLED_QUERIES
from attention_widget.trace.block import Array
from attention_widget.trace.kind import Kind
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace


class Contrast:
    """Two passes, and which of their tokens stand for each other; :func:`compare` makes it.

    >>> from attention_widget import compare
    >>> from attention_widget.experiments import HeadOff
    >>> contrast = compare(lab, lab.without(HeadOff(1, 0)), names=("whole", "without 1.0"))
    >>> contrast
    Contrast('whole' and 'without 1.0', 7 of 7 and 7 tokens aligned)
    >>> contrast.heads_by_change()[0].layer > 1  # what comes after layer 1 sees other values
    True
    """

    def __init__(
        self,
        names: tuple[str, str],
        sides: tuple[Side, Side],
        alignment: Alignment,
        targets: Alignment | None,
    ) -> None:
        self.names = names
        self.sides = sides
        self.aligned, self.aligned_targets = alignment, targets

    @property
    def alignment(self) -> Pairs:
        """Pairs of indices (token of the first, token of the second) that stand for each other.

        >>> contrast.alignment[:2]
        ((0, 0), (1, 1))
        """
        return self.aligned.pairs

    @property
    def alone(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The tokens of each side that have no partner.

        >>> contrast.alone
        ((), ())
        """
        return self.aligned.alone

    @property
    def is_whole(self) -> bool:
        """Whether each token goes with the one that has its index on the other side, so that none
        stands alone.

        >>> contrast.is_whole
        True
        """
        targets = self.aligned_targets
        return self.aligned.is_whole and (targets is None or targets.is_whole)

    @property
    def traces(self) -> tuple[Trace, Trace]:
        """Those of both sides, each with its own tokens.

        >>> [len(trace.tokens) for trace in contrast.traces]
        [7, 7]
        """
        return self.sides[0].trace, self.sides[1].trace

    @cached_property
    def placed(self) -> tuple[Trace, Trace]:
        """Both traces with the same tokens: pairs, and between them those that stand alone. NaN
        stands where a side has no such token.

        >>> [len(trace.tokens) for trace in contrast.placed]
        [7, 7]
        """
        one, other = self.traces
        tokens = self.tokens
        if self.is_whole:
            return replace(one, tokens=tokens), replace(other, tokens=tokens)
        targets = self.aligned_targets
        target_tokens: Sequence[Token] = ()
        if targets is not None and one.target is not None and other.target is not None:
            target_tokens = slot_tokens(targets.slots, one.target.tokens, other.target.tokens)
        first, second = (
            placed_trace(
                trace,
                tuple(slot[side] for slot in self.aligned.slots),
                tokens,
                None if targets is None else tuple(slot[side] for slot in targets.slots),
                target_tokens,
            )
            for side, trace in enumerate(self.traces)
        )
        return first, second

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """A token for each pair, and for each that stands alone, in the order of both texts: the
        rows of a difference. A pair of different tokens is called "novel / old".

        >>> contrast.tokens[4].label
        'novel'
        """
        one, other = self.traces
        return slot_tokens(self.aligned.slots, one.tokens, other.tokens)

    def attention(self, which: str | int, layer: int, kind: Kind | None = None) -> Array:
        """Attention of a layer (head, query, key): that of a side, by its name or as 0 or 1,
        between its own tokens; or of "difference", that of the second side minus that of the first,
        between :attr:`tokens`: NaN from and to those that stand alone.

        >>> contrast.attention("difference", 1).shape
        (12, 7, 7)

        Raises:
            ValueError: there is no such side.
            LookupError, IndexError: as in :meth:`Trace.attention`.
        """
        if which == "difference":
            before, after = (trace.attention(layer, kind) for trace in self.placed)
            change: Array = after - before
            return change
        return self._side(which).trace.attention(layer, kind)

    def divergence(self, layer: int, kind: Kind | None = None, *, sampled: bool = False) -> Array:
        """How far the attention of each head of a layer is from that of the other side: (head,),
        in bits; see :func:`measures.head_divergence`.

        With ``sampled`` the mean is over 512 queries of a longer text, evenly spaced.

        >>> contrast.divergence(3).shape
        (12,)
        """
        kind = kind or self.traces[0].kinds[0]
        queries, keys = self._pairs(kind)
        sides = [trace.sides(kind)[0] for trace in self.traces]
        queries = tuple(
            pair
            for pair in queries
            if not any(side[i].padding for side, i in zip(sides, pair, strict=True))
        )
        if sampled:
            queries = tuple(queries[i] for i in evenly(len(queries), SAMPLED_QUERIES))
        return head_divergence(*self.traces, layer, kind, queries=queries, keys=keys)

    @cached_property
    def _changes(self) -> tuple[HeadChange, ...]:
        return by_change(self.traces[0], self.divergence)

    def heads_by_change(self, kind: Kind | None = None) -> tuple[HeadChange, ...]:
        """All heads, the one whose attention changed most first.

        A large change of attention says where a head looks elsewhere, not that the head carries
        what the models do differently: for that put its values into the other model
        (:class:`HeadPatch`).

        >>> len(contrast.heads_by_change())
        72
        """
        return tuple(each for each in self._changes if kind is None or each.kind == kind)

    def table(self) -> dict[str, NDArray[Any]]:
        """The same as columns (head,), for ``pandas.DataFrame(contrast.table())``.

        >>> list(contrast.table())
        ['kind', 'layer', 'head', 'divergence']
        """
        return columns_of(self.heads_by_change())

    @property
    def experiments(self) -> tuple[Experiment, Experiment]:
        """Those of both sides.

        >>> contrast.experiments[0] is lab
        True

        Raises:
            ValueError: a side is a trace, which has no model.
        """
        one, other = (side.experiment for side in self.sides)
        if one is None or other is None:
            name = self.names[0 if one is None else 1]
            raise RefusedError(
                f"{name} must have a model for this, got a trace alone; compare experiments: "
                f"compare(Experiment(model, text), ...)"
            )
        return one, other

    @property
    def has_models(self) -> bool:
        """Whether both sides can say what their model predicts.

        >>> contrast.has_models
        True
        """
        return all(side.experiment is not None for side in self.sides)

    @property
    def shares_vocabulary(self) -> bool:
        """Whether an id stands for the same token in both models.

        >>> contrast.shares_vocabulary
        True
        """
        one, other = (lab.tracer for lab in self.experiments)
        if one.tokenizer is other.tokenizer or one.model is other.model:
            return True
        words: list[Any] = [getattr(each.tokenizer, "get_vocab", dict)() for each in (one, other)]
        return bool(words[0] == words[1])

    def predictions(
        self, top_k: int = 10, positions: Sequence[int] | None = None
    ) -> PairedPredictions:
        """What both sides predict at the tokens that go together, or at those of them that
        ``positions`` names by their index on the first side.

        >>> from attention_widget import Experiment, compare
        >>> from attention_widget.experiments import HeadOff
        >>> gpt2_lab = Experiment(gpt2, "a good novel", tokenizer=gpt2_tokenizer)
        >>> outcome = gpt2_lab.without(HeadOff(0, 0))
        >>> compare(gpt2_lab, outcome).predictions(top_k=3).kept.shape  # (position, k)
        (5, 3)

        Raises:
            ValueError: a side has no model, or a position has no partner.
        """
        pairs = dict((self.aligned_targets or self.aligned).pairs)
        chosen = list(pairs) if positions is None else list(positions)
        if lost := [position for position in chosen if position not in pairs]:
            raise InvalidValueError(
                f"positions must be of tokens that have a partner, got {reprlib.repr(lost)}"
            )
        return predict_both(
            self.experiments,
            self.sides,
            chosen,
            pairs,
            top_k,
            shares_vocabulary=self.shares_vocabulary,
        )

    def _pairs(self, kind: Kind) -> tuple[Pairs, Pairs]:
        targets = self.aligned_targets or self.aligned
        queries = self.aligned if kind == "encoder" else targets
        return queries.pairs, self.aligned.pairs if kind == "cross" else queries.pairs

    def _side(self, which: str | int) -> Side:
        if which in self.names:
            return self.sides[self.names.index(str(which))]
        if which in (0, 1) and not isinstance(which, bool | str):
            return self.sides[which]
        raise InvalidValueError(
            f"which must be {self.names[0]!r}, {self.names[1]!r} or 'difference', got {which!r}"
        )

    def __repr__(self) -> str:
        one, other = self.aligned.counts
        return (
            f"Contrast({self.names[0]!r} and {self.names[1]!r}, {len(self.alignment)} of {one} and "
            f"{other} tokens aligned)"
        )

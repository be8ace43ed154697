"""Which tokens of two texts stand for each other."""

from __future__ import annotations

import reprlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any, Final

from attention_widget._util.integers import as_integer
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.trace.token import Token

Pairs = tuple[tuple[int, int], ...]
Slot = tuple[int | None, int | None]
"""An index in each text; None in the one where the token has no partner."""

_EXACT: Final = 5_000_000
"""Pairs of equal tokens up to which difflib looks at those too that a text is full of."""


@dataclass(frozen=True)
class Alignment:
    """Pairs of indices that rise in both texts, of so many tokens.

    >>> Alignment(((0, 0), (1, 2)), (2, 3)).slots
    ((0, 0), (None, 1), (1, 2))
    """

    pairs: Pairs
    counts: tuple[int, int]

    @property
    def is_whole(self) -> bool:
        """Whether each token goes with the one that has its index."""
        return self.counts[0] == self.counts[1] == len(self.pairs)

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """Both texts in one row: pairs, and between them the tokens that stand alone, those of the
        first text before those of the second."""
        found: list[Slot] = []
        one = other = 0
        for i, j in (*self.pairs, self.counts):
            found += [(k, None) for k in range(one, i)]
            found += [(None, k) for k in range(other, j)]
            if (i, j) != self.counts:
                found.append((i, j))
            one, other = i + 1, j + 1
        return tuple(found)

    @property
    def alone(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The tokens of each text that have no partner.

        >>> Alignment(((0, 0), (1, 2)), (2, 3)).alone
        ((), (1,))
        """
        paired = [set(side) for side in zip(*self.pairs, strict=True)] or [set(), set()]
        one, other = (
            tuple(i for i in range(count) if i not in those)
            for count, those in zip(self.counts, paired, strict=True)
        )
        return one, other


def aligned(one: Sequence[Token], other: Sequence[Token]) -> Alignment:
    """Tokens of the same text go together, as difflib finds them; and where a stretch is replaced
    by one of as many tokens, those go together too, one by one.

    Raises:
        ValueError: no token but special ones is in both.
    """
    first, second = [_name(token) for token in one], [_name(token) for token in other]
    shorter = min(len(first), len(second))
    start = end = 0  # what both begin and end with goes together, whatever repeats
    while start < shorter and first[start] == second[start]:
        start += 1
    while end < shorter - start and first[-1 - end] == second[-1 - end]:
        end += 1
    middle = first[start : len(first) - end], second[start : len(second) - end]
    counts = [Counter(names) for names in middle]
    repeats = sum(count * counts[1][name] for name, count in counts[0].items())
    matcher = SequenceMatcher(None, *middle, autojunk=repeats > _EXACT)
    pairs = [(i, i) for i in range(start)]
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal" or (tag == "replace" and i_end - i == j_end - j):
            pairs += [(start + i + k, start + j + k) for k in range(i_end - i)]
    pairs += [(len(first) - k, len(second) - k) for k in range(end, 0, -1)]
    same = sum(first[i] == second[j] and not one[i].special for i, j in pairs)
    if not same and any(not token.special for token in (*one, *other)):
        raise InvalidValueError(
            f"the two texts must have a token in common, got {_listed(one)} and {_listed(other)}; "
            f"say which go together: alignment=[(0, 0), ...]"
        )
    return Alignment(tuple(pairs), (len(one), len(other)))


def given_alignment(value: object, one: Sequence[Token], other: Sequence[Token]) -> Alignment:
    """The pairs that a person named.

    Raises:
        TypeError: they are no pairs of integers.
        ValueError: there are none, an index is not in its text, or they do not rise in both.
    """
    counts = len(one), len(other)
    must = "alignment must be pairs of indices, such as [(0, 0), (1, 2)]"
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise InvalidTypeError(f"{must}, got {reprlib.repr(value)}")
    pairs: list[tuple[int, int]] = []
    for each in value:
        found = [as_integer(i) for i in each] if isinstance(each, Iterable) else []
        if len(found) != 2 or None in found:
            raise InvalidTypeError(f"{must}, got {reprlib.repr(each)} among them")
        i, j = (int(k or 0) for k in found)
        if not (0 <= i < counts[0] and 0 <= j < counts[1]):
            raise InvalidValueError(
                f"alignment must be of tokens 0–{counts[0] - 1} and 0–{counts[1] - 1}, got {(i, j)}"
            )
        if pairs and not (i > pairs[-1][0] and j > pairs[-1][1]):
            raise InvalidValueError(
                f"alignment must rise in both texts, so that no two pairs cross, got {pairs[-1]} "
                f"before {(i, j)}"
            )
        pairs.append((i, j))
    if not pairs:
        raise InvalidValueError(
            "alignment must have one pair at least, got none; with None tokens of the same text go "
            "together"
        )
    return Alignment(tuple(pairs), counts)


def slot_tokens(
    slots: Sequence[Slot], one: Sequence[Token], other: Sequence[Token]
) -> tuple[Token, ...]:
    """A token of each slot; of a pair that differs both, as "France / Italy"."""
    found: list[Token] = []
    word = -1
    before: tuple[Token | None, Token | None] = None, None
    for index, (i, j) in enumerate(slots):
        both = (None if i is None else one[i], None if j is None else other[j])
        if not _continues(before, both):
            word += 1
        token = _joined(*both)
        is_of_word = any(each is not None and each.word is not None for each in both)
        found.append(replace(token, index=index, word=word if is_of_word else None))
        before = both
    return tuple(found)


def _continues(before: tuple[Any, Any], now: tuple[Any, Any]) -> bool:
    """Whether a slot belongs to the word of the slot before it, in each text that has both."""
    sides = [(a, b) for a, b in zip(before, now, strict=True) if a is not None and b is not None]
    same = [a.word is not None and a.word == b.word for a, b in sides]
    return bool(same) and all(same)


def _joined(one: Token | None, other: Token | None) -> Token:
    if one is None or other is None:
        token = other if one is None else one
        assert token is not None
        return token
    if _name(one) == _name(other):
        return one
    text = one.text if one.text == other.text else f"{one.text} / {other.text}"
    label = one.label if one.label == other.label else f"{one.label} / {other.label}"
    special = one.special and other.special
    return replace(
        one, id=None, label=label, text=text, piece=None, probability=None, special=special
    )


def _name(token: Token) -> str:
    """What tokens of any tokenizer are compared by."""
    return token.text or token.label


def _listed(tokens: Sequence[Token]) -> str:
    return reprlib.repr(" ".join(token.label for token in tokens[:12]))

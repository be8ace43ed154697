"""Which keys of a query detectors ask for: the same token, what follows it, its word."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from attention_widget.trace.kind import Kind
from attention_widget.trace.token import Token


@dataclass(frozen=True)
class KeySets:
    """Of a text whose tokens attend to each other, or of the keys of cross-attention."""

    is_cross: bool
    own: NDArray[np.bool_]  # (token,) which are no padding
    first: int  # of them
    delimiters: NDArray[np.intp]
    special: NDArray[np.intp]
    _same: NDArray[np.intp]  # (token,) which token it is, below 0 for one that repeats nothing
    _words: NDArray[np.intp]  # (token,) which word it is of, below 0 for none
    _is_causal: bool

    def of_rows(self, rows: NDArray[np.intp]) -> Iterator[NDArray[np.bool_]]:
        """The keys that are the same token as each of the queries, those that follow the same
        token, and those of the same word: each (query, key)."""
        if self.is_cross:
            nothing = np.zeros((len(rows), len(self._same)), np.bool_)
            yield from (nothing, nothing, nothing)
            return
        same = self._others(self._same, rows)
        follows = np.zeros_like(same)
        follows[:, 1:] = same[:, :-1]
        follows &= (self._same >= 0) & (rows[:, None] != np.arange(len(self._same)))
        same[:, self.first] = False  # attention rests there, whatever the token is
        yield same
        yield follows
        yield self._others(self._words, rows)

    def _others(self, number: NDArray[np.intp], rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """The other keys of the same number, in a decoder the earlier ones."""
        own, keys = number[rows][:, None], np.arange(len(number))
        other = keys < rows[:, None] if self._is_causal else keys != rows[:, None]
        found: NDArray[np.bool_] = (own == number) & (own >= 0) & other
        return found


def key_sets(tokens: Sequence[Token], kind: Kind) -> KeySets:
    """Of the keys' text. Tokens are the same where their ids are, or their texts where some have
    no id; special tokens and those of no text are like no other."""
    text = [not token.special for token in tokens]
    has_ids = all(token.id is not None for token in tokens if not token.special)
    own = np.array([not token.padding for token in tokens], np.bool_)
    names = [token.id if has_ids else token.text for token in tokens]
    return KeySets(
        kind == "cross",
        own,
        int(own.argmax()) if len(own) else 0,
        np.flatnonzero([is_delimiter(token) for token in tokens]),
        np.flatnonzero([token.special for token in tokens]),
        _numbered([name if is_text else "" for name, is_text in zip(names, text, strict=True)]),
        _numbered(["" if token.word is None else token.word for token in tokens]),
        kind == "decoder",
    )


def is_delimiter(token: Token) -> bool:
    """Whether a token is of punctuation or line breaks alone."""
    text = token.text or (token.lead if "\n" in token.lead else "")
    return not token.special and _divide(text)


@lru_cache(maxsize=2**16)
def _divide(text: str) -> bool:
    inside = text.strip(" \t")
    return bool(inside) and all(map(_divides, inside))


def _divides(letter: str) -> bool:
    return letter in "\r\n" or unicodedata.category(letter).startswith("P")


def _numbered(names: Sequence[Hashable]) -> NDArray[np.intp]:
    """Equal names get the same number; an empty one -1."""
    first: dict[Hashable, int] = {}
    return np.array(
        [-1 if name == "" else first.setdefault(name, at) for at, name in enumerate(names)], np.intp
    )

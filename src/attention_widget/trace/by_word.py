"""Tokens of a trace by the words that they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attention_widget.trace.kind import Kind
from attention_widget.trace.word_search import find_word

if TYPE_CHECKING:
    from attention_widget.trace.token import Token


class ByWord:
    """What :class:`Trace` says of words: where they stand.

    A word is found by its exact spelling, else in any case; whole words or several that follow each
    other before parts of words; a token also by its label or as the vocabulary has it ("[CLS]",
    "##berries", "Ġthe"). Of several the first is meant, or that of the ``occurrence``, counted from
    1. ``kind`` says whose tokens: those of the queries of this attention, or with ``keys`` of its
    keys; without it the first of ``trace.kinds``. The queries of decoder and cross-attention are
    the target's.
    """

    def sides(self, kind: Kind | None = None) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
        """As :meth:`Recorded.sides` has it.

        >>> len(trace.sides()[0])
        7
        """
        raise NotImplementedError

    def index(
        self, text: str, occurrence: int = 1, kind: Kind | None = None, *, keys: bool = False
    ) -> int:
        """Index of the token of a word: of a word in several tokens the last of them, which alone
        has read all of it in a model that reads from left to right.

        >>> trace.index("novel")
        4
        >>> trace.index("[SEP]")
        6
        >>> trace.index("navel")
        Traceback (most recent call last):
        ...
        attention_widget.errors.NotFoundError: 'navel' is none of the tokens; did you mean 'novel'?

        Raises:
            LookupError: the word does not stand there, or not so often.
            ValueError: the text is blank, or the occurrence below 1.
        """
        return self.indices(text, occurrence, kind, keys=keys)[-1]

    def indices(
        self, text: str, occurrence: int = 1, kind: Kind | None = None, *, keys: bool = False
    ) -> tuple[int, ...]:
        """Indices of all tokens of a word, or of several that follow each other.

        >>> trace.indices("novel idea")
        (4, 5)

        Raises:
            LookupError: the word does not stand there, or not so often.
            ValueError: the text is blank, or the occurrence below 1.
        """
        return find_word(self.sides(kind)[int(keys)], text, occurrence)

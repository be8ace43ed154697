"""The words of a text that say what it is about, as far as their length tells."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Container, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attention_widget._util.scripts import is_katakana, marks_no_words
from attention_widget.trace.token import Token

FEWEST_LETTERS: Final = 4
"""Of a content word. Shorter ones are articles and prepositions mostly, in many languages."""


def content_tokens(tokens: Sequence[Token]) -> NDArray[np.intp]:
    """Indices of the tokens of content words, and of all patches of a picture or frames of a sound.

    A content word has four letters or digits, accents and the parts of a Korean syllable counted
    as letters; in Chinese, Japanese, Thai and other scripts without blanks one is enough. Where
    half of them are one token each, the pieces of the others are left out: a piece says little.
    """
    words = _letters_of_words(tokens)
    content = {word for word, letters in words.items() if _is_content(letters)}
    pieces = Counter(token.word for token in tokens if not token.special)
    whole = {word for word in content if pieces[word] == 1}
    return _indices(tokens, whole if len(whole) >= max(2, len(content) / 2) else content)


def word_tokens(tokens: Sequence[Token]) -> NDArray[np.intp]:
    """Indices of the tokens of all words, short ones too, and of patches and frames."""
    return _indices(tokens, _letters_of_words(tokens))


def _letters_of_words(tokens: Sequence[Token]) -> dict[int, str]:
    """The letters and digits of each word that has any."""
    letters: dict[int, str] = {}
    for token in tokens:
        if token.word is not None and not token.special:
            known = "".join(filter(str.isalnum, unicodedata.normalize("NFD", token.text)))
            letters[token.word] = letters.get(token.word, "") + known
    return {word: found for word, found in letters.items() if found}


def _is_content(letters: str) -> bool:
    return len(letters) >= FEWEST_LETTERS or any(
        marks_no_words(letter) or is_katakana(letter) for letter in letters
    )


def _has_letter(token: Token) -> bool:
    return any(map(str.isalnum, token.text))


def _indices(tokens: Sequence[Token], words: Container[int | None]) -> NDArray[np.intp]:
    return np.array(
        [
            index
            for index, token in enumerate(tokens)
            if not token.special
            and (
                token.box is not None
                or token.time is not None
                or (token.word is not None and token.word in words and _has_letter(token))
            )
        ],
        np.intp,
    )

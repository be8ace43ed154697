"""Scripts that put no blanks between words."""

from __future__ import annotations

import unicodedata

_SCRIPTS_WITHOUT_WORDS = {
    "CJK",
    "IDEOGRAPHIC",
    "HIRAGANA",
    "THAI",
    "LAO",
    "KHMER",
    "MYANMAR",
    "TAI",
    "TANGUT",
    "NUSHU",
    "YI",
}


def is_katakana(letter: str) -> bool:
    """Whether it is of the one script of these in which each run is looked at as a word."""
    return "KATAKANA" in unicodedata.name(letter, "")


def marks_no_words(letter: str) -> bool:
    """Whether it is of a script of which each character is looked at as a word.

    >>> marks_no_words("新"), marks_no_words("n")
    (True, False)
    """
    return unicodedata.name(letter, "").partition(" ")[0] in _SCRIPTS_WITHOUT_WORDS

"""Words of a text, found in the text itself: no tokenizer is asked.

The rules are those of UAX #29 (Unicode Text Segmentation, word boundaries), simplified: letters,
digits, underscores and their combining marks run together, with an apostrophe between letters
and a point or comma between digits; katakana runs together; each other mark of punctuation,
symbol, whole emoji or flag is a word of its own. In scripts that mark no words (Chinese,
hiragana, Thai, Lao, Khmer, Myanmar, ...) each character with its marks is one.
"""

from __future__ import annotations

import re
import unicodedata

from attention_widget._util.scripts import is_katakana, marks_no_words

_APOSTROPHES = "'‘’·״"
_NUMBER_MARKS = ".,٫٬"
_VOWELS_AFTER = "\u0e33\u0eb3"  # Thai and Lao AM: letters to Unicode, yet never alone
_ZERO_WIDTH_SPACE = "\u200b"
_ZERO_WIDTH_JOINER = "\u200d"


class _Classes(dict[int, str]):
    """Code point to the letter that stands for its class; made for ``str.translate``.

    a letter, n digit, _ connector, m mark, j joiner, q apostrophe, d number mark, k katakana,
    r regional indicator, c character of a script without words, s symbol, x blank, p other.
    """

    def __missing__(self, code: int) -> str:
        self[code] = found = _classify(chr(code))
        return found


def _classify(char: str) -> str:
    if char.isspace():
        return "x"
    if char == _ZERO_WIDTH_JOINER:
        return "j"
    if char in _APOSTROPHES:
        return "q"
    if char in _NUMBER_MARKS:
        return "d"
    if "\U0001f1e6" <= char <= "\U0001f1ff":
        return "r"
    category = unicodedata.category(char)
    if char in _VOWELS_AFTER or "\U0001f3fb" <= char <= "\U0001f3ff" or category[0] == "M":
        return "m"
    if category == "Cf":
        return "p" if char == _ZERO_WIDTH_SPACE else "m"
    if category[0] == "L" or category == "Nl":
        if is_katakana(char):
            return "k"
        return "c" if marks_no_words(char) else "a"
    if category[0] == "N":
        return "n"
    if category == "Pc":
        return "_"
    return "s" if category in ("So", "Sm", "Po") else "p"


_CLASSES = _Classes()
_WORD = re.compile(
    r"[an_](?:[an_mj]|(?<=[amj])q(?=a)|(?<=[nm])d(?=n))*"
    r"|(?:k[mj]*)+"
    r"|rrm*"
    r"|[^x](?:[mj]|(?<=j)s)*"
)


def word_of_characters(text: str) -> list[int | None]:
    """The word of each character, counted from 0; None for blanks."""
    words: list[int | None] = [None] * len(text)
    for word, found in enumerate(_WORD.finditer(text.translate(_CLASSES))):
        words[found.start() : found.end()] = [word] * (found.end() - found.start())
    return words

"""Cuts a text that is too long to be held as tokens all at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

MOST_CHARACTERS: Final = 250_000
"""Of a text that is made into tokens at once: some 60,000 tokens of 300 bytes each."""

_GAP: Final = re.compile(r"\s(?=\S)")


def parts_of(text: str, most: int | None = None) -> Iterator[str]:
    """The text in parts of at most so many characters (``MOST_CHARACTERS`` by default): cut before
    the last line that begins in the second half of a part, else before the last word that does,
    else anywhere. Together they are the text."""
    most = MOST_CHARACTERS if most is None else most
    start = 0
    while len(text) - start > most:
        end, half = start + most, start + most // 2
        cut = text.rfind("\n", half, end)
        if cut < 0:
            cut = max((gap.start() for gap in _GAP.finditer(text, half, end)), default=-1)
        cut = end if cut <= start else cut
        yield text[start:cut]
        start = cut
    yield text[start:]

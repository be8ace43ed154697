"""The cursor that cuts a text into what each token shows."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

_BLANK_MARKERS = "▁Ġ"


@dataclass(slots=True)
class Cut:
    """``text[lead:start]`` was skipped, ``text[start:end]`` is shown."""

    lead: int
    start: int
    end: int
    of: int | None = None  # the character by which the token belongs to a word


@lru_cache(maxsize=2**14)
def is_blank_marker(string: str) -> bool:
    """Whether a token is only the mark of a blank before the next one."""
    return bool(string) and all(char in _BLANK_MARKERS for char in string)


def cut_text(text: str, spans: Sequence[tuple[int, int, bool]], begin: int, stop: int) -> list[Cut]:
    """Cuts of the tokens with these spans (start, end, blank marker), in order.

    Spans may leave gaps, repeat and overlap: a token shows ``text[max(start, cursor):end]``
    without its leading blanks, or only them when it has nothing else. Marks that the tokenizer
    dropped (uncased WordPiece drops accents) stay with the character that they sit on.
    """
    cuts: list[Cut] = []
    cursor = begin
    for first, last, blank_marker in spans:
        start = max(first, cursor)
        end = max(last, start)
        if blank_marker:  # its span may cover the first character of the next token
            start = cursor
            end = _skip(text, start, end, _is_blank_or_marker)
        elif not text[start:end].isspace():
            start = _skip(text, start, end, str.isspace)
        if start == end:  # shows nothing; a gap waits for the next token that does
            continues = not blank_marker and first < cursor and first < last
            cuts.append(Cut(cursor, cursor, cursor, cursor - 1 if continues else None))
            continue
        cursor = _take_marks(text, cuts, cursor, start)
        cuts.append(Cut(cursor, start, end, start))
        cursor = end
    _take_marks(text, cuts, cursor, stop)
    return cuts


def _take_marks(text: str, cuts: Sequence[Cut], cursor: int, stop: int) -> int:
    """Gives the marks at the cursor to the last token that shows something; where that ends."""
    if cursor >= stop or not _is_mark(text[cursor]):
        return cursor
    showing = (index for index in reversed(range(len(cuts))) if cuts[index].start < cuts[index].end)
    last = next(showing, None)
    if last is None:
        return cursor
    end = cuts[last].end = _skip(text, cursor, stop, _is_mark)
    for cut in cuts[last + 1 :]:  # later bytes of the character, say: behind its marks
        cut.lead = cut.start = cut.end = end
    return end


def _skip(text: str, start: int, stop: int, belongs: Callable[[str], bool]) -> int:
    while start < stop and belongs(text[start]):
        start += 1
    return start


def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "M"


def _is_blank_or_marker(char: str) -> bool:
    return char.isspace() or char in _BLANK_MARKERS

"""Where a word stands among tokens: by its text, not by its index."""

from __future__ import annotations

import difflib
import reprlib
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final

from attention_widget._util.integers import as_integer
from attention_widget.errors import InvalidTypeError, InvalidValueError, NotFoundError
from attention_widget.trace.token import Token, merged, units

if TYPE_CHECKING:
    from attention_widget.trace.grouping import Groups

_NEAR: Final = 3
"""So many words are named that are nearly the one that was not found."""


def find_word(tokens: Sequence[Token], text: str, occurrence: int = 1) -> tuple[int, ...]:
    """All tokens of the word ``text``, where it stands for the ``occurrence``-th time, from 1.

    Whole words come first, or several that follow each other ("fossil fuels"); where there is none
    such, parts of words, by their text; and where there is none, single tokens by their label or as
    the vocabulary has them ("##berries", "[CLS]"). Each time the exact spelling comes first, then
    any other case.

    Raises:
        TypeError: the text is no string, or the occurrence no integer.
        ValueError: the text is blank, or the occurrence below 1.
        LookupError: it does not stand there, or not so often; the error names words that are near.
    """
    if not isinstance(text, str):
        raise InvalidTypeError(f"text must be a string, got {reprlib.repr(text)}")
    number = as_integer(occurrence)
    if number is None:
        raise InvalidTypeError(
            f"occurrence must be an integer from 1 on, got {reprlib.repr(occurrence)}"
        )
    if number < 1:
        raise InvalidValueError(f"occurrence must be 1 or more, got {number}")
    if not _plain(text):
        raise InvalidValueError(f"a word must hold more than blanks, got {text!r}")
    found = _all(tokens, text)
    if not found:
        raise NotFoundError(f"{reprlib.repr(text)} is none of the tokens{_near(tokens, text)}")
    if number > len(found):
        places = ", ".join(str(group[-1]) for group in found)
        times = "once" if len(found) == 1 else f"{len(found)} times"
        raise NotFoundError(
            f"{reprlib.repr(text)} stands there {times}, at {places}, got occurrence={number}"
        )
    return found[number - 1]


def _all(tokens: Sequence[Token], text: str) -> Groups:
    for groups in (units(tokens, words=True), units(tokens, words=False)):
        parts = merged(tokens, groups)
        for alike in (_plain, _any_case):
            if found := tuple(_runs(parts, groups, alike(text), alike)):
                return found
    for alike in (_plain, _any_case):
        goal = alike(text)
        if found := tuple((i,) for i, token in enumerate(tokens) if goal in _names(token, alike)):
            return found
    return ()


def _names(token: Token, alike: Callable[[str], str]) -> set[str]:
    """What else a single token is called."""
    return {alike(name) for name in (token.piece, token.label) if name}


def _runs(
    parts: Sequence[Token], groups: Groups, goal: str, alike: Callable[[str], str]
) -> Iterator[tuple[int, ...]]:
    """Each run of parts whose text is the goal, as the tokens in it; they do not overlap."""
    start = 0
    while start < len(parts):
        end = _end_of_run(parts, start, goal, alike)
        if end is None:
            start += 1
            continue
        while end < len(parts) and _goes_on(parts, end):
            end += 1
        yield tuple(chain.from_iterable(groups[start:end]))
        start = end


def _end_of_run(
    parts: Sequence[Token], start: int, goal: str, alike: Callable[[str], str]
) -> int | None:
    joined = ""
    for end in range(start, len(parts)):
        part = parts[end]
        if part.special or part.segment != parts[start].segment:
            return None
        joined += part.text if end == start else part.lead + part.text
        said = alike(joined)
        if said == goal and part.text:
            return end + 1
        if not goal.startswith(said.rstrip()) or (end == start and not part.text):
            return None
        joined += part.trail
    return None


def _goes_on(parts: Sequence[Token], at: int) -> bool:
    """The later bytes of a character that was split over several tokens have no text."""
    part, before = parts[at], parts[at - 1]
    is_bare = not part.text and not part.lead and not part.special
    return is_bare and part.word is not None and part.word == before.word


def _plain(text: str) -> str:
    """As it is spelt, whichever way its marks are written, and however wide its blanks are."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _any_case(text: str) -> str:
    return _plain(unicodedata.normalize("NFC", text).casefold())


def _near(tokens: Sequence[Token], text: str) -> str:
    """Words that may have been meant; empty where none is near."""
    there = merged(tokens, units(tokens, words=True))
    named = {_any_case(token.text or token.label): token.text or token.label for token in there}
    goal = _any_case(text)
    close = difflib.get_close_matches(goal, list(named), _NEAR)
    held = [word for word in named if len(goal) > 1 and goal in word and word not in close]
    near = [named[word] for word in [*close, *held]][:_NEAR]
    return f"; did you mean {' or '.join(map(reprlib.repr, near))}?" if near else ""

"""The passages of an input: named by the user, or found in its messages and sentences."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, TypeAlias

from attention_widget._util.integers import as_integer
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.tokens.sentences import sentences
from attention_widget.trace.passage import LONGEST_NAME, Passage, Place, placed
from attention_widget.trace.token import Token
from attention_widget.tracing.model.naming import type_name

Passages: TypeAlias = Mapping[str, Sequence[int]] | str | None
"""What ``passages`` takes."""

WAYS: Final = ("messages", "sentences")
"""How passages are found in a text."""

_MUST: Final = (
    'passages must be a dictionary of names and characters, such as {"doc 1": (0, 120)}, '
    '"sentences", or "messages" for a chat'
)
_SHOWN: Final = 60  # characters of a sentence in its name


@dataclass(frozen=True)
class Read:
    """What was read: the texts, who speaks in each, the tokens, and where each text was ``cut`` in
    two: where a model began to write."""

    texts: Sequence[str]
    roles: Sequence[str]
    tokens: Sequence[Token]
    cuts: Mapping[int, int] = field(default_factory=dict)


def check_passages(passages: object, *, chat: bool = False, has_text: bool = True) -> None:
    """TypeError or ValueError for what cannot be passages of any text, before one is tokenized."""
    if passages is None:
        return
    if not has_text:
        raise InvalidValueError(
            f"passages must be left out where no text is read, got {reprlib.repr(passages)}"
        )
    if isinstance(passages, str):
        if passages not in WAYS:
            raise InvalidValueError(f"{_MUST}, got {passages!r:.80}")
        if passages == "messages" and not chat:
            raise InvalidValueError(
                'passages="messages" needs a chat, a list of messages {"role": ..., "content": '
                '...}, got a text; pass passages="sentences", or name them'
            )
        return
    if not isinstance(passages, Mapping):
        raise InvalidTypeError(f"{_MUST}, got {type_name(passages)}")
    for name, place in passages.items():
        _check_name(name)
        _numbers(name, place)


def passages_of(given: Passages, read: Read) -> tuple[Passage, ...]:
    """The passages of what was read, each with its tokens; of a chat its messages if None.

    Raises:
        TypeError, ValueError: one of them has no name, lies outside its text, is empty, overlaps
            another or has no token.
    """
    check_passages(given, chat=bool(read.roles), has_text=bool(read.texts))
    if given is None:
        given = "messages" if read.roles else {}
    if isinstance(given, str):
        found = _messages(read) if given == "messages" else _sentences(read)
        passages = placed(found, read.tokens)
        return tuple(each for each in passages if each.tokens)
    places = {name: _place(name, place, read) for name, place in given.items()}
    _refuse_overlaps(places)
    passages = placed(places, read.tokens)
    for each in passages:
        if not each.tokens:
            text = read.texts[each.segment][each.start : each.end]
            raise InvalidValueError(
                f"a passage must have tokens of its own, got {each.name!r}, {text!r:.60}, whose "
                f"characters are parts of other tokens or were cut from the text"
            )
    return passages


def moved(
    passages: Sequence[Passage], segment: int, start: int, end: int, by: str, to: Sequence[Token]
) -> tuple[Passage, ...]:
    """The passages of a text in which some characters of a segment were replaced."""
    more = len(by) - (end - start)
    places: dict[str, Place] = {}
    for each in passages:
        first, last = each.start, each.end
        if each.segment == segment:
            first = first if first <= start else max(start, first + more)
            last = last if last <= start else max(first, last + more)
        places[each.name] = (each.segment, first, last)
    return tuple(each for each in placed(places, to) if each.tokens)


def _check_name(name: object) -> None:
    must = f"the name of a passage must be a string of 1 to {LONGEST_NAME} characters"
    if not isinstance(name, str):
        raise InvalidTypeError(f"{must}, got {type_name(name)}")
    if not name.strip() or len(name) > LONGEST_NAME:
        raise InvalidValueError(f"{must}, got {reprlib.repr(name)}")


def _numbers(name: str, place: Any) -> list[int]:
    must = (
        f"passage {name!r} must be (start, end), its characters in the text, or (number of the "
        f"text or message, start, end)"
    )
    if isinstance(place, str | bytes) or not isinstance(place, Sequence):
        raise InvalidTypeError(f"{must}, got {type_name(place)}")
    if len(place) not in (2, 3):
        raise InvalidValueError(f"{must}, got {reprlib.repr(place)}")
    found = [as_integer(number) for number in place]
    if any(number is None for number in found):
        raise InvalidTypeError(f"{must}, got {reprlib.repr(place)}")
    return [number for number in found if number is not None]


def _place(name: str, place: Any, read: Read) -> Place:
    *which, start, end = _numbers(name, place)
    if not which and read.roles:
        raise InvalidValueError(
            f"passage {name!r} of a chat must be (number of the message, start, end), got "
            f"{reprlib.repr(place)}"
        )
    segment = which[0] if which else 0
    if not 0 <= segment < len(read.texts):
        raise InvalidValueError(
            f"passage {name!r} must lie in a text or message of 0–{len(read.texts) - 1}, got "
            f"{segment}"
        )
    length = len(read.texts[segment])
    if not 0 <= start <= length or not 0 <= end <= length:
        raise InvalidValueError(
            f"passage {name!r} must lie in characters 0–{length} of its text, got ({start}, {end})"
        )
    if start >= end:
        raise InvalidValueError(
            f"passage {name!r} must end after it begins, got ({start}, {end}), which is empty"
        )
    return segment, start, end


def _refuse_overlaps(places: Mapping[str, Place]) -> None:
    for one, other in pairwise(sorted(places, key=places.__getitem__)):
        (first, _, end), (second, start, _) = places[one], places[other]
        if first == second and start < end:
            raise InvalidValueError(
                f"passages must not overlap, got {one!r} up to character {end} and {other!r} from "
                f"{start}"
            )


def _messages(read: Read) -> dict[str, Place]:
    return {
        f"{role[: LONGEST_NAME - 12] or 'message'} {index + 1}": (index, 0, len(text))
        for index, (role, text) in enumerate(zip(read.roles, read.texts, strict=True))
        if text.strip()
    }


def _sentences(read: Read) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for segment, text in enumerate(read.texts):
        cut = read.cuts.get(segment, len(text))
        spans = [*sentences(text[:cut])]
        spans += [(cut + start, cut + end) for start, end in sentences(text[cut:])]
        for start, end in spans:
            said = " ".join(text[start:end].split())
            shown = said if len(said) <= _SHOWN else f"{said[: _SHOWN - 1]}…"
            found[f"{len(found) + 1}. {shown}"] = (segment, start, end)
    return found

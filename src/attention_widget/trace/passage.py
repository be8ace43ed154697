"""Passages of a text: documents, messages or sentences, and the tokens that are in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from attention_widget.trace.grouping import Groups
from attention_widget.trace.token import Token, merge

LONGEST_NAME: Final = 200
"""Characters of a passage's name."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a text that has a name: a document, a message of a chat, a sentence.

    ``start`` and ``end`` are its characters in ``texts[segment]`` of the trace, from the first up
    to the second, and ``tokens`` the indices of the tokens that have most of their characters in
    it. No token is in two passages.

    >>> from attention_widget import capture
    >>> read = capture(model, "Attention is a novel idea", tokenizer=tokenizer,
    ...                passages={"subject": (0, 9), "object": (13, 25)})
    >>> read.passages[1]
    Passage(name='object', tokens=(3, 4, 5), segment=0, start=13, end=25)
    """

    name: str
    tokens: tuple[int, ...]
    segment: int
    start: int
    end: int


Place = tuple[int, int, int]
"""Segment, first character, and behind the last one."""


def placed(places: Mapping[str, Place], tokens: Sequence[Token]) -> tuple[Passage, ...]:
    """The passages of these names, in the order of the text, each with its tokens.

    A token that crosses an edge is in the passage that has most of its characters, of two such in
    the earlier one. What has no characters of its own (later bytes of a character) goes with the
    token before it.
    """
    members: dict[str, list[int]] = {name: [] for name in places}
    ordered = sorted(places, key=places.__getitem__)
    before: str | None = None
    for index, token in enumerate(tokens):
        before = _home(token, ordered, places, before)
        if before is not None:
            members[before].append(index)
    return tuple(Passage(name, tuple(members[name]), *places[name]) for name in ordered)


def _home(
    token: Token, names: Sequence[str], places: Mapping[str, Place], before: str | None
) -> str | None:
    if token.segment is None or token.start is None or token.end is None:
        return None
    if token.start == token.end:
        if before is not None:
            segment, start, end = places[before]
            return before if segment == token.segment and start <= token.start <= end else None
        inside = (n for n in names if _has(places[n], token.segment, token.start))
        return next(inside, None)
    best, most = None, 0
    for name in names:
        segment, start, end = places[name]
        if segment != token.segment:
            continue
        shared = min(end, token.end) - max(start, token.start)
        if shared > most:
            best, most = name, shared
    return best


def _has(place: Place, segment: int, at: int) -> bool:
    return place[0] == segment and place[1] <= at < place[2]


def regrouped(passages: Sequence[Passage], groups: Groups) -> tuple[Passage, ...]:
    """Passages of rows that are groups of tokens: each row is in the passage of its first token
    that is in one, and a passage that is left without rows is none."""
    of = {token: passage.name for passage in passages for token in passage.tokens}
    rows: dict[str, list[int]] = {passage.name: [] for passage in passages}
    for row, group in enumerate(groups):
        name = next((of[token] for token in group if token in of), None)
        if name is not None:
            rows[name].append(row)
    return tuple(
        replace(passage, tokens=tuple(rows[passage.name]))
        for passage in passages
        if rows[passage.name]
    )


def rows_of(passages: Sequence[Passage], n_tokens: int) -> Groups:
    """Token indices in rows: a row for each passage, where its first token stands, and one for
    each token outside of them."""
    first = {passage.tokens[0]: passage.tokens for passage in passages if passage.tokens}
    inside = {token for passage in passages for token in passage.tokens}
    found = (
        first.get(index, (index,))
        for index in range(n_tokens)
        if index in first or index not in inside
    )
    return tuple(found)


def named(
    passages: Sequence[Passage], tokens: Sequence[Token], groups: Groups
) -> tuple[Token, ...]:
    """One token of each row, that of a passage with its name as its label."""
    names = {passage.tokens: passage.name for passage in passages}
    made = []
    for row, group in enumerate(groups):
        one = merge([tokens[index] for index in group], row)
        name = names.get(group)
        made.append(
            one if name is None else replace(one, id=None, label=name, word=None, piece=None)
        )
    return tuple(made)


def flaw(passages: Sequence[Passage], n_tokens: int, n_texts: int) -> str:
    """What in the passages of a trace cannot be; empty if nothing."""
    members = [token for passage in passages for token in passage.tokens]
    if any(not 0 <= token < n_tokens for token in members):
        return f"a passage of tokens that are not among {n_tokens}"
    if len(set(members)) != len(members):
        return "a token in two passages"
    if len({passage.name for passage in passages}) != len(passages):
        return "two passages of one name"
    if any(not passage.tokens for passage in passages):
        return "a passage without tokens"
    if any(not passage.name or len(passage.name) > LONGEST_NAME for passage in passages):
        return f"a passage whose name is empty or longer than {LONGEST_NAME} characters"
    if any(not 0 <= passage.segment < n_texts for passage in passages):
        return f"a passage of a text that is not among {n_texts}"
    if any(not 0 <= passage.start <= passage.end for passage in passages):
        return "a passage that ends before it begins"
    return ""

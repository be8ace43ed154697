"""Tokens that a model wrote: there is no source text, only what they decode to."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from attention_widget.tokens.decoding import Span, decode
from attention_widget.tokens.pieces import Piece, special_ids

_CONTEXT = 8  # tokens before: enough for a character split over tokens, and for a first blank
_UNFINISHED = "\ufffd"


def pieces_of_ids(
    ids: Sequence[int], tokenizer: Any, *, before: Sequence[int] = (), segment: int = 0, at: int = 0
) -> tuple[list[Piece], str]:
    """Pieces of ids that follow those ``before``, and the text that they add.

    Their spans are those in ``segment``, where the text that they add starts at character
    ``at``. Special tokens, and ids for which the tokenizer has no string, add none. Bytes that
    make no character are shown as U+FFFD, as the tokenizer decodes them.
    """
    strings = tokenizer.convert_ids_to_tokens(list(ids))
    silent = special_ids(tokenizer)
    spoken = [id for id, string in zip(ids, strings, strict=True) if string and id not in silent]
    context = [id for id in before if id not in silent][-_CONTEXT:]
    text, found = _decoded(context, spoken, tokenizer)
    spans = iter(found)
    pieces: list[Piece] = []
    for id, string in zip(ids, strings, strict=True):
        if not string or id in silent:
            pieces.append(Piece(id, string or "", None, 0, 0))
        else:
            start, end = next(spans)
            pieces.append(Piece(id, string, segment, at + start, at + end))
    return pieces, text


def _decoded(before: list[int], ids: list[int], tokenizer: Any) -> tuple[str, list[Span]]:
    """The text of ids, and where each one stands in it; the tokens of one character share it.

    Decoded in stretches that end where a character does, each behind the one before it: tokenizers
    decode the first token of a text otherwise than the same one further on.
    """
    known = [*before, *ids]
    text = ""
    spans: list[Span] = []
    window, done = 0, len(before)
    for stop in range(done + 1, len(known) + 1):
        after = decode(tokenizer, known[window:stop])
        if after.endswith(_UNFINISHED) and stop < len(known):
            continue
        earlier = decode(tokenizer, known[window:done])
        if not after.startswith(earlier):
            after = earlier + decode(tokenizer, known[done:stop])
        ends = [len(earlier)]
        for end in range(done + 1, stop):
            partial = decode(tokenizer, known[window:end])
            ends.append(max(ends[-1], common_length(partial, after)))
        ends.append(len(after))
        move = len(text) - len(earlier)
        spans += _shared([(a + move, b + move) for a, b in pairwise(ends)])
        text += after[len(earlier) :]
        window, done = done, stop
    return text, spans


def common_length(first: str, second: str) -> int:
    """Length of the beginning that two texts have in common."""
    if first.startswith(second):
        return len(second)
    pairs = enumerate(zip(first, second, strict=False))
    return next((length for length, (a, b) in pairs if a != b), min(len(first), len(second)))


def _shared(spans: list[Span]) -> list[Span]:
    """A token that adds nothing before a later one completes the character has its span."""
    shared: list[Span] = []
    following: Span | None = None
    for start, end in reversed(spans):
        if start < end or following is None:
            following = (start, end)
        shared.append(following)
    return shared[::-1]

"""One position of a model's input, and the words that neighbours make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attention_widget.trace.grouping import Groups


@dataclass(frozen=True, slots=True)
class Token:
    """One position of the model's input.

    ``lead + text + trail`` of all tokens of a segment, joined, is the segment's text wherever
    the tokenizer keeps it. ``lead`` is what the tokenizer skipped before the token (blanks,
    mostly), ``trail`` what follows the last one. ``text`` is empty for special tokens, for
    markers that stand for nothing in the text and for the later bytes of a character split over
    several tokens; ``label`` is never empty and is what a list of tokens shows. ``piece`` is what
    the vocabulary has for its id (``##ty``, ``Ġthe``, ``▁The``, ``<0xE2>``).

    >>> token = trace.tokens[4]
    >>> token.text, token.lead, token.start, token.end, token.special
    ('novel', ' ', 15, 20, False)
    """

    index: int
    id: int | None
    label: str
    text: str = ""
    lead: str = ""
    trail: str = ""
    start: int | None = None  # character offsets of ``text`` in its segment
    end: int | None = None
    word: int | None = None  # counts through all segments; None for blank and special tokens
    special: bool = False
    segment: int | None = None  # 0: text, 1: text_pair, or the chat message; None for special
    step: int | None = None  # of the generation that chose it, from 0; None for what was given
    probability: float | None = None  # that the model gave it at that step
    box: tuple[int, int, int, int] | None = None  # left, top, right, bottom in the image, pixels
    time: tuple[float, float] | None = None  # start and end in the audio, seconds
    piece: str | None = None  # as the tokenizer's vocabulary has it; None where there is none
    padding: bool = False  # it only fills the row of a batch: no token may see it


def units(tokens: Sequence[Token], words: bool) -> Groups:
    """Token indices grouped into what is looked at: whole words, or single tokens.

    With ``words``, neighbours of the same word make one unit; special tokens and tokens outside
    any word stay single.
    """
    groups: list[list[int]] = []
    previous: int | None = None
    for index, token in enumerate(tokens):
        if words and token.word is not None and token.word == previous:
            groups[-1].append(index)
        else:
            groups.append([index])
        previous = token.word
    return tuple(tuple(group) for group in groups)


def merged(tokens: Sequence[Token], groups: Groups) -> tuple[Token, ...]:
    """One token of each group."""
    return tuple(merge([tokens[i] for i in group], at) for at, group in enumerate(groups))


def merge(tokens: Sequence[Token], index: int) -> Token:
    """One token of neighbours that make a word, or of a single one."""
    first, last = tokens[0], tokens[-1]
    if len(tokens) == 1:
        return replace(first, index=index)
    text = first.text
    for before, after in pairwise(tokens):
        text += before.trail + after.lead + after.text
    starts = [token.start for token in tokens if token.start is not None]
    ends = [token.end for token in tokens if token.end is not None]
    times = [token.time for token in tokens if token.time is not None]
    return replace(
        first,
        index=index,
        id=None,
        label=text or first.label,
        text=text,
        trail=last.trail,
        start=min(starts, default=None),
        end=max(ends, default=None),
        probability=None,
        piece=None,
        box=None,
        time=(times[0][0], times[-1][1]) if times else None,
    )

"""What a tokenizer reports of each position: id, string, segment and character span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from attention_widget.tokens.decoding import spans_of_decoding


@dataclass(frozen=True, slots=True)
class Piece:
    id: int
    string: str  # the tokenizer's own
    segment: int | None  # None for special tokens put in by the tokenizer
    start: int
    end: int


def pieces_of_output(output: Any, tokenizer: Any, texts: Sequence[str]) -> list[Piece]:
    if tokenizer.is_fast:
        # Each attribute of an encoding is rebuilt whole whenever it is used. Segments come from
        # sequence_ids: token_type_ids are all 0 in many models.
        of = output.encodings[0]
        rows = zip(of.ids, of.tokens, of.sequence_ids, of.offsets, strict=True)
        return [Piece(id, string, segment, *span) for id, string, segment, span in rows]
    return _of_decoding(list(output["input_ids"]), tokenizer, texts)


def special_ids(tokenizer: Any) -> set[int]:
    """Ids that stand for no text: those of named roles and added tokens declared special."""
    added = getattr(tokenizer, "added_tokens_decoder", {})
    return {*tokenizer.all_special_ids, *(id for id, token in added.items() if token.special)}


def _of_decoding(ids: list[int], tokenizer: Any, texts: Sequence[str]) -> list[Piece]:
    """Tokenizers in pure Python report no offsets: each segment is tokenized again by itself,
    what each of its tokens adds to the decoded text is looked up in the source, and the stretch
    of ids that is this segment is found among all ids (which also gives what truncation left)."""
    strings = tokenizer.convert_ids_to_tokens(ids)
    pieces = [Piece(id, string, None, 0, 0) for id, string in zip(ids, strings, strict=True)]
    from_left = getattr(tokenizer, "truncation_side", "right") == "left"
    begin = 0
    for segment, text in enumerate(texts):
        own = list(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
        spans = spans_of_decoding(own, tokenizer, text)
        at, first, length = _longest_common(ids, own, begin, from_left)
        for i in range(length):
            pieces[at + i] = Piece(ids[at + i], strings[at + i], segment, *spans[first + i])
        begin = at + length
    return pieces


def _longest_common(
    ids: list[int], own: list[int], begin: int, from_left: bool
) -> tuple[int, int, int]:
    """Where the longest beginning (or end, ``from_left``) of ``own`` stands in ``ids[begin:]``:
    index in ids, index in own, length."""
    if from_left:
        at, _, length = _longest_common(ids[begin:][::-1], own[::-1], 0, False)
        return len(ids) - at - length, len(own) - length, length
    best = (begin, 0, 0)
    for at in range(begin, len(ids)):
        length = 0
        while at + length < len(ids) and length < len(own) and ids[at + length] == own[length]:
            length += 1
        if length > best[2]:
            best = (at, 0, length)
        if length == len(own):
            break
    return best

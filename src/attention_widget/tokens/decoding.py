"""Character spans for tokenizers that report none, found by decoding."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from attention_widget.tokens.cursor import is_blank_marker

Span = tuple[int, int]

_REACH = 16  # characters that a tokenizer may have dropped between two tokens


def spans_of_decoding(ids: Sequence[int], tokenizer: Any, text: str) -> list[Span]:
    """Where each token stands in the text: ever longer beginnings are decoded (a few tokens at a
    time), and what each token adds is looked up.

    Decoded text is compared without blanks, case, accents and invisible characters, which
    tokenizers change. Tokens that add nothing until a later one completes the character share
    its span. A token whose decoding is not in the text, an unknown one mostly, gets what lies
    before the next token that is found.
    """
    strings = tokenizer.convert_ids_to_tokens(list(ids))
    unknown_id = getattr(tokenizer, "unk_token_id", None)
    source = _Source(text)
    spans: list[Span | None] = [None] * len(ids)
    unfinished: list[int] = []
    lost: list[int] = []
    window = read = 0
    for i, id in enumerate(ids):
        before = _decode(tokenizer, ids[window:read])
        after = _decode(tokenizer, ids[window : i + 1])
        added = after[len(before) :] if after.startswith(before) else after
        if is_blank_marker(strings[i]) or (added and added.isspace()):
            lost += unfinished
            unfinished = []
            if not lost:
                spans[i] = source.take_blanks(max(len(added), 1))
            window, read = read, i + 1
            continue
        if (not added or added.endswith("\ufffd")) and id != unknown_id:
            unfinished.append(i)
            continue
        window, read = read, i + 1
        found = None if id == unknown_id else source.find(added, anywhere=bool(lost))
        if found is None:
            lost += [*unfinished, i]
        else:
            found_span, cursor = found
            for j, span in zip(lost, source.share(found_span[0], len(lost)), strict=True):
                spans[j] = span
            for j in (*unfinished, i):
                spans[j] = found_span
            source.end, source.cursor = found_span[1], cursor
            lost = []
        unfinished = []
    lost += unfinished
    for j, span in zip(lost, source.share(len(text), len(lost)), strict=True):
        spans[j] = span
    return _in_order(spans)


def _decode(tokenizer: Any, ids: Sequence[int]) -> str:
    if not ids:
        return ""
    options = {"skip_special_tokens": False, "clean_up_tokenization_spaces": False}
    return str(tokenizer.decode(list(ids), spaces_between_special_tokens=False, **options))


def _in_order(spans: Sequence[Span | None]) -> list[Span]:
    ordered: list[Span] = []
    end = 0
    for span in spans:
        ordered.append((end, end) if span is None else span)
        end = ordered[-1][1]
    return ordered


class _Source:
    """The text beside its folded form, read from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        folds = [_fold(char) for char in text]
        self.folded = "".join(folds)
        self.at = [i for i, fold in enumerate(folds) for _ in fold]  # folded -> text
        self.end = 0  # in text: what was found so far ends here
        self.cursor = 0  # the same in folded

    def find(self, added: str, anywhere: bool) -> tuple[Span, int] | None:
        """Span of the first place after the cursor, near it or ``anywhere``, and the cursor
        behind it (which may stay within one character: … is read as three points)."""
        wanted = "".join(map(_fold, added))
        if not wanted:  # invisible or a mark by itself
            exact = added.strip()
            start = self.text.find(exact, self.end, self.end + _REACH + len(exact))
            return None if start < 0 else ((start, start + len(exact)), self.cursor)
        stop = len(self.folded) if anywhere else self.cursor + _REACH + len(wanted)
        start = self.folded.find(wanted, self.cursor, stop)
        if start < 0:
            return None
        cursor = start + len(wanted)
        return (self.at[start], self.at[cursor - 1] + 1), cursor

    def take_blanks(self, most: int) -> Span:
        start = end = self.end
        while end < min(start + most, len(self.text)) and self.text[end].isspace():
            end += 1
        self.end = end
        return start, end

    def share(self, stop: int, count: int) -> list[Span]:
        """What lies before ``stop``, shared out to ``count`` tokens: a character, a word, or what
        stands between blanks each where the number fits, else all of it to the first."""
        places: list[Span] = []
        for part in (r"\S", r"\w+|[^\w\s]", r"\S+"):
            found = re.compile(part).finditer(self.text, self.end, stop)
            places = [match.span() for match in found]
            if len(places) == count:
                return places
        return [(places[0][0], places[-1][1]) if places else (self.end, self.end)] * count


def _fold(char: str) -> str:
    expanded = unicodedata.normalize("NFKD", char.casefold()).casefold()
    return "".join(part for part in expanded if unicodedata.category(part)[0] not in "MCZ")

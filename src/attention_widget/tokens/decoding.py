"""Character spans for tokenizers that report none, found by decoding."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

from attention_widget.tokens.cursor import is_blank_marker

Span = tuple[int, int]

_BYTES = re.compile("(?:<0x[0-9A-F]{2}>)+")  # of byte fallback
_REACH = 16  # characters that a tokenizer may have dropped between two tokens


def spans_of_decoding(ids: Sequence[int], tokenizer: Any, text: str) -> list[Span]:
    """Where each token stands in the text: what it adds to the decoded text is looked up there.

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
    for i, added in enumerate(_additions(ids, strings, tokenizer, text)):
        marker = is_blank_marker(strings[i])
        if marker or (added and added.isspace()):
            own = [] if marker else unfinished  # earlier bytes of the blank
            lost += unfinished if marker else []
            unfinished = []
            if not lost:
                # an end of blanks is not decoded, and markers are a blank each
                n_blanks = max(len(added or ""), marker * len(strings[i]))
                coded = _coded(strings[i + 1 : i + 1 + _REACH]) if marker else ""
                blank = source.take_blanks(n_blanks, coded)
                for j in (*own, i):
                    spans[j] = blank
            else:
                lost += own
            continue
        if added == "":
            unfinished.append(i)
            continue
        found = None
        if added is not None:
            n_unknown = sum(ids[j] == unknown_id for j in lost)
            found = source.find(added, bool(lost), n_unknown)
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


def _additions(
    ids: Sequence[int], strings: Sequence[str], tokenizer: Any, text: str
) -> Iterator[str | None]:
    """What each token adds to the text, by decoding ever longer beginnings (a few tokens at a
    time): nothing as long as a character lacks bytes, None where it is unknown."""
    unknown_id = getattr(tokenizer, "unk_token_id", None)
    written: list[str] | None = None  # as the tokenizer cut them, before it looked them up
    raw = ""
    window = done = 0
    for i, id in enumerate(ids):
        added: str | None
        if _BYTES.fullmatch(strings[i] or ""):  # decoding may strip what they stand for
            raw += strings[i]
            added = _characters(raw)
            added = "" if added.endswith("\ufffd") else added
        elif id == unknown_id:
            written = _written(ids, tokenizer, text) if written is None else written
            added = written[i] if written and written[i] != tokenizer.unk_token else None
        else:
            before = decode(tokenizer, ids[window:done])
            after = decode(tokenizer, ids[window : i + 1])
            added = after[len(before) :] if after.startswith(before) else after
            if not is_blank_marker(strings[i]) and added.endswith("\ufffd"):
                added = ""
        if added != "" or is_blank_marker(strings[i]):
            raw = ""
            window, done = done, i + 1
        yield added


def _written(ids: Sequence[int], tokenizer: Any, text: str) -> list[str]:
    """The strings that a tokenizer cut the text into, unknown ones among them; empty where it
    does not say."""
    strings = list(tokenizer.tokenize(text))
    if list(tokenizer.convert_tokens_to_ids(strings)) != list(ids):
        return []
    return [string.removeprefix("##").replace("▁", " ") for string in strings]


def decode(tokenizer: Any, ids: Sequence[int]) -> str:
    """The text of ids, with special tokens and without any tidying."""
    if not ids:
        return ""
    options = {"skip_special_tokens": False, "clean_up_tokenization_spaces": False}
    text = str(tokenizer.decode(list(ids), spaces_between_special_tokens=False, **options))
    strings = tokenizer.convert_ids_to_tokens(list(ids)) if _BYTES.search(text) else ()
    if any(_BYTES.fullmatch(string or "") for string in strings):
        # transformers 5 decodes the bytes of sentencepiece's models as they are written
        return _BYTES.sub(lambda found: _characters(found[0]), text)
    return text


def _coded(strings: Sequence[str | None]) -> str:
    """The characters that the bytes at the beginning stand for."""
    return _characters("".join(takewhile(_BYTES.fullmatch, (one or "" for one in strings))))


def _characters(written: str) -> str:
    return bytes.fromhex(written.replace("<0x", "").replace(">", "")).decode(errors="replace")


def _in_order(spans: Sequence[Span | None]) -> list[Span]:
    ordered: list[Span] = []
    end = 0
    for span in spans:
        ordered.append((end, end) if span is None else span)
        end = ordered[-1][1]
    return ordered


class _Source:
    """The text beside its folded form, gone through from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        folds = [_fold(char) for char in text]
        self.folded = "".join(folds)
        self.at = [i for i, fold in enumerate(folds) for _ in fold]  # folded -> text
        self.end = 0  # in text: what was found so far ends here
        self.cursor = 0  # the same in folded

    def find(self, added: str, anywhere: bool, n_unknown: int) -> tuple[Span, int] | None:
        """Span of the first place after the cursor, near it or ``anywhere``, and the cursor
        behind it (which may stay within one character: … is read as three points).

        Unknown tokens before it are given a character each, if it is found then.
        """
        wanted = "".join(map(_fold, added))
        exact = added.strip(" ")
        if not wanted:  # invisible or a mark by itself
            start = self.text.find(exact, self.end, self.end + _REACH + len(exact))
            return None if start < 0 else ((start, start + len(exact)), self.cursor)
        stop = len(self.folded) if anywhere else self.cursor + _REACH + len(wanted)
        start = self.folded.find(wanted, self._behind(n_unknown), stop)
        if start < 0:
            start = self.folded.find(wanted, self.cursor, stop)
        if start < 0:
            return None
        cursor = start + len(wanted)
        begin, end = self.at[start], self.at[cursor - 1] + 1
        if self.text.startswith(exact, begin):  # with what is invisible at its end
            end = begin + len(exact)
        return (begin, end), cursor

    def _behind(self, n_unknown: int) -> int:
        """The cursor behind so many characters, accents counted for themselves."""
        if not n_unknown:
            return self.cursor
        last = unicodedata.normalize("NFD", self.text[self.end - 1 : self.end])
        left = n_unknown - max(len(last) - 1, 0)
        position = self.end
        while left > 0 and position < len(self.text):
            if not self.text[position].isspace():
                left -= len(unicodedata.normalize("NFD", self.text[position]))
            position += 1
        return max(self.cursor, bisect_left(self.at, position))

    def take_blanks(self, most: int, coded: str) -> Span:
        """Blanks, but for one that the next tokens are the bytes of."""
        start = end = self.end
        while end < min(start + most, len(self.text)) and self.text[end].isspace():
            if coded.startswith(self.text[end]):
                break
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

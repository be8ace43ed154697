"""A tokenizer's own strings, without the tokenizer and the text -> tokens.

The strings say how they were cut: ``##`` (WordPiece), ``▁`` and ``<0xE2>`` (SentencePiece with
byte fallback), ``Ġ`` (byte-level BPE), ``</w>`` (BPE that marks the end of words), or a blank
before a word (decoded pieces, such as TransformerLens' ``to_str_tokens``). The text is put
together from them, so what the tokenizer threw away of it stays lost, and where it keeps no blanks
every word has one before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from attention_widget.tokens.labels import bytes_of_piece, label_of_piece, label_of_text
from attention_widget.tokens.words import word_of_characters
from attention_widget.trace.token import Token

_SPECIAL = re.compile(
    r"\[(?:CLS|SEP|PAD|MASK|BOS|EOS)\]|</?s>|<(?:cls|sep|pad|mask|bos|eos)>|<\|[^|<>]+\|>"
)
_BYTE = re.compile(r"<0x[0-9A-F]{2}>")


def tokens_of_strings(
    strings: Sequence[str], segment_starts: Iterable[int] = ()
) -> tuple[Token, ...]:
    """Tokens with the text that their strings stand for.

    A new segment begins at each of ``segment_starts``, and special tokens belong to one too.
    Strings that are common for special tokens (``[CLS]``, ``</s>``, ``<|endoftext|>``) are taken
    as such.
    """
    starts = sorted({0, len(strings), *segment_starts})
    scheme = _scheme([string for string in strings if not is_special(string)])
    tokens: list[Token] = []
    for segment, (start, end) in enumerate(pairwise(starts)):
        words = 1 + max((token.word for token in tokens if token.word is not None), default=-1)
        tokens += _segment(strings[start:end], scheme, segment, start, words)
    return tuple(tokens)


def is_special(string: str) -> bool:
    return bool(_SPECIAL.fullmatch(string))


def _scheme(strings: Sequence[str]) -> str:
    if any(string.startswith(" ") and string.strip() for string in strings):
        return "decoded"
    if any(string.startswith("##") and len(string) > 2 for string in strings):
        return "continued"
    if any("▁" in string for string in strings):
        return "marked"
    if any("Ġ" in string or "Ċ" in string for string in strings) or _are_bytes(strings):
        return "bytes"
    return "ended" if any(string.endswith("</w>") for string in strings) else "continued"


def _are_bytes(strings: Sequence[str]) -> bool:
    """Whether they are byte-level strings of a text beyond ASCII, which reads as nonsense."""
    found = [bytes_of_piece(string) or b"" for string in strings]
    try:
        return all(found) and not b"".join(found).decode().isascii()
    except UnicodeDecodeError:
        return False


def _bytes(string: str, scheme: str, first: bool, ended: bool) -> bytes:
    if scheme == "bytes":
        found = bytes_of_piece(string)
        return string.encode("utf-8", "replace") if found is None else found
    if scheme == "marked":
        if _BYTE.fullmatch(string):
            return bytes.fromhex(string[3:5])
        string = string.replace("▁", " ")
        string = string.removeprefix(" ") if first else string
    elif scheme == "decoded":
        pass
    elif scheme == "ended":
        string = (" " if ended else "") + string.removesuffix("</w>")
    elif string.startswith("##") and len(string) > 2:
        string = string[2:]
    elif not first:
        string = f" {string}"
    return string.encode("utf-8", "replace")


def _segment(
    strings: Sequence[str], scheme: str, segment: int, first: int, words: int
) -> list[Token]:
    """The tokens of a segment, the first of which has index ``first``; its words count from
    ``words``."""
    written, spans = b"", []
    ended = False
    for string in strings:
        start = len(written)
        if not is_special(string):
            written += _bytes(string, scheme, not written, ended)
            ended = string.endswith("</w>")
        spans.append((start, len(written)))
    # Bytes that make no character become single surrogates, so that all others stay in place.
    text = written.decode("utf-8", "surrogateescape")
    places, word_of = _places(text), word_of_characters(text)
    numbers: dict[int, int] = {}
    previous: int | None = None
    tokens: list[Token] = []
    for index, (string, (start, end)) in enumerate(zip(strings, spans, strict=True), first):
        if is_special(string):
            tokens.append(Token(index, None, string, special=True, segment=segment))
            continue
        begin, stop = places[start], places[end]
        while begin < stop - 1 and text[begin].isspace() and not text[begin:stop].isspace():
            begin += 1
        lead, shown = text[places[start] : begin], text[begin:stop]
        if not shown or any("\udc80" <= char <= "\udcff" for char in shown):
            lead, shown, word = "", "", previous if end > start else None
            label = label_of_piece(string)
        else:
            found = word_of[begin]
            word = None if found is None else numbers.setdefault(found, words + len(numbers))
            label = label_of_text(shown, continues=word is not None and word == previous)
        label = label or repr(string)
        tokens.append(Token(index, None, label, shown, lead, word=word, segment=segment))
        previous = previous if word is None else word
    return tokens


def _places(text: str) -> list[int]:
    """For each byte of the text, and its end, the first character that starts there or later."""
    places = [0]
    for index, char in enumerate(text, 1):
        places += [index] * len(char.encode("utf-8", "surrogateescape"))
    return places

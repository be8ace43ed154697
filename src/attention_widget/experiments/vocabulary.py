"""Entries of a vocabulary: as text, and by text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attention_widget._util.integers import as_integer
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.tokens.decoding import decode
from attention_widget.tokens.labels import label_of_piece
from attention_widget.tracing.inputs.text import left_as_it_was


def texts_of(ids: Iterable[int], tokenizer: Any) -> list[str]:
    """What each id writes by itself, with the blank before a word (" Paris"): the vocabulary's
    own string where it is no text, such as a byte of a character (‹9F›), and ‹7› for an id that
    the vocabulary lacks."""
    wanted = list(ids)
    known = {id: _text(id, tokenizer) for id in dict.fromkeys(wanted)}
    return [known[id] for id in wanted]


def _text(id: int, tokenizer: Any) -> str:
    [piece] = tokenizer.convert_ids_to_tokens([id])
    if not isinstance(piece, str) or not piece:
        return f"‹{id}›"
    text = decode(tokenizer, [id])
    if not text or "\ufffd" in text:
        return label_of_piece(piece) or f"‹{id}›"
    return f" {text}" if piece.startswith("▁") and not text[0].isspace() else text


def ids_of(tokens: Iterable[Any], tokenizer: Any, size: int) -> list[int]:
    """The ids of entries, each given by its text or by its id.

    Raises:
        TypeError, ValueError: a text is not one token, or an id lies beyond the vocabulary.
    """
    if isinstance(tokens, str | bytes):
        raise InvalidTypeError(
            f"follow must be a list of tokens, got the string {tokens!r:.80}; put it into a list"
        )
    return [_id(token, tokenizer, size) for token in tokens]


def _id(token: Any, tokenizer: Any, size: int) -> int:
    id = as_integer(token)
    if id is not None:
        if not 0 <= id < size:
            raise InvalidValueError(f"the id of a token must be in 0–{size - 1}, got {id}")
        return id
    if not isinstance(token, str):
        raise InvalidTypeError(
            f"a token must be its text (' Paris') or its id, got {type(token).__name__}"
        )
    options = {"add_special_tokens": False, "verbose": False}
    ids = left_as_it_was(tokenizer, lambda: list(tokenizer(token, **options)["input_ids"]))
    if len(ids) != 1:
        raise InvalidValueError(
            f"a token must be one entry of the vocabulary, got {token!r:.80}, which is "
            f"{len(ids)} ({', '.join(map(repr, texts_of(ids, tokenizer)))}); pass its first one, "
            f"with the blank before it where it begins a word"
        )
    return int(ids[0])

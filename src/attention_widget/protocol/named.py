"""Tokens that are named by their word: the indices that stand for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attention_widget.errors import AttentionWidgetError, RefusedError
from attention_widget.trace.token import Token
from attention_widget.trace.word_search import find_word


def by_word(name: str, value: object, tokens: Sequence[Token]) -> object:
    """The index of the last token of a word; anything else as it is."""
    return _found(name, value, tokens)[-1] if isinstance(value, str) else value


def by_words(name: str, value: object, tokens: Sequence[Token]) -> object:
    """The indices of all tokens of a word, or of several words among indices, each once where
    words share them; anything else as it is."""
    if isinstance(value, str):
        return _found(name, value, tokens)
    if not isinstance(value, Iterable) or isinstance(value, bytes):
        return value
    items = list(value)
    if not any(isinstance(item, str) for item in items):
        return value
    chosen: list[object] = []
    for item in items:
        if isinstance(item, str):
            chosen += [each for each in _found(name, item, tokens) if each not in chosen]
        else:
            chosen.append(item)
    return chosen


def _found(name: str, word: str, tokens: Sequence[Token]) -> tuple[int, ...]:
    try:
        return find_word(tokens, word)
    except AttentionWidgetError as error:
        raise RefusedError(f"{name} must be a token, by its index or its word: {error}") from error

"""What holds for the tokens of every tokenizer and text."""

from __future__ import annotations

import unicodedata

from attention_widget.trace.token import Token


def joined(tokens: tuple[Token, ...], segment: int = 0) -> str:
    return "".join(t.lead + t.text + t.trail for t in tokens if t.segment == segment)


def check(tokens: tuple[Token, ...], *texts: str) -> None:
    """Labels show something, offsets lie on characters, and the pieces give the texts back."""
    assert [token.index for token in tokens] == list(range(len(tokens)))
    words = [token.word for token in tokens if token.word is not None]
    assert words == sorted(words)
    assert set(words) == set(range(len(set(words))))
    for token in tokens:
        assert token.label
        assert len(token.label.splitlines()) == 1
        assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl") for char in token.label)
        assert not token.label.isspace()
    for segment, text in enumerate(texts):
        own = [token for token in tokens if token.segment == segment]
        end = 0
        for token in own:
            assert token.start is not None
            assert token.end is not None
            assert end <= token.start <= token.end <= len(text)
            assert text[token.start : token.end] == token.text
            assert not token.trail or token is own[-1]
            end = token.end
        if own:
            assert joined(tokens, segment) == text

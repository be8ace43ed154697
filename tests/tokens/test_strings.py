"""Tokens from a tokenizer's strings alone: their text is put together from them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import models
from support.texts import tokens_of_output
from tokenizers import pre_tokenizers

from attention_widget import Token
from attention_widget.tokens.strings import tokens_of_strings


def text_of(tokens: tuple[Token, ...], segment: int = 0) -> str:
    return "".join(t.lead + t.text + t.trail for t in tokens if t.segment == segment)


SCHEMES: dict[str, tuple[list[str], list[str], str]] = {
    "WordPiece": (
        ["[CLS]", "the", "nov", "##el", "##ty", "##", "[SEP]"],
        ["[CLS]", "the", "nov", "…el", "…ty", "##", "[SEP]"],
        "the novelty ##",
    ),
    "SentencePiece": (
        ["▁The", "▁cat", "s", "▁", "<0xE2>", "<0x9D>", "<0xA4>", "</s>"],
        ["The", "cat", "…s", "␣", "❤", "‹9D›", "‹A4›", "</s>"],
        "The cats ❤",
    ),
    "byte-level": (
        ["<s>", "I", "ĠâĿ", "¤", "ĠcafÃ©", "Ċ", "</s>"],
        ["<s>", "I", "❤", "‹A4›", "café", "⏎", "</s>"],
        "I ❤ café\n",
    ),
    "byte-level without a blank": (["âĿ", "¤"], ["❤", "‹A4›"], "❤"),
    "ends of words": (
        ["the</w>", "no", "vel</w>", ".</w>"],
        ["the", "no", "…vel", "."],
        "the novel .",
    ),
    "decoded pieces": (
        ["<|endoftext|>", "The", " novel", "ty", " ", " ##", "\n"],
        ["<|endoftext|>", "The", "novel", "…ty", "␣", "##", "⏎"],
        "The novelty  ##\n",
    ),
    "plain": (["é", "ł", "<b>"], ["é", "ł", "<b>"], "é ł <b>"),
    "broken bytes": (["<0xE2>", "▁a", "<0xE2>"], ["<0xE2>", "a", "<0xE2>"], " a"),
    "nothing to see": (["", " ", "\x07", "\ud83d"], ["''", "␣", "‹U+0007›", "?"], "  \x07 ?"),
}


@pytest.mark.parametrize(("strings", "labels", "text"), SCHEMES.values(), ids=SCHEMES)
def test_each_way_of_cutting(strings: list[str], labels: list[str], text: str) -> None:
    tokens = tokens_of_strings(strings)
    assert [token.label for token in tokens] == labels
    assert text_of(tokens) == text
    assert [token.index for token in tokens] == list(range(len(strings)))
    for token in tokens:
        assert token.special == (token.label in ("[CLS]", "[SEP]", "<s>", "</s>", "<|endoftext|>"))
        assert not token.special or token.word is None


def test_words_are_those_of_the_text() -> None:
    tokens = tokens_of_strings(["[CLS]", "a", "nov", "##el", "[SEP]", "one", "##s", "[SEP]"], [5])
    assert [token.word for token in tokens] == [None, 0, 1, 1, None, 2, 2, None]
    assert [token.segment for token in tokens] == [0] * 5 + [1] * 3
    assert [text_of(tokens, 0), text_of(tokens, 1)] == ["a novel", "ones"]


def test_they_are_what_the_tokenizer_itself_says(minilm: tuple[Any, Any]) -> None:
    text = "attention is a novelty, unfathomably so"
    for tokenizer in (minilm[1], models.tokenizer()):
        output = tokenizer(text)
        strings = tokenizer.convert_ids_to_tokens(output["input_ids"])
        own = [
            token
            for token in tokens_of_output(output, tokenizer, [text])
            if "[UNK]" not in token.label
        ]
        made = [token for token in tokens_of_strings(strings) if token.label != "[UNK]"]
        assert [token.label for token in made] == [token.label for token in own]
        assert [token.special for token in made] == [token.special for token in own]


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.integers(1, 4))
def test_any_byte_level_text_is_whole(text: str, size: int) -> None:
    text = f"x {text}"  # a blank says that the strings are byte-level
    whole = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    ((string, _),) = whole.pre_tokenize_str(text)
    strings = [string[at : at + size] for at in range(0, len(string), size)]
    tokens = tokens_of_strings(strings)
    assert text_of(tokens) == text
    assert all(token.label for token in tokens)


@given(st.lists(st.text(max_size=5)))
def test_any_strings_make_tokens(strings: list[str]) -> None:
    tokens = tokens_of_strings(strings)
    assert len(tokens) == len(strings)
    text_of(tokens).encode()  # no half of a character
    assert all(token.label for token in tokens)

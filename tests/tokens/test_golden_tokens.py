"""How tokens of each kind of tokenizer look in each language, reviewed line by line.

``PYTHONPATH=tests python tests/tokens/test_golden_tokens.py`` writes the table anew: read the
difference before keeping it.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.texts import tokens_of_output
from support.token_checks import check
from support.toy_slow_tokenizers import SlowByteLevel, sentencepiece_file, slow_wordpiece
from support.toy_tokenizers import byte_level, character, metaspace_bpe, unigram, wordpiece
from transformers import BertGenerationTokenizer, ByT5Tokenizer, CanineTokenizer

from attention_widget.tokens.decoding import decode
from attention_widget.trace.token import Token

TABLE = Path(__file__).with_name("golden_tokens.txt")

VIETNAMESE = "Tiếng Việt rất hay."
TEXTS = {
    "English": "It isn't a novel, novelty!",
    "Vietnamese": VIETNAMESE,
    "Vietnamese NFD": unicodedata.normalize("NFD", VIETNAMESE),
    "Russian": "Привет, мир!",
    "Chinese": "你好，中国。",
    "Japanese": "これはペンです。",
    "Arabic": "مرحبا بِكُم",
    "Thai": "สวัสดีชาวโลก",
    "Emoji": "👩\u200d💻 👍🏽 ❤\ufe0f",
    "Flags": "🇻🇳🇫🇷 🏴\U000e0067\U000e0062\U000e007f",
    "Code": "if x:\n    y = 1\t# ok",
}
WORDS = ["nov", "novel", "It", "isn", "Ti", "Việt", "При", "мир", "你", "中国", "これ", "ペン"]
WORDS += ["مر", "بكم", "สวัส", "โลก", "👩", "👍", "if"]
INNER = ["ty", "ếng", "ng", "вет", "好", "です", "حبا", "ดี", "ชาว", "💻", ",", ".", "!"]
PIECES = ["nov", "novel", "it", "isn", "ti", "viet", "при", "мир", "你", "中", "これ", "ヘン"]
PIECES += ["مر", "بكم", "สวส", "👩", "👍", "if", "##el", "##ty", "##eng", "##вет", "##は", "##ヘン"]
PIECES += ["##حبا", "##ด", "##💻", "'", "t", ",", ".", "!", "a", "hay", "1", "y"]


def makers(folder: Path) -> dict[str, Callable[[], Any]]:
    def by_sentencepiece(kind: str) -> Any:
        return BertGenerationTokenizer(str(sentencepiece_file(folder, kind, WORDS, INNER)))

    return {
        "WordPiece": lambda: wordpiece(PIECES),
        "WordPiece, slow": lambda: slow_wordpiece(folder, PIECES),
        "Byte-level BPE": lambda: byte_level(words=WORDS, inner=INNER),
        "Byte-level BPE, slow": lambda: SlowByteLevel(WORDS, INNER),
        "Unigram": lambda: unigram(WORDS, INNER),
        "Unigram, slow": lambda: by_sentencepiece("unigram"),
        "SentencePiece BPE": lambda: metaspace_bpe(WORDS),
        "SentencePiece BPE, slow": lambda: by_sentencepiece("bpe"),
        "Characters": lambda: character(WORDS),
        "Characters, slow": CanineTokenizer,
        "Bytes": lambda: byte_level(words=(), inner=()),
        "Bytes, slow": ByT5Tokenizer,
    }


@cache
def tokenizer(name: str) -> Any:
    with TemporaryDirectory() as folder:
        return makers(Path(folder))[name]()


NAMES = list(makers(Path()))
LOSSLESS = [name for name in NAMES if name.startswith(("Byte", "Characters", "SentencePiece"))]


def tokens_of(name: str, text: str) -> tuple[Token, ...]:
    made = tokenizer(name)
    return tokens_of_output(made(text, verbose=False), made, (text,))


def line(name: str, language: str) -> str:
    labels = [token.label for token in tokens_of(name, TEXTS[language])]
    return f"{language}: {' | '.join(labels)}"


def table() -> str:
    parts = [
        "\n".join([f"# {name}", *(line(name, language) for language in TEXTS)]) for name in NAMES
    ]
    return "\n\n".join(parts) + "\n"


@cache
def expected() -> dict[str, list[str]]:
    parts = TABLE.read_text(encoding="utf-8").split("\n\n")
    return {part.splitlines()[0].removeprefix("# "): part.splitlines()[1:] for part in parts}


@pytest.mark.parametrize("name", NAMES)
def test_labels_are_as_reviewed(name: str) -> None:
    assert [line(name, language) for language in TEXTS] == expected()[name]


@pytest.mark.parametrize("name", NAMES)
def test_slow_tokenizers_are_slow(name: str) -> None:
    assert tokenizer(name).is_fast == ("slow" not in name)


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("name", NAMES)
def test_every_language_comes_back(name: str, language: str) -> None:
    check(tokens_of(name, TEXTS[language]), TEXTS[language])


@settings(max_examples=40, deadline=None)
@given(text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
@pytest.mark.parametrize("name", NAMES)
def test_any_text_comes_back(name: str, text: str) -> None:
    check(tokens_of(name, text), text)


@pytest.mark.parametrize("language", TEXTS)
def test_bytes_of_a_slow_tokenizer_decode_to_characters(language: str) -> None:
    made, text = tokenizer("SentencePiece BPE, slow"), TEXTS[language]
    assert decode(made, made(text, add_special_tokens=False)["input_ids"]) == text


@settings(max_examples=40, deadline=None)
@given(words=st.lists(st.sampled_from([*WORDS, *INNER, "猫", "é", "e\u0301"]), min_size=1))
@pytest.mark.parametrize("name", LOSSLESS)
def test_lossless_tokenizers_show_every_character_once(name: str, words: list[str]) -> None:
    text = " ".join(words)
    shown = "".join(token.text for token in tokens_of(name, text))
    assert [char for char in shown if char != " "] == [char for char in text if char != " "]


if __name__ == "__main__":
    sys.exit(TABLE.write_text(table(), encoding="utf-8") == 0)

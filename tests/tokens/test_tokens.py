"""Tokens give the text back, show what a reader expects and know their word."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.texts import TEXTS, fast, tokens_of
from support.token_checks import check
from support.toy_slow_tokenizers import (
    sentencepiece_file,
    slow_wordpiece,
    trained_sentencepiece_file,
)
from support.toy_tokenizers import FAST
from transformers import BertGenerationTokenizer, ByT5Tokenizer, CanineTokenizer

from attention_widget.tokens import tokens_of_pieces
from attention_widget.tokens.pieces import Piece
from attention_widget.tokens.written import pieces_of_ids


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("name", FAST)
def test_fast_tokenizers_give_the_text_back(name: str, text: str) -> None:
    check(tokens_of(fast(name), text), text)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_minilm_gives_the_text_back(minilm: Any, text: str) -> None:
    tokens = tokens_of(minilm[1], text)
    check(tokens, text)
    assert (tokens[0].label, tokens[-1].label) == ("[CLS]", "[SEP]")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("kind", ["wordpiece", "bytes", "characters"])
def test_slow_tokenizers_give_the_text_back(kind: str, text: str, tmp_path: Path) -> None:
    makers: dict[str, Callable[[], Any]] = {
        "wordpiece": lambda: slow_wordpiece(tmp_path),
        "bytes": lambda: _slow(ByT5Tokenizer),
        "characters": lambda: _slow(CanineTokenizer),
    }
    tokenizer = makers[kind]()
    assert not tokenizer.is_fast
    check(tokens_of(tokenizer, text), text)


@settings(max_examples=40, deadline=None)
@given(text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
@example("▁a ▁▁ b")
@example("Ġa Ġ")
@example("e\u0301\u0302 \u0301 a")
@example("a\u200b\u200d\ufeffb")
@example("[MASK] <s>x<|endoftext|>")
@pytest.mark.parametrize("name", FAST)
def test_any_text_comes_back(name: str, text: str) -> None:
    check(tokens_of(fast(name), text), text)


@settings(max_examples=40, deadline=None)
@given(text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
@pytest.mark.parametrize("name", ["byte_level", "metaspace_bpe", "character"])
def test_tokenizers_that_keep_everything_show_every_character(name: str, text: str) -> None:
    tokens = tokens_of(fast(name), text)
    shown = "".join(token.text for token in tokens)
    assert [c for c in shown if not c.isspace()] == [c for c in text if not c.isspace()]


@settings(max_examples=40, deadline=None)
@given(text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
@example("a\u0301")
@example("  \n")
@example("0\ufffd")
@pytest.mark.parametrize("kind", [ByT5Tokenizer, CanineTokenizer])
def test_any_text_comes_back_from_slow_tokenizers(kind: Any, text: str) -> None:
    check(tokens_of(_slow(kind), text), text)


@cache
def _slow(kind: Any) -> Any:
    return kind()


SENTENCEPIECES = [
    "unigram",
    "bpe",
    *(f"{kind} {rule}" for kind in ("unigram", "bpe") for rule in ("nmt_nfkc", "nfkc", "identity")),
]


@pytest.fixture(scope="module", params=SENTENCEPIECES)
def by_sentencepiece(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A slow tokenizer of sentencepiece's: of a toy model, or of one that it trained itself."""
    folder = tmp_path_factory.mktemp("sentencepiece")
    kind, _, rule = request.param.partition(" ")
    if not rule:
        path = sentencepiece_file(folder, kind, ["novel", "a", "te\u0301"], ["n", "\u0301"])
    else:
        texts = ["a novel idea and the colour purple", "tiếng việt là ngôn ngữ"] * 30
        path = trained_sentencepiece_file(folder, kind, rule, texts)
    return BertGenerationTokenizer(str(path))


PIECES = [
    *("a", "novel", " ", "  ", "e\u0301", "é", "\u0301", "\u0302", "te\u0301", "tie\u0302\u0301ng"),
    *("ệ", "e\u0323\u0302", "u\u0308", "е\u0308", "ё", "س\u064e", "क्षि", "ก\u0e35", "中", "ﬁ", "…"),
    *("🙂", "👩\u200d💻", "🇻🇳", "\ufe0f", "<0xE2>", "\u200b"),
]


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join))
@example("e\u0301")
@example(" \ufe0fa\ufe0f a<0xE2>")
def test_sentencepiece_loses_nothing_and_shows_no_mark_twice(
    by_sentencepiece: Any, text: str
) -> None:
    tokens = tokens_of(by_sentencepiece, text)
    check(tokens, text)
    shown = "".join(token.label for token in tokens).replace("◌", "")
    assert _marks(shown) <= _marks(text)
    ids = by_sentencepiece(text)["input_ids"]
    pieces, written = pieces_of_ids(ids, by_sentencepiece)
    check(tokens_of_pieces(pieces, by_sentencepiece, [written]), written)


@pytest.mark.parametrize(
    ("text", "labels"),
    [("\n", "␣ ⏎"), ("\n\n", "␣ ⏎ ⏎"), ("\xa0", "␣ ␣ ‹A0›"), ("\na", "␣ ⏎ a")],
)
def test_a_blank_in_bytes_is_theirs(text: str, labels: str, tmp_path: Path) -> None:
    """And not that of the marker before it."""
    path = sentencepiece_file(tmp_path, "bpe", ["novel", "a"], ["n"])
    tokens = tokens_of(BertGenerationTokenizer(str(path)), text)
    check(tokens, text)
    assert " ".join(token.label for token in tokens) == labels


def _marks(text: str) -> int:
    return sum(unicodedata.category(char)[0] == "M" for char in unicodedata.normalize("NFD", text))


@pytest.mark.parametrize("name", FAST)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_piece_is_what_the_vocabulary_has_for_the_id(name: str, text: str) -> None:
    vocabulary = {id: string for string, id in fast(name).get_vocab().items()}
    for token in tokens_of(fast(name), text):
        assert token.piece == vocabulary[token.id or 0]


def test_pieces_keep_the_signs_of_their_tokenizer(tmp_path: Path) -> None:
    def pieces(tokenizer: Any, text: str) -> list[str | None]:
        return [token.piece for token in tokens_of(tokenizer, text)]

    assert "##ty" in pieces(fast("wordpiece"), "a novelty")
    assert "Ġnovel" in pieces(fast("byte_level"), "a novel")
    assert "▁novel" in pieces(fast("metaspace_bpe"), "a novel")
    assert "<0xF0>" in pieces(fast("metaspace_bpe"), "🙂")
    slow = slow_wordpiece(tmp_path)
    assert pieces(slow, "novelty") == slow.convert_ids_to_tokens(slow("novelty")["input_ids"])
    ids = [*fast("byte_level")(" novel").input_ids]
    given, text = pieces_of_ids(ids, fast("byte_level"))
    written = tokens_of_pieces(given, fast("byte_level"), [text])
    assert [token.piece for token in written] == fast("byte_level").convert_ids_to_tokens(ids)


def test_a_piece_that_the_tokenizer_does_not_name_is_none() -> None:
    class Nameless:
        all_special_ids = ()

        def convert_ids_to_tokens(self, ids: list[int]) -> list[Any]:
            return [None, "", b"\xe2"][: len(ids)]

    pieces = [Piece(id, "a", 0, id, id + 1) for id in range(3)]
    assert [token.piece for token in tokens_of_pieces(pieces, Nameless(), ["abc"])] == [None] * 3

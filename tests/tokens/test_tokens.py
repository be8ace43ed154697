"""Tokens give the text back, show what a reader expects and know their word."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.interrupts import LinesRun
from support.token_checks import check, joined
from support.toy_slow_tokenizers import (
    sentencepiece_file,
    slow_wordpiece,
    trained_sentencepiece_file,
)
from support.toy_tokenizers import FAST
from transformers import BertGenerationTokenizer, ByT5Tokenizer, CanineTokenizer

from attention_widget.tokens import read_tokens, tokens_of_pieces
from attention_widget.tokens.labels import label_of_text
from attention_widget.tokens.words import word_of_characters
from attention_widget.tokens.written import pieces_of_ids
from attention_widget.trace.token import Token

TEXTS = {
    "english": "Attention is a novelty, isn't it?",
    "vietnamese": "tiếng Việt",
    "vietnamese_nfd": unicodedata.normalize("NFD", "tiếng Việt"),
    "russian": "привет, мир",
    "chinese": "中国你好。",
    "japanese": "これはペンです",
    "arabic": "مرحبا بِكُم",
    "thai": "สวัสดีโลก",
    "emoji": "👩\u200d💻 🇻🇳 👍🏽 ❤\ufe0f",
    "code": "if x:\n\n    print(1)\t# ok\r\n",
    "blanks": "  lead \n\n\n trail  ",
    "markup": "<img src=x onerror=alert(1)></script>",
    "forms": "ﬁne ① … ﷺ",
}


@cache
def fast(name: str) -> Any:
    return FAST[name]()


def tokens_of(tokenizer: Any, *texts: str) -> tuple[Token, ...]:
    return read_tokens(tokenizer(*texts, verbose=False), tokenizer, texts)


def labels(tokenizer: Any, *texts: str) -> str:
    return " | ".join(token.label for token in tokens_of(tokenizer, *texts))


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


NFD = TEXTS["vietnamese_nfd"]
GOLDEN = [
    (
        "wordpiece",
        "Attention is a novelty!",
        "[CLS] | Attention | is | a | nov | …el | …ty | ! | [SEP]",
    ),
    ("wordpiece", "tiếng Việt", "[CLS] | tiế | …ng | Việt | [SEP]"),
    ("wordpiece", NFD, f"[CLS] | {NFD[:5]} | …ng | {NFD[8:]} | [SEP]"),
    ("wordpiece", "привет, 中国", "[CLS] | привет [UNK] | , | 中 [UNK] | 国 [UNK] | [SEP]"),
    ("wordpiece", "a [MASK] idea", "[CLS] | a | [MASK] | idea | [SEP]"),
    ("byte_level", "Attention is a novelty!", "Attention | is | ␣ | a | novel | …t | …y | !"),
    (
        "byte_level",
        "tiếng Việt",
        "t | …i | …ế | ‹BA› | ‹BF› | …n | …g | Vi | …ệ | ‹BB› | ‹87› | …t",
    ),
    ("byte_level", "e\u0301", "e | …◌\u0301 | ‹81›"),
    ("byte_level", "привет, 中国", "привет | , | ␣ | 中 | 国 | ‹9B› | ‹BD›"),
    ("byte_level", "سلا", "س | ‹B3› | …ل | ‹84› | …ا | ‹A7›"),
    ("byte_level", "ดี", "ด | ‹B8› | ‹94› | …◌ี | ‹B8› | ‹B5›"),
    (
        "byte_level",
        "👩\u200d💻🇻",
        "👩 | ‹9F› | ‹91› | ‹A9› | …‹U+200D› | ‹80› | ‹8D› | …💻 | ‹9F› | ‹92› | ‹BB› | "
        "🇻 | ‹9F› | ‹87› | ‹BB›",
    ),
    ("byte_level", "x:\n\n  print(1)\t", "x | : | ⏎ | ⏎ | ␣ | print | ( | 1 | ) | ⇥"),
    ("byte_level", "a<|endoftext|>", "a | <|endoftext|>"),
    ("byte_level", "\x07", "‹U+0007›"),
    ("byte_level_trimmed", "Attention novel", "Attention | novel"),
    ("byte_level_trimmed", "中 a", "␣ | 中 | ␣ | a"),
    ("metaspace_bpe", "Attention is a novelty", "<s> | Attention | is | ␣ | a | novel | …t | …y"),
    ("metaspace_bpe", "中🙂", "<s> | ␣ | 中 | ‹B8› | ‹AD› | 🙂 | ‹9F› | ‹99› | ‹82›"),
    ("metaspace_bpe", "is:\n  print", "<s> | is | : | ⏎ | ␣␣ | print"),
    ("unigram", "Attention is novelty!", "Attention | is | novel | …ty | ! | </s>"),
    ("unigram", "中国 привет", "␣ | 中国 | привет | </s>"),
    ("unigram", "สวัสดีโลก", "␣ | สวัสดี | โลก | </s>"),
    ("unigram", "🙂", "␣ | 🙂 <unk> | </s>"),
    ("unigram", "…", "␣ | … | …. | …. | </s>"),
    ("character", "is\nн 中", "i | …s | ⏎ | н | ␣ | 中 <unk>"),
]


@pytest.mark.parametrize(("name", "text", "expected"), GOLDEN)
def test_labels(name: str, text: str, expected: str) -> None:
    assert labels(fast(name), text) == expected


def test_labels_of_minilm(minilm: Any) -> None:
    assert labels(minilm[1], "Novelty: an unbelievably purple novel.") == (
        "[CLS] | Novelty | : | an | un | …bel | …ie | …va | …bly | purple | novel | . | [SEP]"
    )


def test_text_keeps_capitals_and_accents() -> None:
    tokens = tokens_of(fast("wordpiece"), "Attention ATTENTION Việt")
    assert [token.text for token in tokens] == ["", "Attention", "ATTENTION", "Việt", ""]
    assert [token.lead for token in tokens] == ["", "", " ", " ", ""]
    assert tokens[1].id == tokens[2].id


def test_markup_stays_what_it_is() -> None:
    tokens = tokens_of(fast("byte_level"), "<img>")
    assert "".join(token.text for token in tokens) == "<img>"
    assert tokens[0].label == "<"


def test_later_bytes_show_no_text_and_belong_to_their_character() -> None:
    tokens = tokens_of(fast("byte_level"), "🙂 novel")
    assert [token.text for token in tokens] == ["🙂", "", "", "", "novel"]
    assert [token.word for token in tokens] == [0, 0, 0, 0, 1]


def test_a_blank_marker_that_stands_for_nothing_has_no_text() -> None:
    start, marker, character, *_ = tokens_of(fast("metaspace_bpe"), "中")
    assert start.special
    assert (marker.text, marker.label, marker.word) == ("", "␣", None)
    assert (character.text, character.word) == ("中", 0)


def test_special_tokens() -> None:
    tokens = tokens_of(fast("wordpiece"), "a [MASK]!")
    cls, a, mask, _, sep = tokens
    for token in (cls, sep):
        assert (token.special, token.segment, token.word, token.text) == (True, None, None, "")
        assert (token.start, token.end) == (None, None)
    assert (mask.special, mask.segment, mask.word, mask.text) == (True, 0, None, "[MASK]")
    assert not a.special


def test_an_unknown_token_is_not_special() -> None:
    token = tokens_of(fast("wordpiece"), "猫")[1]
    assert (token.text, token.label, token.special, token.word) == ("猫", "猫 [UNK]", False, 0)


def test_segments_have_their_own_offsets_and_words_count_through() -> None:
    first, second = "Attention is,", " a novel idea "
    for tokens in (
        tokens_of(fast("wordpiece"), first, second),
        tokens_of(fast("metaspace_bpe"), first, second),
        tokens_of(fast("unigram"), first, second),
    ):
        check(tokens, first, second)
        shown = [token for token in tokens if token.word is not None]
        assert [t.segment for t in shown] == sorted(t.segment or 0 for t in shown)
        assert {t.word for t in shown if t.segment == 0} == {0, 1, 2}
        assert {t.word for t in shown if t.segment == 1} == {3, 4, 5}


def test_segments_of_slow_tokenizers(tmp_path: Path) -> None:
    first, second = "Attention is 猫,", " a novel idea "
    tokens = tokens_of(slow_wordpiece(tmp_path), first, second)
    check(tokens, first, second)
    assert [token.label for token in tokens] == (
        ["[CLS]", "Attention", "is", "猫 [UNK]", ",", "[SEP]", "a", "nov", "…el", "idea", "[SEP]"]
    )
    assert [token.segment for token in tokens] == [None, 0, 0, 0, 0, None, 1, 1, 1, 1, None]


def test_a_slow_tokenizer_by_sentencepiece(tmp_path: Path) -> None:
    lines = ["Attention is a novel idea", "tiếng Việt", "中国 中国", "привет мир"] * 20
    (tmp_path / "lines.txt").write_text("\n".join(lines), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(tmp_path / "lines.txt"),
        model_prefix=str(tmp_path / "model"),
        vocab_size=90,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    tokenizer: Any = BertGenerationTokenizer(str(tmp_path / "model.model"))
    assert not tokenizer.is_fast
    for text in TEXTS.values():
        check(tokens_of(tokenizer, text), text)
    tokens = tokens_of(tokenizer, "Việt 猫 novel")
    assert "".join(token.text for token in tokens if token.word == 0) == "Việt"
    assert [token.label for token in tokens if token.word == 1] == ["猫 <unk>"]
    assert "".join(token.text for token in tokens if token.word == 2) == "novel"


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize(
    ("side", "expected"), [("right", "Attention is"), ("left", "novel idea !  ")]
)
def test_what_truncation_cut_off_is_not_shown(
    slow: bool, side: str, expected: str, tmp_path: Path
) -> None:
    text = "Attention is a novel idea !  "
    tokenizer: Any = slow_wordpiece(tmp_path) if slow else FAST["wordpiece"]()
    tokenizer.truncation_side = side
    length = 4 if side == "right" else 6
    output = tokenizer(text, truncation=True, max_length=length)
    tokens = read_tokens(output, tokenizer, (text,), truncated=[0])
    assert joined(tokens) == expected
    assert all(
        token.start is None or text[token.start : token.end] == token.text for token in tokens
    )


def test_reading_a_token_more_is_no_more_work_in_a_long_text(minilm: Any) -> None:
    def lines_run(sentences: int) -> int:
        text = "Purple is a novel colour, unbelievably so. " * sentences
        output = minilm[1](text, verbose=False)
        with LinesRun() as count:
            tokens = read_tokens(output, minilm[1], (text,))
        assert len(tokens) > 10 * sentences
        return count.lines

    one, more = lines_run(100), lines_run(400)  # more than 4,000 tokens
    assert more < 4.5 * one


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I can't.", "I|can't|."),
        ("rock’n’roll 'tis'", "rock’n’roll|'|tis|'"),
        ("3.14 1,000 a.b", "3.14|1,000|a|.|b"),
        ("snake_case x2", "snake_case|x2"),
        ("well-known!!", "well|-|known|!|!"),
        (NFD, NFD.replace(" ", "|")),
        ("中国人", "中|国|人"),
        ("これはペンラーだ", "こ|れ|は|ペンラー|だ"),
        ("สวัสดี น้ำ", "ส|วั|ส|ดี|น้ำ"),
        ("مرحبا بِكُم", "مرحبا|بِكُم"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("नमस्ते दुनिया", "नमस्ते|दुनिया"),
        ("안녕 세상", "안녕|세상"),
        ("👩\u200d💻👍🏽❤\ufe0f", "👩\u200d💻|👍🏽|❤\ufe0f"),
        ("🇻🇳🇫🇷", "🇻🇳|🇫🇷"),
        ("a\u200bb", "a|\u200b|b"),
    ],
)
def test_words(text: str, expected: str) -> None:
    words: dict[int, str] = {}
    for char, word in zip(text, word_of_characters(text), strict=True):
        assert (word is None) == char.isspace()
        if word is not None:
            words[word] = words.get(word, "") + char
    assert list(words) == list(range(len(words)))
    assert "|".join(words.values()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("novel", "novel"),
        (" ", "␣"),
        ("\n\n", "⏎⏎"),
        (" " * 16, "␣×16"),
        ("\t\r\u2028", "⇥␍⏎"),
        ("\u00a0\u3000", "␣␣"),
        ("\x00\x1b", "‹U+0000›‹U+001B›"),
        ("\u202eabc", "‹U+202E›abc"),
        ("\ud83d", "‹U+D83D›"),
        ("\ue000", "‹U+E000›"),
        ("\u0301", "◌\u0301"),
        ("\ufe0f", "‹U+FE0F›"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("</script>", "</script>"),
    ],
)
def test_labels_show_the_invisible(text: str, expected: str) -> None:
    assert label_of_text(text) == expected


def test_a_piece_that_continues_a_word_is_marked() -> None:
    assert label_of_text("ty", continues=True) == "…ty"

"""What a token is called and which word it is of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sentencepiece
from support.interrupts import LinesRun
from support.texts import TEXTS, fast, labels, tokens_of, tokens_of_output
from support.token_checks import check, joined
from support.toy_slow_tokenizers import (
    slow_wordpiece,
)
from support.toy_tokenizers import FAST
from transformers import BertGenerationTokenizer

from attention_widget.tokens.labels import label_of_text
from attention_widget.tokens.words import word_of_characters

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
    tokens = tokens_of_output(output, tokenizer, (text,), truncated=[0])
    assert joined(tokens) == expected
    assert all(
        token.start is None or text[token.start : token.end] == token.text for token in tokens
    )


def test_reading_a_token_more_is_no_more_work_in_a_long_text(minilm: Any) -> None:
    def lines_run(sentences: int) -> int:
        text = "Purple is a novel colour, unbelievably so. " * sentences
        output = minilm[1](text, verbose=False)
        with LinesRun() as count:
            tokens = tokens_of_output(output, minilm[1], (text,))
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

"""Tokens by their word: found by text in every script, or an error that says what is near."""

from __future__ import annotations

from typing import Any

import pytest
from support.traces import encoder_decoder, trace

from attention_widget import Trace, capture

TEXT = (
    "The Novel is a novel idea: blueberries aren't purple. "
    "Tiếng Việt là ngôn ngữ. 我学习中文学习. اللغة العربية جميلة"
)


@pytest.fixture(scope="module")
def bert(minilm: Any) -> Trace:
    return capture(minilm[0], TEXT, tokenizer=minilm[1])


@pytest.fixture(scope="module")
def llama(smollm: Any) -> Trace:
    return capture(smollm[0], TEXT, tokenizer=smollm[1])


def said(of: Trace, indices: tuple[int, ...]) -> str:
    joined = "".join(of.tokens[i].lead + of.tokens[i].text for i in indices)
    return joined.strip()


@pytest.mark.parametrize(
    "word",
    ["novel", "blueberries", "aren't", "Việt", "ngôn ngữ", "学习", "العربية", "novel idea", "a"],
)
@pytest.mark.parametrize("model", ["bert", "llama"])
def test_a_word_is_found_whole_in_every_script(
    model: str, word: str, request: pytest.FixtureRequest
) -> None:
    of: Trace = request.getfixturevalue(model)
    found = of.indices(word)
    assert said(of, found) == word
    assert of.index(word) == found[-1]
    assert list(found) == list(range(found[0], found[-1] + 1))
    words = of.words()
    assert said(words, words.indices(word)) == word


def test_a_character_in_bytes_is_found_with_all_of_them(llama: Trace) -> None:
    first, *rest = llama.indices("学")
    assert rest
    assert all(llama.tokens[i].text == "" for i in rest)
    assert llama.tokens[first].text == "学"


def test_the_exact_spelling_comes_first_then_any_case(bert: Trace, llama: Trace) -> None:
    for of in (bert, llama):
        assert of.tokens[of.index("Novel")].text == "Novel"
        assert of.index("Novel") < of.index("novel")
        assert of.index("NOVEL") == of.index("Novel")  # the first of them
        assert of.index("NOVEL", occurrence=2) == of.index("novel")
        assert of.index("việt") == of.index("Việt")
    decomposed = "Vie\u0323\u0302t"
    assert bert.indices(decomposed) == bert.indices("Việt")


def test_occurrences_are_counted_from_1(bert: Trace) -> None:
    first, second = bert.indices("学习"), bert.indices("学习", occurrence=2)
    assert first[-1] < second[0]
    assert said(bert, second) == "学习"
    with pytest.raises(LookupError, match=r"'学习' stands there 2 times, at \d+, \d+, got occurr"):
        bert.index("学习", 3)
    with pytest.raises(LookupError, match=r"'blueberries' stands there once"):
        bert.index("blueberries", 2)
    with pytest.raises(ValueError, match="occurrence must be 1 or more, got 0"):
        bert.index("novel", 0)
    with pytest.raises(TypeError, match="occurrence must be an integer"):
        bert.index("novel", "2")  # type: ignore[arg-type]


def test_parts_of_words_and_pieces_of_the_vocabulary_are_found_after_whole_words(
    bert: Trace, llama: Trace
) -> None:
    assert bert.tokens[bert.index("berries")].piece == "##berries"
    assert bert.index("##berries") == bert.index("berries") == bert.index("blueberries")
    assert bert.index("[CLS]") == 0
    assert bert.index("[sep]") == len(bert.tokens) - 1
    assert llama.index("Ġnovel") == llama.index("novel")
    toy = trace((2,), ("nov", "##el", "el"))
    assert toy.indices("el") == (2,)  # the word, though a part of one stands before it


def test_a_word_that_is_not_there_is_told_with_those_that_are_near(bert: Trace) -> None:
    with pytest.raises(LookupError, match="'navel' is none of the tokens; did you mean 'novel'"):
        bert.index("navel")
    with pytest.raises(LookupError, match="did you mean 'blueberries'"):
        bert.index("blueberry")
    with pytest.raises(LookupError, match=r"'zzzz' is none of the tokens$"):
        bert.index("zzzz")
    for blank in ("", "  "):
        with pytest.raises(ValueError, match="a word must hold more than blanks"):
            bert.index(blank)
    with pytest.raises(TypeError, match="text must be a string, got 3"):
        bert.index(3)  # type: ignore[arg-type]


def test_the_queries_of_a_decoder_are_the_targets() -> None:
    both = encoder_decoder()
    assert both.indices("rote", kind="decoder") == both.indices("rote", kind="cross") == (2, 3)
    assert both.index("red") == both.index("red", kind="cross", keys=True) == 1
    with pytest.raises(LookupError, match="'red' is none of the tokens"):
        both.index("red", kind="cross")


def test_the_number_of_heads_is_told_where_there_is_one() -> None:
    assert trace((4, 0, 4)).n_heads == 4
    with pytest.raises(LookupError, match=r"have 2 to 4 heads; ask trace.count_heads\(layer, ki"):
        _ = trace((4, 4, 2)).n_heads

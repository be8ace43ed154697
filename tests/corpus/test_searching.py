"""A search finds the contexts that are like what is asked for, with the scores of plain NumPy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.river_texts import MONEY, RIVER, TEXTS

from attention_widget import Trace, capture
from attention_widget.corpus import Index
from attention_widget.errors import AttentionWidgetError


def place_of(trace: Trace, text: str) -> int:
    return next(token.index for token in trace.tokens if token.text == text)


@pytest.fixture(scope="module")
def read(minilm: tuple[Any, Any]) -> Any:
    model, tokenizer = minilm
    return lambda text: capture(model, text, tokenizer=tokenizer)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("indexes")


@pytest.fixture(scope="module")
def hidden(minilm: tuple[Any, Any], folder: Path) -> Index:
    model, tokenizer = minilm
    return Index(folder / "hidden", of=("hidden", -3)).add(model, TEXTS, tokenizer)


@pytest.mark.parametrize(
    ("text", "own", "other"),
    [
        ("They walked along the bank of the lake.", RIVER, MONEY),
        ("The bank refused the loan.", MONEY, RIVER),
    ],
)
def test_a_word_finds_its_own_meaning(
    hidden: Index, read: Any, text: str, own: tuple[str, ...], other: tuple[str, ...]
) -> None:
    trace = read(text)
    found = hidden.nearest(trace, place_of(trace, "bank"), n=8)
    assert {match.text for match in found[:4]} == set(own)
    assert {match.text for match in found[4:]} <= set(other)
    assert {match.tokens[match.token] for match in found} == {"bank"}


def test_a_token_of_the_corpus_finds_itself_first(hidden: Index, read: Any) -> None:
    for number in (0, 5, 9):
        trace = read(TEXTS[number])
        for token in trace.tokens:
            if not token.special:
                best = hidden.nearest(trace, token.index, n=1)[0]
                assert (best.number, best.token) == (number, token.index)
                assert best.score == pytest.approx(1, abs=hidden.error + 1e-6)


def test_scores_are_the_cosines_of_plain_numpy(hidden: Index, read: Any) -> None:
    trace = read("They walked along the bank of the lake.")
    token = place_of(trace, "bank")
    one = trace.hidden_states(4)[token].astype(np.float64)
    expected = []
    for number, text in enumerate(TEXTS):
        other = read(text)
        states = other.hidden_states(4).astype(np.float64)
        for each in other.tokens:
            if not each.special:
                state = states[each.index]
                cosine = one @ state / np.linalg.norm(one) / np.linalg.norm(state)
                expected.append((cosine, number, each.index))
    expected.sort(reverse=True)
    found = hidden.nearest(trace, token, n=len(expected))
    assert len(found) == len(expected) == hidden.n_vectors
    assert hidden.error < 4.9e-4  # half a unit of float16, of a vector of length 1
    by_place = {(number, at): cosine for cosine, number, at in expected}
    for match in found:
        cosine = by_place.pop((match.number, match.token))
        assert abs(match.score - cosine) <= hidden.error + 1e-6
    assert not by_place
    top = [(match.number, match.token) for match in found[:5]]
    assert top == [(number, at) for _, number, at in expected[:5]]


def test_faiss_and_numpy_find_the_same(hidden: Index, read: Any, folder: Path) -> None:
    pytest.importorskip("faiss")
    trace = read("They walked along the bank of the lake.")
    engines = [Index(folder / "hidden", engine=name) for name in ("faiss", "numpy")]
    assert Index(folder / "hidden").engine == "faiss"
    for token in range(1, 9):
        one, other = (index.nearest(trace, token, n=12) for index in engines)
        np.testing.assert_allclose(
            [match.score for match in one], [match.score for match in other], atol=1e-6
        )
        assert {(m.number, m.token) for m in one[:11]} <= {(m.number, m.token) for m in other}


def test_eight_bits_take_half_and_keep_their_word(
    minilm: tuple[Any, Any], hidden: Index, read: Any, folder: Path
) -> None:
    model, tokenizer = minilm
    small = Index(folder / "small", of=("hidden", 4), precision="8bit").add(model, TEXTS, tokenizer)
    vectors = [(folder / name / "vectors.bin").stat().st_size for name in ("hidden", "small")]
    assert [size / hidden.n_vectors for size in vectors] == [768, 388]
    assert hidden.error < small.error < 0.03
    trace = read("They walked along the bank of the lake.")
    token = place_of(trace, "bank")
    exact = {(m.number, m.token): m.score for m in hidden.nearest(trace, token, n=500)}
    found = small.nearest(trace, token, n=500)
    assert len(found) == len(exact)
    allowed = small.error + hidden.error + 1e-6
    assert all(abs(m.score - exact[m.number, m.token]) <= allowed for m in found)
    assert {m.text for m in found[:4]} == set(RIVER)


def test_a_vector_can_be_searched_for(hidden: Index, read: Any) -> None:
    trace = read(TEXTS[3])
    one = hidden.nearest(trace, 4, n=3)
    other = hidden.nearest(trace.hidden_states(4)[4] * 7, n=3)
    assert [(m.number, m.token) for m in one] == [(m.number, m.token) for m in other]
    assert [m.score for m in one] == pytest.approx([m.score for m in other], abs=1e-6)


def test_words_are_found_in_order_whatever_their_case(hidden: Index) -> None:
    found = hidden.word("the bank", n=100)
    expected = [number for number, text in enumerate(TEXTS) if "the bank" in text.lower()]
    assert [match.number for match in found] == expected
    for match in found:
        assert " ".join(match.tokens[match.token : match.end]).lower() == "the bank"
    assert len(hidden.word("bank", n=2)) == 2
    assert not hidden.word("ban")  # a part of a word


def test_a_match_opens_as_the_trace_it_was_found_in(
    minilm: tuple[Any, Any], hidden: Index, read: Any
) -> None:
    model, tokenizer = minilm
    trace = read("They walked along the bank of the lake.")
    match = hidden.nearest(trace, place_of(trace, "bank"))[0]
    opened = match.open(model, tokenizer)
    assert opened.texts == (match.text,)
    assert tuple(token.label for token in opened.tokens) == match.tokens
    one = opened.hidden_states(4)[match.token]
    other = trace.hidden_states(4)[place_of(trace, "bank")]
    cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    assert match.score == pytest.approx(float(cosine), abs=hidden.error + 1e-6)


def test_token_ids_and_long_texts_open_as_they_were_read(
    minilm: tuple[Any, Any], tmp_path: Path
) -> None:
    model, tokenizer = minilm
    ids = tokenizer("I read a good novel.")["input_ids"]
    index = Index(tmp_path / "ids", of=("queries", 2, 3)).add(model, [ids], tokenizer)
    trace = capture(model, [ids], tokenizer=tokenizer)[0]
    match = index.nearest(trace, 5, n=1)[0]
    assert (match.token, match.tokens[5]) == (5, "novel")
    assert [token.id for token in match.open(model, tokenizer).tokens] == ids
    long = " ".join(["The bank of the river is green."] * 80)  # 640 tokens, the model takes 512
    index = Index(tmp_path / "long", of=("hidden", 3)).add(model, [long], tokenizer)
    assert index.n_texts == 2
    later = index.word("river", n=100)[-1]
    assert later.piece == 1
    opened = later.open(model, tokenizer)
    assert tuple(token.label for token in opened.tokens) == later.tokens
    again = index.nearest(opened, later.token, n=1)[0]
    assert again.score == pytest.approx(1, abs=index.error + 1e-6)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda index, trace: index.nearest(trace, 99), "token must be in 0–7, got 99"),
        (lambda index, trace: index.nearest(trace, 1, n=0), "n must be a number of matches"),
        (lambda index, trace: index.nearest(np.ones(5)), r"must have the shape \(384,\)"),
        (lambda index, trace: index.nearest(np.full(384, np.nan)), "finite numbers"),
        (lambda index, trace: index.nearest(np.zeros(384)), "must not be all zeros"),
        (lambda index, trace: index.nearest("bank"), "takes a trace and a token, or a vector"),
        (lambda index, trace: index.nearest(np.ones(384), 3), "token must be left out"),
        (lambda index, trace: index.like(trace, 3), "like needs an index of edges"),
        (lambda index, trace: index.word("  "), "word must be a word"),
        (lambda index, trace: index.nearest(trace, 1, approximately=True), "no approximate index"),
        (lambda index, trace: index.speed_up(), "at least 1,000 vectors, got"),
        (lambda index, trace: index.speed_up(recall=2), "recall must be in"),
    ],
)
def test_what_cannot_be_asked_is_said(hidden: Index, read: Any, ask: Any, message: str) -> None:
    if "1,000 vectors" in message:
        pytest.importorskip("faiss")  # without it that is said first
    trace = read("I read a good novel.")
    with pytest.raises(AttentionWidgetError, match=message):
        ask(hidden, trace)


def test_a_trace_of_another_model_is_refused(hidden: Index) -> None:
    from support import models

    trace = capture(models.tiny("bert"), "a good novel", tokenizer=models.tokenizer())
    with pytest.raises(AttentionWidgetError, match="the trace must be by 'BertModel"):
        hidden.nearest(trace, 1)
    with pytest.raises(AttentionWidgetError, match="model must be the 'BertModel"):
        hidden.word("bank")[0].open(models.tiny("bert"), models.tokenizer())

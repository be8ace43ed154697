"""Passages of what a model reads: named, messages, sentences; and what cannot be one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.labs import TOKENIZER, made
from support.traces import trace, windowed, with_passages

from attention_widget import Experiment, Passage, Trace, capture, generate
from attention_widget.errors import NotFoundError

TEXT = "Anna lives in Rome.\nTom lives in Berlin.\nTom lives in"
PLACES = {"one": (0, 19), "two": (20, 40)}


@pytest.fixture(scope="module")
def read(smollm: tuple[Any, Any]) -> Trace:
    model, tokenizer = smollm
    return capture(model, TEXT, tokenizer=tokenizer, passages=PLACES)


def text_of(passage: Passage, of: Trace) -> str:
    tokens = [of.tokens[index] for index in passage.tokens]
    return "".join(token.lead + token.text + token.trail for token in tokens).strip()


def test_a_passage_has_its_name_its_tokens_and_its_characters(read: Trace) -> None:
    assert [each.name for each in read.passages] == ["one", "two"]
    for each in read.passages:
        assert text_of(each, read) == TEXT[each.start : each.end]
        assert (each.segment, (each.start, each.end)) == (0, PLACES[each.name])


def test_attention_is_summed_over_keys_and_averaged_over_queries(read: Trace) -> None:
    grouped = read.by_passages()
    labels = [token.label for token in grouped.tokens]
    assert labels == ["one", "⏎", "two", "⏎", "Tom", "lives", "in"]
    assert grouped.tokens[0].text == "Anna lives in Rome."
    plain, between = read.attention(3), grouped.attention(3)
    one, two = (list(each.tokens) for each in read.passages)
    expected = plain[:, two][:, :, one].sum(2).mean(1)
    np.testing.assert_allclose(between[:, 2, 0], expected, atol=1e-6)
    np.testing.assert_allclose(between.sum(2), 1, atol=1e-5)
    np.testing.assert_allclose(between[:, -1, 2], plain[:, -1, two].sum(1), atol=1e-6)


def test_passages_are_kept_in_files_words_and_without_special_tokens(
    read: Trace, tmp_path: Path
) -> None:
    read.save(tmp_path / "t")
    assert Trace.load(tmp_path / "t").passages == read.passages
    read.by_passages().save(tmp_path / "t")
    assert [each.tokens for each in Trace.load(tmp_path / "t").passages] == [(0,), (2,)]
    made = with_passages(trace())
    assert [each.tokens for each in made.words().passages] == [(1, 2), (3,)]
    assert [each.tokens for each in made.without_special().passages] == [(0, 1, 2), (3,)]
    both = made.without_special().by_passages()
    assert [token.label for token in both.tokens] == ["one", "two"]
    one, other = both.attention(0), made.by_passages().attention(0)[:, 1:3, 1:3]
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_chat_has_its_messages_and_what_the_model_wrote(smollm: tuple[Any, Any]) -> None:
    model, tokenizer = smollm
    chat = [{"role": "user", "content": "Hi. Who are you?"}]
    assert [each.name for each in capture(model, chat, tokenizer=tokenizer).passages] == ["user 1"]
    assert not capture(model, chat, tokenizer=tokenizer, passages={}).passages
    wrote = generate(model, chat, tokenizer=tokenizer, max_new_tokens=4)
    assert [each.name for each in wrote.passages] == ["user 1", "assistant 2"]
    last = wrote.passages[-1].tokens
    assert [wrote.tokens[index].step for index in last] == [0, 1, 2, 3]
    named = {"who": (0, 4, 16)}
    [who] = capture(model, chat, tokenizer=tokenizer, passages=named).passages
    assert who.segment == 0


def test_sentences_end_where_the_model_began_to_write(smollm: tuple[Any, Any]) -> None:
    model, tokenizer = smollm
    wrote = generate(
        model, "Hi there. Who", tokenizer=tokenizer, max_new_tokens=4, passages="sentences"
    )
    names = [each.name for each in wrote.passages]
    assert names[:2] == ["1. Hi there.", "2. Who"]
    assert all(wrote.tokens[i].step is not None for i in wrote.passages[2].tokens)


@pytest.mark.parametrize(
    ("passages", "error", "words"),
    [
        ({"a": (0, 8), "b": (5, 12)}, ValueError, "must not overlap, got 'a' up to character 8"),
        ({"a": (3, 3)}, ValueError, r"must end after it begins, got \(3, 3\)"),
        ({"a": (9, 3)}, ValueError, "must end after it begins"),
        ({"a": (0, 900)}, ValueError, r"must lie in characters 0–53 of its text, got \(0, 900\)"),
        ({"a": (-4, 9)}, ValueError, r"must lie in characters 0–53"),
        ({"a": (3, 0, 2)}, ValueError, "must lie in a text or message of 0–0, got 3"),
        ({"a": (0, 1), "b": (1, 4)}, ValueError, "tokens of its own, got 'a', 'A'"),
        ({"": (0, 4)}, ValueError, "name of a passage"),
        ({"n" * 201: (0, 4)}, ValueError, "1 to 200 characters"),
        ({3: (0, 4)}, TypeError, "name of a passage must be a string"),
        ({"a": "0-4"}, TypeError, r"passage 'a' must be \(start, end\)"),
        ({"a": (0, 1.5)}, TypeError, r"passage 'a' must be \(start, end\)"),
        ({"a": (0,)}, ValueError, r"passage 'a' must be \(start, end\)"),
        ("message", ValueError, "must be a dictionary of names and characters"),
        ("messages", ValueError, "needs a chat"),
        ([(0, 3)], TypeError, "must be a dictionary"),
    ],
)
def test_what_is_no_passage_is_refused_before_a_pass(
    passages: Any, error: type[Exception], words: str, smollm: tuple[Any, Any]
) -> None:
    model, tokenizer = smollm

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("the model ran")

    hook = model.register_forward_pre_hook(never)
    try:
        with pytest.raises(error, match=words):
            capture(model, TEXT, tokenizer=tokenizer, passages=passages)
        with pytest.raises(error, match=words):
            generate(model, TEXT, tokenizer=tokenizer, passages=passages)
        with pytest.raises(error, match=words):
            Experiment(model, TEXT, tokenizer=tokenizer, passages=passages)
    finally:
        hook.remove()


def test_a_text_without_passages_has_no_rows_of_them() -> None:
    with pytest.raises(NotFoundError, match=r'has no passages; name some when .*"sentences"'):
        trace().by_passages()
    with pytest.raises(NotFoundError, match="windows; ask"):
        windowed().by_passages()


def test_a_window_has_its_part_of_a_passage() -> None:
    text = "a good novel about purple is a good novel. It is a good novel about purple."
    places = {"first": (0, 42), "second": (43, len(text))}
    whole = capture(made("bert"), text, tokenizer=TOKENIZER, windows=12, passages=places)
    assert [each.name for each in whole.passages] == ["first", "second"]
    for window in whole.windows:
        inside = window.trace
        for each in inside.passages:
            [same] = [one for one in whole.passages if one.name == each.name]
            ours = {window.positions[index] for index in each.tokens}
            assert ours == {p for p in same.tokens if p in window.positions}
            assert text_of(each, inside) in inside.texts[0][each.start : each.end]
        assert inside.by_passages().attention(0).shape[1] < len(inside.tokens)


def test_passages_move_with_a_word_that_is_replaced(smollm: tuple[Any, Any]) -> None:
    model, tokenizer = smollm
    lab = Experiment(model, TEXT, tokenizer=tokenizer, passages=PLACES)
    rome = next(i for i, token in enumerate(lab.encoded.tokens) if token.text == "Rome")
    other = lab.replace(rome, "New York City")
    [one, two] = other.encoded.passages
    assert other.encoded.texts[0][two.start : two.end] == "Tom lives in Berlin."
    assert other.encoded.texts[0][one.start : one.end] == "Anna lives in New York City."
    found = replace(trace(), tokens=other.encoded.tokens)
    assert text_of(two, found) == "Tom lives in Berlin."
    again = lab.replace(rome, lab.encoded.tokens[rome + 6].id or 0).encoded
    assert [each.tokens for each in again.passages] == [p.tokens for p in lab.encoded.passages]


def test_files_with_passages_that_cannot_be_are_refused(tmp_path: Path) -> None:
    good = with_passages(trace())
    bad = replace(good, passages=(Passage("one", (1, 9), 0, 0, 7),))
    bad.save(tmp_path / "t")
    with pytest.raises(ValueError, match="a passage of tokens that are not among 6"):
        Trace.load(tmp_path / "t")

"""Experiment.replace and Experiment.mask: the same with another word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.models import TEXT, tokenizer
from support.seq2seq import tiny_seq2seq

from attention_widget import Experiment

SENTENCE = "Attention is a novel idea"


@pytest.fixture(scope="module")
def lab(minilm: tuple[Any, Any]) -> Experiment:
    return Experiment(minilm[0], SENTENCE, tokenizer=minilm[1])


def labels(lab: Experiment) -> list[str]:
    return [token.label for token in lab.encoded.tokens]


def joined(lab: Experiment) -> str:
    return "".join(token.lead + token.text + token.trail for token in lab.encoded.tokens)


def test_a_text_in_the_place_of_a_word(lab: Experiment, minilm: tuple[Any, Any]) -> None:
    other = lab.replace(4, "thoroughly odd")
    expected = Experiment(minilm[0], "Attention is a thoroughly odd idea", tokenizer=minilm[1])
    assert other.encoded.tokens == expected.encoded.tokens
    assert other.encoded.texts == expected.encoded.texts
    assert (other.trace.attention(2) == expected.trace.attention(2)).all()
    assert labels(lab)[4] == "novel"
    assert lab.trace.attention(2).shape != other.trace.attention(2).shape


def test_nothing_in_the_place_of_words(lab: Experiment) -> None:
    assert lab.replace([3, 4], "").encoded.texts == ("Attention is  idea",)


def test_an_id_in_the_place_of_a_token(lab: Experiment, minilm: tuple[Any, Any]) -> None:
    book = minilm[1].convert_tokens_to_ids("book")
    other = lab.replace(4, book)
    expected = Experiment(minilm[0], "Attention is a book idea", tokenizer=minilm[1])
    assert other.encoded.tokens == expected.encoded.tokens
    assert other.encoded.texts == expected.encoded.texts
    assert other.inputs()["input_ids"].tolist() == expected.inputs()["input_ids"].tolist()


def test_an_id_that_the_text_would_not_give_is_read_all_the_same(
    lab: Experiment, minilm: tuple[Any, Any]
) -> None:
    other = lab.replace(4, minilm[1].convert_tokens_to_ids("##ty"))
    token = other.encoded.tokens[4]
    assert token.piece == "##ty"
    assert other.inputs()["input_ids"][0, 4] == token.id
    assert joined(other) == other.encoded.texts[0]


def test_several_tokens_are_masked(lab: Experiment, minilm: tuple[Any, Any]) -> None:
    other = lab.mask([2, 4])
    expected = Experiment(minilm[0], "Attention [MASK] a [MASK] idea", tokenizer=minilm[1])
    assert other.encoded.tokens == expected.encoded.tokens
    assert dict(other.was) == {2: lab.encoded.tokens[2].id, 4: lab.encoded.tokens[4].id}
    assert joined(other) == other.encoded.texts[0]
    again = other.mask(2).mask(5)
    assert again.was[2] == lab.encoded.tokens[2].id  # not the mask
    assert again.was[5] == lab.encoded.tokens[5].id


def test_a_mask_is_replaced_by_a_prediction(lab: Experiment, minilm: tuple[Any, Any]) -> None:
    novel = lab.encoded.tokens[4].id
    assert novel is not None
    assert lab.mask(4).replace(4, novel).encoded.tokens == lab.encoded.tokens
    assert lab.mask(4).replace(4, "novel").encoded.tokens == lab.encoded.tokens


def test_a_second_text(minilm: tuple[Any, Any]) -> None:
    pair = Experiment(minilm[0], SENTENCE, text_pair="So is a book", tokenizer=minilm[1])
    last = [token.index for token in pair.encoded.tokens if token.text == "book"]
    other = pair.replace(last, "movie")
    assert other.encoded.texts == (SENTENCE, "So is a movie")
    assert pair.mask(last).encoded.texts == (SENTENCE, "So is a [MASK]")
    with pytest.raises(ValueError, match="neighbours in one text"):
        pair.replace([4, *last], "movie")


def test_a_message_of_a_chat(smollm: tuple[Any, Any]) -> None:
    model, own = smollm
    messages = [
        {"role": "user", "content": "What is the capital of France?"},
        {"role": "assistant", "content": "Paris."},
        {"role": "user", "content": "And of Spain?"},
    ]
    lab = Experiment(model, messages, tokenizer=own)
    [france] = [token.index for token in lab.encoded.tokens if token.text == "France"]
    messages[0] = {"role": "user", "content": "What is the capital of Germany?"}
    expected = Experiment(model, messages, tokenizer=own)
    germany = own.convert_tokens_to_ids("ĠGermany")
    for by in ("Germany", germany):
        other = lab.replace(france, by)
        assert other.encoded.texts == expected.encoded.texts
        assert other.encoded.tokens == expected.encoded.tokens
    twice = lab.replace(france, germany).replace(france, "France")
    assert twice.encoded.tokens == lab.encoded.tokens


def test_bytes_and_blanks_of_byte_level_tokens(smollm: tuple[Any, Any]) -> None:
    model, own = smollm
    lab = Experiment(model, "The capital of France is", tokenizer=own)
    other = lab.replace(3, own.convert_tokens_to_ids("s"))  # without a blank before it
    assert other.encoded.texts == ("The capital ofs is",)
    assert joined(other) == other.encoded.texts[0]
    assert lab.replace(0, own.convert_tokens_to_ids("ĠA")).encoded.texts[0].startswith(" A capital")


@pytest.mark.parametrize(
    ("tokens", "by", "message"),
    [
        (0, "novel", r"tokens must stand in the text, got token 0, '\[CLS\]'"),
        ([], "novel", "tokens must name one token or more"),
        (40, "novel", "token must be in 0–6, got 40"),
        ([2, 4], "novel", "tokens must be neighbours in one text"),
        ([2, 3], 7, "tokens must be one where an id takes its place, got 2"),
        (2, 99_999, "the id of a token must be in 0–30521, got 99999"),
        (2, None, "by must be a text, or the id of a token, got NoneType"),
    ],
)
def test_what_cannot_be_is_said(lab: Experiment, tokens: Any, by: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError, IndexError), match=message):
        lab.replace(tokens, by)


def test_a_tokenizer_without_a_mask_says_so(smollm: tuple[Any, Any]) -> None:
    model, own = smollm
    lab = Experiment(model, SENTENCE, tokenizer=own)
    with pytest.raises(ValueError, match=r"must have a mask token, got .*replace the word"):
        lab.mask(2)


def test_the_target_of_an_encoder_decoder_stays() -> None:

    model = tiny_seq2seq("T5ForConditionalGeneration", "eager")
    lab = Experiment(model, TEXT, target="a good novel", tokenizer=tokenizer())
    assert lab.replace(1, "novel").decoder is lab.decoder


@pytest.fixture(scope="module")
def translating() -> Experiment:
    model = tiny_seq2seq("T5ForConditionalGeneration", "eager")
    return Experiment(model, TEXT, target="a good novel", tokenizer=tokenizer())


def of_target(lab: Experiment) -> list[str]:
    assert lab.decoder is not None
    return [token.label for token in lab.decoder.tokens]


@pytest.mark.parametrize("by", ["idea", tokenizer().convert_tokens_to_ids("idea")])
def test_a_word_of_the_target(translating: Experiment, by: Any) -> None:
    last = len(of_target(translating)) - 1
    other = translating.replace(last, by, of_target=True)
    expected = Experiment(
        translating.model, TEXT, target="a good idea", tokenizer=translating.tracer.tokenizer
    )
    assert other.decoder is not None
    assert expected.decoder is not None
    assert other.decoder.tokens == expected.decoder.tokens
    assert other.decoder.texts == ("a good idea",)
    assert other.encoded is translating.encoded
    assert (other.predictions().probabilities == expected.predictions().probabilities).all()
    assert (other.trace.attention(1, "cross") == expected.trace.attention(1, "cross")).all()
    assert of_target(translating)[last] == "novel"


def test_more_words_of_the_target(translating: Experiment) -> None:
    other = translating.replace([3, 4], "idea", of_target=True).replace(1, "novel")
    assert other.decoder is not None
    assert other.decoder.texts == ("a idea",)
    assert other.encoded.texts != translating.encoded.texts


def test_a_mask_in_the_target_is_compared_with_what_stood_there(translating: Experiment) -> None:
    other = translating.mask(2, of_target=True)
    assert of_target(other)[2] == "[MASK]"
    assert other.predictions().actual == translating.predictions().actual
    # one in the text of the encoder says nothing of the decoder's tokens
    other = translating.mask(2)
    assert other.predictions().actual == translating.predictions().actual


@pytest.mark.parametrize(
    ("tokens", "by", "message"),
    [
        (0, "novel", r"tokens must stand in the text, got token 0"),  # its start
        (9, "novel", "token must be in 0–4, got 9"),
        ([2, 4], "novel", "tokens must be neighbours in one text"),
        (2, 99, r"the id of a token must be in 0–31, got 99"),
        (2, 2.5, "by must be a text, or the id of a token, got float"),
    ],
)
def test_what_cannot_be_in_a_target(
    translating: Experiment, tokens: Any, by: Any, message: str
) -> None:
    with pytest.raises((TypeError, ValueError, IndexError), match=message):
        translating.replace(tokens, by, of_target=True)


def test_a_model_without_a_target(lab: Experiment) -> None:
    changes: list[Callable[[], Experiment]] = [
        lambda: lab.replace(1, "novel", of_target=True),
        lambda: lab.mask(1, of_target=True),
    ]
    for change in changes:
        with pytest.raises(TypeError, match=r"BertModel has no decoder that reads a target"):
            change()

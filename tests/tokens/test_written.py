"""Tokens that a model wrote: their text is what they decode to."""

from __future__ import annotations

import pytest
from support.toy_tokenizers import FAST, byte_level

from attention_widget.tokens import tokens_of_pieces
from attention_widget.tokens.written import pieces_of_ids


@pytest.mark.parametrize("family", sorted(set(FAST) - {"wordpiece"}))
def test_ids_decode_to_the_text_that_they_were_made_of(family: str) -> None:
    writer = FAST[family]()
    text = "is a novel idea привет"
    ids = writer(text, add_special_tokens=False)["input_ids"]
    pieces, found = pieces_of_ids(ids, writer)
    tokens = tokens_of_pieces(pieces, writer, [found])
    assert "".join(token.lead + token.text + token.trail for token in tokens) == found
    assert found == writer.decode(ids, clean_up_tokenization_spaces=False)


@pytest.mark.parametrize("read", [0, 4])
def test_a_character_of_several_tokens_is_told_at_the_first(read: int) -> None:
    writer = byte_level()
    ids = writer("🙂 idea", add_special_tokens=False)["input_ids"]
    assert len(ids) == 5
    pieces, text = pieces_of_ids(ids[read:], writer, before=ids[:read])
    labels = [token.label for token in tokens_of_pieces(pieces, writer, [text])]
    whole = ["🙂", "‹9F›", "‹99›", "‹82›", "idea"]
    assert labels == whole[read:]
    assert text == ("🙂 idea" if read < 4 else " idea")


def test_a_character_that_was_left_unfinished() -> None:
    writer = byte_level()
    ids = writer("🙂", add_special_tokens=False)["input_ids"]
    pieces, text = pieces_of_ids(ids[:3], writer)
    assert text == "\ufffd"
    tokens = tokens_of_pieces(pieces, writer, [text])
    assert [token.text for token in tokens] == ["\ufffd", "", ""]


def test_bytes_that_make_no_character_stand_for_themselves() -> None:
    writer = byte_level()
    broken = writer("🙂", add_special_tokens=False)["input_ids"][1]
    word = writer("idea", add_special_tokens=False)["input_ids"]
    pieces, text = pieces_of_ids([broken, *word], writer)
    assert text == "\ufffdidea"
    tokens = tokens_of_pieces(pieces, writer, [text])
    assert [token.text for token in tokens] == ["\ufffd", "idea"]

"""Which tokens of two texts go together."""

from __future__ import annotations

from typing import Any

import pytest

from attention_widget.contrast.alignment import Alignment, aligned, given_alignment, slot_tokens
from attention_widget.trace.token import Token


def tokens(text: str) -> tuple[Token, ...]:
    """Of words; [in brackets] special, and after a + of the word before."""
    found: list[Token] = []
    word = -1
    for index, each in enumerate(text.split()):
        special = each.startswith("[")
        word += not each.startswith("+") and not special
        found.append(
            Token(
                index,
                None,
                each,
                "" if special else each,
                word=None if special else word,
                special=special,
            )
        )
    return tuple(found)


def test_equal_texts_are_aligned_one_to_one() -> None:
    text = tokens("the cat the cat the cat")
    found = aligned(text, text)
    assert found.is_whole
    assert found.pairs == tuple((i, i) for i in range(6))
    assert found.alone == ((), ())


def test_what_one_text_has_more_stands_alone() -> None:
    found = aligned(
        tokens("[CLS] a novel idea [SEP]"), tokens("[CLS] a very good novel idea [SEP]")
    )
    assert found.pairs == ((0, 0), (1, 1), (2, 4), (3, 5), (4, 6))
    assert found.alone == ((), (2, 3))
    assert found.slots[1:5] == ((1, 1), (None, 2), (None, 3), (2, 4))


def test_a_word_replaced_by_a_word_goes_with_it() -> None:
    one, other = tokens("capital of France is"), tokens("capital of Italy is")
    found = aligned(one, other)
    assert found.is_whole
    joined = slot_tokens(found.slots, one, other)
    assert [token.label for token in joined] == ["capital", "of", "France / Italy", "is"]


def test_words_of_different_lengths_stand_alone() -> None:
    found = aligned(tokens("in Paris now"), tokens("in Ly +on now"))
    assert found.alone == ((1,), (1, 2))
    assert found.slots == ((0, 0), (1, None), (None, 1), (None, 2), (2, 3))


def test_slots_keep_the_words_of_both() -> None:
    one, other = tokens("un +like novel"), tokens("un +like ly novel")
    slots = aligned(one, other).slots
    words = [token.word for token in slot_tokens(slots, one, other)]
    assert words[0] == words[1] != words[2]
    assert len({words[0], words[2], words[3]}) == 3


def test_texts_without_a_common_token_are_refused() -> None:
    with pytest.raises(ValueError, match=r"must have a token in common.*alignment=\[\(0, 0\)"):
        aligned(tokens("[CLS] a b [SEP]"), tokens("[CLS] c d [SEP]"))


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ("01", TypeError, "pairs of indices"),
        ([0, 1], TypeError, "pairs of indices"),
        ([(0, 1, 2)], TypeError, "pairs of indices"),
        ([(0, 0.5)], TypeError, "pairs of indices"),
        ([(0, 9)], ValueError, "tokens 0–2 and 0–3"),
        ([(-1, 0)], ValueError, "tokens 0–2 and 0–3"),
        ([(0, 1), (1, 0)], ValueError, "must rise in both texts"),
        ([(0, 0), (0, 1)], ValueError, "must rise in both texts"),
        ([], ValueError, "one pair at least"),
    ],
)
def test_what_is_no_alignment_is_refused(given: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        given_alignment(given, tokens("a b c"), tokens("a b c d"))


def test_an_alignment_can_be_given() -> None:
    found = given_alignment([[0, 0], [1, 2]], tokens("a b c"), tokens("x y z w"))
    assert found == Alignment(((0, 0), (1, 2)), (3, 4))


def test_long_texts_of_few_words_are_aligned() -> None:
    text = " ".join(f"w{i % 7}" for i in range(4000))
    one = tokens(text)
    for other, skipped in ((f"{text} new", 0), (f"new {text}", 1)):
        assert aligned(one, tokens(other)).pairs == tuple((i, i + skipped) for i in range(4000))
    both = aligned(tokens(f"old {text} old"), tokens(f"a new {text} here"))
    assert len(both.pairs) > 3900

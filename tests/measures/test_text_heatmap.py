"""Cosines to the word before, scaled as courses scale them: what stands out, where it does."""

from __future__ import annotations

from typing import Any

import pytest

from attention_widget import Trace, capture, measures

ALGAE = (
    "Algae fuel is made from oil that tiny plants store in water. Unlike fossil fuels, an algae "
    "fuel takes up the carbon that it gives off, but it has no practical significance yet, as "
    "fossil fuels cost far less."
)
COUNTRY = (
    "Portugal is a country in southern Europe. Its capital city, Lisbon, lies where a wide river "
    "meets the Atlantic Ocean, and its official language is spoken by more people in South America "
    "than in Europe."
)
PURPLE = (
    "Purple is a colour between red and blue. In ancient Rome purple dye came from sea snails and "
    "cost more than gold, so that a purple robe was a sign of the emperor."
)
SHORT = 3
"""Words of fewer letters are mostly those of grammar: "of the", "is a" are always alike."""


def pairs(model: Any, text: str) -> dict[str, float]:
    """Of each pair of neighbours that are longer words its score, by what they are."""
    words = capture(model[0], text, tokenizer=model[1]).words()
    scores = scaled(words)
    return {
        f"{before.text.lower()} {after.text}": float(scores[after.index])
        for before, after in zip(words.tokens, words.tokens[1:], strict=False)
        if min(len(before.text), len(after.text)) >= SHORT
    }


def scaled(words: Trace) -> Any:
    special = [token.special for token in words.tokens]
    return measures.min_max(measures.previous_cosine(words.word_embeddings(), special), special)


def place(found: dict[str, float], pair: str) -> float:
    """The share of the pairs that score more."""
    return sum(score > found[pair] for score in found.values()) / len(found)


@pytest.mark.parametrize(
    ("name", "text", "pair"),
    [
        *(("minilm", *one) for one in ((ALGAE, "fossil fuels"), (COUNTRY, "Atlantic Ocean"))),
        *(("smollm", *one) for one in ((ALGAE, "fossil fuels"), (COUNTRY, "Atlantic Ocean"))),
        ("minilm", PURPLE, "purple dye"),
        ("smollm", PURPLE, "purple dye"),
    ],
)
def test_words_that_belong_together_score_most_of_all_longer_words(
    name: str, text: str, pair: str, request: pytest.FixtureRequest
) -> None:
    found = pairs(request.getfixturevalue(name), text)
    assert place(found, pair.lower().replace("ocean", "Ocean")) == 0


@pytest.mark.parametrize("name", ["minilm", "smollm"])
def test_practical_significance_stands_out_in_both(
    name: str, request: pytest.FixtureRequest
) -> None:
    found = pairs(request.getfixturevalue(name), ALGAE)
    assert place(found, "practical significance") < 1 / 3


def test_algae_fuel_stands_out_in_one_table_and_not_in_the_other(minilm: Any, smollm: Any) -> None:
    """What stands out is a fact about the vectors, not about the words."""
    assert place(pairs(smollm, ALGAE), "algae fuel") < 1 / 3
    assert place(pairs(minilm, ALGAE), "algae fuel") > 1 / 3


def test_the_first_word_and_special_tokens_are_left_out(minilm: Any) -> None:
    words = capture(minilm[0], ALGAE, tokenizer=minilm[1]).words()
    scores = scaled(words)
    left_out = [i for i, score in enumerate(scores) if score != score]
    assert left_out == [0, 1, len(words.tokens) - 1]  # [CLS], the first word, [SEP]
    assert {float(scores[2:-1].min()), float(scores[2:-1].max())} == {0.0, 1.0}

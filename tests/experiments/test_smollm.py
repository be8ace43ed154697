"""What a trained language model predicts; its file is fixed by a hash, so these are too."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from attention_widget import Experiment


@pytest.fixture(scope="module")
def france(smollm: tuple[Any, Any]) -> Experiment:
    return Experiment(smollm[0], "The capital of France is", tokenizer=smollm[1])


def test_the_capital_of_france_is_paris(france: Experiment) -> None:
    found = france.predictions(top_k=3, follow=[" Rome"])
    assert found.tokens[-1] == (" Paris", " the", " London")
    assert found.probabilities[-1, 0] == pytest.approx(0.773, abs=1e-3)
    assert found.followed_ranks[-1, 0] == 45
    assert found.actual == (" capital", " of", " France", " is", "")
    assert found.rank.tolist()[1:] == [1, 2, 1, 0]


@pytest.mark.parametrize(
    ("country", "capital", "chance"), [("Italy", " Rome", 0.38), ("Germany", " Berlin", 0.80)]
)
def test_another_country_in_its_place(
    france: Experiment, country: str, capital: str, chance: float
) -> None:
    found = france.replace(3, country).predictions(top_k=1, positions=-1)
    assert found.tokens == ((capital,),)
    assert found.probabilities[0, 0] == pytest.approx(chance, abs=0.01)


def test_a_word_is_replaced_by_a_prediction(france: Experiment) -> None:
    predicted = france.predictions(top_k=3, positions=2)
    other = france.replace(3, int(predicted.ids[0, 2]))
    assert predicted.tokens[0][2] == " Spain"
    assert other.encoded.texts == ("The capital of Spain is",)
    assert other.predictions(top_k=1, positions=-1).tokens == ((" Madrid",),)


def test_paris_comes_up_in_the_last_layers(france: Experiment) -> None:
    lens = france.lens(follow=[" Rome"])
    ranks = lens.followed_ranks[:, 0, 0]
    assert lens.followed[0] == (" Paris", " Rome")
    assert ranks[[22, 23, 29]].tolist() == pytest.approx([2079, 396, 1], rel=0.01)
    assert lens.followed_probabilities[-1, 0, 0] == pytest.approx(0.773, abs=1e-3)


def test_the_bare_model_predicts_the_same(smollm: tuple[Any, Any], france: Experiment) -> None:
    model, tokenizer = smollm
    bare = Experiment(model.model, "The capital of France is", tokenizer=tokenizer)
    np.testing.assert_array_equal(
        bare.predictions().probabilities, france.predictions().probabilities
    )


def test_random_words_are_copied_the_second_time(smollm: tuple[Any, Any]) -> None:
    words = "apple river clock seven garden paper music stone window horse"
    lab = Experiment(smollm[0], f"{words} {words}", tokenizer=smollm[1])
    found = lab.predictions()
    n_words = len(words.split())
    n_tokens = len(lab.encoded.tokens)
    second = found.log_probability[n_tokens - n_words - 1 : -1]
    first = found.log_probability[: n_tokens - n_words - 1]
    assert math.exp(float(second.mean())) > 20 * math.exp(float(first.mean()))
    assert float(np.exp(second).mean()) == pytest.approx(0.131, abs=0.005)

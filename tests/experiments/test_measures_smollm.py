"""Which measures of tokens agree with removing the token, in a causal model with a sink."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from attention_widget import Experiment
from attention_widget.experiments import MEASURES
from attention_widget.experiments.measuring.facts import MeasureName

PROMPTS = (
    "The capital of France is",
    "Anna lives in Rome. Tom lives in Berlin. Tom lives in",
    "When Mary and John went to the store, John gave a drink to",
    "The opposite of hot is",
    "The Eiffel Tower stands in the city of",
    "She opened the umbrella because it had started to",
    "Two plus two equals",
    "The colour of the sky on a clear day is",
)


def ranks(values: NDArray[Any]) -> NDArray[np.float64]:
    return np.argsort(np.argsort(values)).astype(np.float64)


def correlation(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Spearman's; no two values are equal here."""
    return float(np.corrcoef(ranks(one), ranks(other))[0, 1])


@pytest.mark.slow
def test_rollout_says_nothing_of_what_a_token_does(smollm: tuple[Any, Any]) -> None:
    """The sink and the token that predicts are left out, which are first in nearly all."""
    model, tokenizer = smollm
    found: dict[MeasureName, list[float]] = {"rollout": [], "alti": []}
    for prompt in PROMPTS:
        lab = Experiment(model, prompt, tokenizer=tokenizer, progress=False)
        gone = np.abs(lab.measure("removal").values)[1:-1]
        for name, values in found.items():
            row = lab.measure(name, -1).values[-1, 1:-1]
            values.append(correlation(row, gone))
    mean = {name: float(np.mean(values)) for name, values in found.items()}
    assert mean["rollout"] == pytest.approx(-0.08, abs=0.1)
    assert mean["alti"] > 0.4
    assert "-0.08" in MEASURES["rollout"].silent


def test_the_first_token_takes_attention_and_gives_little(smollm: tuple[Any, Any]) -> None:
    model, tokenizer = smollm
    lab = Experiment(model, PROMPTS[1], tokenizer=tokenizer, progress=False)
    shares = {}
    names: tuple[MeasureName, ...] = ("attention", "norm")
    for name in names:
        values = [lab.measure(name, layer).values[:, 1:] for layer in range(lab.trace.n_layers)]
        shares[name] = np.mean([one[..., 0].sum() / one.sum() for one in values])
    assert shares["attention"] > 1.5 * shares["norm"]

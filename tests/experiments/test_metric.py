"""Metrics are the numbers of the model's own output that they say, and bad ones are refused."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
import torch
from support.labs import lab_of, made
from transformers import BertConfig, BertForSequenceClassification

from attention_widget import Experiment
from attention_widget.experiments import (
    HeadOff,
    Logit,
    LogitDifference,
    LogProbability,
    Metric,
    StateChange,
    TextLoss,
)


@pytest.fixture(scope="module")
def gpt2() -> Experiment:
    return lab_of(made("gpt2"))


def logits(lab: Experiment) -> torch.Tensor:
    with torch.no_grad():
        found: torch.Tensor = lab.model(**lab.inputs()).logits[0]
    return found


def before(lab: Experiment, metric: Metric | None) -> float:
    return lab.rank_heads(metric, first=0).before


def test_metrics_of_a_language_model(gpt2: Experiment) -> None:
    own = logits(gpt2)
    logs = own.log_softmax(-1)
    vocabulary = gpt2.tracer.tokenizer.get_vocab()
    novel, idea = vocabulary["novel"], vocabulary["idea"]
    ids = torch.tensor([token.id for token in gpt2.read_tokens])
    expected: dict[Metric, torch.Tensor] = {
        Logit("novel"): own[-1, novel],
        Logit(novel, position=3): own[3, novel],
        Logit(): own[-1].max(),
        LogitDifference("novel", "idea", 2): own[2, novel] - own[2, idea],
        LogProbability("idea"): logs[-1, idea],
        TextLoss(): -logs[:-1].gather(-1, ids[1:, None]).mean(),
        TextLoss((3, 4)): -logs[[3, 4]].gather(-1, ids[[4, 5], None]).mean(),
    }
    for metric, value in expected.items():
        assert before(gpt2, metric) == pytest.approx(float(value), rel=1e-5)


def test_names_say_what_is_measured(gpt2: Experiment) -> None:
    metrics: list[Metric] = [Logit("novel", 2), LogitDifference("novel", "idea"), TextLoss()]
    names = [gpt2.rank_heads(metric, first=0).name for metric in metrics]
    n_tokens = len(gpt2.read_tokens)
    assert names == [
        f"logit of 'novel' at token 2 {gpt2.read_tokens[2].label!r}",
        f"logit of 'novel' less that of 'idea' at token {n_tokens - 1} '[SEP]'",
        f"loss of the text, mean of {n_tokens - 1} tokens",
    ]


def test_a_masked_model_loses_what_is_masked() -> None:
    lab = lab_of(made("bert_masked_lm"))
    with pytest.raises(ValueError, match=r"mask some first: lab.mask"):
        lab.rank_heads(TextLoss())
    masked = lab.mask([2, 4])
    logs = logits(masked).log_softmax(-1)
    expected = -(logs[2, lab.read_tokens[2].id] + logs[4, lab.read_tokens[4].id]) / 2
    assert before(masked, TextLoss()) == pytest.approx(float(expected), rel=1e-5)


def test_classes_are_named() -> None:
    torch.manual_seed(0)
    config: Any = BertConfig(
        vocab_size=32,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=48,
        id2label={0: "bad", 1: "good"},
        label2id={"bad": 0, "good": 1},
    )
    lab = lab_of(BertForSequenceClassification(config).eval())
    own = logits(lab).numpy()
    assert before(lab, Logit("good")) == pytest.approx(own[1], rel=1e-5)
    assert before(lab, LogitDifference("good", 0)) == pytest.approx(
        float(own[1] - own[0]), rel=1e-4
    )
    effects = lab.rank_heads(Logit("good")).effects
    after = lab.without(HeadOff(1, 2)).after[0, 1]
    assert effects[1, 2] == pytest.approx(after - own[1], abs=1e-6)
    refused: list[tuple[Metric, str]] = [
        (Logit("fine"), r"token must be a class \(\['bad', 'good'\]\)"),
        (TextLoss(), r"such as Logit\('bad'\), got TextLoss"),
    ]
    for wrong, words in refused:
        with pytest.raises(ValueError, match=words):
            lab.rank_heads(wrong)


def headless() -> Experiment:
    model = made("bert")
    lab = lab_of(model)
    lab.head = None
    return lab


def test_a_model_without_a_head_turns_its_states() -> None:
    lab = headless()
    with torch.no_grad():
        states = lab.model(**lab.inputs())[0][0]
    ranked = lab.rank_heads(StateChange(positions=0))
    assert ranked.before == pytest.approx(0.0, abs=1e-6)
    assert ranked.unit == "1 − cosine"
    [[_, output]] = lab._passes.edited([[HeadOff(2, (1,), "encoder")]])
    expected = 1 - torch.cosine_similarity(output["last_hidden_state"][0, 0], states[0], dim=0)
    assert ranked.effects[2, 1] == pytest.approx(float(expected), abs=1e-6)
    assert not np.isnan(ranked.order).any()


@pytest.mark.parametrize(
    ("metric", "error", "words"),
    [
        ("novel", TypeError, "metric must be Logit, .* got str"),
        (Logit("novel idea"), ValueError, "must be one entry of the vocabulary"),
        (Logit(99), ValueError, r"in 0–31, got 99"),
        (Logit("novel", position=40), IndexError, r"position must be in 0–\d+, got 40"),
        (Logit(cast(Any, 1.5)), TypeError, "its text .* or its id, got float"),
        (LogitDifference("novel", "novel"), ValueError, "two tokens, got 'novel' for both"),
        (TextLoss([-1]), ValueError, "got the last one alone"),
        (TextLoss([]), ValueError, "got the last one alone"),
        (StateChange([]), ValueError, "one token or more, got none"),
        (StateChange(), ValueError, "needs a model that returns its final hidden states, got GPT2"),
    ],
)
def test_bad_metrics_are_refused(
    gpt2: Experiment, metric: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        gpt2.ranking(metric)


def test_a_model_without_a_head_has_no_logits() -> None:
    with pytest.raises(ValueError, match=r"metric must be StateChange\(\) with Bert"):
        headless().ranking(Logit(3))

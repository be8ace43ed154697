"""All heads ranked, as the browser asks for it: exact, in steps, and never begun again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from support import models, predicting, seq2seq
from support.archives import manifest
from support.front_end import Browser
from support.in_step import nothing_changes
from support.surroundings import assert_equal, deep
from tiny_models import random_model
from traitlets import TraitError
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    LongT5Config,
    LongT5ForConditionalGeneration,
)

from attention_widget import AttentionWidget, Experiment
from attention_widget.experiments import HeadEffects, Logit, Ranking, StateChange

ASK: dict[str, Any] = {"name": "ranked", "position": None}


@pytest.fixture(scope="module")
def causal() -> tuple[Any, Any]:
    return predicting.causal()


@pytest.fixture
def widget(causal: tuple[Any, Any]) -> Iterator[AttentionWidget]:
    model, tokenizer = causal
    made = AttentionWidget(model, predicting.NOVEL, tokenizer=tokenizer)
    yield made
    made.close()


@pytest.fixture
def lab(causal: tuple[Any, Any]) -> Experiment:
    return Experiment(causal[0], predicting.NOVEL, tokenizer=causal[1], progress=False)


def asked(widget: AttentionWidget, question: Any, run: int = 1) -> list[dict[str, Any]]:
    replies = Browser(widget).send({"kind": "ask", "id": 5, "run": run, "question": question})
    return [reply for reply, _ in replies]


def answer_to(widget: AttentionWidget, question: Any = ASK) -> dict[str, Any]:
    answer: dict[str, Any] = asked(widget, question)[-1]["answer"]
    return answer


def array(rows: Any) -> Any:
    return np.array([[np.nan if each is None else each for each in row] for row in rows])


def assert_is(answer: dict[str, Any], found: HeadEffects) -> None:
    """The answer has what Python found, to the last digit of a float32."""
    assert (answer["name"], answer["unit"]) == (found.name, found.unit)
    assert (answer["done"], answer["total"]) == (found.n_done, found.n_heads)
    assert answer["before"] == pytest.approx(found.before, rel=1e-6)
    assert tuple(answer["left_alone"]) == found.first_left_alone
    assert answer["effects"].keys() == found.effects_by_kind.keys()
    for kind, effects in found.effects_by_kind.items():
        np.testing.assert_allclose(array(answer["effects"][kind]), effects, rtol=1e-5, atol=1e-6)


def test_the_effects_are_those_of_the_experiment(widget: AttentionWidget, lab: Experiment) -> None:
    *told, last = asked(widget, ASK)
    answer, found = last["answer"], lab.rank_heads()
    assert_is(answer, found)
    predicted = lab.predictions(1, -1)
    assert (answer["of"], answer["position"]) == ("next token", 6)
    assert (answer["id"], answer["label"]) == (predicted.ids[0, 0], predicted.tokens[0][0])
    assert answer["left_alone"] == ["decoder"]
    assert sorted(np.ravel(answer["order"]["decoder"])) == list(range(1, 13))
    assert told[-1]["progress"]["partial"] == answer
    json.dumps(told, allow_nan=False)


def test_partial_answers_grow_in_the_order_that_they_name(widget: AttentionWidget) -> None:
    told = [reply["progress"] for reply in asked(widget, ASK)[:-1]]
    counts = [each["done"] for each in told]
    assert counts[0] == 0
    assert counts == sorted(set(counts))
    assert len(counts) > 3
    order = array(told[0]["partial"]["order"]["decoder"])
    for each in told:
        known = ~np.isnan(array(each["partial"]["effects"]["decoder"]))
        assert known.sum() == each["done"] == each["partial"]["done"]
        assert order[known].max(initial=0) == each["done"]  # the first of the order
        assert each["of"] == 12


def test_a_position_and_a_candidate_may_be_named(widget: AttentionWidget, lab: Experiment) -> None:
    answer = answer_to(widget, {"name": "ranked", "position": 3})
    assert_is(answer, lab.rank_heads(Logit(position=3)))
    assert answer["position"] == 3
    answer = answer_to(widget, {"name": "ranked", "position": 3, "token": 7})
    assert_is(answer, lab.rank_heads(Logit(7, 3)))
    assert answer["id"] == 7
    assert answer["label"] == lab.predictions(1, 3, follow=[7]).followed[0]


def test_without_a_head_it_is_how_far_states_turn(
    live: AttentionWidget, minilm: tuple[Any, Any]
) -> None:
    lab = Experiment(minilm[0], live.text, tokenizer=minilm[1], progress=False)
    answer = answer_to(live)
    assert_is(answer, lab.rank_heads(StateChange()))
    assert (answer["of"], answer["position"], answer["label"]) == ("states", None, "")
    assert answer["left_alone"] == []
    answer = answer_to(live, {"name": "ranked", "position": 2})
    assert_is(answer, lab.rank_heads(StateChange(2)))
    assert answer["position"] == 2


def test_of_a_classifier_it_is_a_class_wherever_one_asks() -> None:
    settings: dict[str, Any] = {**models._ENCODER, "id2label": {0: "bad", 1: "good", 2: "<b>"}}
    model = random_model(BertForSequenceClassification, BertConfig(**settings), "sdpa")
    widget = AttentionWidget(model, predicting.NOVEL, tokenizer=models.tokenizer())
    lab = Experiment(model, predicting.NOVEL, tokenizer=models.tokenizer(), progress=False)
    answer = answer_to(widget)
    assert_is(answer, lab.rank_heads())
    assert (answer["of"], answer["position"]) == ("class", None)
    assert answer["label"] == lab.predictions().tokens[0][0]
    other = answer_to(widget, {"name": "ranked", "position": 4, "token": 2})
    assert (other["label"], other["id"], other["position"]) == ("<b>", 2, None)
    assert_is(other, lab.rank_heads(Logit("<b>", 0)))


def test_of_a_masked_model_it_is_the_masked_token(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = predicting.masked(minilm[1])
    text = "attention is a [MASK] idea"
    widget = AttentionWidget(model, text, tokenizer=tokenizer)
    lab = Experiment(model, text, tokenizer=tokenizer, progress=False)
    answer = answer_to(widget)
    assert (answer["of"], answer["position"]) == ("token", 4)
    assert_is(answer, lab.rank_heads(Logit(position=4)))
    widget.run("attention is a novel idea")
    assert asked(widget, ASK, 2)[-1]["answer"]["position"] == 6


def test_an_encoder_decoder_has_heads_of_three_kinds() -> None:
    model, text = seq2seq.tiny_seq2seq("T5ForConditionalGeneration"), "a novel idea"
    given: dict[str, Any] = {"target": "a good novel", "tokenizer": models.tokenizer()}
    widget = AttentionWidget(model, text, **given)
    answer = answer_to(widget)
    assert_is(answer, Experiment(model, text, progress=False, **given).rank_heads())
    assert set(answer["effects"]) == {"encoder", "decoder", "cross"}
    assert answer["left_alone"] == ["decoder", "cross"]
    n_target = len(widget.trace.target.tokens)  # type: ignore[union-attr]
    assert answer["position"] == n_target - 1
    widget.effect_position = n_target - 1
    with pytest.raises(TraitError, match=f"effect_position must be in 0–{n_target - 1}"):
        widget.effect_position = n_target


def test_what_was_tried_is_not_tried_again(
    widget: AttentionWidget, lab: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Any] = []
    known = Ranking._try

    def noted(self: Ranking, heads: Any) -> None:
        tried.extend(heads)
        known(self, heads)

    monkeypatch.setattr(Ranking, "_try", noted)
    steps = widget._session.steps(1, ASK)
    done = [next(steps).done for _ in range(3)]
    steps.close()  # as it is when it is cancelled
    assert len(tried) == done[-1] > 0
    *told, last = asked(widget, ASK)
    assert told[0]["progress"]["done"] == done[-1]
    assert len(tried) == len(set(tried)) == 12
    assert_is(last["answer"], lab.rank_heads())


def test_an_interrupt_leaves_the_model_as_it_was_and_loses_nothing(
    widget: AttentionWidget, causal: tuple[Any, Any], lab: Experiment
) -> None:
    model, before = causal[0], deep(causal[0])
    steps = widget._session.steps(1, ASK)
    done = [next(steps).done for _ in range(3)][-1]
    layer = model.transformer.h[1]

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    hook = layer.attn.c_proj.register_forward_hook(interrupted)
    with pytest.raises(KeyboardInterrupt):
        for _ in steps:
            pass
    hook.remove()
    assert_equal(deep(model), before)
    *told, last = asked(widget, ASK)
    assert told[0]["progress"]["done"] >= done > 0
    assert_is(last["answer"], lab.rank_heads())


@pytest.mark.parametrize(
    ("question", "error"),
    [
        ({"name": "ranked", "place": 3}, "the question 'ranked' may have position or token"),
        ({"name": "ranked", "position": "3"}, "position must be a whole number or null, got '3'"),
        ({"name": "ranked", "token": True}, "token must be a whole number or null, got True"),
        ({"name": "ranked", "position": 99}, "position must be in"),
        ({"name": "ranked", "token": 10**6}, "the id of a token must be in 0–31, got 1000000"),
    ],
)
def test_what_cannot_be_ranked_is_said(widget: AttentionWidget, question: Any, error: str) -> None:
    with nothing_changes(widget):
        (reply,) = asked(widget, question)
    assert reply["error"].startswith(error)


def test_a_model_that_cannot_be_edited_says_so() -> None:
    small: dict[str, Any] = {"d_model": 32, "d_kv": 8, "d_ff": 32, "num_heads": 4, "num_layers": 2}
    config = LongT5Config(vocab_size=32, **small)
    config.decoder_start_token_id = 0
    model = random_model(LongT5ForConditionalGeneration, config, "eager")
    widget = AttentionWidget(
        model, "a novel idea", target="a good novel", tokenizer=models.tokenizer()
    )
    (reply,) = asked(widget, ASK)
    assert "cannot be run with its attention changed" in reply["error"]


def test_without_a_model_or_in_windows_it_is_refused(
    made: AttentionWidget, causal: tuple[Any, Any]
) -> None:
    (reply,) = asked(made, ASK)
    assert reply["error"].startswith("this widget was made from a trace and has no model to ask")
    model, tokenizer = causal
    windows = AttentionWidget(model, "idea " * 80, tokenizer=tokenizer, windows=32)
    assert asked(windows, ASK)[-1]["error"].startswith("the text must be read in one pass")


def test_a_page_keeps_what_is_known_and_computes_what_was_never_begun(
    widget: AttentionWidget, lab: Experiment
) -> None:
    assert manifest(widget.to_html())["answers"] == []
    steps = widget._session.steps(1, ASK)
    partial = [next(steps) for _ in range(3)][-1].partial
    steps.close()
    widget.summary = "effect"
    assert manifest(widget.to_html())["answers"] == [[ASK, {"answer": partial}]]
    assert 0 < partial["done"] < 12
    answer = answer_to(widget)
    assert manifest(widget.to_html())["answers"] == [[ASK, {"answer": answer}]]
    widget.effect_position = 3
    (_, (question, kept)) = manifest(widget.to_html())["answers"]
    assert question == {"name": "ranked", "position": 3}
    assert_is(kept["answer"], lab.rank_heads(Logit(position=3)))


def test_the_position_stays_as_far_as_another_text_has_it(widget: AttentionWidget) -> None:
    widget.effect_position = 4
    widget.run("a good novel idea")
    assert widget.effect_position == 4
    widget.run("a good")
    assert widget.effect_position is None

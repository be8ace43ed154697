"""All heads ranked, as the browser asks for it: exact, in steps, and never begun again."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from support import models, predicting, seq2seq
from support.archives import manifest
from support.asking import answer_to, asked
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
from attention_widget.experiments import (
    HeadEffects,
    Logit,
    LogitDifference,
    Ranking,
    StateChange,
    TextLoss,
)
from attention_widget.widget.candidate import id_of

ASK: dict[str, Any] = {"name": "ranked", "position": None}


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
    answer = answer_to(live, ASK)
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
    answer = answer_to(widget, ASK)
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
    answer = answer_to(widget, ASK)
    assert (answer["of"], answer["position"]) == ("token", 4)
    assert_is(answer, lab.rank_heads(Logit(position=4)))
    widget.run("attention is a novel idea")
    assert asked(widget, ASK, 2)[-1]["answer"]["position"] == 6


def test_an_encoder_decoder_has_heads_of_three_kinds() -> None:
    model, text = seq2seq.tiny_seq2seq("T5ForConditionalGeneration"), "a novel idea"
    given: dict[str, Any] = {"target": "a good novel", "tokenizer": models.tokenizer()}
    widget = AttentionWidget(model, text, **given)
    answer = answer_to(widget, ASK)
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
        (
            {"name": "ranked", "place": 3},
            "the question 'ranked' may have position, token, of or other",
        ),
        ({"name": "ranked", "position": "3"}, "position must be a whole number or null, got '3'"),
        ({"name": "ranked", "token": True}, "token must be the text or the id of a token, or null"),
        ({"name": "ranked", "of": "dance"}, "of must be logit, difference or loss, got 'dance'"),
        ({"name": "ranked", "token": "a b"}, "a token must be one entry of the vocabulary"),
        ({"name": "ranked", "of": "difference", "token": 3, "other": 3}, "token and other must"),
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
    answer = answer_to(widget, ASK)
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


LONDON = 7


@pytest.mark.parametrize(
    ("fields", "metric", "named"),
    [
        ({"of": "difference"}, None, None),
        ({"of": "difference", "other": LONDON}, None, LONDON),
        ({"of": "difference", "token": 9, "other": LONDON}, LogitDifference(9, LONDON), LONDON),
        ({"of": "difference", "position": 2, "token": 9}, None, None),
    ],
)
def test_the_difference_of_two_candidates(
    widget: AttentionWidget, lab: Experiment, fields: Any, metric: Any, named: int | None
) -> None:
    answer = answer_to(widget, {**ASK, **fields})
    position = fields.get("position", -1)
    first, second, *_ = lab.predictions(10, position).ids[0].tolist()
    if metric is None:
        best = fields.get("token", first)
        other = named if named is not None else second if best == first else first
        metric = LogitDifference(best, other, position)
    assert_is(answer, lab.rank_heads(metric))
    assert (answer["metric"], answer["id"], answer["other"]) == (
        "difference",
        metric.token,
        metric.other,
    )
    said = lab.predictions(1, position, follow=[metric.token, metric.other]).followed
    assert (answer["label"], answer["other_label"]) == (said[0], said[1])
    assert answer["candidates"]["ids"] == lab.predictions(10, position).ids[0].tolist()


def test_the_loss_of_the_text(widget: AttentionWidget, lab: Experiment) -> None:
    answer = answer_to(widget, {"name": "ranked", "position": None, "of": "loss"})
    found = lab.rank_heads(TextLoss())
    assert_is(answer, found)
    assert (answer["metric"], answer["position"], answer["id"]) == ("loss", None, None)
    assert answer["before"] == pytest.approx(-np.nanmean(lab.predictions(1).log_probability))


def test_a_candidate_is_named_as_the_lists_show_it(smollm: tuple[Any, Any]) -> None:
    model, tokenizer = smollm
    lab = Experiment(model, "The capital of France is", tokenizer=tokenizer, progress=False)
    best = lab.predictions(10, -1)
    ids, texts = best.ids[0].tolist(), best.tokens[0]
    for named in (" London", "London"):
        found = id_of(named, lab, ids, texts, classes=False)
        assert tokenizer.decode([found]) == " London"
    assert tokenizer.decode([id_of(".", lab, ids, texts, classes=False)]) == "."
    with pytest.raises(ValueError, match="a token must be one entry of the vocabulary"):
        id_of("Londonopolisgrad", lab, ids, texts, classes=False)


def test_what_a_page_keeps_is_what_the_grid_asks(widget: AttentionWidget) -> None:
    widget.summary, widget.effect_of = "effect", "difference"
    widget.effect_token, widget.effect_other, widget.effect_position = 9, LONDON, 4
    found = manifest(widget.to_html())
    ((question, kept),) = found["answers"]
    fields = {"of": "difference", "token": 9, "other": LONDON}
    assert question == {"name": "ranked", "position": 4, **fields}
    assert kept["answer"] == answer_to(widget, question)
    assert {name: found["state"][f"effect_{name}"] for name in fields} == fields
    widget.effect_of = "loss"
    asked_for = [question for question, _ in manifest(widget.to_html())["answers"]]
    assert asked_for[-1] == {"name": "ranked", "position": None, "of": "loss"}


def test_models_that_predict_nothing_have_one_effect(live: AttentionWidget) -> None:
    (reply,) = asked(live, {**ASK, "of": "loss"})
    assert reply["error"].startswith('effect_of must be "logit" with BertModel, which predicts')


@pytest.mark.parametrize("value", ["", -1, True, 1.5, [3]])
def test_a_candidate_is_a_text_or_an_id(widget: AttentionWidget, value: Any) -> None:
    must = "effect_token must be the text or the id of a token, or None"
    with nothing_changes(widget), pytest.raises(TraitError, match=must):
        widget.effect_token = value

"""What each word has to do with a prediction, as the browser asks for it: in steps, once."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from support import models, predicting, seq2seq
from support.archives import manifest
from support.asking import answer_to, asked

from attention_widget import AttentionWidget, Experiment
from attention_widget.experiments import Logit, LogitDifference, Removing, StateChange

ASK: dict[str, Any] = {
    "name": "influence",
    "measure": "removal",
    "token": None,
    "kind": "decoder",
    "rows": "tokens",
}


def assert_is(answer: dict[str, Any], found: Any) -> None:
    """The answer has what Python found, to the last digit of a float32."""
    assert (answer["name"], answer["unit"], answer["measure"]) == (
        found.name,
        found.unit,
        found.measure,
    )
    assert answer["before"] == pytest.approx(found.before, rel=1e-6)
    assert answer["groups"] == [list(group) for group in found.groups]
    assert answer["apart"] == list(found.apart)
    np.testing.assert_allclose(
        np.array(answer["values"], np.float32), found.values, rtol=1e-5, atol=1e-7
    )


def test_the_numbers_are_those_of_the_experiment(widget: AttentionWidget, lab: Experiment) -> None:
    *told, last = asked(widget, ASK)
    answer, found = last["answer"], lab.removal()
    assert_is(answer, found)
    assert (answer["done"], answer["total"], answer["metric"]) == (7, 7, "log_probability")
    assert answer["label"] == lab.predictions(1, -1).tokens[0][0]
    assert told[0]["progress"]["partial"]["values"] == [None] * 7
    assert told[-1]["progress"]["partial"] == answer
    json.dumps(told, allow_nan=False)
    shares = answer_to(widget, {**ASK, "measure": "integrated_gradients", "rows": "words"})
    exact = lab.integrated_gradients(rows="words")
    assert_is(shares, exact)
    assert shares["gap"] == pytest.approx(exact.gap, abs=1e-5)
    assert shares["metric"] == "logit"


def test_a_position_and_another_candidate(widget: AttentionWidget, lab: Experiment) -> None:
    best, second = (int(each) for each in lab.predictions(2, 3).ids[0])
    answer = answer_to(widget, {**ASK, "token": 3, "other": second})
    assert_is(answer, lab.removal(LogitDifference(best, second, 3)))
    assert (answer["position"], answer["metric"]) == (3, "difference")
    same = answer_to(widget, {**ASK, "token": 3, "other": best, "measure": "integrated_gradients"})
    assert_is(same, lab.integrated_gradients(Logit(best, 3)))
    assert same["other_label"] == ""


def test_without_a_head_it_is_how_far_states_turn(
    live: AttentionWidget, minilm: tuple[Any, Any]
) -> None:
    lab = Experiment(minilm[0], live.text, tokenizer=minilm[1], progress=False)
    answer = answer_to(live, {**ASK, "kind": "encoder", "token": 2})
    assert_is(answer, lab.removal(StateChange(2)))
    assert (answer["of"], answer["position"], answer["apart"]) == ("states", 2, [])


def test_of_an_encoder_decoder_it_is_of_the_text_of_the_keys() -> None:
    model, text = seq2seq.tiny_seq2seq("T5ForConditionalGeneration"), "a novel idea"
    given: dict[str, Any] = {"target": "a good novel", "tokenizer": models.tokenizer()}
    widget = AttentionWidget(model, text, **given)
    lab = Experiment(model, text, progress=False, **given)
    for kind, side in (("encoder", "encoder"), ("cross", "encoder"), ("decoder", "decoder")):
        answer = answer_to(widget, {**ASK, "kind": kind})
        assert_is(answer, lab.removal(kind=side))  # type: ignore[arg-type]
        assert answer["kind"] == side


def test_what_was_tried_is_not_tried_again(
    widget: AttentionWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []
    known = Removing._try

    def noted(self: Removing, indices: Any) -> None:
        tried.extend(indices)
        known(self, indices)

    monkeypatch.setattr(Removing, "_try", noted)
    monkeypatch.setattr("attention_widget.experiments.measuring.removing._TOKENS", 14)
    steps = widget._session.steps(1, ASK)
    assert [next(steps).done for _ in range(2)] == [0, 2]
    steps.close()
    answer_to(widget, ASK)
    answer_to(widget, ASK)
    assert sorted(tried) == list(range(7))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"measure": "norm"}, "measure must be "),
        ({"token": "a"}, "token must be a whole number"),
        ({"token": 99}, "position must be in"),
        ({"kind": "self"}, "kind must be "),
        ({"rows": "lines"}, "rows must be "),
        ({"rows": "passages"}, "of a text without passages"),
        ({"other": 2.5}, "other must be the text or the id of a token"),
        ({"head": 3}, "must have measure, token or kind"),
    ],
)
def test_bad_questions_are_refused(widget: AttentionWidget, wrong: Any, words: str) -> None:
    assert words in asked(widget, {**ASK, **wrong})[-1]["error"]


def test_a_page_carries_the_answer_that_it_shows(widget: AttentionWidget) -> None:
    widget.measure = "removal"
    widget.words = True
    expected = {**ASK, "token": widget.token, "kind": "decoder", "rows": "words"}
    [[question, kept]] = manifest(widget.to_html())["answers"]
    assert question == expected
    assert kept["answer"]["done"] == kept["answer"]["total"] == 7


def test_passages_are_left_out_as_a_whole(causal: tuple[Any, Any]) -> None:
    model, tokenizer = causal
    passages = {"one": (0, 12), "two": (13, 25)}
    widget = AttentionWidget(model, predicting.NOVEL, tokenizer=tokenizer, passages=passages)
    lab = Experiment(
        model, predicting.NOVEL, tokenizer=tokenizer, passages=passages, progress=False
    )
    answer = answer_to(widget, {**ASK, "rows": "passages"})
    found = lab.removal(rows="passages")
    assert_is(answer, found)
    assert {"one", "two"} <= {*found.labels}

"""What wrote a logit, and what wrote a score: the questions, and what they say of a real model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support import models, predicting
from support.archives import manifest
from support.asking import answer_to, asked
from support.headed import SEQ2SEQ, headed
from support.in_step import nothing_changes
from support.labs import TOKENIZER
from tiny_models import random_model
from transformers import BertConfig, BertForSequenceClassification

from attention_widget import AttentionWidget, Experiment
from attention_widget.experiments import HeadOff, Logit, LogitDifference
from attention_widget.experiments.backup import backup_of

WRITTEN: dict[str, Any] = {"name": "attributed", "token": 4, "kind": "decoder"}
SCORE: dict[str, Any] = {
    "name": "explained",
    "layer": 2,
    "head": 1,
    "query": 4,
    "key": 2,
    "kind": "decoder",
}


@pytest.fixture(scope="module")
def lab(causal: tuple[Any, Any]) -> Experiment:
    return Experiment(causal[0], predicting.NOVEL, tokenizer=causal[1])


def test_terms_are_those_of_the_experiment(widget: AttentionWidget, lab: Experiment) -> None:
    answer = answer_to(widget, WRITTEN)
    best = lab.predictions(10, 4)
    found = lab.direct_attribution(Logit(int(best.ids[0, 0]), 4))
    assert (answer["position"], answer["ids"]) == (4, best.ids[0].tolist())
    assert answer["labels"] == list(best.tokens[0])
    assert answer["predicts"] == "next token"
    assert answer["logit"] == pytest.approx(found.logit)
    assert answer["logit"] == pytest.approx(float(lab.output.logits[0, 4].max()))
    assert (answer["capped"], answer["leaves_first"]) == (False, True)
    rows = found.table()
    told = [(each["what"], each["layer"], each["head"]) for each in answer["terms"]]
    assert told == [(row["what"], row["layer"], row["head"]) for row in rows]
    values = [each["value"] for each in answer["terms"]]
    np.testing.assert_allclose(values, [row["value"] for row in rows], rtol=1e-6)
    assert values == sorted(values, key=lambda value: -abs(value))
    assert sum(values) == pytest.approx(answer["logit"], abs=1e-4)
    assert answer["sum"] == pytest.approx(sum(values), abs=1e-5)


def test_effects_come_after_the_terms_and_are_exact(
    widget: AttentionWidget, lab: Experiment
) -> None:
    *told, last = asked(widget, WRITTEN)
    parts = [reply["progress"] for reply in told]
    assert parts[0]["partial"]["effects"] == []
    assert parts[0]["partial"]["terms"] == last["answer"]["terms"]
    assert [part["done"] for part in parts] == sorted({part["done"] for part in parts})
    assert (parts[0]["done"], parts[-1]["done"], parts[-1]["of"]) == (0, 8, 8)
    answer = last["answer"]
    heads = [(each["layer"], each["head"]) for each in answer["effects"]]
    assert heads == [(each["layer"], each["head"]) for each in answer["tried"]]
    largest = [(each["layer"], each["head"]) for each in answer["terms"] if each["what"] == "head"]
    assert heads == largest[:8]
    token = answer["ids"][0]
    for each in answer["effects"]:
        off = HeadOff(each["layer"], each["head"], tokens=range(1, 7))  # all but the first
        outcome = lab.without(off, positions=4)
        effect = float(outcome.after[0, token] - outcome.before[0, token])
        assert each["effect"] == pytest.approx(effect, abs=1e-5)


def test_the_first_token_is_not_left_alone_where_the_logit_stands_there(
    widget: AttentionWidget, lab: Experiment
) -> None:
    answer = answer_to(widget, {**WRITTEN, "token": 0})
    assert not answer["leaves_first"]
    first = answer["effects"][0]
    outcome = lab.without(HeadOff(first["layer"], first["head"]), positions=0)
    token = answer["ids"][0]
    assert first["effect"] == pytest.approx(
        float(outcome.after[0, token] - outcome.before[0, token]), abs=1e-5
    )
    assert first["effect"] != 0


def test_without_a_token_it_is_the_last(widget: AttentionWidget) -> None:
    assert answer_to(widget, {**WRITTEN, "token": None})["position"] == 6


def test_a_logit_less_that_of_another_token(widget: AttentionWidget, lab: Experiment) -> None:
    other = answer_to(widget, WRITTEN)["ids"][3]
    answer = answer_to(widget, {**WRITTEN, "other": other})
    found = lab.direct_attribution(LogitDifference(answer["ids"][0], other, 4))
    assert (answer["other"], answer["logit"]) == (other, pytest.approx(found.logit))
    first = answer["effects"][0]
    outcome = lab.without(HeadOff(first["layer"], first["head"], tokens=range(1, 7)), positions=4)
    after, before = (
        each[0, answer["ids"][0]] - each[0, other] for each in (outcome.after, outcome.before)
    )
    assert first["effect"] == pytest.approx(float(after - before), abs=1e-5)


def test_a_score_is_that_of_the_experiment(widget: AttentionWidget, lab: Experiment) -> None:
    answer = answer_to(widget, SCORE)
    found = lab.explain_score(2, 1, query=4, key=2)
    block: Any = lab.trace.block(2)
    assert answer["score"] == pytest.approx(found.score)
    assert answer["dot"] == pytest.approx(float(block.query[1, 4] @ block.key[1, 2]))
    assert answer["dot"] * answer["scale"] == pytest.approx(found.score, rel=1e-5)
    assert answer["entered"] == pytest.approx(found.score)
    assert answer["weight"] == pytest.approx(float(lab.trace.attention(2)[1, 4, 2]))
    for side, values in {"query_side": found.query_side, "key_side": found.key_side}.items():
        told = answer[side]
        order = np.argsort(-abs(values), kind="stable")[:8]
        np.testing.assert_allclose([each["value"] for each in told["terms"]], values[order])
        named = [(each["what"], each["layer"], each["head"]) for each in told["terms"]]
        terms = [found.terms[index] for index in order]
        assert named == [(term.what, term.layer, term.head) for term in terms]
        whole = sum(each["value"] for each in told["terms"]) + told["others"]["value"]
        assert whole == pytest.approx(found.score, abs=1e-5)
        assert told["others"]["count"] == len(values) - 8
    pairs = answer["pairs"]
    rows = found.table(8)
    np.testing.assert_allclose(
        [pair["query"]["value"] for pair in pairs["pairs"]], [row["value"] for row in rows]
    )
    total = sum(pair["key"]["value"] for pair in pairs["pairs"]) + pairs["others"]["value"]
    assert total == pytest.approx(found.score, abs=1e-5)


def test_a_key_that_the_mask_hides_has_no_weight(widget: AttentionWidget) -> None:
    answer = answer_to(widget, {**SCORE, "query": 2, "key": 4})
    assert (answer["entered"], answer["weight"]) == ("-Infinity", 0.0)


@pytest.mark.parametrize(
    ("question", "error"),
    [
        ({**WRITTEN, "token": "4"}, "token must be a whole number, got '4'"),
        ({**WRITTEN, "token": 99}, "position must be in"),
        ({**WRITTEN, "other": 1e9}, "other must be the text or the id of a token"),
        ({**WRITTEN, "kind": "sideways"}, "kind must be"),
        ({"name": "attributed"}, "the question 'attributed' must have token or kind"),
        ({**SCORE, "head": 99}, "head must be in"),
        ({**SCORE, "layer": None}, "layer must be a whole number"),
        ({**SCORE, "key": 99}, "key must be in"),
        ({**SCORE, "kind": "encoder"}, "kind must be decoder"),
    ],
)
def test_what_cannot_be_answered_is_said(
    widget: AttentionWidget, question: Any, error: str
) -> None:
    with nothing_changes(widget):
        (reply,) = asked(widget, question)
    assert reply["error"].startswith(error)


def test_models_that_cannot_be_split_say_why(live: AttentionWidget) -> None:
    (reply,) = asked(live, {**WRITTEN, "kind": "encoder"})
    assert reply["error"].startswith("model must have an output head for predictions")
    (reply,) = asked(live, {**SCORE, "kind": "encoder"})
    assert "a norm after the sum" in reply["error"]
    bert = AttentionWidget(*predicting.masked(TOKENIZER)[:1], "a novel idea", tokenizer=TOKENIZER)
    (reply,) = asked(bert, {**WRITTEN, "kind": "encoder"})
    assert "does not add what its heads write" in reply["error"]


def test_a_class_of_the_whole_text_is_no_sum() -> None:
    sizes: dict[str, Any] = models._ENCODER
    config = BertConfig(**sizes)
    model = random_model(BertForSequenceClassification, config, "sdpa")
    widget = AttentionWidget(model, predicting.NOVEL, tokenizer=TOKENIZER)
    (reply,) = asked(widget, {**WRITTEN, "kind": "encoder"})
    assert "predicts a class of the whole input" in reply["error"]


def test_a_capped_logit_has_no_backup(causal: tuple[Any, Any]) -> None:
    found = headed("gemma2")
    widget = AttentionWidget(found, predicting.NOVEL, tokenizer=causal[1])
    answer = answer_to(widget, WRITTEN)
    assert answer["capped"]
    values = [each["value"] for each in answer["terms"]]
    assert answer["sum"] == pytest.approx(sum(values), abs=1e-4)
    assert answer["sum"] != pytest.approx(answer["logit"], abs=1e-6)
    assert {each["backup"] for each in answer["effects"]} == {None}


def test_a_decoder_is_split_at_its_own_tokens() -> None:
    model = headed("pegasus", SEQ2SEQ)
    widget = AttentionWidget(model, "a novel idea", target="a good novel", tokenizer=TOKENIZER)
    assert widget.trace.target is not None
    n_target = len(widget.trace.target.tokens)
    ofs = {
        kind: answer_to(widget, {"name": "attributed", "token": 1, "kind": kind})
        for kind in ("encoder", "decoder", "cross")
    }
    assert ofs["encoder"]["position"] == n_target - 1  # a token of the other text: the last
    assert ofs["decoder"]["position"] == ofs["cross"]["position"] == 1
    assert {each["kind"] for each in ofs["cross"]["terms"] if each["what"] == "head"} == {
        "decoder",
        "cross",
    }
    values = [each["value"] for each in ofs["cross"]["terms"]]
    assert sum(values) == pytest.approx(ofs["cross"]["logit"], abs=1e-4)
    lab = Experiment(model, "a novel idea", target="a good novel", tokenizer=TOKENIZER)
    first, token = ofs["cross"]["effects"][0], ofs["cross"]["ids"][0]
    off = HeadOff(first["layer"], first["head"], first["kind"], range(1, n_target))
    outcome = lab.without(off, positions=1)
    assert first["effect"] == pytest.approx(
        float(outcome.after[0, token] - outcome.before[0, token]), abs=1e-5
    )
    (reply,) = asked(widget, {**SCORE, "layer": 1, "query": 1, "key": 1, "kind": "cross"})
    assert reply["error"].startswith("kind must be of self-attention")
    own = answer_to(widget, {**SCORE, "layer": 1, "query": 2, "key": 1, "kind": "encoder"})
    assert own["score"] == pytest.approx(lab.explain_score(1, 1, 2, 1, kind="encoder").score)


def test_a_page_keeps_what_was_written(widget: AttentionWidget) -> None:
    widget.views = "attribution"
    widget.token, widget.key_token = 4, 2
    widget.layer, widget.heads = 2, 1
    answers = {each[0]["name"]: each for each in manifest(widget.to_html())["answers"]}
    assert answers["attributed"] == [WRITTEN, {"answer": answer_to(widget, WRITTEN)}]
    assert answers["explained"] == [SCORE, {"answer": answer_to(widget, SCORE)}]


@pytest.mark.parametrize(
    ("part", "effect", "largest", "expected"),
    [
        (1.0, -1.0, 1.0, None),  # nothing makes up for it
        (1.0, -0.26, 1.0, None),
        (1.0, -0.25, 1.0, "small"),
        (1.0, 0.25, 1.0, "small"),
        (1.0, 0.26, 1.0, "opposite"),
        (-1.0, -0.26, 1.0, "opposite"),
        (-1.0, 2.0, 1.0, None),
        (0.25, 0.0, 1.0, "small"),
        (0.24, 0.0, 1.0, None),  # it writes little
        (0.0, 0.0, 0.0, None),
        (float("nan"), 0.0, 1.0, None),
        (1.0, float("nan"), 1.0, None),
    ],
)
def test_when_others_stand_in(
    part: float, effect: float, largest: float, expected: str | None
) -> None:
    assert backup_of(part, effect, largest) == expected


@pytest.mark.slow
class TestSmolLM:
    """The file is fixed by a hash, so these are too."""

    def test_what_wrote_paris(self, smollm: tuple[Any, Any]) -> None:
        model, tokenizer = smollm
        widget = AttentionWidget(model, "The capital of France is", tokenizer=tokenizer)
        (london,) = tokenizer(" London")["input_ids"]
        answer = answer_to(widget, {**WRITTEN, "other": london})
        assert answer["labels"][0] == "Paris"
        assert answer["logit"] == pytest.approx(4.1263, abs=1e-3)
        heads = [each for each in answer["terms"] if each["what"] == "head"]
        assert (heads[0]["layer"], heads[0]["head"]) == (23, 4)
        assert heads[0]["value"] == pytest.approx(2.66, abs=0.01)

    def test_a_head_that_is_backed_up(self, smollm: tuple[Any, Any]) -> None:
        model, tokenizer = smollm
        text = "When Mary and John went to the store, John gave a drink to"
        widget = AttentionWidget(model, text, tokenizer=tokenizer)
        (john,) = tokenizer(" John")["input_ids"]
        answer = answer_to(widget, {**WRITTEN, "token": None, "other": john})
        assert answer["labels"][0] == "Mary"
        found = {(each["layer"], each["head"]): each for each in answer["effects"]}
        parts = {
            (each["layer"], each["head"]): each["value"]
            for each in answer["terms"]
            if each["what"] == "head"
        }
        assert parts[23, 0] == pytest.approx(0.82, abs=0.02)
        assert abs(found[23, 0]["effect"]) < 0.05
        assert found[23, 0]["backup"] == "small"
        assert parts[23, 3] == pytest.approx(2.86, abs=0.02)
        assert found[23, 3]["backup"] is None  # nothing makes up for it


def test_what_it_is_compared_with_is_an_option(widget: AttentionWidget) -> None:
    alone = answer_to(widget, WRITTEN)
    best, second, *_ = alone["ids"]
    widget.views, widget.token, widget.compared_with = ("attribution",), 4, second
    found = manifest(widget.to_html())
    question, kept = found["answers"][-1]
    assert question == {**WRITTEN, "other": second}
    assert kept["answer"]["other"] == second
    assert kept["answer"]["other_label"] == alone["labels"][1]
    assert kept["answer"]["logit"] != alone["logit"]
    assert widget.state["compared_with"] == second
    same = answer_to(widget, {**WRITTEN, "other": best})  # with itself there is nothing to compare
    assert (same["other"], same["other_label"], same["logit"]) == (None, "", alone["logit"])

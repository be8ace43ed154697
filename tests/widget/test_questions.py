"""Questions to the model: answered in steps, once, and kept."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest
from support import models, predicting
from support.archives import manifest
from support.asking import asked
from support.in_step import nothing_changes
from tiny_models import random_model
from transformers import BertConfig, BertForSequenceClassification

from attention_widget import AttentionWidget, Experiment
from attention_widget.widget.asking import Asking
from attention_widget.widget.steps import Progress, Steps

ASK: dict[str, Any] = {"name": "predictions", "top_k": 4}


def test_predictions_are_those_of_the_experiment(
    widget: AttentionWidget, causal: tuple[Any, Any]
) -> None:
    *told, last = asked(widget, ASK)
    assert [reply["progress"] for reply in told] == [{"done": 7, "of": 7}]
    found = Experiment(causal[0], predicting.NOVEL, tokenizer=causal[1]).predictions(4)
    answer = last["answer"]
    assert answer["predicts"] == "next token"
    assert answer["positions"] == list(range(7))
    np.testing.assert_array_equal(answer["ids"], found.ids)
    np.testing.assert_allclose(answer["probabilities"], found.probabilities, rtol=1e-6)
    assert answer["tokens"] == [list(row) for row in found.tokens]
    assert answer["rank"] == found.rank.tolist()
    assert answer["log_probability"][-1] == "NaN"
    assert answer["mask_id"] is None


def test_a_long_text_is_answered_in_steps(causal: tuple[Any, Any]) -> None:
    model = models.tiny("gpt2", n_positions=200)
    widget = AttentionWidget(model, "idea " * 150, tokenizer=causal[1])
    *told, last = asked(widget, ASK)
    n = len(widget.trace.tokens)
    assert [reply["progress"]["done"] for reply in told] == [64, 128, n]
    assert len(last["answer"]["ids"]) == n


def test_an_answer_is_found_once(widget: AttentionWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    first = asked(widget, ASK)[-1]
    monkeypatch.setattr(Experiment, "predictions", None)
    assert asked(widget, dict(ASK)) == [first]
    assert "error" in asked(widget, {**ASK, "top_k": 5})[-1]


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (3, "question of a message must be dict, got 3"),
        ({}, "name of a question must be predictions"),
        ({"name": "dance"}, "name of a question must be predictions"),
        ({"name": "predictions", "k": 3}, "the question 'predictions' may have top_k"),
        ({"name": "predictions", "top_k": "3"}, "top_k must be a whole number, got '3'"),
        ({"name": "predictions", "top_k": 0}, "top_k must be 1 or more, got 0"),
        ({"name": "replaced"}, "the question 'replaced' must have tokens"),
        ({"name": "replaced", "tokens": 3}, "tokens must be a list of integers, got 3"),
        ({"name": "replaced", "tokens": [3, 99], "by": "a"}, "token must be in"),
        ({"name": "replaced", "tokens": [0], "by": "a"}, "tokens must stand in the text"),
    ],
)
def test_what_cannot_be_answered_is_said(
    widget: AttentionWidget, question: Any, error: str
) -> None:
    with nothing_changes(widget):
        (reply,) = asked(widget, question)
    assert reply["error"].startswith(error)


def test_another_run_is_over(widget: AttentionWidget) -> None:
    over = {"error": "run 2 is over; the widget shows run 1", "refused": True}
    assert asked(widget, ASK, 2) == [{"id": 5, **over}]
    widget.run("a good novel")
    assert asked(widget, ASK, 2)[-1]["answer"]["positions"] == list(range(5))


def test_a_trace_has_no_model_to_ask(made: AttentionWidget) -> None:
    (reply,) = asked(made, ASK)
    assert reply["error"] == (
        "this widget was made from a trace and has no model to ask; make "
        "AttentionWidget(model, text)"
    )


def test_a_model_without_a_head_says_what_to_do(live: AttentionWidget) -> None:
    (reply,) = asked(live, ASK)
    assert reply["error"].startswith(
        "model must have an output head for predictions, got BertModel"
    )
    classes = ["AutoModelForMaskedLM"]
    assert classes[0] in reply["error"]
    assert reply["reason"] == {"code": "headless", "model": "BertModel", "classes": classes}
    assert reply["refused"]  # nothing went wrong


def test_a_text_in_windows_is_refused(causal: tuple[Any, Any]) -> None:
    model, tokenizer = causal
    widget = AttentionWidget(model, "idea " * 80, tokenizer=tokenizer, windows=32)
    assert asked(widget, ASK)[-1]["error"].startswith("the text must be read in one pass")


def test_a_word_is_replaced_or_masked(widget: AttentionWidget, minilm: tuple[Any, Any]) -> None:
    texts = asked(widget, {"name": "replaced", "tokens": [4], "by": "good"})[-1]["answer"]
    assert texts == {"text": "attention is a good idea", "text_pair": None}
    model, tokenizer = predicting.masked(minilm[1])
    other = AttentionWidget(model, predicting.NOVEL, text_pair="a novel", tokenizer=tokenizer)
    texts = asked(other, {"name": "replaced", "tokens": [4, 5]})[-1]["answer"]
    assert texts == {"text": "attention is a [MASK] [MASK]", "text_pair": "a novel"}
    other.run(texts["text"], texts["text_pair"])
    assert [token.label for token in other.trace.tokens][4:6] == ["[MASK]", "[MASK]"]
    answer = asked(other, ASK, 2)[-1]["answer"]
    assert answer["mask_id"] == tokenizer.mask_token_id == answer["actual_ids"][4]
    good = tokenizer.convert_tokens_to_ids("good")
    texts = asked(other, {"name": "replaced", "tokens": [4], "by": good}, 2)[-1]["answer"]
    assert texts == {"text": "attention is a good [MASK]", "text_pair": "a novel"}


def test_the_lens_has_the_answer_layer_by_layer(
    widget: AttentionWidget, causal: tuple[Any, Any]
) -> None:
    answer = asked(widget, {"name": "lens", "position": 4})[-1]["answer"]
    lab = Experiment(causal[0], predicting.NOVEL, tokenizer=causal[1])
    found, last = lab.lens(4), lab.predictions(1, 4)
    assert (answer["position"], answer["answer"]) == (4, last.tokens[0][0])
    assert answer["best"][-1] == answer["answer"]
    np.testing.assert_allclose(answer["probabilities"], found.followed_probabilities[:, 0, 0])
    assert answer["ranks"] == found.followed_ranks[:, 0, 0].tolist()
    assert answer["ranks"][-1] == 1
    assert answer["probabilities"][-1] == pytest.approx(float(last.probabilities[0, 0]), rel=1e-5)
    (reply,) = asked(widget, {"name": "lens", "position": 99})
    assert "99" in reply["error"]


def test_a_classifier_answers_with_its_classes() -> None:
    settings: dict[str, Any] = {**models._ENCODER, "id2label": {0: "bad", 1: "good", 2: "<b>"}}
    model = random_model(BertForSequenceClassification, BertConfig(**settings), "sdpa")
    widget = AttentionWidget(model, predicting.NOVEL, tokenizer=models.tokenizer())
    (reply,) = asked(widget, ASK)
    answer = reply["answer"]
    assert (answer["predicts"], answer["positions"]) == ("class", [])
    (labels,) = answer["labels"]
    assert sorted(labels) == ["<b>", "bad", "good"]
    assert sum(answer["probabilities"][0]) == pytest.approx(1)


def test_a_page_keeps_the_answers(widget: AttentionWidget, live: AttentionWidget) -> None:
    assert manifest(widget.to_html())["answers"] == []
    answer = asked(widget, ASK)[-1]["answer"]
    assert manifest(widget.to_html())["answers"] == [[ASK, {"answer": answer}]]
    widget.views = "predictions"
    answers = {each[0]["top_k"]: each[1] for each in manifest(widget.to_html())["answers"]}
    assert set(answers) == {4, 10}
    assert len(answers[10]["answer"]["ids"][0]) == 10
    live.views = "predictions"  # which has no head
    ((_, kept),) = manifest(live.to_html())["answers"]
    assert kept["error"].startswith("model must have an output head")


def test_other_messages_are_heard_between_the_steps() -> None:
    sent: list[Any] = []

    def steps(run: int, question: object, anyway: bool) -> Steps:
        for done in range(1, 4):
            yield Progress(done, 3, {"best": done})
        return {"asked": question}

    async def main() -> None:
        asking = Asking(sent.append, steps, lambda run: run == 9)
        asking.ask(1, 1, "a")
        asking.ask(1, 1, "a")  # sent again: it is being answered
        asking.ask(2, 1, "b")
        asking.ask(3, 9, "c")
        sent.append("another message")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        asking.cancel(2)
        asking.cancel(77)
        while not (sent[-1] != "another message" and len(asking._tasks) == 0):
            await asyncio.sleep(0)

    asyncio.run(main())
    assert sent[0] == "another message"
    of = {ident: [each for each in sent[1:] if each["id"] == ident] for ident in (1, 2, 3)}
    assert of[1] == [
        *({"id": 1, "progress": {"done": n, "of": 3, "partial": {"best": n}}} for n in (1, 2, 3)),
        {"id": 1, "answer": {"asked": "a"}},
    ]
    assert of[2][-1] == {"id": 2, "error": "cancelled"}
    assert len(of[2]) < len(of[1])
    assert of[3][-1] == {"id": 3, "error": "run 9 is over", "refused": True}
    assert sent.index(of[2][0]) < sent.index(of[1][-1])  # side by side


def test_an_interrupt_is_an_answer_and_an_interrupt() -> None:
    sent: list[Any] = []

    def steps(run: int, question: object, anyway: bool) -> Steps:
        yield Progress(1, 2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Asking(sent.append, steps, lambda run: False).ask(1, 1, "a")
    assert sent == [
        {"id": 1, "progress": {"done": 1, "of": 2}},
        {"id": 1, "error": "KeyboardInterrupt"},
    ]

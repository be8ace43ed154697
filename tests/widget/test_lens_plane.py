"""The logit lens as a plane, as the browser asks for it: layer by layer, and kept."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import numpy as np
import pytest
from support import predicting
from support.archives import manifest
from support.front_end import Browser

from attention_widget import AttentionWidget, Experiment
from attention_widget.experiments import HeadOff, LensPlane
from attention_widget.widget.asking import Asking

ASK: dict[str, Any] = {"name": "lens_plane", "last": 64}
OFF = {"edit": "head_off", "layer": 1, "heads": [2]}


def asked(widget: AttentionWidget, question: Any = ASK) -> list[dict[str, Any]]:
    replies = Browser(widget).send({"kind": "ask", "id": 5, "run": 1, "question": question})
    return [reply for reply, _ in replies]


def assert_is(answer: dict[str, Any], plane: LensPlane) -> None:
    """To the last digit of a float32."""
    assert (answer["predicts"], answer["n_layers"]) == (plane.predicts, plane.n_layers)
    assert tuple(answer["layers"]) == plane.layers
    assert tuple(answer["positions"]) == plane.positions
    labels = answer["labels"]
    assert [[labels[each] for each in row] for row in answer["best"]] == [
        list(row) for row in plane.tokens
    ]
    assert [labels[each] for each in answer["answers"]] == list(plane.answers)
    np.testing.assert_array_equal(np.float32(answer["probabilities"]), plane.probabilities)
    np.testing.assert_array_equal(
        np.float32(answer["answer_probabilities"]), plane.answer_probabilities
    )
    assert answer["ranks"] == plane.answer_ranks.tolist()


def test_the_plane_is_that_of_the_experiment(widget: AttentionWidget, lab: Experiment) -> None:
    *told, last = asked(widget)
    assert_is(last["answer"], lab.lens_plane())
    assert [each["progress"]["done"] for each in told] == [1, 2, 3]
    assert [each["progress"]["partial"]["layers"] for each in told] == [[2], [1, 2], [0, 1, 2]]
    json.dumps(told, allow_nan=False)
    (again,) = asked(widget)
    assert again == last


def test_the_last_positions_alone_or_all(widget: AttentionWidget, lab: Experiment) -> None:
    answer = asked(widget, {"name": "lens_plane", "last": 2})[-1]["answer"]
    assert_is(answer, lab.lens_plane([5, 6]))
    assert asked(widget, {"name": "lens_plane", "last": None})[-1]["answer"]["positions"] == [
        *range(7)
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"last": 0}, "last must be 1 or more, got 0"),
        ({"last": "all"}, "last must be a whole number, got 'all'"),
        ({}, "the question 'lens_plane' must have"),
        ({"last": 2, "edits": [{**OFF, "layer": 9}]}, "9"),
    ],
)
def test_bad_questions_are_refused(
    widget: AttentionWidget, fields: dict[str, Any], words: str
) -> None:
    (reply,) = asked(widget, {"name": "lens_plane", **fields})
    assert words in reply["error"]


def test_with_edits_it_follows_what_is_predicted_without_them(
    widget: AttentionWidget, lab: Experiment
) -> None:
    before = asked(widget)[-1]["answer"]
    answer = asked(widget, {**ASK, "edits": [OFF]})[-1]["answer"]

    def answers(of: dict[str, Any]) -> list[str]:
        return [of["labels"][each] for each in of["answers"]]

    assert answers(answer) == answers(before)
    logits = lab.without(HeadOff(1, 2)).after.astype(float)
    best = lab.predictions(1).ids[:, 0]
    chances = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    np.testing.assert_allclose(
        answer["answer_probabilities"][-1],
        np.take_along_axis(chances, best[:, None], 1)[:, 0],
        rtol=1e-5,
    )
    np.testing.assert_allclose(answer["probabilities"][-1], chances.max(1), rtol=1e-5)


def test_it_can_be_stopped_between_layers_and_a_page_keeps_what_was_read(
    widget: AttentionWidget, lab: Experiment
) -> None:
    sent: list[dict[str, Any]] = []

    async def stopped() -> None:
        session = widget._session
        asking = Asking(sent.append, lambda run, question, _: session.lab.steps(question), bool)
        asking.ask(5, 0, ASK)
        while not sent:
            await asyncio.sleep(0)
        asking.cancel(5)
        while "error" not in sent[-1]:
            await asyncio.sleep(0)

    asyncio.run(stopped())
    *told, last = sent
    assert last == {"id": 5, "error": "cancelled"}
    done = len(told)
    assert 1 <= done < 3
    ((question, kept),) = manifest(widget.to_html())["answers"]
    assert question == ASK
    assert kept["answer"]["layers"] == list(range(3 - done, 3))
    np.testing.assert_array_equal(
        np.float32(kept["answer"]["probabilities"]), lab.lens_plane().probabilities[3 - done :]
    )


def test_a_model_without_a_head_says_so(live: AttentionWidget) -> None:
    (reply,) = asked(live)
    assert "must have an output head" in reply["error"]
    assert reply["refused"]


def test_tokens_of_a_masked_model_are_labelled_as_its_lists_are(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = predicting.masked(minilm[1])
    widget = AttentionWidget(model, "attention is a [MASK] idea", tokenizer=tokenizer)
    answer = asked(widget)[-1]["answer"]
    plane = Experiment(model, widget.text, tokenizer=tokenizer, progress=False).lens_plane()
    assert answer["predicts"] == "token"
    assert answer["ranks"] == plane.answer_ranks.tolist()
    widget.close()

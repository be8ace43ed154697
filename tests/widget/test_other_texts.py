"""Heads that take what they give out in another text: the numbers are an experiment's."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from support import models, predicting
from support.archives import manifest
from support.front_end import Browser
from support.in_step import nothing_changes
from traitlets import TraitError

from attention_widget import AttentionWidget, Experiment
from attention_widget.experiments import HeadPatch

OTHER = "attention is a good idea"
LONGER = "attention is a good good idea"
PATCH: dict[str, Any] = {
    "edit": "head_patch",
    "kind": "decoder",
    "layer": 1,
    "heads": [2],
    "source": OTHER,
    "tokens": None,
    "source_tokens": None,
}


def lab_of(causal: tuple[Any, Any], text: str = predicting.NOVEL) -> Experiment:
    return Experiment(causal[0], text, tokenizer=causal[1], progress=False)


def answer_to(widget: AttentionWidget, name: str, edits: Any) -> dict[str, Any]:
    question = {"name": name, "edits": edits}
    browser = Browser(widget)
    return browser.send({"kind": "ask", "id": 5, "run": 1, "question": question})[-1][0]


@pytest.mark.parametrize(
    ("fields", "tokens"),
    [({}, {}), ({"tokens": [3, 4], "source_tokens": [4, 3]}, {"tokens": (3, 4)})],
)
def test_it_is_the_experiment_with_that_text(
    widget: AttentionWidget, causal: tuple[Any, Any], fields: Any, tokens: Any
) -> None:
    lab, edit = lab_of(causal), {**PATCH, **fields}
    if tokens:
        tokens = {**tokens, "source_tokens": (4, 3)}
    patch = HeadPatch(1, 2, lab_of(causal, OTHER), **tokens)
    outcome = lab.without(patch)
    assert not np.array_equal(outcome.before, outcome.after)
    odds = np.exp(outcome.after - np.logaddexp.reduce(outcome.after, -1, keepdims=True))
    answer = answer_to(widget, "compared", [edit])["answer"]
    np.testing.assert_allclose(answer["probabilities"], -np.sort(-odds)[:, :10], rtol=1e-4)
    ids = lab.predictions(10).ids
    np.testing.assert_allclose(answer["kept"], np.take_along_axis(odds, ids, -1), rtol=1e-4)

    widget.edits = [edit]
    key = f"after/{json.dumps([edit])}/attention/decoder/2"
    after = outcome.trace.attention(2)
    np.testing.assert_array_equal(Browser(widget).tensor(key), after)
    assert not np.array_equal(after, lab.trace.attention(2))


def test_an_experiment_stands_for_its_text(
    widget: AttentionWidget, causal: tuple[Any, Any]
) -> None:
    widget.edits = HeadPatch(1, 2, lab_of(causal, OTHER))
    assert widget.edits == (PATCH,)
    assert answer_to(widget, "edited", [PATCH])["answer"] == {"edits": [PATCH]}


def test_the_same_text_changes_nothing(widget: AttentionWidget, causal: tuple[Any, Any]) -> None:
    answer = answer_to(widget, "compared", [{**PATCH, "source": predicting.NOVEL}])["answer"]
    found = lab_of(causal).predictions(10)
    np.testing.assert_allclose(answer["probabilities"], found.probabilities, rtol=1e-6)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        (
            {"source": LONGER},
            "the other text must have as many tokens as this one, 7, got 8: '[CLS]', 'attention', "
            "'is', 'a', 'good', 'good', 'idea', '[SEP]'. Values go over token by token",
        ),
        ({"source": " "}, "source must be the other text, got ' '"),
        ({"source": 3}, "source must be the other text, or an Experiment with it, got 3"),
        ({"source_tokens": []}, "source_tokens must be one or several integers"),
        ({"source_tokens": "x"}, "source_tokens must be one or several integers"),
        ({"tokens": [1], "source_tokens": [9]}, "source token must be in 0–6, got 9"),
        ({"tokens": [1], "source_tokens": [1, 2]}, "tokens and source_tokens must be equally"),
        ({"tokens": [9]}, "tokens must be in 0–6, got 9"),
    ],
)
def test_what_does_not_fit_is_refused(widget: AttentionWidget, fields: Any, error: str) -> None:
    with nothing_changes(widget), pytest.raises(TraitError) as refused:
        widget.edits = [{**PATCH, **fields}]
    assert str(refused.value).startswith(error)
    assert answer_to(widget, "edited", [{**PATCH, **fields}])["error"].startswith(error)


def test_an_experiment_of_another_model_or_of_two_texts_is_refused(
    widget: AttentionWidget, minilm: tuple[Any, Any], causal: tuple[Any, Any]
) -> None:
    other = Experiment(minilm[0], OTHER, tokenizer=minilm[1], progress=False)
    with nothing_changes(widget), pytest.raises(TraitError, match="of the model that is shown"):
        widget.edits = HeadPatch(1, 2, other)
    pair = Experiment(causal[0], OTHER, text_pair="a novel", tokenizer=causal[1], progress=False)
    with nothing_changes(widget), pytest.raises(TraitError, match="source must be a plain text"):
        widget.edits = HeadPatch(1, 2, pair)


def test_where_no_plain_text_is_shown_it_is_refused(causal: tuple[Any, Any]) -> None:
    model, tokenizer = causal
    tokenizer = models.tokenizer()
    tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }} {% endfor %}"
    widget = AttentionWidget(
        model, [{"role": "user", "content": predicting.NOVEL}], tokenizer=tokenizer
    )
    with nothing_changes(widget), pytest.raises(TraitError, match="need a plain text to go into"):
        widget.edits = [PATCH]


def test_other_texts_are_read_once_and_few_are_kept(
    widget: AttentionWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = widget._session.lab._others
    read: list[str] = []
    own = others._read
    assert own is not None

    def counted(text: str) -> Experiment:
        read.append(text)
        return own(text)

    monkeypatch.setattr(others, "_read", counted)
    for head in range(3):
        widget.edits = [{**PATCH, "heads": [head]}]
    assert read == [OTHER]
    for word in ("small", "novel", "good"):
        widget.edits = [{**PATCH, "source": f"attention is a {word} idea"}]
    assert len(others._known) == 2


def test_state_and_page_keep_the_text(widget: AttentionWidget, causal: tuple[Any, Any]) -> None:
    widget.edits, widget.shown_pass = [PATCH], "after"
    state = json.loads(json.dumps(widget.state))
    model, tokenizer = causal
    again = AttentionWidget.from_state(state, model=model, tokenizer=tokenizer)
    assert (again.edits, again.shown_pass) == ((PATCH,), "after")
    found = manifest(widget.to_html())
    assert found["state"]["edits"] == [PATCH]
    answers = {asked["name"]: kept for asked, kept in found["answers"]}
    assert answers["compared"]["answer"] == answer_to(again, "compared", [PATCH])["answer"]
    assert "after//attention/decoder/2" in found["entries"]

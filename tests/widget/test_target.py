"""Another word in what the decoder of an encoder-decoder reads: the text beside it stays."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from support.archives import manifest
from support.asking import answer_to, asked
from support.front_end import Browser
from support.in_step import nothing_changes
from support.models import TEXT, tokenizer
from support.seq2seq import tiny_seq2seq
from traitlets import TraitError

from attention_widget import AttentionWidget, Experiment
from attention_widget.widget.state import SINCE

SOURCE, TARGET = "i read a good novel", "a good novel"
ASK: dict[str, Any] = {"name": "predictions", "top_k": 4}


@pytest.fixture(scope="module")
def t5() -> Any:
    return tiny_seq2seq("T5ForConditionalGeneration", "eager")


@pytest.fixture
def widget(t5: Any) -> AttentionWidget:
    return AttentionWidget(t5, SOURCE, target=TARGET, tokenizer=tokenizer())


def run_with(widget: AttentionWidget, texts: dict[str, Any], ident: int = 9) -> dict[str, Any]:
    [(reply, _)] = Browser(widget).send({"kind": "run", "id": ident, **texts})
    return reply


def words(widget: AttentionWidget) -> list[str]:
    assert widget.trace.target is not None
    return [token.label for token in widget.trace.target.tokens if token.start is not None]


def replaced(widget: AttentionWidget, tokens: list[int], run: int = 1, **by: Any) -> dict[str, Any]:
    question = {"name": "replaced", "tokens": tokens, "of_target": True, **by}
    answer: dict[str, Any] = asked(widget, question, run)[-1]["answer"]
    return answer


@pytest.mark.parametrize("by", [{"by": "idea"}, {}])
def test_a_word_of_the_target_is_replaced_or_masked(
    widget: AttentionWidget, t5: Any, by: dict[str, Any]
) -> None:
    texts = replaced(widget, [4], **by)
    expected = "a good idea" if by else "a good [MASK]"
    assert texts == {"text": SOURCE, "text_pair": None, "target": expected}
    assert run_with(widget, texts) == {"id": 9}
    assert (widget.text, widget.meta["target"]["given"]) == (SOURCE, expected)
    lab = Experiment(t5, SOURCE, target=TARGET, tokenizer=tokenizer())
    other = lab.replace(4, "idea", of_target=True) if by else lab.mask(4, of_target=True)
    found, answer = other.predictions(4), asked(widget, ASK, 2)[-1]["answer"]
    np.testing.assert_array_equal(answer["ids"], found.ids)
    np.testing.assert_array_equal(answer["probabilities"], found.probabilities)
    for layer in range(3):  # of the decoder
        now = widget.trace.attention(layer, "cross")
        np.testing.assert_array_equal(now, other.trace.attention(layer, "cross"))


def test_it_stays_for_other_texts_and_is_taken_back(widget: AttentionWidget) -> None:
    run_with(widget, replaced(widget, [2], by="purple"))
    widget.text = "a novel idea"
    assert words(widget) == ["purple", "good", "novel"]
    texts = asked(widget, {"name": "replaced", "tokens": [2], "by": "about"}, 3)[-1]["answer"]
    assert texts == {"text": "a about idea", "text_pair": None}  # the target is left as it is
    run_with(widget, texts, 10)
    assert words(widget) == ["purple", "good", "novel"]
    run_with(widget, {"text": SOURCE, "text_pair": None, "target": TARGET}, 11)
    assert (widget.text, words(widget)) == (SOURCE, ["a", "good", "novel"])
    widget.run(TEXT, target="idea")
    assert words(widget) == ["idea"]
    widget.run(SOURCE)
    assert words(widget) == ["idea"]


def test_what_the_model_wrote_is_replaced_and_written_again(t5: Any) -> None:
    widget = AttentionWidget(t5, SOURCE, tokenizer=tokenizer())
    assert widget.meta["target"]["given"] is None
    written = words(widget)
    target = widget.trace.target
    assert target is not None
    first = next(token.index for token in target.tokens if token.start is not None)
    run_with(widget, replaced(widget, [first], by="purple"))
    assert widget.meta["target"]["generated"] is False
    assert words(widget)[0] == "purple"
    run_with(widget, {"text": SOURCE, "text_pair": None, "target": None}, 10)
    assert (widget.meta["target"]["given"], words(widget)) == (None, written)


def test_the_state_is_of_the_new_target(widget: AttentionWidget, t5: Any) -> None:
    before = widget.state
    run_with(widget, replaced(widget, [4], by="idea"))
    widget.attention_kind, widget.token = "cross", 4
    state = json.loads(json.dumps(widget.state))
    assert state["target"] == state["target_given"] == "a good idea"
    again = AttentionWidget.from_state(state, model=t5, tokenizer=tokenizer())
    assert (words(again), again.token, again.text) == (["a", "good", "idea"], 4, SOURCE)
    assert again.state == state
    assert AttentionWidget.from_state(state, trace=widget.trace).state == state
    widget.restore(before)  # the same text, with another target: it is read again
    assert words(widget) == ["a", "good", "novel"]
    with nothing_changes(widget), pytest.raises(TraitError, match=r"target 'a good idea', as"):
        AttentionWidget.from_trace(widget.trace).restore(state)


def test_a_saved_page_is_of_the_new_target(widget: AttentionWidget) -> None:
    run_with(widget, replaced(widget, [4], by="idea"))
    target = manifest(widget.to_html())["state"]["meta"]["target"]
    assert [token["label"] for token in target["tokens"]][2:] == ["a", "good", "idea"]


def test_the_state_of_a_written_target_is_written_again(t5: Any) -> None:
    widget = AttentionWidget(t5, SOURCE, tokenizer=tokenizer())
    state, written = widget.state, words(widget)
    assert state["target_given"] is None
    widget.run(SOURCE, target="idea")
    widget.restore(state)
    assert (words(widget), widget.state) == (written, state)
    for given in (None, "idea"):  # another one than the state is of
        again = AttentionWidget.from_state(state, model=t5, target=given, tokenizer=tokenizer())
        assert again.state == state


def test_a_state_from_before_keeps_the_target(widget: AttentionWidget, t5: Any) -> None:
    later = {name for name, since in SINCE.items() if since > 5} | {"passages"}
    state = {k: v for k, v in widget.state.items() if k not in later and k[:6] != "target"}
    state["format"] = 5
    again = AttentionWidget.from_state(state, model=t5, target=TARGET, tokenizer=tokenizer())
    assert words(again) == ["a", "good", "novel"]


def test_a_classifier_reads_the_text_itself() -> None:
    model = tiny_seq2seq("BartForSequenceClassification", "eager")
    widget = AttentionWidget(model, SOURCE, tokenizer=tokenizer())
    assert widget.meta["target"]["replaceable"] is False
    from_trace = AttentionWidget.from_trace(widget.trace)  # which cannot tell
    again = AttentionWidget.from_state(from_trace.state, model=model, tokenizer=tokenizer())
    assert words(again) == words(widget)


@pytest.mark.parametrize(
    ("target", "error"),
    [
        (3, "target must be a string or None, got 3"),
        ("", "target must"),
        ("idea " * 999, "target must have at most"),
    ],
)
def test_what_is_no_target_changes_nothing(
    target: Any, error: str, widget: AttentionWidget
) -> None:
    if "most" in error:  # T5 has no limit
        bart = tiny_seq2seq("BartForConditionalGeneration", "eager")
        widget = AttentionWidget(bart, SOURCE, target=TARGET, tokenizer=tokenizer())
    with nothing_changes(widget):
        reply = run_with(widget, {"text": SOURCE, "text_pair": None, "target": target})
    assert reply["error"].startswith(error)


def test_what_is_no_word_of_the_target(widget: AttentionWidget) -> None:
    question = {"name": "replaced", "tokens": [0], "by": "a", "of_target": True}
    changes: list[tuple[dict[str, Any], str]] = [
        ({}, "tokens must stand in the text"),
        ({"tokens": [9]}, "token must be in 0–4, got 9"),
        ({"of_target": 3}, "of_target must be True or False, got 3"),
    ]
    for change, error in changes:
        (reply,) = asked(widget, {**question, **change})
        assert reply["error"].startswith(error)


def test_the_mask_is_offered_where_there_is_one(widget: AttentionWidget) -> None:
    assert answer_to(widget, ASK)["mask_id"] == tokenizer().mask_token_id

"""Leaving passages out, as the browser asks for it: passage by passage, and kept in a page."""

from __future__ import annotations

from typing import Any

import pytest
from support import predicting
from support.archives import manifest
from support.front_end import Browser

from attention_widget import AttentionWidget, Experiment

ASK = {"name": "left_out", "position": None}
PLACES = {"one": (0, 9), "two": (10, 12)}


def shown(**options: Any) -> AttentionWidget:
    model, tokenizer = predicting.causal()
    return AttentionWidget(model, predicting.NOVEL, tokenizer=tokenizer, passages=PLACES, **options)


def asked(widget: AttentionWidget, question: Any = ASK) -> list[dict[str, Any]]:
    replies = Browser(widget).send({"kind": "ask", "id": 5, "run": 1, "question": question})
    return [reply for reply, _ in replies]


def test_every_number_is_that_of_the_experiment() -> None:
    *told, last = asked(shown())
    model, tokenizer = predicting.causal()
    lab = Experiment(model, predicting.NOVEL, tokenizer=tokenizer, passages=PLACES)
    found = lab.leave_out()
    answer = last["answer"]
    assert answer["names"] == ["one", "two"]
    assert answer["effects"] == pytest.approx(found.effects.tolist(), abs=1e-6)
    assert answer["losses"] == pytest.approx(found.losses.tolist(), abs=1e-6)
    assert answer["before"] == pytest.approx(found.before, abs=1e-6)
    assert [each["progress"]["done"] for each in told] == [0, 1, 2]
    assert told[0]["progress"]["partial"]["effects"] == ["NaN", "NaN"]


def test_of_a_token_it_is_what_is_predicted_there() -> None:
    answer = asked(shown(), {**ASK, "position": 4})[-1]["answer"]
    assert (answer["of"], answer["position"]) == ("next token", 4)
    [refused] = asked(shown(), {**ASK, "position": "4"})
    assert "position must be a whole number or null" in refused["error"]


def test_a_page_with_the_view_keeps_the_answer_and_the_receivers() -> None:
    page = manifest(shown(views="passages").to_html())
    [(question, kept)] = [each for each in page["answers"] if each[0]["name"] == "left_out"]
    assert question == ASK
    assert kept["answer"]["names"] == ["one", "two"]
    model, tokenizer = predicting.causal()
    plain = AttentionWidget(model, predicting.NOVEL, tokenizer=tokenizer, views="passages")
    assert not manifest(plain.to_html())["answers"]


def test_later_texts_have_their_own_passages() -> None:
    widget = shown(passage_rows=True)
    assert [each.name for each in widget.trace.passages] == ["one", "two"]
    widget.run("A good novel")
    assert not widget.trace.passages
    assert widget.passage_rows is False
    widget.run("A good novel", passages={"it": (2, 6)})
    assert [each.name for each in widget.trace.passages] == ["it"]
    widget.run("One. Two.", passages="sentences")
    widget.text = "Three. Four."
    assert [each.name for each in widget.trace.passages] == ["1. Three.", "2. Four."]


def test_rows_are_those_that_python_gives() -> None:
    widget = shown(passage_rows=True, layer=0, heads=[1])
    queries, keys = widget.selected_tokens()
    assert [token.label for token in queries][:3] == ["[CLS]", "one", "two"]
    assert widget.selected_attention().shape == (1, len(queries), len(keys))
    widget.token = 1
    row = widget.selected_attention()[:, 1]
    assert widget.selected_weights().tolist() == row.tolist()


def test_rows_of_passages_need_passages() -> None:
    model, tokenizer = predicting.causal()
    with pytest.raises(Exception, match="passage_rows must be False for a text without passages"):
        AttentionWidget(model, predicting.NOVEL, tokenizer=tokenizer, passage_rows=True)

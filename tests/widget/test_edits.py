"""Edits in the widget: a second pass without a head or an edge, beside the first."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from support import models, predicting, seq2seq
from support.archives import manifest
from support.asking import asked
from support.front_end import Browser
from support.in_step import nothing_changes
from traitlets import TraitError

from attention_widget import AttentionWidget, Experiment
from attention_widget.experiments import EdgeOff, HeadOff, HeadScale
from attention_widget.measures import head_summaries
from attention_widget.widget import questions

OFF = {
    "edit": "head_off",
    "kind": "decoder",
    "layer": 1,
    "heads": [2],
    "tokens": None,
    "value": "zero",
}
EDGE = {
    "edit": "edge_off",
    "kind": "decoder",
    "layer": 0,
    "heads": None,
    "query": [4],
    "key": [2],
}


PASSES = ("", "after//")
"""Before the names of a page."""


def after(edits: Any, key: str) -> str:
    return f"after/{json.dumps(edits)}/{key}"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (HeadOff(1, 2), (OFF,)),
        ([HeadOff(1, [2])], (OFF,)),
        ({"edit": "head_off", "layer": 1, "heads": 2}, (OFF,)),
        ([OFF, EdgeOff(key=2, query=4, layer=0)], (OFF, EDGE)),
        (
            HeadScale(1, 2, 0.5, tokens=[3]),
            ({**OFF, "edit": "head_scale", "factor": 0.5, "tokens": [3]},),
        ),
        (None, ()),
        ([], ()),
    ],
)
def test_edits_are_kept_with_all_that_was_left_out(
    widget: AttentionWidget, given: Any, kept: tuple[dict[str, Any], ...]
) -> None:
    widget.edits = given
    expected = [
        {
            name: value
            for name, value in each.items()
            if (each["edit"], name) != ("head_scale", "value")
        }
        for each in kept
    ]
    assert list(widget.edits) == expected
    json.dumps(widget.state)


@pytest.mark.parametrize(
    ("edits", "error"),
    [
        ("x", "edits must be a list of HeadOff, HeadScale, HeadPatch or EdgeOff, or of their"),
        ([3], "edits must be a list of HeadOff"),
        ([{"edit": "dance"}], "edit of edits must be head_off, head_scale, head_patch or edge_off"),
        ([{"edit": "head_off", "layer": 1}], "edits of head_off must have heads"),
        ([{**OFF, "k": 1}], "edits of head_off must have kind, layer"),
        (HeadOff(3, 0), "layer must be 0, 1 or 2, got 3"),
        (HeadOff(1, 4), "heads must be in 0–3, got 4"),
        (HeadOff(1, []), "heads must name one at least"),
        ({**OFF, "heads": None}, "heads must be one or several integers"),
        (HeadOff(1, 2, tokens=7), "tokens must be in 0–6, got 7"),
        ({**OFF, "value": "one"}, "value must be zero or mean"),
        (HeadScale(1, 2, float("nan")), "factor must be a finite number"),
        (EdgeOff(key=9), "key must be in 0–6, got 9"),
        (EdgeOff(query=0, key=3), "key must be a token that the query sees, got token 3"),
        ([OFF] * 65, "edits must be at most 64, got 65"),
    ],
)
def test_what_cannot_be_made_is_refused(widget: AttentionWidget, edits: Any, error: str) -> None:
    with nothing_changes(widget), pytest.raises(TraitError) as refused:
        widget.edits = edits
    assert str(refused.value).startswith(error)
    assert widget.busy is False


def test_tensors_of_both_passes_come_by_key(widget: AttentionWidget, lab: Experiment) -> None:
    browser = Browser(widget)
    edits = [OFF, EDGE]
    made = lab.trace_of(HeadOff(1, 2), EdgeOff(key=2, query=4, layer=0))
    for layer in range(3):
        key = f"attention/decoder/{layer}"
        np.testing.assert_array_equal(browser.tensor(key), lab.trace.attention(layer))
        np.testing.assert_array_equal(browser.tensor(after(edits, key)), made.attention(layer))
    assert not np.array_equal(made.attention(2), lab.trace.attention(2))
    hidden = browser.tensor(after(edits, "hidden_states/decoder/2"))
    np.testing.assert_array_equal(hidden, made.hidden_states(index=2, kind="decoder"))
    assert browser.tensor("after/[/mask/decoder/0").startswith("edits of a key must be JSON")
    assert browser.tensor("after/[3]/mask/decoder/0").startswith("edits must be a list of")


@pytest.mark.parametrize("positions", [None, [4], [-1]])
def test_predictions_are_compared(
    widget: AttentionWidget, lab: Experiment, positions: list[int] | None
) -> None:
    answer = compared(widget, top_k=3, positions=positions)
    before = lab.predictions(3, positions)
    logits = lab.without(HeadOff(1, 2), positions=positions).after
    odds = np.exp(logits - np.logaddexp.reduce(logits, -1, keepdims=True))
    kept = np.take_along_axis(odds, before.ids, -1)
    np.testing.assert_allclose(answer["kept"], kept, rtol=1e-4)
    np.testing.assert_array_equal(np.array(answer["ids"])[:, 0], odds.argmax(-1))
    np.testing.assert_allclose(answer["probabilities"], -np.sort(-odds)[:, :3], rtol=1e-4)
    np.testing.assert_allclose(answer["before"], before.probabilities[:, 0], rtol=1e-4)
    assert answer["positions"] == list(before.positions)
    assert answer["actual_ids"] == before.actual_ids.tolist()


def compared(widget: AttentionWidget, **fields: Any) -> Any:
    question = {"name": "compared", "edits": [OFF], **fields}
    reply = asked(widget, question)[-1]
    return reply.get("answer") or reply["error"]


def test_the_effect_needs_no_trace_of_the_pass(
    widget: AttentionWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced: list[object] = []
    own = Experiment.trace_of

    def counted(lab: Experiment, *edits: Any) -> Any:
        traced.append(edits)
        return own(lab, *edits)

    monkeypatch.setattr(Experiment, "trace_of", counted)
    browser = Browser(widget)
    question = {"name": "edited", "edits": [OFF]}
    replies = browser.send({"kind": "ask", "id": 5, "run": 1, "question": question})
    assert [reply["progress"]["done"] for reply, _ in replies[:-1]] == [1, 2]
    browser.select(edits=[OFF])
    assert len(compared(widget, positions=[-1])["kept"]) == 1
    assert len(compared(widget)["kept"]) == 7
    assert traced == []
    browser = Browser(widget)
    key = after([OFF], "attention/decoder/2")
    np.testing.assert_array_equal(browser.tensor(key), browser.tensor(key))
    browser.tensor(after([OFF], "attention/decoder/1"))
    assert len(traced) == 1  # once, for all tensors


def test_the_output_head_reads_the_first_position_alone_then_a_chunk_at_a_time(
    causal: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "_CHUNK", 3)
    model, tokenizer = causal
    widget = AttentionWidget(model, predicting.NOVEL, tokenizer=tokenizer)
    widget.edits = HeadOff(1, 2)  # which checks that the model can be run with it
    read: list[int] = []
    with_hook = model.lm_head.register_forward_hook(
        lambda _, args, output: read.append(output.shape[1])
    )
    try:
        compared(widget, positions=[4])
        first = [*read]
        compared(widget)
    finally:
        with_hook.remove()
    assert set(first) == {1}
    assert max(read) == 3


def test_positions_that_are_not_there_are_refused(widget: AttentionWidget) -> None:
    assert compared(widget, positions=3) == "positions must be a list of integers, got 3"
    assert compared(widget, positions=[7]).startswith("position must be in 0–6, got 7")


def test_the_lens_of_the_pass_ends_in_what_was_compared(
    widget: AttentionWidget, lab: Experiment
) -> None:
    def lens(**fields: Any) -> Any:
        question = {"name": "lens", "position": 4, **fields}
        browser = Browser(widget)
        return browser.send({"kind": "ask", "id": 5, "run": 1, "question": question})[-1][0]

    before, answer = lens()["answer"], lens(edits=[OFF])["answer"]
    assert answer["answer"] == before["answer"]
    assert answer["probabilities"][0] == pytest.approx(before["probabilities"][0], rel=1e-5)
    assert answer["probabilities"][-1] != pytest.approx(before["probabilities"][-1], rel=1e-5)
    kept = compared(widget, positions=[4])["kept"][0][0]
    assert answer["probabilities"][-1] == pytest.approx(kept, rel=1e-5)
    logits = lab.without(HeadOff(1, 2), positions=4).after[0].astype(float)
    best = int(lab.predictions(1, 4).ids[0, 0])
    assert answer["ranks"][-1] == 1 + int((logits > logits[best]).sum())


def test_the_browser_makes_them_and_takes_them_back(widget: AttentionWidget) -> None:
    browser = Browser(widget)
    question = {"name": "edited", "edits": [{"edit": "head_off", "layer": 1, "heads": [2]}]}
    replies = browser.send({"kind": "ask", "id": 5, "run": 1, "question": question})
    assert replies[-1][0]["answer"] == {"edits": [OFF]}
    browser.select(edits=[OFF], shown_pass="after")
    assert (widget.edits, widget.shown_pass) == ((OFF,), "after")
    browser.select(edits=[{**OFF, "layer": 9}])
    assert browser.state["edits"] == [OFF]
    browser.select(edits=[], shown_pass="before")
    assert (widget.edits, widget.shown_pass) == ((), "before")


def test_a_trace_has_no_model_to_run(made: AttentionWidget) -> None:
    with nothing_changes(made), pytest.raises(TraitError, match="has no model to ask"):
        made.edits = HeadOff(1, 0)


def test_a_state_keeps_them_and_another_text_does_not(
    widget: AttentionWidget, causal: tuple[Any, Any]
) -> None:
    widget.edits, widget.shown_pass = HeadOff(1, 2), "after"
    state = json.loads(json.dumps(widget.state))
    model, tokenizer = causal
    again = AttentionWidget.from_state(state, model=model, tokenizer=tokenizer)
    assert (again.edits, again.shown_pass) == ((OFF,), "after")
    widget.run("a good novel")
    assert (widget.edits, widget.shown_pass) == ((), "before")


def test_a_page_keeps_what_was_compared_and_the_pass_that_is_shown(
    widget: AttentionWidget,
) -> None:
    widget.edits = HeadOff(1, 2)
    found = manifest(widget.to_html())
    assert (found["state"]["edits"], found["state"]["shown_pass"]) == ([OFF], "before")
    answers = {asked["name"]: kept for asked, kept in found["answers"]}
    assert set(answers) == {"predictions", "compared"}
    assert len(answers["compared"]["answer"]["kept"]) == 7
    assert not [key for key in found["entries"] if key.startswith("after")]

    widget.shown_pass = "after"
    found = manifest(widget.to_html())
    assert found["state"]["shown_pass"] == "after"
    of = {
        layer: [found["entries"][f"{before}attention/decoder/{layer}"]["maps"] for before in PASSES]
        for layer in range(3)
    }
    assert [one == other for one, other in of.values()] == [True, True, False]
    assert "after//mask/decoder/2" in found["entries"]


def test_the_model_is_left_as_it_was(widget: AttentionWidget, causal: tuple[Any, Any]) -> None:
    model, tokenizer = causal
    ids = tokenizer(predicting.NOVEL, return_tensors="pt").input_ids
    before = model(ids).logits
    widget.edits = [HeadOff(1, 2), EdgeOff(key=2)]
    assert (model(ids).logits == before).all()


def test_a_model_without_a_head_can_still_be_edited(live: AttentionWidget) -> None:
    live.edits = HeadOff(1, 2)
    (edit,) = live.edits
    key = "attention/encoder/3"
    browser = Browser(live)
    assert not np.array_equal(browser.tensor(after([edit], key)), browser.tensor(key))
    question = {"name": "compared", "edits": [edit]}
    replies = browser.send({"kind": "ask", "id": 5, "run": 1, "question": question})
    assert replies[-1][0]["error"].startswith("model must have an output head")


def test_edits_of_an_encoder_decoder_name_their_kind() -> None:
    model = seq2seq.tiny_seq2seq("T5ForConditionalGeneration")
    widget = AttentionWidget(
        model, "a novel idea", target="a good novel", tokenizer=models.tokenizer()
    )
    widget.edits = HeadOff(0, 1, kind="cross")
    (edit,) = widget.edits
    assert edit["kind"] == "cross"
    browser = Browser(widget)
    key = "attention/decoder/1"
    assert not np.array_equal(browser.tensor(after([edit], key)), browser.tensor(key))


def difference(edits: Any, key: str) -> str:
    return f"difference/{json.dumps(edits)}/{key}"


def test_a_difference_is_after_minus_before(widget: AttentionWidget, lab: Experiment) -> None:
    browser = Browser(widget)
    made = lab.trace_of(HeadOff(1, 2))
    change = made.attention(2) - lab.trace.attention(2)
    assert change.any()

    def ask(key: str) -> Any:
        return browser.tensor(difference([OFF], key))

    np.testing.assert_array_equal(ask("attention/decoder/2"), change)
    assert not ask("attention/decoder/1").any()  # the head is off after its own attention
    row = ask("attention_row/decoder/2/3,5")
    np.testing.assert_allclose(row, change[:, [3, 5]].mean(1), atol=1e-7)
    received = ask("attention_received/decoder/2")
    np.testing.assert_allclose(received, change.mean(1), atol=1e-7)
    np.testing.assert_array_equal(ask("thumbnails/decoder/2"), change)
    np.testing.assert_array_equal(ask("map_tile/decoder/2/mean/1/weight/1/0/0"), change[1])
    most = [made.attention(2).max(0), lab.trace.attention(2).max(0)]
    tile = ask("map_tile/decoder/2/maximum/0,1,2,3/weight/1/0/0")
    np.testing.assert_array_equal(tile, most[0] - most[1])
    margins = ask("map_margins/decoder/2/mean/1")
    np.testing.assert_array_equal(margins[:7, [1, 3]].T, [change[1].min(1), change[1].max(1)])
    assert not ask("count_nan/decoder/2").any()
    summaries = head_summaries(made, 2) - head_summaries(lab.trace, 2)
    np.testing.assert_array_equal(ask("summaries/decoder/2"), summaries)
    _, *lines = ask("edges/decoder/2/each/1/1/0/all")
    for _, query, key, weight in lines:
        assert weight == change[1, int(query), int(key)]
    assert len(lines) == np.count_nonzero(change[1])
    largest = max(np.abs(made.attention(n) - lab.trace.attention(n)).max() for n in range(3))
    assert ask("largest/tokens/show").tolist() == [largest]


def test_words_are_made_before_they_are_subtracted(
    widget: AttentionWidget, lab: Experiment
) -> None:
    browser = Browser(widget)
    traces = [one.without_special().words() for one in (lab.trace_of(HeadOff(1, 2)), lab.trace)]
    change = traces[0].attention(2) - traces[1].attention(2)
    key = difference([OFF], "grouped/words/hide/attention/decoder/2")
    np.testing.assert_array_equal(browser.tensor(key), change)


@pytest.mark.parametrize("key", ["query/decoder/2/0", "mask/decoder/0", "hidden_states/decoder/1"])
def test_what_has_no_difference_says_what_to_ask_for(widget: AttentionWidget, key: str) -> None:
    said = Browser(widget).tensor(difference([OFF], key))
    assert "a difference is of attention" in said
    assert f"ask for after/{{edits}}/{key}" in said


def test_a_tile_of_a_difference_is_of_one_weight_or_more(widget: AttentionWidget) -> None:
    key = difference([OFF], "map_tile/decoder/2/mean/0/weight/0/0/0")
    assert Browser(widget).tensor(key) == "pooling must be 1 or more, got 0"

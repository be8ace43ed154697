"""A comparison in a widget: one side, the other, or the difference."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from support.front_end import Browser
from support.traces import trace
from support.wire import decode
from traitlets import TraitError

from attention_widget import (
    AttentionWidget,
    Contrast,
    Experiment,
    capture,
    compare,
    from_attentions,
    side_by_side,
)
from attention_widget import link as linked
from attention_widget.experiments import HeadOff
from attention_widget.protocol.option_values import ShownPass
from attention_widget.trace.block import Array

NAMES = ("novel", "old")
OTHER = 'difference/[{"edit":"other_side"}]/'


@pytest.fixture(scope="module")
def contrast(minilm: tuple[Any, Any]) -> Contrast:
    model, tokenizer = minilm
    texts = ("Attention is a novel idea", "Attention is a very old novel idea")
    one, other = (capture(model, text, tokenizer=tokenizer) for text in texts)
    return compare(one, other, NAMES)


@pytest.fixture(scope="module")
def france(smollm: tuple[Any, Any]) -> Contrast:
    model, tokenizer = smollm
    one, other = (
        Experiment(model, f"The capital of {name} is", tokenizer=tokenizer)
        for name in ("France", "beautiful Italy")
    )
    return compare(one, other, ("France", "Italy"))


def tensor(widget: AttentionWidget, run: int, key: str) -> Array:
    request = {"kind": "tensors", "run": run, "wishes": [{"id": 1, "key": key}]}
    ((reply, buffers),) = Browser(widget).send(request)
    assert "error" not in reply, reply
    return decode(reply, buffers[0])


def asked(widget: AttentionWidget, run: int, **question: Any) -> dict[str, Any]:
    request = {"kind": "ask", "id": 3, "run": run, "question": question}
    replies = [reply for reply, _ in Browser(widget).send(request)]
    return replies[-1]


def test_it_opens_on_the_difference_in_the_head_that_changed_most(contrast: Contrast) -> None:
    widget = AttentionWidget(contrast)
    first = contrast.heads_by_change()[0]
    assert (widget.shown_pass, widget.layer, widget.heads) == (
        "difference",
        first.layer,
        (first.head,),
    )
    assert widget.token is not None
    assert AttentionWidget(contrast, layer=0, shown_pass="after").layer == 0


def test_what_is_selected_is_of_the_side_that_is_shown(contrast: Contrast) -> None:
    widget = AttentionWidget(contrast, layer=2, heads=[3], token=7)  # "idea"
    change = contrast.attention("difference", 2)[[3]]
    np.testing.assert_array_equal(widget.selected_attention(), change)
    sides: tuple[tuple[ShownPass, int, int], ...] = (("before", 0, 5), ("after", 1, 7))
    for shown, side, row in sides:
        widget.shown_pass = shown
        own = contrast.attention(side, 2)[[3]]
        np.testing.assert_array_equal(widget.selected_attention(), own)
        np.testing.assert_allclose(widget.selected_weights(), own[:, row], atol=1e-6)
        assert widget.selected_tokens()[0][row].text == "idea"


def test_each_side_answers_with_its_own_tokens(contrast: Contrast) -> None:
    widget = AttentionWidget(contrast)
    comparison = widget.meta["comparison"]
    assert comparison["names"] == ["novel", "old"]
    assert comparison["slots"][3:7] == [[3, 3], [None, 4], [None, 5], [4, 6]]
    json.dumps(widget.meta)
    for side, meta in enumerate(comparison["sides"]):
        found = tensor(widget, meta["run"], "attention/encoder/2")
        np.testing.assert_array_equal(found, contrast.attention(side, 2))
    run = widget.meta["run"]
    change = tensor(widget, run, f"{OTHER}attention/encoder/2")
    np.testing.assert_array_equal(change, contrast.attention("difference", 2))
    for number in (run, *(meta["run"] for meta in comparison["sides"])):
        found = tensor(widget, number, "divergence/encoder/2")
        np.testing.assert_allclose(found, contrast.divergence(2), atol=1e-7)


def test_tokens_that_stand_alone_leave_the_numbers_of_heads_alone(contrast: Contrast) -> None:
    from attention_widget.measures import head_summaries

    widget = AttentionWidget(contrast)
    found = tensor(widget, widget.meta["run"], f"{OTHER}summaries/encoder/2")
    one, other = (head_summaries(each, 2) for each in contrast.traces)
    np.testing.assert_array_equal(found, other - one)
    received = tensor(widget, widget.meta["run"], f"{OTHER}attention_received/encoder/2")
    own = [each.attention(2).mean(1) for each in contrast.traces]
    a, b = np.array(contrast.alignment).T
    both = [i for i, slot in enumerate(contrast.aligned.slots) if None not in slot]
    np.testing.assert_allclose(received[:, both], own[1][:, b] - own[0][:, a], atol=1e-6)
    assert np.isnan(received[:, [4, 5]]).all()


def test_a_renormalised_difference_leaves_out_keys_that_a_side_has_not(contrast: Contrast) -> None:
    widget = AttentionWidget(contrast, special_tokens="renormalise")
    run = widget.meta["run"]
    found = tensor(widget, run, f"{OTHER}grouped/tokens/renormalise/attention/encoder/2")
    one, other = (
        each.without_special(renormalise=True).attention(2) for each in contrast.traces
    )  # both without [CLS] and [SEP]: "very" and "old" are the fourth and fifth token of the other
    both = [0, 1, 2, 5, 6]
    np.testing.assert_allclose(
        found[:, both][:, :, both], other[:, both][:, :, both] - one, atol=2e-6
    )
    assert np.isnan(found[:, [3, 4]]).all()
    assert np.isnan(found[:, :, [3, 4]]).all()


def test_keys_receive_from_queries_that_have_a_partner(contrast: Contrast) -> None:
    widget = AttentionWidget(contrast)
    margins = tensor(widget, widget.meta["run"], f"{OTHER}map_margins/encoder/2/mean/4")
    change = contrast.attention("difference", 2)[4]
    n = len(contrast.tokens)
    alone = [slot for slot, token in enumerate(contrast.aligned.slots) if None in token]
    both = [slot for slot in range(n) if slot not in alone]
    sums = change[both].sum(0)
    assert not np.isnan(sums[both]).any()
    np.testing.assert_allclose(margins[n:, 0], sums, atol=1e-6)
    assert np.isnan(margins[:n][alone]).all()


def test_a_divergence_of_one_pass_is_accepted_and_of_nothing() -> None:
    widget = AttentionWidget.from_trace(trace(), summary="divergence")  # the grid says what to do
    request = {"id": 1, "key": "divergence/encoder/0"}
    asked = {"kind": "tensors", "run": widget.meta["run"], "wishes": [request]}
    ((reply, _),) = Browser(widget).send(asked)
    assert "compare them: compare(a, b)" in reply["error"]


def test_the_alignment_can_be_edited_and_found_again(contrast: Contrast) -> None:
    widget = AttentionWidget(contrast, token=7)
    run = widget.meta["run"]
    widget.alignment = [pair for pair in contrast.alignment if pair != (5, 7)]
    assert widget.meta["run"] > run
    assert [5, None] in widget.meta["comparison"]["slots"]
    token = widget.token
    assert token is not None
    assert widget.meta["comparison"]["slots"][token][0] == 5  # the token that was selected
    widget.alignment = None
    assert widget.token == 7
    assert widget.meta["comparison"]["slots"] == [list(slot) for slot in contrast.aligned.slots]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([(0, 1), (1, 0)], "must rise in both texts"),
        ([(0, 40)], "tokens 0–6 and 0–8"),
        ([], "one pair at least"),
        ("ab", "pairs of indices"),
    ],
)
def test_a_wrong_alignment_changes_nothing(contrast: Contrast, given: Any, words: str) -> None:
    widget = AttentionWidget(contrast)
    before = widget.state
    with pytest.raises(TraitError, match=words):
        widget.alignment = given
    assert widget.state == before


def test_a_single_pass_has_no_alignment() -> None:
    with pytest.raises(TraitError, match="alignment is of two passes that are compared"):
        AttentionWidget.from_trace(trace(), alignment=[(0, 0)])


def test_what_is_for_one_pass_is_refused_in_words(contrast: Contrast) -> None:
    widget = AttentionWidget(contrast)
    with pytest.raises(TraitError, match="edits must be made before a comparison"):
        widget.edits = HeadOff(0, 0)
    with pytest.raises(TraitError, match="this widget compares two passes"):
        widget.text = "another"
    with pytest.raises(TypeError, match="text must be left out beside a comparison"):
        AttentionWidget(contrast, "a text")
    with pytest.raises(TypeError, match="text must be given beside a model"):
        AttentionWidget("no model")


def test_its_state_opens_the_same_view(contrast: Contrast) -> None:
    widget = AttentionWidget(contrast, layer=1, shown_pass="after")
    widget.alignment = [(0, 0), (4, 6), (6, 8)]
    state = json.loads(json.dumps(widget.state))
    again = AttentionWidget.from_state(state, trace=contrast)
    assert again.state == widget.state
    assert again.meta["comparison"]["slots"] == widget.meta["comparison"]["slots"]


def test_both_sides_predict_beside_each_other(france: Contrast) -> None:
    widget = AttentionWidget(france)
    run = widget.meta["run"]
    one = asked(widget, run, name="predictions")["answer"]
    other = {"name": "compared", "edits": [{"edit": "other_side"}]}
    both = asked(widget, run, **other)["answer"]
    slots = france.aligned.slots
    paired = [at for at, slot in enumerate(slots) if None not in slot]
    assert one["positions"] == both["positions"] == paired
    pairs = france.predictions(10)
    assert pairs.kept is not None
    np.testing.assert_allclose(one["probabilities"], pairs.one.probabilities, atol=1e-6)
    np.testing.assert_allclose(both["kept"], pairs.kept, atol=1e-6)
    assert both["tokens"][-1][0] == pairs.other.tokens[-1][0]
    last = asked(widget, run, **other, positions=[-1])["answer"]
    np.testing.assert_allclose(last["kept"], [both["kept"][-1]], rtol=1e-4)
    for side, meta in enumerate(widget.meta["comparison"]["sides"]):
        own = asked(widget, meta["run"], name="predictions")["answer"]
        assert len(own["positions"]) == len(france.traces[side].tokens)
    refused = asked(widget, run, name="ranked")
    assert refused["refused"]
    assert "show France or Italy for it" in refused["error"]


def test_a_side_with_edits_predicts_with_them(smollm: tuple[Any, Any]) -> None:
    model, tokenizer = smollm
    lab = Experiment(model, "The capital of France is", tokenizer=tokenizer)
    widget = AttentionWidget(compare(lab, lab.without(HeadOff(23, 4)), ("whole", "without")))
    _, run = (meta["run"] for meta in widget.meta["comparison"]["sides"])
    found = asked(widget, run, name="predictions")["answer"]
    assert found["probabilities"][-1][0] == pytest.approx(0.141, abs=2e-3)
    assert (
        "pass with edits"
        in asked(widget, run, name="attributed", token=None, kind="decoder")["error"]
    )
    lens = {"name": "lens", "position": 4, "edits": [{"edit": "other_side"}]}
    found = asked(widget, widget.meta["run"], **lens)["answer"]
    assert found["probabilities"][-1] == pytest.approx(0.141, abs=2e-3)


def test_traces_alone_have_no_model_to_ask(contrast: Contrast) -> None:
    widget = AttentionWidget(contrast)
    assert not widget.meta["comparison"]["has_models"]
    assert (
        "is a trace, which has no model"
        in asked(widget, widget.meta["run"], name="predictions")["error"]
    )


def test_it_is_saved_as_a_page(contrast: Contrast) -> None:
    page = AttentionWidget(contrast, views=["lines", "grid", "text"]).to_html()
    assert page.startswith("<!doctype html>")


def test_linked_widgets_follow_each_other() -> None:
    left, right = (AttentionWidget.from_trace(trace(), layer=0) for _ in "ab")
    both = linked(left, right)
    left.layer = 2
    right.heads = [1]
    left.token = 3
    assert (right.layer, left.heads, right.token) == (2, (1,), 3)
    both.unlink()
    left.layer = 0
    assert right.layer == 2


def test_a_token_that_the_other_has_not_is_not_followed() -> None:
    maps = [np.eye(n, dtype=np.float32)[None] for n in (3, 6)]
    left, right = (
        AttentionWidget.from_trace(from_attentions([each], [f"t{i}" for i in range(each.shape[1])]))
        for each in maps
    )
    linked(left, right)
    right.token = 5
    assert left.token != 5
    right.token = 2
    assert left.token == 2


def test_widgets_that_do_not_fit_are_not_linked() -> None:
    left = AttentionWidget.from_trace(trace())
    with pytest.raises(ValueError, match="two widgets, got the same one twice"):
        linked(left, left)
    with pytest.raises(TypeError, match="right must be an AttentionWidget, got Trace"):
        linked(left, left.trace)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="same kinds of attention, layers and heads"):
        linked(left, AttentionWidget.from_trace(from_attentions([[[[1.0]]]], ["a"])))


def test_side_by_side_is_two_linked_widgets(contrast: Contrast) -> None:
    box = side_by_side(contrast, views="matrix")
    left, right = box.children
    left.layer = 4
    assert right.layer == 4
    assert [len(each.trace.tokens) for each in (left, right)] == [7, 9]
    with pytest.raises(TypeError, match="must be what compare"):
        side_by_side(contrast.traces)  # type: ignore[arg-type]

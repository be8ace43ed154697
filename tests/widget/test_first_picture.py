"""What a widget shows first, and what stays of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from support.archives import manifest
from support.front_end import Browser
from support.in_step import OTHER, TEXT, assert_in_step
from support.traces import as_maps, encoder_decoder, trace, windowed

from attention_widget import AttentionWidget, Trace, from_attentions
from attention_widget.bertviz import head_view, model_view
from attention_widget.bertviz.neuron_view import show
from attention_widget.measures import suggest_heads


def picture(widget: AttentionWidget) -> tuple[Any, ...]:
    return (widget.attention_kind, widget.layer, widget.heads, widget.token, widget.measure)


def best_of(made: Trace) -> tuple[Any, ...]:
    best = suggest_heads(made)[0]
    return (best.kind, best.layer, (best.head,), best.query, "attention_from")


@pytest.mark.parametrize(
    "made", [trace(), trace(causal=True), as_maps(trace()), encoder_decoder(), windowed(400, 160)]
)
def test_a_widget_opens_on_the_best_suggestion(made: Trace) -> None:
    widget = AttentionWidget.from_trace(made)
    assert picture(widget) == best_of(made)
    assert_in_step(widget, Browser(widget))


def test_a_model_opens_on_a_word_that_attends_to_another(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    widget = AttentionWidget(model, TEXT, tokenizer=tokenizer)
    assert picture(widget) == best_of(widget.trace)
    best = widget.meta["suggestions"][0]
    words = [widget.trace.tokens[best[side]].text for side in ("query", "key")]
    assert words == ["Attention", "novel"]
    weight = widget.trace.attention(best["layer"])[best["head"], 1, 4]
    assert best["weight"] == pytest.approx(weight, rel=1e-5)


def test_an_encoder_decoder_opens_on_cross_attention() -> None:
    assert AttentionWidget.from_trace(encoder_decoder()).attention_kind == "cross"


def test_arrays_and_attentions_have_a_first_picture_too() -> None:
    made = trace()
    maps = [made.attention(layer)[None] for layer in range(3)]
    widget = AttentionWidget.from_attentions(maps, list(made.tokens))
    assert picture(widget) == best_of(widget.trace)
    q, k = made.queries(0), made.keys(0)
    widget = AttentionWidget.from_arrays(q, k, tokens=list(made.tokens))
    assert picture(widget) == best_of(widget.trace)


@pytest.mark.parametrize(
    "named",
    [
        {"layer": 0},
        {"heads": 2},
        {"heads": []},
        {"token": 0},
        {"key_token": 0},
        {"attention_kind": "encoder"},
        {"combine": "mean"},
        {"pinned": [2]},
    ],
    ids=str,
)
def test_whoever_names_an_option_of_it_gets_what_was_named(named: dict[str, Any]) -> None:
    widget = AttentionWidget.from_trace(trace(), **named)
    heads = named.get("heads", (0, 1, 2, 3))
    assert (widget.layer, widget.heads) == (0, tuple([heads] if heads == 2 else heads))
    assert (widget.token, widget.measure) == (named.get("token"), "norm")


def test_none_names_nothing_and_other_options_stay() -> None:
    made = trace()
    nothing: dict[str, Any] = {"layer": None, "heads": None, "token": None, "pinned": None}
    assert picture(AttentionWidget.from_trace(made, **nothing)) == best_of(made)
    widget = AttentionWidget.from_trace(made, measure="norm", views="matrix", words=True)
    assert picture(widget) == (*best_of(made)[:-1], "norm")
    assert (widget.views, widget.words) == (("matrix",), True)


def test_where_no_head_stands_out_all_of_the_first_layer_are_shown() -> None:
    widget = AttentionWidget.from_attentions([[[[0.5, 0.5], [0.5, 0.5]]] * 2], ["a", "novel"])
    assert widget.meta["suggestions"] == []
    assert picture(widget) == ("encoder", 0, (0, 1), None, "attention_received")


def test_a_trace_is_looked_at_once(
    minilm: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Trace] = []

    def counting(made: Trace) -> Any:
        asked.append(made)
        return suggest_heads(made)

    monkeypatch.setattr("attention_widget.measures.suggestions.suggest_heads", counting)
    model, tokenizer = minilm
    widget = AttentionWidget(model, TEXT, tokenizer=tokenizer)
    widget.layer, widget.heads, widget.token = 3, [1], 2
    widget.to_html()
    assert len(asked) == 1
    widget.text = OTHER
    assert asked[1:] == [widget.trace]


def test_another_text_keeps_the_head_and_takes_its_word(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    long = "The committee praised the young engineer because she had repaired the old bridge"
    widget = AttentionWidget(model, TEXT, tokenizer=tokenizer)
    before = picture(widget)[:3]
    widget.text = long
    assert picture(widget)[:3] == before
    own = [
        one["query"]
        for one in widget.meta["suggestions"]
        if (one["kind"], one["layer"], (one["head"],)) == before
    ]
    assert [widget.token] == own
    widget.token = 2
    widget.text = TEXT
    assert widget.token == 2  # by hand


def test_a_word_of_the_rule_is_let_go_of_where_the_head_suggests_none(
    minilm: tuple[Any, Any],
) -> None:
    model, tokenizer = minilm
    widget = AttentionWidget(model, TEXT, tokenizer=tokenizer)
    head = picture(widget)[:3]
    widget.text = "."
    assert widget.meta["suggestions"] == []
    assert (picture(widget)[:3], widget.token) == (head, None)


def test_a_saved_state_opens_as_it_was() -> None:
    made = trace()
    plain = AttentionWidget.from_trace(made, layer=0)
    again = AttentionWidget.from_state(json.loads(json.dumps(plain.state)), trace=made)
    assert picture(again) == picture(plain)
    first = AttentionWidget.from_trace(made)
    again = AttentionWidget.from_state(json.loads(json.dumps(first.state)), trace=made)
    assert picture(again) == best_of(made)


def test_a_page_suggests_what_it_carries() -> None:
    widget = AttentionWidget.from_trace(trace())
    best = widget.meta["suggestions"][0]
    layer, head = best["layer"], best["head"]
    state = manifest(widget.to_html())["state"]
    assert state["meta"]["suggestions"] == widget.meta["suggestions"]
    others = [index for index in range(3) if index != layer]
    for page in (widget.to_html(layers=others), widget.to_html(heads=[1 - min(head, 1)])):
        held = manifest(page)["state"]["meta"]["suggestions"]
        assert best not in held
        assert held == [one for one in widget.meta["suggestions"] if one in held]


def test_the_views_of_bertviz_keep_their_own(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    maps = [trace().attention(layer)[None] for layer in (0, 1)]
    labels = [token.label for token in trace().tokens]
    for view in (head_view, model_view):
        page = view(maps, labels, html_action="return")
        assert page is not None
        state = manifest(page.data)["state"]
        assert (state["layer"], state["heads"], state["token"]) == (0, [0, 1, 2, 3], None)
    page = show(model, "bert", tokenizer, TEXT, html_action="return")
    assert page is not None
    state = manifest(page.data)["state"]
    assert (state["layer"], state["heads"], state["token"]) == (0, [0], None)


def test_a_model_name_or_text_cannot_hide_it() -> None:
    made = replace(trace(), model_name="")
    assert picture(AttentionWidget.from_trace(made)) == best_of(made)
    assert AttentionWidget.from_trace(from_attentions([[[[1.0]]]], ["novel"])).heads == (0,)

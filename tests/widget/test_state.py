"""What a widget shows goes to a JSON file and comes back; whatever else stands there is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.traces import as_maps, chat, encoder_decoder, picture, sound, trace, windowed
from traitlets import TraitError

from attention_widget import AttentionWidget, generate
from attention_widget.protocol.option_values import VIEWS
from attention_widget.protocol.options import OPTION
from attention_widget.trace.trace import Trace
from attention_widget.widget.state import FORMAT
from attention_widget.widget.target import text_of_target

TEXT, OTHER = "Attention is a novel idea", "I read a good novel."

CHOSEN: dict[str, Any] = {
    "layer": 2,
    "heads": (1, 0),
    "head_pairs": ((2, 1), (0, 3)),
    "combine": "mean",
    "shown_pass": "after",
    "token": 3,
    "key_token": 0,
    "pinned": (4, 1),
    "pin_mode": "mean",
    "views": ("matrix", "lines"),
    "measure": "pinned_cosine",
    "space": "embeddings",
    "colour_map": "viridis",
    "words": True,
    "special_tokens": "renormalise",
    "segments": "a_a",
    "top_p": 0.5,
    "threshold": 0.25,
    "direction": "horizontal",
    "summary": "distance",
    "effect_position": 2,
    "effect_of": "difference",
    "effect_token": 7,
    "effect_other": " Paris",
    "sort_heads": True,
    "compared_with": "London",
    "normalise_rows": True,
    "log_colour": True,
    "number_format": "full",
    "weights": "value_weighted",
    "min_max": True,
    "head_label": "induction",
    "head_labels": (("encoder", 0, 2, "previous", 0.75),),
    "neuron_step": "values",
    "calculation_step": "output",
    "atlas_summary": "induction",
    "atlas_sort": True,
    "atlas_label": "previous",
    "atlas_across": "distance",
    "atlas_up": "mine",
    "theme": "dark",
    "locale": "vi",
}


def shown(widget: AttentionWidget) -> dict[str, Any]:
    return {name: getattr(widget, name) for name in (*OPTION, "text", "text_pair", "meta", "busy")}


def by_file(state: dict[str, Any], folder: Path) -> Any:
    path = folder / "view.json"
    path.write_text(json.dumps(state, allow_nan=False), encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


def test_every_choice_comes_back_by_way_of_two_files(tmp_path: Path) -> None:
    made = trace(heads=(4, 4, 2))
    widget = AttentionWidget.from_trace(made, **CHOSEN)
    # Edits need a model (test_edits.py), an alignment two passes (test_comparison.py).
    assert {*CHOSEN, "attention_kind", "edits", "alignment"} == set(OPTION) - {
        "passage_rows",
        "share_of",
    }
    plain = shown(AttentionWidget.from_trace(made))
    assert all(getattr(widget, name) != plain[name] for name in CHOSEN)
    made.save(tmp_path / "trace")
    again = AttentionWidget.from_state(
        by_file(widget.state, tmp_path), trace=Trace.load(tmp_path / "trace")
    )
    assert shown(again) == shown(widget)
    assert again.state == widget.state


@pytest.mark.parametrize(
    "make", [encoder_decoder, chat, picture, sound, windowed, lambda: as_maps(trace())]
)
def test_of_every_trace(make: Callable[[], Trace], tmp_path: Path) -> None:
    kinds = AttentionWidget.from_trace(make()).meta["attention"]
    for kind in kinds:
        widget = AttentionWidget.from_trace(make(), attention_kind=kind["kind"], token=1, pinned=0)
        again = AttentionWidget.from_state(by_file(widget.state, tmp_path), trace=make())
        assert shown(again) == shown(widget)


@given(st.data())
@settings(max_examples=40)
def test_any_view_comes_back(data: st.DataObject) -> None:
    made = trace(heads=(4, 0, 2))
    layer = data.draw(st.sampled_from([0, 2]))
    token = st.none() | st.integers(0, 5)
    chosen: dict[str, Any] = {
        "layer": layer,
        "heads": data.draw(st.lists(st.integers(0, 1 if layer else 3), unique=True)),
        "token": data.draw(token),
        "key_token": data.draw(token),
        "pinned": data.draw(st.lists(st.integers(0, 5), unique=True)),
        "views": data.draw(st.lists(st.sampled_from(VIEWS), unique=True)),
        "words": data.draw(st.booleans()),
        "top_p": data.draw(st.floats(0, 1)),
    }
    widget = AttentionWidget.from_trace(made, **chosen)
    # from any other view too: no choice is carried away by one before it
    other = AttentionWidget.from_trace(made, layer=2 - layer, heads=(1,), token=5, pinned=(5, 0))
    other.restore(json.loads(json.dumps(widget.state)))
    assert shown(other) == shown(widget)


PASSAGES = [
    {"one": (0, 12), "two": (13, 20)},
    {"of the pair": (1, 0, 4)},
    "sentences",
    None,
]


@pytest.mark.parametrize("passages", PASSAGES)
def test_passages_come_back_with_the_text(minilm: tuple[Any, Any], passages: Any) -> None:
    model, tokenizer = minilm
    given: dict[str, Any] = {"tokenizer": tokenizer, "text_pair": "Two. Three."}
    widget = AttentionWidget(model, TEXT, **given, passages=passages)
    if passages:
        widget.views, widget.passage_rows = ["passages"], True
    state = json.loads(json.dumps(widget.state))
    again = AttentionWidget.from_state(state, model=model, tokenizer=tokenizer)
    assert again.trace.passages == widget.trace.passages
    assert again.state == widget.state
    other = AttentionWidget(model, OTHER, tokenizer=tokenizer)
    other.restore(state)
    assert other.trace.passages == widget.trace.passages
    for one in (again, other):
        one.run("Four. Five.")
        named = ["1. Four.", "2. Five."] if passages == "sentences" else []
        assert [each.name for each in one.trace.passages] == named


def test_passages_are_read_again_where_the_text_is_the_same(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    widget = AttentionWidget(model, TEXT, tokenizer=tokenizer, passages={"one": (0, 12)})
    state = widget.state
    widget.run(TEXT, passages={"other": (3, 7)})
    widget.restore(state)
    assert [each.name for each in widget.trace.passages] == ["one"]
    traced = AttentionWidget.from_trace(widget.trace)
    traced.restore(state)
    plain = AttentionWidget(model, TEXT, tokenizer=tokenizer).trace
    with pytest.raises(TraitError, match="must have the passages"):
        AttentionWidget.from_state(state, trace=plain)
    for wrong in ("words", {"one": [0, 3]}, {"one": [0, 3, "x"]}, ["one"], {"": [0, 0, 3]}):
        with pytest.raises(TraitError, match="passage"):
            widget.restore({**state, "passages": wrong})


def test_a_model_reads_the_text_again(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    widget = AttentionWidget(
        model, TEXT, text_pair=OTHER, tokenizer=tokenizer, layer=4, heads=(7, 2), token=9
    )
    again = AttentionWidget.from_state(widget.state, model=model, tokenizer=tokenizer)
    assert shown(again) == shown(widget)
    widget.run(OTHER)
    widget.heads = 5
    runs: list[Any] = []
    again.observe(lambda change: runs.append(change.new["run"]), "meta")
    again.restore(widget.state)  # another text: it is read
    assert (again.text, again.text_pair, again.heads, again.busy) == (OTHER, None, (5,), False)
    again.layer = 0
    again.restore(widget.state)  # the same text: it is not
    assert (again.layer, runs) == (4, [2])


def test_options_of_the_reading_are_given_again(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    text = "purple " * 30
    widget = AttentionWidget(model, text, tokenizer=tokenizer, windows=16, token=20)
    with pytest.raises(TraitError, match=r"of 30 tokens, as the state is, got 32 tokens; read"):
        AttentionWidget.from_state(widget.state, model=model, tokenizer=tokenizer)
    again = AttentionWidget.from_state(widget.state, model=model, tokenizer=tokenizer, windows=16)
    assert again.token == 20


@pytest.mark.parametrize("make", [chat, picture])
def test_what_is_no_plain_text_needs_its_trace(
    make: Callable[[], Trace], minilm: tuple[Any, Any]
) -> None:
    state = AttentionWidget.from_trace(make()).state
    with pytest.raises(TraitError, match=r"cannot read it again; give trace=Trace\.load"):
        AttentionWidget.from_state(state, model=minilm[0], tokenizer=minilm[1])


def test_a_continuation_needs_its_trace() -> None:
    from support.models import tiny, tokenizer

    made = generate(tiny("llama"), "a good", tokenizer=tokenizer(), max_new_tokens=2)
    state = AttentionWidget.from_trace(made).state
    assert state["plain"] is False
    assert AttentionWidget.from_state(state, trace=made).state == state


def test_the_state_is_plain_and_says_what_it_is_of() -> None:
    state = AttentionWidget.from_trace(trace()).state
    assert set(state) == {
        *("format", "attention_widget", "model_name", "texts", "roles", "plain"),
        *("n_tokens", "n_target", "passages", "target", "target_given"),
        *OPTION,
    }
    assert state["texts"] == list(trace().texts)
    assert state["format"] == FORMAT
    assert json.loads(json.dumps(state)) == state


def test_the_names_of_this_format() -> None:
    """A new choice is a new format: an older package would drop it."""
    assert (FORMAT, len(OPTION)) == (9, 47)


BEFORE = [
    """{"format": 1, "attention_widget": "0.1.0", "model_name": "tiny", "texts": ["a novel idea"],
    "roles": [], "plain": true, "n_tokens": 6, "n_target": null, "attention_kind": "encoder",
    "layer": 2, "heads": [1, 0], "combine": "mean", "token": 3, "key_token": 0, "pinned": [4, 1],
    "pin_mode": "mean", "views": ["matrix", "lines"], "measure": "pinned_cosine",
    "space": "embeddings", "colour_map": "viridis", "words": true, "special_tokens": "renormalise",
    "segments": "a_a", "top_p": 0.5, "threshold": 0.25, "direction": "horizontal",
    "summary": "distance", "sort_heads": true, "normalise_rows": true, "log_colour": true,
    "theme": "dark", "locale": "vi"}""",
    """{"format": 1, "attention_widget": "0.1.0", "model_name": "tiny-translator",
    "texts": ["the red house"], "roles": [], "plain": true, "n_tokens": 4, "n_target": 6,
    "attention_kind": "cross", "layer": 0, "heads": [0, 1], "combine": "overlay", "token": 2,
    "key_token": 1, "pinned": [], "pin_mode": "each", "views": ["lines", "grid", "text"],
    "measure": "norm", "space": "hidden_states", "colour_map": "purple", "words": false,
    "special_tokens": "show", "segments": "all", "top_p": 0.95, "threshold": 0.0,
    "direction": "vertical", "summary": "none", "sort_heads": false, "normalise_rows": false,
    "log_colour": false, "theme": "auto", "locale": "auto"}""",
]
"""Written by 0.1.0, before options were declared once."""


@pytest.mark.parametrize(
    ("text", "make"), [(BEFORE[0], lambda: trace(heads=(4, 4, 2))), (BEFORE[1], encoder_decoder)]
)
def test_a_state_of_an_earlier_version_opens(text: str, make: Callable[[], Trace]) -> None:
    state = json.loads(text)
    widget = AttentionWidget.from_state(state, trace=make())
    now = widget.state
    assert now.pop("format") == FORMAT
    assert now.pop("number_format") == "standard"  # which there was not
    assert now.pop("weights") == "attention"
    assert now.pop("passage_rows") is False
    assert now.pop("share_of") == OPTION["share_of"].default
    assert now.pop("head_pairs") == []
    assert (now.pop("edits"), now.pop("shown_pass")) == ([], "before")
    assert now.pop("target") == now.pop("target_given") == text_of_target(make())
    assert now.pop("effect_position") is None
    assert now.pop("min_max") is False
    assert now.pop("neuron_step") == "scores"
    assert now.pop("calculation_step") == "scores"
    assert now.pop("alignment") is None
    assert (now.pop("atlas_sort"), now.pop("atlas_label")) == (False, "all")
    assert now.pop("atlas_summary") is now.pop("atlas_across") is now.pop("atlas_up") is None
    assert now.pop("head_labels") is None
    assert now.pop("passages") == {}
    assert now.pop("head_label") == OPTION["head_label"].default
    assert now.pop("effect_of") == "logit"
    assert now.pop("effect_token") is now.pop("effect_other") is now.pop("compared_with") is None
    assert set(now) == set(state) - {"format"}
    assert {**now, "format": 1, "attention_widget": "0.1.0"} == state


def test_nobody_can_set_it() -> None:
    with pytest.raises(AttributeError):
        AttentionWidget.from_trace(trace()).state = {}  # type: ignore[misc]


def changed(**changes: Any) -> dict[str, Any]:
    return {**AttentionWidget.from_trace(trace()).state, **changes}


REFUSED: dict[str, tuple[Any, str]] = {
    "no mapping": ([1], r"state must be a dict, got list; give what widget\.state gave"),
    "text": ('{"format": 1}', r"state must be a dict, got str; give what widget\.state gave"),
    "foreign": ({"layer": 3}, r"is no state of a widget: it has no 'format'; give"),
    "newer": (
        {"format": 10, "attention_widget": "9.1"},
        r"in format 10, by attention-widget '9\.1'; this one, .*, reads format 9 and before: inst",
    ),
    "odd format": (changed(format="1"), r"format must be 1 to 9, got '1'"),
    "true format": (changed(format=True), r"format must be 1 to 9, got True"),
    "old format": (changed(format=0), r"format must be 1 to 9, got 0"),
    "lacking": ({"format": 1}, r"the state lacks 'attention_widget', 'model_name', 'texts'"),
    "more": (changed(zoom=3), r"the state holds 'zoom', which nothing reads"),
    "texts": (changed(texts="a"), r"texts must be a list of strings, got 'a'; give"),
    "roles": (changed(roles=[1]), r"roles must be a list of strings, got \[1\]"),
    "plain": (changed(plain=1), r"plain must be True or False, got 1"),
    "plain without text": (changed(texts=[]), r"plain must be False for 0 texts, got True"),
    "model": (changed(model_name=None), r"model_name must be a string, got None"),
    "count": (changed(n_tokens="6"), r"n_tokens must be a count, got '6'"),
    "another text": (
        changed(texts=["b"]),
        r"must be of the text 'b', as the state is, got the text 'a no",
    ),
    "other roles": (changed(roles=["user"], plain=False), r"the trace must be of the text"),
    "other tokens": (changed(n_tokens=7), r"of 7 tokens, as the state is, got 6 tokens"),
    "other target": (
        changed(n_target=2),
        r"of 6 tokens and 2 of the target, as the state is, got 6",
    ),
    "kind": (changed(attention_kind="cross"), r"attention_kind must be encoder, got 'cross'"),
    "layer": (changed(layer=3), r"layer must be in 0–2, got 3"),
    "head": (changed(layer=2, heads=[2]), r"heads must be in 0–1, got 2; layer 2 has 2"),
    "token": (changed(token=6), r"token must be in 0–5 or None, got 6"),
    "key": (changed(key_token=-1), r"key_token must be in 0–5 or None, got -1"),
    "pinned": (changed(pinned=[0, 9]), r"pinned must be in 0–5, got 9"),
    "views": (changed(views=["pie"]), r"views must be any of lines, .* got 'pie'"),
    "share": (changed(top_p=float("nan")), r"top_p must be a number from 0 to 1, got nan"),
    "flag": (changed(words=None), r"words must be True or False, got None"),
    "last": (changed(locale="xx"), r"locale must be auto, en, vi or ru, got 'xx'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_changes_nothing(name: str) -> None:
    state, message = REFUSED[name]
    widget = AttentionWidget.from_trace(trace(), layer=1, heads=(3, 1), token=2, pinned=(1, 2))
    before = shown(widget)
    told: list[Any] = []
    widget.observe(told.append)
    with pytest.raises(TraitError, match=message):
        widget.restore(state)
    assert shown(widget) == before
    assert told == []
    with pytest.raises(TraitError, match=message):
        AttentionWidget.from_state(state, trace=trace())


def test_what_the_other_text_lacks_changes_nothing(minilm: tuple[Any, Any]) -> None:
    """The model has run when it turns out; the widget still shows what it did."""
    model, tokenizer = minilm
    widget = AttentionWidget(model, TEXT, tokenizer=tokenizer, layer=2)
    state = AttentionWidget(model, OTHER, tokenizer=tokenizer).state
    before, trace_before = shown(widget), widget.trace
    with pytest.raises(TraitError, match="heads must be in 0–11, got 12; layer 0 has 12 heads"):
        widget.restore({**state, "heads": [12]})
    assert shown(widget) == before
    assert widget.trace is trace_before


def test_while_the_model_reads_nothing_is_restored(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    widget = AttentionWidget(model, TEXT, tokenizer=tokenizer)
    said: list[str] = []

    def within(module: torch.nn.Module, args: Any) -> None:
        import threading

        def attempt() -> None:
            try:
                widget.restore(widget.state)
            except TraitError as error:
                said.append(str(error))

        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()

    handle = model.register_forward_pre_hook(within)
    try:
        widget.run(OTHER)
    finally:
        handle.remove()
    assert said == ["the model is reading another text; try again when busy is False"]


def test_a_model_or_a_trace(minilm: tuple[Any, Any]) -> None:
    state = AttentionWidget.from_trace(trace()).state
    for given_ in ({}, {"model": minilm[0], "trace": trace()}):
        with pytest.raises(TypeError, match=r"either model= \('.*' read the text\) or trace="):
            AttentionWidget.from_state(state, **given_)
    with pytest.raises(TypeError, match="unknown keyword 'layer'"):
        AttentionWidget.from_state(state, model=minilm[0], layer=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unknown keyword 'tokenizer'"):
        AttentionWidget.from_state(state, trace=trace(), tokenizer=minilm[1])


@given(st.dictionaries(st.text(), st.none() | st.integers() | st.text() | st.lists(st.integers())))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_other_dict_is_refused(junk: dict[str, Any]) -> None:
    widget = AttentionWidget.from_trace(trace())
    for state in (junk, {**junk, "format": FORMAT}):
        with pytest.raises(TraitError):
            widget.restore(state)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from(sorted(changed())), VALUES)
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_any_other_value_is_taken_whole_or_refused(name: str, value: Any) -> None:
    widget = AttentionWidget.from_trace(trace())
    before = shown(widget)
    try:
        widget.restore(changed(**{name: value}))
    except TraitError:
        assert shown(widget) == before

"""A widget beside an atlas: what the browser is told of it, what is refused, what a page keeps."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from support.archives import manifest
from support.atlases import small_atlas
from support.front_end import Browser
from support.traces import trace
from traitlets import TraitError

from attention_widget import AttentionWidget, HeadAtlas, capture, compare
from attention_widget.errors import AttentionWidgetError, InvalidTypeError, InvalidValueError
from attention_widget.export import atlas as kept
from attention_widget.export.page import held_of

TEXT = "Attention is a novel idea"


@pytest.fixture(scope="module")
def atlas(minilm: tuple[Any, Any]) -> HeadAtlas:
    return small_atlas(*minilm)


@pytest.fixture
def widget(minilm: tuple[Any, Any], atlas: HeadAtlas) -> AttentionWidget:
    model, tokenizer = minilm
    return AttentionWidget(model, TEXT, tokenizer=tokenizer, atlas=atlas, views="atlas")


def told(widget: AttentionWidget, **question: Any) -> dict[str, Any]:
    run = widget.meta["run"]
    replies = Browser(widget).send({"kind": "ask", "id": 5, "run": run, "question": question})
    last: dict[str, Any] = replies[-1][0]
    json.dumps(last, allow_nan=False)
    return last


def test_the_browser_is_told_the_columns_of_the_atlas(
    widget: AttentionWidget, atlas: HeadAtlas
) -> None:
    answer = told(widget, name="atlas")["answer"]
    columns = atlas.columns
    assert widget.atlas is atlas
    assert answer["names"] == list(atlas.names)
    assert (answer["n_texts"], answer["n_tokens"]) == (atlas.n_texts, atlas.n_tokens)
    for name, column in (("kinds", "kind"), ("layers", "layer"), ("heads", "head")):
        assert answer[name] == columns[column].tolist()
    assert answer["labels"] == columns["label"].tolist()
    for name, values in zip(answer["names"], answer["values"], strict=True):
        np.testing.assert_array_equal([float(value) for value in values], columns[name])
    widget.run("another text")
    assert told(widget, name="atlas")["answer"] == answer  # it is of no single text


def test_the_browser_is_told_the_examples_of_a_head(
    widget: AttentionWidget, atlas: HeadAtlas
) -> None:
    answer = told(widget, name="atlas_head", kind="encoder", layer=2, head=3)["answer"]
    examples = atlas.examples(2, 3)
    assert len(answer["examples"]) == len(examples) > 8
    for found, example in zip(answer["examples"], examples, strict=True):
        assert (found["rank"] or "top") == example.rank
        assert (found["text"], found["number"]) == (example.text, example.number)
        assert found["labels"] == list(example.tokens)
        assert found["ids"] == example.token_ids.tolist()
        assert (found["query"], found["key"]) == (example.query, example.key)
        assert np.float32(found["weight"]) == np.float32(example.weight)
        np.testing.assert_array_equal(np.float32(found["row"]), example.row)
        assert found["row"][found["key"]] == found["weight"]


def test_without_an_atlas_there_is_nothing_to_tell() -> None:
    widget = AttentionWidget.from_trace(trace(), views="atlas")
    assert widget.atlas is None
    assert told(widget, name="atlas")["answer"]["heads"] == []
    error = told(widget, name="atlas_head", kind="encoder", layer=0, head=0)
    assert error["refused"]
    assert "has no atlas" in error["error"]


@pytest.mark.parametrize(
    ("question", "match"),
    [
        ({"name": "atlas", "layer": 0}, "must have nothing beside its name"),
        ({"name": "atlas_head", "layer": 0}, "must have kind, layer or head"),
        ({"name": "atlas_head", "kind": "x", "layer": 0, "head": 0}, "kind must be"),
        ({"name": "atlas_head", "kind": "encoder", "layer": "0", "head": 0}, "whole number"),
        ({"name": "atlas_head", "kind": "encoder", "layer": 99, "head": 0}, "must be such a head"),
    ],
)
def test_what_is_no_question_is_refused(
    widget: AttentionWidget, question: dict[str, Any], match: str
) -> None:
    assert match in told(widget, **question)["error"]


def test_an_atlas_of_another_model_is_refused(minilm: tuple[Any, Any], atlas: HeadAtlas) -> None:
    model, tokenizer = minilm
    with pytest.raises(InvalidValueError, match=r"atlas must be of the model .* 'tiny', got one"):
        AttentionWidget.from_trace(trace(), atlas=atlas)
    with pytest.raises(InvalidTypeError, match=r"atlas must be a HeadAtlas, .* got str"):
        AttentionWidget(model, TEXT, tokenizer=tokenizer, atlas="heads.atlas")  # type: ignore[arg-type]
    two = compare(trace(), trace())
    with pytest.raises(InvalidTypeError, match="atlas must be left out beside a comparison"):
        AttentionWidget(two, atlas=atlas)
    made = capture(model, TEXT, tokenizer=tokenizer, layers=[3])
    assert AttentionWidget.from_trace(made, atlas=atlas).atlas is atlas  # a part of the layers


def test_a_model_with_fewer_heads_is_another_one(atlas: HeadAtlas) -> None:
    made = replace(trace(), model_name=atlas.model_name)
    with pytest.raises(InvalidValueError, match="of a model with the heads of"):
        AttentionWidget.from_trace(made, atlas=atlas)


@pytest.mark.parametrize("name", ["atlas_summary", "atlas_across", "atlas_up"])
def test_a_summary_that_it_lacks_is_refused(widget: AttentionWidget, name: str) -> None:
    setattr(widget, name, "induction")
    with pytest.raises(TraitError, match=rf"{name} must be .*, got 'inducton'; did you mean 'indu"):
        setattr(widget, name, "inducton")
    assert getattr(widget, name) == "induction"
    before = widget.layer
    with pytest.raises(TraitError, match=name):
        widget.restore({**widget.state, name: "inducton", "layer": (before + 1) % 6})
    assert (getattr(widget, name), widget.layer) == ("induction", before)
    Browser(widget).state[name] = "x"
    widget.set_state({name: "x"})
    assert getattr(widget, name) == "induction"


def test_a_state_brings_the_selection_back(
    minilm: tuple[Any, Any], widget: AttentionWidget, atlas: HeadAtlas
) -> None:
    chosen = {
        "atlas_summary": "induction",
        "atlas_sort": True,
        "atlas_label": "previous",
        "atlas_across": "distance",
        "atlas_up": "entropy",
    }
    for name, value in chosen.items():
        setattr(widget, name, value)
    model, tokenizer = minilm
    state = json.loads(json.dumps(widget.state))
    again = AttentionWidget.from_state(state, model=model, tokenizer=tokenizer, atlas=atlas)
    assert {name: getattr(again, name) for name in chosen} == chosen
    assert again.atlas is atlas
    without = AttentionWidget.from_state(state, trace=widget.trace)
    assert {name: getattr(without, name) for name in chosen} == chosen  # nothing shows it


def test_it_opens_on_an_example(minilm: tuple[Any, Any], atlas: HeadAtlas) -> None:
    model, tokenizer = minilm
    widget = atlas.show(model, tokenizer=tokenizer, layer=2, heads=3, theme="dark")
    example = atlas.examples(2, 3)[0]
    assert (widget.views, widget.theme) == (("atlas", "lines"), "dark")
    assert (widget.layer, widget.heads, widget.text) == (2, (3,), example.text)
    assert (widget.token, widget.key_token) == (example.query, example.key)
    assert widget.selected_weights()[0, example.key] == pytest.approx(example.weight, abs=1e-6)
    surest = atlas.show(model, tokenizer=tokenizer)
    label = atlas.columns["label"][surest.layer * 12 + surest.heads[0]]
    assert label  # of a head that does something
    other = atlas.show(model, "a text of mine", tokenizer=tokenizer)
    assert (other.text, other.atlas) == ("a text of mine", atlas)
    with pytest.raises(AttentionWidgetError, match="an example with a text"):
        atlas.show(model, tokenizer=tokenizer, layer=99)


def test_a_text_takes_the_model(atlas: HeadAtlas) -> None:
    with pytest.raises(
        InvalidTypeError, match=r"model must be .* atlas\.show\(model, text"
    ) as caught:
        atlas.show(text="a text of mine")
    assert repr(atlas.model_name) in str(caught.value)


def test_a_model_of_other_weights_is_warned_of_and_refused(
    minilm: tuple[Any, Any], atlas: HeadAtlas
) -> None:
    """A fine-tuned model has the name and the heads of the one that was scanned."""
    model, tokenizer = minilm
    tuned = copy.deepcopy(model)
    said = "the atlas was scanned with another .* than this: its weights"
    with torch.no_grad():
        tuned.encoder.layer[5].output.dense.weight.mul_(1.01)
    with pytest.warns(UserWarning, match=said):
        widget = AttentionWidget(tuned, TEXT, tokenizer=tokenizer, atlas=atlas)
    with pytest.warns(UserWarning, match=said):
        AttentionWidget.from_state(widget.state, model=tuned, tokenizer=tokenizer, atlas=atlas)
    with pytest.warns(UserWarning, match=said):  # its first layers are as they were
        atlas.show(tuned, tokenizer=tokenizer, layer=2, heads=3)
    with torch.no_grad():
        tuned.encoder.layer[0].output.dense.weight.mul_(-1)
    with (
        pytest.warns(UserWarning, match=said),
        pytest.raises(InvalidValueError, match=r"whose layer 2, head 3 gives .* scan this model"),
    ):
        atlas.show(tuned, tokenizer=tokenizer, layer=2, heads=3)
    again = copy.deepcopy(model)
    assert AttentionWidget(again, TEXT, tokenizer=tokenizer, atlas=atlas).atlas is atlas


def test_memory_counts_the_atlas_of_a_page(widget: AttentionWidget) -> None:
    with_atlas = widget.memory().page
    page = len(widget.to_html(progress=False))
    assert with_atlas == pytest.approx(page, rel=0.1)
    held = widget.atlas
    assert held is not None
    widget._atlas = None
    without = widget.memory().page
    widget._atlas = held
    kept_bytes = kept.bytes_of_atlas(held, held_of(widget.trace), ("encoder", widget.layer))
    assert with_atlas - without == kept_bytes > 50_000


def test_a_page_has_the_atlas_while_it_is_shown(
    widget: AttentionWidget, atlas: HeadAtlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    def entry(**options: Any) -> Any:
        return manifest(widget.to_html(progress=False, **options))["atlas"]

    whole = entry()
    assert sorted(whole["layers"]) == [f"encoder/{layer}" for layer in range(6)]
    assert list(entry(layers=[1, 4])["layers"]) == ["encoder/1", "encoder/4"]
    monkeypatch.setattr(kept, "MAX_BYTES", 1)
    widget.layer = 3
    assert list(entry()["layers"]) == ["encoder/3"]  # that of the layer that is shown
    widget.views = "lines"
    assert entry() is None

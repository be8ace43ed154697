"""What a widget is made of: a model and a text, or a trace of anything."""

from __future__ import annotations

import inspect
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.fresh import run_fresh
from support.front_end import Browser
from support.in_step import OTHER, SELECTIONS, TEXT
from support.traces import trace
from traitlets import TraitError

import attention_widget
from attention_widget import AttentionWidget, capture


def test_a_model_and_a_text_are_enough(live: AttentionWidget) -> None:
    assert (live.text, live.text_pair) == (TEXT, None)
    assert (live.layer, live.heads) == (0, tuple(range(12)))
    assert [token["text"] for token in live.meta["tokens"][1:-1]] == TEXT.split()
    assert (live.meta["run"], live.meta["read_only"], live.busy) == (1, None, False)
    assert len(live.trace.tokens) == 7


def test_the_trace_is_that_of_capture(live: AttentionWidget, minilm: tuple[Any, Any]) -> None:
    expected = capture(minilm[0], TEXT, tokenizer=minilm[1])
    np.testing.assert_array_equal(live.trace.attention(3), expected.attention(3))


OFF = {
    "edit": "head_off",
    "kind": "encoder",
    "layer": 1,
    "heads": [3],
    "tokens": None,
    "value": "zero",
}


def test_every_selection_can_be_given(minilm: tuple[Any, Any]) -> None:
    given_: dict[str, Any] = {
        "attention_kind": "encoder",
        "layer": 2,
        "heads": (5, 1),
        "head_pairs": ((5, 11), (0, 2)),
        "combine": "maximum",
        "weights": "value_weighted",
        "edits": (OFF,),
        "shown_pass": "difference",
        "token": 3,
        "key_token": 5,
        "pinned": (4, 1),
        "pin_mode": "mean",
        "views": ("text", "lines"),
        "measure": "pinned_cosine",
        "space": "embeddings",
        "min_max": True,
        "colour_map": "viridis",
        "words": True,
        "special_tokens": "renormalise",
        "segments": "a_b",
        "top_p": 0.5,
        "threshold": 0.01,
        "direction": "horizontal",
        "summary": "entropy",
        "effect_position": 2,
        "effect_of": "difference",
        "effect_token": 7,
        "effect_other": " Paris",
        "head_label": "none",
        "head_labels": (("encoder", 0, 2, "previous", 0.75),),
        "sort_heads": True,
        "neuron_step": "values",
        "calculation_step": "q",
        "atlas_summary": "induction",
        "atlas_sort": True,
        "atlas_label": "previous",
        "atlas_across": "distance",
        "atlas_up": "mine",
        "compared_with": "London",
        "normalise_rows": True,
        "log_colour": True,
        "number_format": "short",
        "theme": "dark",
        "locale": "vi",
    }
    elsewhere = ("alignment", "passage_rows", "share_of")  # of comparisons, and of passages
    assert set(given_) == {name for name in SELECTIONS if name not in elsewhere}
    model, tokenizer = minilm
    widget = AttentionWidget(model, TEXT, tokenizer=tokenizer, text_pair=OTHER, **given_)
    assert {name: getattr(widget, name) for name in given_} == given_
    assert widget.text_pair == OTHER
    plain = AttentionWidget.from_trace(widget.trace)
    same = [name for name in given_ if getattr(plain, name) == given_[name]]
    assert same == ["attention_kind"]  # of which this model has one: the rest is no default
    of_trace = {**given_, "edits": ()}  # there is no model to run with them
    again = AttentionWidget.from_trace(widget.trace, **of_trace)
    assert {name: getattr(again, name) for name in of_trace} == of_trace
    assert (again.text, again.text_pair) == (TEXT, OTHER)


def test_the_defaults_of_the_class_are_those_of_from_trace(made: AttentionWidget) -> None:
    parameters = inspect.signature(AttentionWidget).parameters
    assert [name for name in parameters if name in SELECTIONS] == SELECTIONS
    for name in SELECTIONS[3:]:
        assert parameters[name].default == getattr(made, name)
    assert [parameters[name].default for name in SELECTIONS[:3]] == [None, None, None]
    assert (made.attention_kind, made.layer, made.heads) == ("encoder", 0, (0, 1, 2, 3))


def test_the_model_and_tokenizer_of_a_folder_are_loaded_once(
    minilm_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = AttentionWidget(str(minilm_path), TEXT)
    loaded = "the model was loaded again"
    monkeypatch.setattr("transformers.AutoModel.from_pretrained", lambda *_, **__: 1 / 0)
    monkeypatch.setattr("transformers.AutoTokenizer.from_pretrained", lambda *_, **__: 1 / 0)
    widget.text = OTHER
    assert widget.meta["run"] == 2, loaded


def test_truncation_holds_for_later_texts(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    widget = AttentionWidget(model, "a " * 600, tokenizer=tokenizer, truncation=True)
    assert len(widget.trace.tokens) == 512
    widget.text = "the " * 700
    assert len(widget.trace.tokens) == 512


@pytest.mark.parametrize(
    ("unknown", "message"),
    [
        ("head", "unknown keyword 'head'; did you mean 'heads'? The keywords are text_pair, "),
        ("Layer", "unknown keyword 'Layer'; did you mean 'layer'? The keywords are "),
        ("zzz", "unknown keyword 'zzz'; the keywords are text_pair, "),
    ],
)
def test_an_unknown_keyword_is_refused_with_advice(unknown: str, message: str) -> None:
    keywords: dict[str, Any] = {unknown: 1}
    with pytest.raises(TypeError) as caught:
        AttentionWidget(None, TEXT, **keywords)
    assert str(caught.value).startswith(message)
    with pytest.raises(TypeError, match=f"unknown keyword '{unknown}'"):
        AttentionWidget.from_trace(trace(), **keywords)


def test_from_trace_takes_a_trace_alone() -> None:
    with pytest.raises(TypeError, match="trace must be a Trace, from capture\\(\\), got str"):
        AttentionWidget.from_trace("novel")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="unknown keyword 'tokenizer'"):
        AttentionWidget.from_trace(trace(), tokenizer=None)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="the trace of tiny holds no attention to show"):
        AttentionWidget.from_trace(trace(heads=(0, 0)))


def test_a_selection_that_cannot_be_is_refused_at_once() -> None:
    with pytest.raises(TraitError, match="layer must be in 0–2, got 3"):
        AttentionWidget.from_trace(trace(), layer=3)
    with pytest.raises(TraitError, match="heads must be in 0–1, got 2; layer 2 has 2 heads"):
        AttentionWidget.from_trace(trace(), layer=2, heads=2)


@pytest.mark.parametrize("text", ["", "  ", "a " * 600])
def test_a_text_that_cannot_be_read_makes_no_widget(minilm: tuple[Any, Any], text: str) -> None:
    model, tokenizer = minilm
    with pytest.raises(ValueError, match=r"text must"):
        AttentionWidget(model, text, tokenizer=tokenizer)


def test_its_repr_is_short(live: AttentionWidget) -> None:
    live.text = "novel " * 100
    assert len(repr(live)) < 140
    assert "102 tokens, 6 layers, 12 heads" in repr(live)
    assert repr(live).startswith("AttentionWidget('BertModel")


def test_another_anywidget_in_the_server_will_do(made: AttentionWidget) -> None:
    state = Browser(made).state
    assert (state["_model_module_version"], state["_view_module_version"]) == ("*", "*")


def test_a_missing_front_end_says_how_to_build_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = Path(attention_widget.__file__).parent
    away = shutil.ignore_patterns("static", "__pycache__")
    shutil.copytree(package, tmp_path / "attention_widget", ignore=away)

    code = "import attention_widget as a; print(a.Trace.__name__); a.AttentionWidget"
    monkeypatch.chdir(tmp_path)
    done = run_fresh(code)
    assert done.stdout == "Trace\n"  # traces need no front end
    said = done.stderr.strip().rpartition("\n")[2]
    assert "NotInstalledError: the front end of attention_widget is not built" in said
    assert "npm ci && npm run build" in said

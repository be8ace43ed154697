"""The widget's promises, in Python and to the browser at the other end of its line."""

from __future__ import annotations

import inspect
import logging
import math
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support import models
from support.front_end import Browser
from support.traces import as_maps, chat, encoder_decoder, picture, trace, windowed
from traitlets import TraitError
from transformers import T5Config, T5ForConditionalGeneration

import attention_widget
from attention_widget import AttentionWidget, capture
from attention_widget.protocol.vocabulary import COLOUR_MAPS, SUMMARIES, VIEWS
from attention_widget.widget.choices import CHOICES
from attention_widget.widget.requests import Once

SELECTIONS = list(CHOICES)
FLAGS = ["words", "sort_heads", "normalise_rows", "log_colour"]
TEXT, OTHER = "Attention is a novel idea", "I read a good novel."


@pytest.fixture
def made() -> Iterator[AttentionWidget]:
    widget = AttentionWidget.from_trace(trace(heads=(4, 4, 2)))
    yield widget
    widget.close()


@pytest.fixture
def live(minilm: tuple[Any, Any]) -> Iterator[AttentionWidget]:
    model, tokenizer = minilm
    widget = AttentionWidget(model, TEXT, tokenizer=tokenizer)
    yield widget
    widget.close()


OWN = sorted(
    AttentionWidget.class_traits(sync=True).keys() - anywidget.AnyWidget.class_traits(sync=True)
)


def all_of(widget: AttentionWidget) -> dict[str, Any]:
    return {name: getattr(widget, name) for name in OWN} | {"trace": widget.trace}


def assert_in_step(widget: AttentionWidget, browser: Browser) -> None:
    assert {name: browser.state[name] for name in OWN} == widget.get_state(OWN)


@contextmanager
def nothing_changes(widget: AttentionWidget) -> Iterator[None]:
    browser, before = Browser(widget), all_of(widget)
    yield
    assert all_of(widget) == before
    assert [update for update in browser.updates if update.keys() != {"busy"}] == []


@contextmanager
def during_forward(model: Any, act: Callable[[], object]) -> Iterator[None]:
    handle = model.register_forward_pre_hook(lambda *_: act() and None)
    try:
        yield
    finally:
        handle.remove()


# ---------------------------------------------------------------- making one


def test_a_model_and_a_text_are_enough(live: AttentionWidget) -> None:
    assert (live.text, live.text_pair) == (TEXT, None)
    assert (live.layer, live.heads) == (0, tuple(range(12)))
    assert [token["text"] for token in live.meta["tokens"][1:-1]] == TEXT.split()
    assert (live.meta["run"], live.meta["read_only"], live.busy) == (1, None, False)
    assert len(live.trace.tokens) == 7


def test_the_trace_is_that_of_capture(live: AttentionWidget, minilm: tuple[Any, Any]) -> None:
    expected = capture(minilm[0], TEXT, tokenizer=minilm[1])
    np.testing.assert_array_equal(live.trace.attention(3), expected.attention(3))


def test_every_selection_can_be_given(minilm: tuple[Any, Any]) -> None:
    given_: dict[str, Any] = {
        "attention_kind": "encoder",
        "layer": 2,
        "heads": (5, 1),
        "combine": "maximum",
        "token": 3,
        "key_token": 5,
        "pinned": (4, 1),
        "pin_mode": "mean",
        "views": ("text", "lines"),
        "measure": "pinned_cosine",
        "space": "embeddings",
        "colour_map": "viridis",
        "words": True,
        "special_tokens": "renormalise",
        "segments": "a_b",
        "top_p": 0.5,
        "threshold": 0.01,
        "direction": "horizontal",
        "summary": "entropy",
        "sort_heads": True,
        "normalise_rows": True,
        "log_colour": True,
        "theme": "dark",
        "locale": "vi",
    }
    assert list(given_) == SELECTIONS
    model, tokenizer = minilm
    widget = AttentionWidget(model, TEXT, tokenizer=tokenizer, text_pair=OTHER, **given_)
    assert {name: getattr(widget, name) for name in given_} == given_
    assert widget.text_pair == OTHER
    plain = AttentionWidget.from_trace(widget.trace)
    same = [name for name in given_ if getattr(plain, name) == given_[name]]
    assert same == ["attention_kind"]  # of which this model has one: the rest is no default
    again = AttentionWidget.from_trace(widget.trace, **given_)
    assert {name: getattr(again, name) for name in given_} == given_
    assert (again.text, again.text_pair) == (TEXT, OTHER)


def test_the_defaults_of_the_class_are_those_of_from_trace(made: AttentionWidget) -> None:
    parameters = inspect.signature(AttentionWidget).parameters
    named = [name for name in SELECTIONS if name in parameters]
    assert named == ["layer", "heads", "views", "words"]
    assert [parameters[name].default for name in named[:2]] == [None, None]
    for name in named[2:]:
        assert parameters[name].default == getattr(made, name)
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
        ("head", "unknown keyword 'head'; did you mean 'heads'? allowed: text_pair, "),
        ("Layer", "unknown keyword 'Layer'; did you mean 'layer'? allowed: "),
        ("zzz", "unknown keyword 'zzz'; allowed: text_pair, "),
    ],
)
def test_an_unknown_keyword_is_refused_with_advice(unknown: str, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        AttentionWidget(None, TEXT, **{unknown: 1})  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)
    with pytest.raises(TypeError, match=f"unknown keyword '{unknown}'"):
        AttentionWidget.from_trace(trace(), **{unknown: 1})


def test_from_trace_takes_a_trace_alone() -> None:
    with pytest.raises(TypeError, match="trace is a str; allowed: a Trace"):
        AttentionWidget.from_trace("novel")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="unknown keyword 'tokenizer'"):
        AttentionWidget.from_trace(trace(), tokenizer=None)
    with pytest.raises(ValueError, match="the trace of tiny holds no attention to show"):
        AttentionWidget.from_trace(trace(heads=(0, 0)))


def test_a_selection_that_cannot_be_is_refused_at_once() -> None:
    with pytest.raises(TraitError, match="layer 3 does not exist; allowed: 0 to 2"):
        AttentionWidget.from_trace(trace(), layer=3)
    with pytest.raises(TraitError, match="head 2 does not exist in layer 2"):
        AttentionWidget.from_trace(trace(), layer=2, heads=2)


@pytest.mark.parametrize("text", ["", "  ", "a " * 600])
def test_a_text_that_cannot_be_read_makes_no_widget(minilm: tuple[Any, Any], text: str) -> None:
    model, tokenizer = minilm
    with pytest.raises(ValueError, match=r"text must|takes at most 512"):
        AttentionWidget(model, text, tokenizer=tokenizer)


def test_its_repr_is_short(live: AttentionWidget) -> None:
    live.text = "novel " * 100
    assert len(repr(live)) < 140
    assert "102 tokens, 6 layers, 12 heads" in repr(live)
    assert repr(live).startswith("AttentionWidget('BertModel")


def test_another_anywidget_in_the_server_will_do(made: AttentionWidget) -> None:
    state = Browser(made).state
    assert (state["_model_module_version"], state["_view_module_version"]) == ("*", "*")


def test_a_missing_front_end_says_how_to_build_it(tmp_path: Path) -> None:
    package = Path(attention_widget.__file__).parent
    away = shutil.ignore_patterns("static", "__pycache__")
    shutil.copytree(package, tmp_path / "attention_widget", ignore=away)

    code = "import attention_widget as a; print(a.Trace.__name__); a.AttentionWidget"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout == "Trace\n"  # traces need no front end
    said = done.stderr.strip().rpartition("\n")[2]
    assert said.startswith("ImportError: the front end of attention_widget is not built")
    assert "npm ci && npm run build" in said


# ---------------------------------------------------------------- selections


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("layer", 1, 1),
        ("layer", np.int64(1), 1),
        ("attention_kind", "encoder", "encoder"),
        ("heads", [2, 0], (2, 0)),
        ("heads", 3, (3,)),
        ("heads", range(1, 3), (1, 2)),
        ("heads", {3, 1}, (1, 3)),
        ("heads", (), ()),
        ("heads", np.array([1, 2]), (1, 2)),
        ("heads", torch.tensor([1]), (1,)),
        ("heads", iter([1]), (1,)),
        *(("combine", one, one) for one in ("overlay", "columns", "mean", "maximum")),
        ("token", 5, 5),
        ("token", None, None),
        ("key_token", 5, 5),
        ("key_token", np.int64(0), 0),
        ("key_token", None, None),
        ("pinned", 2, (2,)),
        ("pinned", [4, 2], (4, 2)),
        ("pinned", np.array([1, 2]), (1, 2)),
        ("pinned", [], ()),
        ("pinned", None, ()),
        *(("pin_mode", one, one) for one in ("each", "mean")),
        ("views", ["text"], ("text",)),
        ("views", "neuron", ("neuron",)),
        ("views", (), ()),
        ("views", VIEWS[::-1], VIEWS[::-1]),
        ("measure", "attention_received", "attention_received"),
        ("space", "embeddings", "embeddings"),
        *(("colour_map", one, one) for one in COLOUR_MAPS),
        *((flag, True, True) for flag in FLAGS),
        *((flag, False, False) for flag in FLAGS),
        *(("special_tokens", one, one) for one in ("show", "hide", "renormalise")),
        *(("segments", one, one) for one in ("all", "a_a", "a_b", "b_a", "b_b")),
        ("top_p", 1, 1.0),
        ("top_p", np.float32(0.5), 0.5),
        ("top_p", 0, 0.0),
        ("threshold", torch.tensor(0.25), 0.25),
        ("threshold", 0.1, 0.1),
        *(("direction", one, one) for one in ("vertical", "horizontal")),
        *(("summary", one, one) for one in SUMMARIES),
        *(("theme", one, one) for one in ("auto", "light", "dark")),
        *(("locale", one, one) for one in ("auto", "en", "vi", "ru")),
    ],
)
def test_a_selection_reaches_the_browser(
    made: AttentionWidget, name: str, value: Any, stored: Any
) -> None:
    browser = Browser(made)
    setattr(made, name, value)
    assert getattr(made, name) == stored
    assert type(getattr(made, name)) is type(stored)
    assert browser.state[name] == (list(stored) if isinstance(stored, tuple) else stored)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("attention_kind", "cross", "attention_kind is 'cross'; allowed: encoder"),
        ("attention_kind", None, "attention_kind is None; allowed: encoder"),
        ("layer", 3, "layer 3 does not exist; allowed: 0 to 2"),
        ("layer", -1, "layer -1 does not exist; allowed: 0 to 2"),
        ("layer", "1", "layer must be an integer, not '1' (str); allowed: 0 to 2"),
        ("layer", 1.0, "layer must be an integer, not 1.0 (float); allowed: 0 to 2"),
        ("layer", True, "layer must be an integer, not True (bool); allowed: 0 to 2"),
        ("layer", None, "layer must be an integer, not None (NoneType); allowed: 0 to 2"),
        ("heads", 4, "head 4 does not exist in layer 0; allowed: any of 0 to 3, each once"),
        ("heads", [0, -1], "head -1 does not exist in layer 0; allowed: any of 0 to 3, each once"),
        ("heads", [1, 1], "head 1 is given twice; allowed: any of 0 to 3, each once"),
        ("heads", "01", "heads must be an integer or several, not '01' (str); allowed: any of 0"),
        ("heads", [0, None], "heads must be an integer or several, not [0, None] (list); allow"),
        ("heads", [True], "heads must be an integer or several, not [True] (list); allowed: any"),
        ("heads", None, "heads must be an integer or several, not None (NoneType); allowed: any"),
        ("token", 6, "token 6 does not exist; allowed: 0 to 5, or None"),
        ("token", -1, "token -1 does not exist; allowed: 0 to 5, or None"),
        ("pinned", 6, "pinned 6 does not exist; allowed: 0 to 5"),
        ("pinned", [0, -1], "pinned -1 does not exist; allowed: 0 to 5"),
        ("pinned", [1, 2, 1], "pinned names one twice: 1, 2, 1; allowed: each once"),
        ("pinned", "a", "pinned must be an integer or several, not 'a' (str); allowed: any of 0 t"),
        ("pinned", 1.5, "pinned must be an integer or several, not 1.5 (float); allowed: any of"),
        ("pinned", [None], "pinned must be an integer, not None (NoneType); allowed: 0 to 5"),
        ("key_token", 6, "key_token 6 does not exist; allowed: 0 to 5, or None"),
        ("key_token", [1], "key_token must be an integer, not [1] (list); allowed: 0 to 5, or"),
        ("views", ["lines", "x"], "views is 'x'; allowed: lines, grid, neuron, matrix, tokens, t"),
        ("views", ["text", "text"], "views names one twice: text, text; allowed: each once"),
        ("views", 3, "views is 3; allowed: any of lines, grid, neuron, matrix, tokens, te"),
        ("measure", "norms", "measure is 'norms'; allowed: norm, previous_cosine, pinned_cosine"),
        ("measure", ["norm"], "measure is ['norm']; allowed: norm, "),
        ("space", None, "space is None; allowed: embeddings, hidden_states"),
        ("words", 1, "words is 1 (int); allowed: True, False"),
        ("sort_heads", "yes", "sort_heads is 'yes' (str); allowed: True, False"),
        ("normalise_rows", None, "normalise_rows is None (NoneType); allowed: True, False"),
        ("log_colour", 0.5, "log_colour is 0.5 (float); allowed: True, False"),
        ("combine", True, "combine is True; allowed: overlay, columns, mean, maximum"),
        ("pin_mode", "all", "pin_mode is 'all'; allowed: each, mean"),
        ("colour_map", "jet", "colour_map is 'jet'; allowed: purple, viridis, cividis, grey, div"),
        ("special_tokens", False, "special_tokens is False; allowed: show, hide, renormalise"),
        ("segments", "A→B", "segments is 'A→B'; allowed: all, a_a, a_b, b_a, b_b"),
        ("top_p", 1.01, "top_p is 1.01 (float); allowed: a number from 0 to 1"),
        ("top_p", math.nan, "top_p is nan (float); allowed: a number from 0 to 1"),
        ("top_p", "0.5", "top_p is '0.5' (str); allowed: a number from 0 to 1"),
        ("threshold", -0.1, "threshold is -0.1 (float); allowed: a number from 0 to 1"),
        ("threshold", True, "threshold is True (bool); allowed: a number from 0 to 1"),
        ("threshold", None, "threshold is None (NoneType); allowed: a number from 0 to 1"),
        ("threshold", np.array([0.1, 0.2]), "threshold is "),
        ("direction", "down", "direction is 'down'; allowed: vertical, horizontal"),
        ("summary", "Entropy", "summary is 'Entropy'; allowed: none, entropy, distance, previous"),
        ("theme", "pink", "theme is 'pink'; allowed: auto, light, dark"),
        ("locale", "fr", "locale is 'fr'; allowed: auto, en, vi, ru"),
        ("text", "new", "this widget was made from a trace and has no model to read another text"),
        ("text", 3, "text is 3 (int); allowed: a string"),
        ("text_pair", 3, "text_pair is 3 (int); allowed: a string or None"),
        ("busy", True, 'The "busy" trait is read-only'),
        ("meta", {}, 'The "meta" trait is read-only'),
        ("kept", {"archive": {}}, 'The "kept" trait is read-only'),
    ],
)
def test_what_cannot_be_selected_is_refused(
    made: AttentionWidget, name: str, value: Any, message: str
) -> None:
    with nothing_changes(made):
        with pytest.raises(TraitError) as caught:
            setattr(made, name, value)
        assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("attention_kind", "decoder"),
        ("layer", 3),
        ("heads", [4]),
        ("heads", None),
        ("token", 6),
        ("key_token", -1),
        ("pinned", [6]),
        ("views", ["x"]),
        ("words", None),
        ("top_p", 2),
        ("segments", None),
        ("text", "other"),
        ("text_pair", "other"),
        ("busy", True),
        ("meta", {"run": 2}),
        ("kept", {"archive": {"format": 1, "run": 1, "tensors": {}}}),
    ],
)
def test_what_the_browser_may_not_set_is_put_right(
    made: AttentionWidget, name: str, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    browser, before = Browser(made), all_of(made)
    caplog.set_level(logging.ERROR)
    with_another = {name: value, "theme": "dark"}
    browser.select(**with_another)
    after = all_of(made)
    after.pop("theme")
    before.pop("theme")
    assert after == before
    expected = made.get_state()
    assert browser.state == {**browser.state, name: expected[name], "theme": expected["theme"]}
    assert caplog.records == []


def test_the_trace_is_read_only(made: AttentionWidget) -> None:
    with pytest.raises(AttributeError):
        made.trace = trace()  # type: ignore[misc]


def test_a_click_is_seen_and_observed_in_python(made: AttentionWidget) -> None:
    browser = Browser(made)
    seen: list[Any] = []
    made.observe(lambda change: seen.append((change["name"], change["new"])), SELECTIONS)
    browser.select(layer=1, heads=[3, 0], token=2, pinned=[])
    assert (made.layer, made.heads, made.token, made.pinned) == (1, (3, 0), 2, ())
    assert seen == [("layer", 1), ("heads", (3, 0)), ("token", 2)]
    assert browser.updates == []  # nothing comes back that could undo a newer click


def test_layer_and_heads_of_one_click_are_checked_together(made: AttentionWidget) -> None:
    made.layer, made.heads = 2, (1,)
    Browser(made).select(heads=[3], layer=0)
    assert (made.layer, made.heads) == (0, (3,))


@pytest.mark.parametrize(
    ("heads", "carried"),
    [
        ((0, 1, 2, 3), (0, 1)),  # all stay all
        ((1, 3), (1,)),
        ((3, 2), (0, 1)),  # none of them exists: all
        ((), ()),
    ],
)
def test_heads_that_a_layer_lacks_are_dropped_in_the_same_message(
    made: AttentionWidget, heads: tuple[int, ...], carried: tuple[int, ...]
) -> None:
    made.heads = heads
    browser = Browser(made)
    seen: list[tuple[int, ...]] = []
    made.observe(lambda _: seen.append(made.heads), "layer")
    made.layer = 2
    assert made.heads == carried
    assert seen == [carried]
    changed = {"layer": 2} | ({"heads": list(carried)} if heads != carried else {})
    assert browser.updates == [changed]


def test_all_heads_stay_all_where_a_layer_has_more(made: AttentionWidget) -> None:
    made.layer = 2
    made.layer = 0
    assert made.heads == (0, 1, 2, 3)


def test_a_click_on_a_layer_with_fewer_heads_gets_its_heads_back(made: AttentionWidget) -> None:
    browser = Browser(made)
    browser.select(layer=2)
    assert browser.updates == [{"heads": [0, 1]}]


def test_a_layer_without_attention_is_refused() -> None:
    made = AttentionWidget.from_trace(trace(heads=(0, 4, 0, 2)))
    assert made.layer == 1
    assert [bool(layer) for layer in made.meta["attention"][0]["layers"]] == [
        False,
        True,
        False,
        True,
    ]
    message = "layer 2 has no attention; allowed: the layers with attention 1, 3"
    with nothing_changes(made), pytest.raises(TraitError, match=message):
        made.layer = 2


# ---------------------------------------------------------------- kinds of attention


@pytest.fixture
def translator() -> AttentionWidget:
    return AttentionWidget.from_trace(encoder_decoder())


def test_an_encoder_decoder_starts_with_its_encoder(translator: AttentionWidget) -> None:
    assert translator.attention_kind == "encoder"
    assert [each["kind"] for each in translator.meta["attention"]] == [
        "encoder",
        "decoder",
        "cross",
    ]
    assert [bool(layer) for layer in translator.meta["attention"][2]["layers"]] == [
        True,
        False,
        True,
    ]
    assert "4 → 6 tokens" in repr(translator)
    for name in ("encoder", "decoder", "cross"):
        made = AttentionWidget.from_trace(encoder_decoder(), attention_kind=name)
        assert made.attention_kind == name


def test_a_decoder_alone_has_the_kind_of_its_stack() -> None:
    made = AttentionWidget.from_trace(trace(causal=True))
    assert made.attention_kind == "decoder"
    with pytest.raises(TraitError, match="attention_kind is 'encoder'; allowed: decoder"):
        made.attention_kind = "encoder"


def test_layer_and_heads_follow_the_kind(translator: AttentionWidget) -> None:
    browser = Browser(translator)
    translator.layer = 1
    browser.updates.clear()
    seen: list[Any] = []
    translator.observe(
        lambda _: seen.append((translator.layer, translator.heads)), "attention_kind"
    )
    translator.attention_kind = "cross"  # of layers 0 and 2, with two heads
    assert (translator.layer, translator.heads) == (0, (0, 1))
    assert seen == [(0, (0, 1))]
    assert browser.updates == [{"attention_kind": "cross", "layer": 0, "heads": [0, 1]}]
    translator.layer, translator.heads = 2, (1,)
    translator.attention_kind = "decoder"
    assert (translator.layer, translator.heads) == (2, (1,))
    translator.attention_kind = "encoder"  # of two layers
    assert (translator.layer, translator.heads) == (0, (1,))
    with pytest.raises(TraitError, match="layer 2 does not exist; allowed: 0 to 1"):
        translator.layer = 2


def test_tokens_are_counted_in_the_text_of_the_queries(translator: AttentionWidget) -> None:
    def of_tokens() -> tuple[Any, ...]:
        return translator.token, translator.pinned, translator.key_token

    translator.token, translator.pinned, translator.key_token = 3, 1, 2
    with pytest.raises(TraitError, match="token 4 does not exist; allowed: 0 to 3, or None"):
        translator.token = 4
    translator.attention_kind = "decoder"  # another text
    assert of_tokens() == (None, (), None)
    translator.token, translator.pinned, translator.key_token = 5, (4, 2), 5
    translator.attention_kind = "cross"  # the same, but for the keys
    assert of_tokens() == (5, (4, 2), None)
    with pytest.raises(TraitError, match="key_token 4 does not exist; allowed: 0 to 3, or None"):
        translator.key_token = 4
    translator.key_token = 3
    translator.attention_kind = "encoder"  # another text, but for the keys
    assert of_tokens() == (None, (), 3)


def test_a_kind_that_is_refused_changes_nothing(made: AttentionWidget) -> None:
    made.token = 3
    with nothing_changes(made), pytest.raises(TraitError, match="allowed: encoder"):
        made.attention_kind = "cross"


def test_a_click_on_a_kind_brings_what_follows(translator: AttentionWidget) -> None:
    translator.layer, translator.token = 1, 2
    browser = Browser(translator)
    browser.select(attention_kind="cross", layer=0, token=None, pinned=[])
    assert (translator.attention_kind, translator.layer, translator.token) == ("cross", 0, None)
    assert_in_step(translator, browser)
    assert browser.state["heads"] == [0, 1]
    browser.select(token=5, layer=2, attention_kind="decoder", heads=[1])
    assert (translator.attention_kind, translator.token, translator.heads) == ("decoder", 5, (1,))
    assert_in_step(translator, browser)


TRANSLATOR = AttentionWidget.from_trace(encoder_decoder())
ITS_BROWSER = Browser(TRANSLATOR)
CLICKS = st.fixed_dictionaries(
    {},
    optional={
        "attention_kind": st.sampled_from(["encoder", "decoder", "cross", "other"]),
        "layer": st.integers(-1, 4),
        "heads": st.lists(st.integers(0, 4), max_size=3),
        "token": st.none() | st.integers(0, 7),
        "key_token": st.none() | st.integers(0, 7),
        "pinned": st.none() | st.lists(st.integers(0, 7), max_size=3),
    },
)


@settings(deadline=None)
@given(CLICKS)
def test_whatever_is_clicked_a_translator_stays_in_step(state: dict[str, Any]) -> None:
    ITS_BROWSER.select(**state)
    assert_in_step(TRANSLATOR, ITS_BROWSER)
    kind, layer = TRANSLATOR.attention_kind, TRANSLATOR.layer
    attention = ITS_BROWSER.tensor(f"attention/{kind}/{layer}")
    assert all(head < attention.shape[0] for head in TRANSLATOR.heads)
    of_queries = [TRANSLATOR.token, *TRANSLATOR.pinned]
    assert all(index is None or index < attention.shape[1] for index in of_queries)
    assert TRANSLATOR.key_token is None or TRANSLATOR.key_token < attention.shape[2]


# ---------------------------------------------------------------- not only models


def test_attentions_of_something_else_are_shown() -> None:
    maps = trace().attention(0)
    labels = [token.label for token in trace().tokens]
    made = AttentionWidget.from_attentions([maps[None]], labels, heads=2, token=3)
    assert (made.heads, made.token, made.measure) == ((2,), 3, "attention_received")
    np.testing.assert_array_equal(Browser(made).tensor("attention/encoder/0"), maps)
    assert made.meta["has_hidden_states"] is False
    assert made.meta["attention"][0]["layers"][0]["dim"] is None
    chosen = AttentionWidget.from_attentions(
        maps[None, None].repeat(2, 1), labels, item=1, measure="norm"
    )
    assert chosen.measure == "norm"


def test_vectors_of_something_else_are_shown() -> None:
    block = trace(kv_heads=2).blocks[0]
    labels = [token.label for token in trace().tokens]
    made = AttentionWidget.from_arrays(
        block.query.numpy(), block.key.numpy(), tokens=labels, scale=8**-0.5, layer=0, token=2
    )
    expected = block.attention()
    np.testing.assert_allclose(Browser(made).tensor("attention/encoder/0"), expected, atol=1e-6)
    scores = Browser(made).tensor("scores/encoder/0/3/2")
    np.testing.assert_allclose(scores[0], block.scores([3], [2])[0, 0], atol=1e-6)


@pytest.mark.parametrize(
    ("unknown", "advice"), [("toknes", "did you mean 'token'"), ("itme", "did you mean 'item'")]
)
def test_an_unknown_keyword_beside_arrays_is_refused(unknown: str, advice: str) -> None:
    with pytest.raises(TypeError, match=f"unknown keyword '{unknown}'; {advice}"):
        AttentionWidget.from_attentions([], [], **{unknown: 1})


def test_a_trace_of_maps_alone_can_be_shown() -> None:
    made = AttentionWidget.from_trace(as_maps(encoder_decoder()), attention_kind="cross")
    assert made.meta["target"]["has_hidden_states"] is False
    assert "4 → 6 tokens, 2 layers, 2 to 4 heads" in repr(made)


def test_a_chat_is_shown_with_its_roles() -> None:
    made = AttentionWidget.from_trace(chat())
    assert made.text == "user: Say blue\nassistant: It is blue"
    assert made.meta["roles"] == ["user", "assistant"]
    assert [token["step"] for token in made.meta["tokens"]] == [None] * 4 + [0, 1, 2, 3]


MESSAGES = [{"role": "user", "content": "the cat"}, {"role": "assistant", "content": "a dog"}]
TEMPLATE = "{% for one in messages %}[CLS] {{ one.content }} [SEP]{% endfor %}"


def test_a_chat_goes_through_the_model() -> None:
    tokenizer = models.tokenizer()
    tokenizer.chat_template = TEMPLATE
    made = AttentionWidget(models.tiny("gpt2"), MESSAGES, tokenizer=tokenizer)
    assert made.text == "user: the cat\nassistant: a dog"
    assert made.meta["read_only"] == "chat"
    with nothing_changes(made), pytest.raises(TraitError, match="was given a chat"):
        made.text_pair = "beside a chat there is no second text"
    made.run(MESSAGES[:1])
    assert (made.text, made.meta["roles"]) == ("user: the cat", ["user"])
    made.text = "the cat"
    assert (made.text, made.meta["roles"], made.meta["read_only"]) == ("the cat", [], None)


def test_options_of_capture_hold_for_later_texts() -> None:
    text = "the cat sat on a mat " * 8
    made = AttentionWidget(
        models.tiny("gpt2"), text, tokenizer=models.tokenizer(), windows=16, stride=8
    )
    expected = capture(
        models.tiny("gpt2"), text, tokenizer=models.tokenizer(), windows=16, stride=8
    )
    assert len(made.meta["windows"]) == len(expected.windows) > 2
    before, made.token = made.meta["windows"], len(expected.tokens) - 1
    made.text = text + text
    assert len(made.meta["windows"]) > len(before)
    assert made.token == len(expected.tokens) - 1


def tiny_t5(size: int) -> Any:
    torch.manual_seed(0)
    sizes: dict[str, Any] = {"d_model": 16, "d_kv": 4, "d_ff": 16, "num_layers": 2, "num_heads": 4}
    ends: dict[str, Any] = {"decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": 1}
    config = T5Config(vocab_size=size, **sizes, **ends)
    return T5ForConditionalGeneration(config).eval()


def test_a_target_is_read_with_every_text() -> None:
    tokenizer = models.tokenizer()
    model = tiny_t5(len(tokenizer))
    made = AttentionWidget(
        model, "the cat", tokenizer=tokenizer, target="a dog sat", attention_kind="cross", token=1
    )
    count = len(made.meta["target"]["tokens"])
    assert made.meta["target"]["generated"] is False
    made.text = "a cat sat on the mat"
    assert (made.token, len(made.meta["target"]["tokens"])) == (1, count)
    written = AttentionWidget(model, "the cat", tokenizer=tokenizer)
    assert written.meta["target"]["generated"] is True


def test_an_image_has_no_text() -> None:
    made = AttentionWidget.from_trace(picture())
    assert (made.text, made.text_pair) == ("", None)
    assert made.meta["image"] == [16, 24]
    assert made.meta["tokens"][5]["box"] == [8, 8, 16, 16]


def test_a_text_in_windows_counts_its_tokens_as_a_whole() -> None:
    made = AttentionWidget.from_trace(windowed(), token=39)
    assert len(made.meta["tokens"]) == 40
    assert [window["own"] for window in made.meta["windows"]] == [[0, 12], [12, 24], [24, 40]]
    expected = made.trace.windows[2].trace.attention(0)
    tensor = Browser(made).tensor("window/2/attention/encoder/0")
    np.testing.assert_array_equal(tensor, expected)


# ---------------------------------------------------------------- another text


def test_assigning_text_runs_the_model(live: AttentionWidget, minilm: tuple[Any, Any]) -> None:
    live.token, live.pinned, live.key_token = 6, (1, 6), 5
    browser = Browser(live)
    live.text = "a novel"
    expected = capture(minilm[0], "a novel", tokenizer=minilm[1])
    np.testing.assert_array_equal(live.trace.attention(5), expected.attention(5))
    assert (live.text, live.meta["run"]) == ("a novel", 2)
    assert (live.token, live.pinned, live.key_token) == (None, (1,), None)
    busy, rest = browser.updates
    assert busy == {"busy": True}
    assert rest.keys() == {"text", "meta", "token", "pinned", "key_token", "busy"}
    assert browser.state == {**browser.state, "text": "a novel", "token": None, "busy": False}
    assert browser.state["meta"] == live.meta


def test_run_takes_both_texts(live: AttentionWidget) -> None:
    live.run(TEXT, OTHER)
    assert (live.text, live.text_pair, live.meta["run"]) == (TEXT, OTHER, 2)
    assert {token["segment"] for token in live.meta["tokens"]} == {0, 1, None}
    live.text = "a novel"
    assert (live.text_pair, live.meta["run"]) == (OTHER, 3)
    live.text_pair = None
    assert (live.text, live.meta["run"]) == ("a novel", 4)
    live.run("a novel")
    assert live.meta["run"] == 5  # asked for, so run, though nothing is new


def test_assigning_the_same_text_changes_nothing(live: AttentionWidget) -> None:
    with nothing_changes(live):
        live.text = TEXT


@pytest.mark.parametrize("text", ["", " ", "a " * 600, "\ud800"])
def test_a_text_that_cannot_be_read_changes_nothing(live: AttentionWidget, text: str) -> None:
    live.token = 3
    with nothing_changes(live):
        with pytest.raises(TraitError, match=r"text must|takes at most 512"):
            live.text = text
        reply, _ = Browser(live).ask("run", text="a " * 600, text_pair=None)
        assert "600" in reply["error"] or "602" in reply["error"]


@pytest.mark.parametrize("error", [RuntimeError("out of memory"), ZeroDivisionError(), KeyError(3)])
def test_a_forward_pass_that_fails_changes_nothing(
    live: AttentionWidget, minilm: tuple[Any, Any], error: Exception
) -> None:
    def fail() -> None:
        assert live.busy
        raise error

    with nothing_changes(live), during_forward(minilm[0], fail):
        with pytest.raises(TraitError, match=type(error).__name__) as caught:
            live.text = OTHER
        assert caught.value.__cause__ is error
        reply, _ = Browser(live).ask("run", text=OTHER, text_pair=None)
        assert type(error).__name__ in reply["error"]
    live.text = OTHER
    assert live.meta["run"] == 2


def test_an_interrupt_ends_busy(live: AttentionWidget, minilm: tuple[Any, Any]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with (
        nothing_changes(live),
        during_forward(minilm[0], interrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        live.text = OTHER
    browser = Browser(live)
    with during_forward(minilm[0], interrupt), pytest.raises(KeyboardInterrupt):
        browser.ask("run", text=OTHER, text_pair=None)
    assert browser.replies == [({"id": 1, "error": "KeyboardInterrupt"}, [])]
    assert (live.busy, browser.state["busy"]) == (False, False)


def test_the_browser_runs_another_text(live: AttentionWidget) -> None:
    browser = Browser(live)
    texts_at_reply: list[str] = []
    receive = browser._receive

    def watch(data: Any, buffers: Any = None) -> None:
        if data["method"] == "custom":
            texts_at_reply.append(browser.state["text"])
        receive(data, buffers)

    live.comm.send = watch
    reply, buffers = browser.ask("run", text=OTHER, text_pair=TEXT)
    assert (list(reply), buffers) == (["id"], [])
    assert texts_at_reply == [OTHER]  # the state comes first
    assert (live.text, live.text_pair, live.busy) == (OTHER, TEXT, False)
    assert browser.state["meta"]["run"] == 2


def test_a_text_that_is_asked_for_again_is_read_once(live: AttentionWidget) -> None:
    browser = Browser(live)
    request = {"id": 7, "kind": "run", "text": OTHER, "text_pair": None}
    assert browser.send(request) == [({"id": 7}, [])]
    browser.updates.clear()
    assert browser.send(request) == [({"id": 7}, [])]  # where the first reply was lost
    assert (live.meta["run"], browser.updates) == (2, [])
    refused = {**request, "id": 8, "text": 5}
    assert browser.send(refused) == browser.send(refused)
    assert browser.replies[-1][0]["error"].startswith("malformed message: text is 5")
    assert browser.send({**request, "id": 9}) == [({"id": 9}, [])]
    assert live.meta["run"] == 3


def test_a_text_that_is_asked_for_again_while_it_is_read_has_one_reply(
    live: AttentionWidget, minilm: tuple[Any, Any]
) -> None:
    browser = Browser(live)
    request = {"id": 7, "kind": "run", "text": OTHER, "text_pair": None}
    again: list[Any] = []
    with during_forward(minilm[0], lambda: again.append(browser.send(request))):
        assert browser.send(request) == [({"id": 7}, [])]
    assert again == [[]]
    assert live.meta["run"] == 2


def test_only_some_requests_are_remembered() -> None:
    once = Once()
    for ident in range(1000):
        assert once.begin(ident)
        once.end(ident, {"id": ident})
    once.end(1000, {"id": 1000})  # never begun
    assert [once.reply(ident) for ident in (983, 984, 999, 1000)] == [
        None,
        {"id": 984},
        {"id": 999},
        None,
    ]


def test_a_widget_of_a_trace_says_that_it_has_no_model(made: AttentionWidget) -> None:
    assert made.meta["read_only"] == "trace"
    with nothing_changes(made):
        reply, _ = Browser(made).ask("run", text=OTHER, text_pair=None)
    assert reply["error"].startswith("this widget was made from a trace and has no model")


def test_observers_see_one_consistent_state(live: AttentionWidget) -> None:
    live.token = 6
    seen: list[Any] = []

    def look(_: object) -> None:
        seen.append((live.text, len(live.meta["tokens"]), len(live.trace.tokens), live.token))

    live.observe(look, ["text", "meta", "token"])
    live.text = "a novel"
    assert seen == [("a novel", 4, 4, None)] * 3


def test_an_observer_that_fails_leaves_both_sides_in_step(
    live: AttentionWidget, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError

    browser = Browser(live)
    live.observe(fail, "text")
    with pytest.raises(ZeroDivisionError):
        live.text = OTHER
    assert (live.text, live.meta["run"], live.busy) == (OTHER, 2, False)
    assert browser.state == {**browser.state, "text": OTHER, "busy": False, "meta": live.meta}
    reply, _ = browser.ask("run", text="a novel", text_pair=None)
    assert reply.keys() == {"id"}  # the run went well
    assert browser.state["meta"]["run"] == 3
    assert "ZeroDivisionError" in caplog.text  # and the observer's error is not lost


def test_an_observer_may_run_another_text(live: AttentionWidget) -> None:
    browser = Browser(live)
    live.observe(lambda change: live.run(f"token {change['new']}"), "token")
    browser.select(token=2)
    assert (live.text, browser.state["text"]) == ("token 2", "token 2")
    assert (live.meta["run"], browser.state["meta"]["run"], live.busy) == (2, 2, False)


def test_a_run_that_could_not_be_taken_back_is_refused(live: AttentionWidget) -> None:
    with (
        nothing_changes(live),
        pytest.raises(TraitError, match="hold_trait_notifications"),
        live.hold_trait_notifications(),
    ):
        live.text = OTHER


def test_while_the_model_runs_the_old_trace_is_served(
    live: AttentionWidget, minilm: tuple[Any, Any]
) -> None:
    browser, model = Browser(live), minilm[0]
    started, finish = threading.Event(), threading.Event()

    def wait() -> None:
        started.set()
        assert finish.wait(30)

    def read() -> None:
        live.text = OTHER

    with during_forward(model, wait):
        thread = threading.Thread(target=read)
        thread.start()
        assert started.wait(30)
        try:
            assert browser.state["busy"] is True
            expected = live.trace.attention(2)
            np.testing.assert_array_equal(browser.tensor("attention/encoder/2"), expected)
            browser.select(layer=4, heads=[1])
            live.token = 3
            assert (live.layer, live.heads, live.text) == (4, (1,), TEXT)
            message = "the model is reading another text; try again when busy is False"
            with pytest.raises(TraitError, match=message):
                live.run("a novel")
            reply, _ = browser.ask("run", text="a novel", text_pair=None)
            assert reply["error"] == message
            assert live.busy
        finally:
            finish.set()
            thread.join(30)
    assert (live.text, live.busy, live.layer, live.token) == (OTHER, False, 4, 3)
    assert browser.tensor("attention/encoder/2", run=1) == "run 1 is over; the widget shows run 2"
    np.testing.assert_array_equal(browser.tensor("attention/encoder/2"), live.trace.attention(2))


def test_clicks_and_runs_on_two_threads_leave_both_sides_in_step(live: AttentionWidget) -> None:
    browser = Browser(live)
    failed: list[BaseException] = []

    def click() -> None:
        try:
            for turn in range(200):
                browser.select(layer=turn % 6, token=turn % 4)
                live.heads = (turn % 12,)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=click)
    thread.start()
    while thread.is_alive():
        live.text = TEXT if live.text == OTHER else OTHER
    thread.join()
    assert failed == []
    assert_in_step(live, browser)


# ---------------------------------------------------------------- messages


def test_tensors_come_by_key(live: AttentionWidget) -> None:
    browser = Browser(live)
    for layer in (0, 5):
        np.testing.assert_array_equal(
            browser.tensor(f"attention/encoder/{layer}"), live.trace.attention(layer)
        )
    edges = browser.tensor("edges/encoder/1/each/0,3/0.95/0/all")[1:]
    head, query, key = (edges[:, column].astype(int) for column in range(3))
    np.testing.assert_allclose(live.trace.attention(1)[head, query, key], edges[:, 3], atol=1e-7)


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (
            {"kind": "tensor", "run": 2, "key": "count_nan/encoder/0"},
            "run 2 is over; the widget shows run 1",
        ),
        ({"kind": "tensor", "run": 1, "key": "x"}, "unknown tensor 'x'; allowed: attention/"),
        (
            {"kind": "tensor", "run": 1, "key": "count_nan/encoder/9"},
            "layer must be in 0–2, got 9",
        ),
        ({"kind": "tensor", "run": 1}, "malformed message: key is None; allowed: str"),
        (
            {"kind": "tensor", "key": "count_nan/encoder/0"},
            "malformed message: run is None; allowed: int",
        ),
        (
            {"kind": "tensor", "run": True, "key": "count_nan/encoder/0"},
            "malformed message: run is True",
        ),
        ({"kind": "run"}, "malformed message: text is None; allowed: str"),
        ({"kind": "run", "text": "a", "text_pair": 3}, "text_pair is 3 (int); allowed: a string"),
        ({"kind": "dance"}, "unknown kind 'dance'; allowed: ready, tensor, run"),
        ({"kind": "d" * 999}, "unknown kind 'dddddddddddd...ddddddddddddd'; allowed"),
        ({}, "malformed message: kind is None; allowed: str"),
    ],
)
def test_what_cannot_be_answered_is_said(
    made: AttentionWidget, message: dict[str, Any], error: str
) -> None:
    with nothing_changes(made):
        ((reply, buffers),) = Browser(made).send({"id": 5, **message})
    assert (reply["id"], buffers) == (5, [])
    assert reply["error"].startswith(error)


def test_an_error_while_computing_is_said(
    made: AttentionWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no memory left")

    monkeypatch.setattr("attention_widget.trace.trace.Block.attention", fail)
    assert Browser(made).tensor("attention/encoder/0") == "RuntimeError: no memory left"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "id": st.integers() | JSON,
        "kind": st.sampled_from(["tensor", "run"]) | JSON,
        "run": st.integers(0, 2) | JSON,
        "key": st.sampled_from(["count_nan/encoder/0", "attention/encoder/9", "query/encoder/0/0"])
        | JSON,
        "text": JSON,
        "text_pair": JSON,
    },
)
FUZZED = AttentionWidget.from_trace(trace(heads=(2,)))
BROWSER = Browser(FUZZED)


@settings(deadline=None)
@given(NEARLY | JSON)
def test_any_message_gets_exactly_one_reply(message: Any) -> None:
    before = all_of(FUZZED)
    ((reply, buffers),) = BROWSER.send(message)
    assert all_of(FUZZED) == before
    assert BROWSER.updates == []
    if "error" in reply:
        assert reply["error"]
        assert buffers == []
    else:
        assert math.prod(reply["shape"]) * 4 == len(buffers[0])
        assert reply["id"] == message["id"]


@pytest.mark.parametrize(("said", "kept"), [(1, [1]), ({}, [])])
def test_the_browser_gets_what_is_stored_of_what_it_said(said: Any, kept: list[int]) -> None:
    made = AttentionWidget.from_trace(trace(heads=(2,)), heads=kept)
    browser = Browser(made)
    browser.select(heads=said)
    assert browser.state["heads"] == kept


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*SELECTIONS, "text", "busy", "meta", "kept"]), JSON))
def test_whatever_the_browser_sets_both_sides_stay_in_step(state: dict[str, Any]) -> None:
    BROWSER.select(**state)
    BROWSER.updates.clear()
    assert_in_step(FUZZED, BROWSER)
    assert FUZZED.meta["run"] == 1
    assert FUZZED.busy is False

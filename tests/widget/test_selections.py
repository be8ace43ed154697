"""What is selected: checked, brought to the browser, and put right where it cannot be."""

from __future__ import annotations

import logging
import math
from typing import Any

import numpy as np
import pytest
import torch
from support.front_end import Browser
from support.in_step import SELECTIONS, all_of, nothing_changes
from support.traces import trace
from traitlets import TraitError

from attention_widget import AttentionWidget
from attention_widget._util.lists import as_lists
from attention_widget.protocol.option_values import VIEWS
from attention_widget.protocol.options import values_of

FLAGS = ["words", "min_max", "sort_heads", "atlas_sort", "normalise_rows", "log_colour"]


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
        ("head_pairs", [(1, 2), (0, 3)], ((1, 2), (0, 3))),
        ("head_pairs", np.array([[1, 2], [0, 3]]), ((1, 2), (0, 3))),
        ("head_pairs", iter([[1, 2]]), ((1, 2),)),
        ("head_pairs", None, ()),
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
        *(("atlas_label", one, one) for one in values_of("atlas_label")),
        *((name, "mine", "mine") for name in ("atlas_summary", "atlas_across", "atlas_up")),
        ("atlas_summary", None, None),
        *(("pin_mode", one, one) for one in ("each", "mean")),
        ("views", ["text"], ("text",)),
        ("views", "neuron", ("neuron",)),
        ("views", (), ()),
        ("views", VIEWS[::-1], VIEWS[::-1]),
        ("measure", "attention_received", "attention_received"),
        ("space", "embeddings", "embeddings"),
        *(("colour_map", one, one) for one in values_of("colour_map")),
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
        *(("summary", one, one) for one in values_of("summary")),
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
    assert browser.state[name] == as_lists(stored)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("attention_kind", "cross", "attention_kind must be encoder, got 'cross'"),
        ("attention_kind", None, "attention_kind must be encoder, got None"),
        ("layer", 3, "layer must be in 0–2, got 3"),
        ("layer", -1, "layer must be in 0–2, got -1"),
        ("layer", "1", "layer must be an integer in 0–2, got '1'"),
        ("layer", 1.0, "layer must be an integer in 0–2, got 1.0"),
        ("layer", True, "layer must be an integer in 0–2, got True"),
        ("layer", None, "layer must be an integer in 0–2, got None"),
        ("heads", 4, "heads must be in 0–3, got 4; layer 0 has 4 heads"),
        ("heads", [0, -1], "heads must be in 0–3, got -1; layer 0 has 4 heads"),
        ("heads", [1, 1], "heads must name each head once, got 1 twice"),
        ("heads", "01", "heads must be one or several integers in 0–3, got '01'"),
        ("heads", [0, None], "heads must be an integer in 0–3, got None"),
        ("heads", [True], "heads must be an integer in 0–3, got True"),
        ("heads", None, "heads must be one or several integers in 0–3, got None"),
        ("token", 6, "token must be in 0–5 or None, got 6"),
        ("token", -1, "token must be in 0–5 or None, got -1"),
        ("pinned", 6, "pinned must be in 0–5, got 6"),
        ("pinned", [0, -1], "pinned must be in 0–5, got -1"),
        ("pinned", [1, 2, 1], "pinned must name each token once, got 1 twice"),
        ("pinned", b"a", "pinned must be one or several integers in 0–5, got b'a' (bytes)"),
        (
            "pinned",
            "zz",
            "pinned must be a token, by its index or its word: 'zz' is none of the tokens",
        ),
        ("pinned", 1.5, "pinned must be one or several integers in 0–5, got 1.5"),
        ("pinned", [None], "pinned must be an integer in 0–5, got None"),
        ("key_token", 6, "key_token must be in 0–5 or None, got 6"),
        ("key_token", [1], "key_token must be an integer in 0–5 or None, got [1] (list)"),
        (
            "views",
            ["lines", "x"],
            "views must be any of lines, grid, neuron, matrix, tokens, text, heads, predictions, "
            "attribution, passages, positions, calculation or atlas, got 'x'",
        ),
        (
            "views",
            ["text", "text"],
            "views must name each once, got 'text' twice",
        ),
        (
            "views",
            3,
            "views must be any of lines, grid, neuron, matrix, tokens, text, heads, predictions, "
            "attribution, passages, positions, calculation or atlas, got 3",
        ),
        ("atlas_up", 3, "atlas_up must be the name of a summary, or None, got 3"),
        ("atlas_up", "", "atlas_up must be the name of a summary, or None, got ''"),
        ("atlas_label", "x", "atlas_label must be all, previous, next, self, duplicate,"),
        (
            "measure",
            "norms",
            "measure must be norm, previous_cosine, pinned_cosine, "
            "attention_from, attention_received, removal or "
            "integrated_gradients, got 'norms'; did you mean 'norm'?",
        ),
        (
            "measure",
            ["norm"],
            "measure must be norm, previous_cosine, pinned_cosine, "
            "attention_from, attention_received, removal or "
            "integrated_gradients, got ['norm'] (list)",
        ),
        ("space", None, "space must be word_embeddings, embeddings or hidden_states, got None"),
        ("words", 1, "words must be True or False, got 1"),
        ("sort_heads", "yes", "sort_heads must be True or False, got 'yes'"),
        ("normalise_rows", None, "normalise_rows must be True or False, got None"),
        ("log_colour", 0.5, "log_colour must be True or False, got 0.5"),
        ("combine", True, "combine must be overlay, columns, mean or maximum, got True"),
        ("pin_mode", "all", "pin_mode must be each or mean, got 'all'"),
        (
            "colour_map",
            "jet",
            "colour_map must be auto, purple, red, viridis, cividis, grey or diverging, got 'jet'",
        ),
        ("special_tokens", False, "special_tokens must be show, hide or renormalise, got False"),
        ("segments", "A→B", "segments must be all, a_a, a_b, b_a or b_b, got 'A→B'"),
        ("top_p", 1.01, "top_p must be a number from 0 to 1, got 1.01"),
        ("top_p", math.nan, "top_p must be a number from 0 to 1, got nan"),
        ("top_p", "0.5", "top_p must be a number from 0 to 1, got '0.5'"),
        ("threshold", -0.1, "threshold must be a number from 0 to 1, got -0.1"),
        ("threshold", True, "threshold must be a number from 0 to 1, got True"),
        ("threshold", None, "threshold must be a number from 0 to 1, got None"),
        (
            "threshold",
            np.array([0.1, 0.2]),
            "threshold must be a number from 0 to 1, got array([0.1, 0.2]) (ndarray)",
        ),
        ("direction", "down", "direction must be vertical or horizontal, got 'down'"),
        (
            "summary",
            "Entropy",
            "summary must be none, entropy, distance, distance_variance, previous, next, self, "
            "duplicate, induction, same_word, first, delimiter, special, sink, effect or "
            "divergence, got 'Entropy'; did you mean 'entropy'?",
        ),
        ("theme", "pink", "theme must be auto, light or dark, got 'pink'"),
        ("locale", "fr", "locale must be auto, en, vi or ru, got 'fr'"),
        ("text", "new", "this widget was made from a trace and has no model to run another text"),
        ("text", 3, "text must be a string, got 3"),
        ("text_pair", 3, "text_pair must be a string or None, got 3"),
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
    message = "layer must be 1 or 3, the layers with encoder attention, got 2"
    with nothing_changes(made), pytest.raises(TraitError, match=message):
        made.layer = 2

"""A page of a long text whose views show no attention carries that in sight alone: that of a
window, or where it was read in one pass that of a layer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tiny_inputs
from numpy.typing import NDArray
from support.archives import manifest
from support.page_reader import PageReader
from support.traces import trace, windowed
from tiny_models import random_model
from transformers import GPT2Config, GPT2Model

from attention_widget import AttentionWidget, Trace, capture
from attention_widget.experiments import MEASURES
from attention_widget.export import sight
from attention_widget.protocol.keys import WITH_MEASURE, WITHOUT_ATTENTION
from attention_widget.protocol.measured import OF_LAYERS
from attention_widget.protocol.option_values import VIEWS

Floats = NDArray[np.floating[Any]]

SENTENCE = "Attention is a novel idea, and purple a colour that grows by the river. "


def of_windows(page: str, name: str) -> dict[str, dict[str, Any]]:
    """The entries of a tensor, by their key."""
    entries: dict[str, dict[str, Any]] = manifest(page)["entries"]
    wanted = re.compile(rf"(measured/\w+/)?window/\d+/{name}/")
    return {key: entry for key, entry in entries.items() if wanted.match(key)}


def windows_in(page: str, name: str) -> set[int]:
    return {int(key.split("window/")[1].split("/")[0]) for key in of_windows(page, name)}


@pytest.mark.parametrize(
    ("views", "measure", "token", "carried"),
    [
        (["text"], "norm", None, {0}),
        (["text"], "previous_cosine", 0, {0}),
        (["text"], "pinned_cosine", 20, {1}),
        (["text"], "norm", 39, {2}),
        (["text", *WITHOUT_ATTENTION], "norm", 20, {1}),
        (["tokens", "positions"], "attention_from", 20, {1}),
        (["text"], "attention_from", 20, {0, 1, 2}),
        (["text"], "attention_received", 20, {0, 1, 2}),
        (["text", "lines"], "norm", 20, {0, 1, 2}),
        *(([view], "norm", 20, {0, 1, 2}) for view in VIEWS if view != "text"
          and view not in WITHOUT_ATTENTION),
    ],
)  # fmt: skip
def test_which_windows_go_along(
    views: Any, measure: Any, token: int | None, carried: set[int]
) -> None:
    widget = AttentionWidget.from_trace(windowed(), views=views, measure=measure, token=token)
    page = widget.to_html()
    assert windows_in(page, "attention") == carried
    assert windows_in(page, "mask") == {0, 1, 2}  # the tokens view shows that of each


def test_a_text_of_one_pass_has_all_its_attention() -> None:
    made = trace(heads=(2, 2))
    text, lines = (
        manifest(AttentionWidget.from_trace(made, views=views, measure="norm").to_html())
        for views in ("text", "lines")
    )
    attention = {key for key in text["entries"] if key.startswith("attention/")}
    assert attention == {"attention/encoder/0", "attention/encoder/1"}
    assert {key: text["entries"][key]["shape"] for key in attention} == {
        key: lines["entries"][key]["shape"] for key in attention
    }


@pytest.fixture
def short_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a text of a few tokens were one of thousands."""
    monkeypatch.setattr(sight, "LONG", 10)


def layers_in(page: str) -> set[str]:
    return {key for key in manifest(page)["entries"] if key.startswith("attention/")}


BOTH: set[str] = {"attention/encoder/0", "attention/encoder/1"}


@pytest.mark.parametrize(
    ("views", "measure", "carried"),
    [
        (["text"], "norm", {"attention/encoder/1"}),
        (["tokens", "positions"], "attention_from", {"attention/encoder/1"}),
        (["text"], "attention_from", BOTH),
        (["text", "lines"], "norm", BOTH),
        *(([view], "norm", BOTH) for view in VIEWS if view != "text"
          and view not in WITHOUT_ATTENTION),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("short_is_long")
def test_a_long_text_of_one_pass_has_that_of_the_layer_where_no_view_shows_any(
    views: Any, measure: Any, carried: set[str]
) -> None:
    made = trace(heads=(2, 2))
    page = AttentionWidget.from_trace(made, views=views, measure=measure, layer=1).to_html()
    assert layers_in(page) == carried
    assert {f"mask/encoder/{layer}" for layer in (0, 1)} <= set(manifest(page)["entries"])
    assert manifest(page)["held"] == {"encoder": {"0": [0, 1], "1": [0, 1]}}  # can be looked at


@pytest.mark.usefixtures("short_is_long")
def test_what_of_it_is_carried_is_the_traces_own_and_what_is_not_is_lacking(
    reader: PageReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = trace(heads=(2, 2))
    widget = AttentionWidget.from_trace(made, views=["text"], measure="norm", layer=1)
    reader.open(widget.to_html())
    key = "attention/encoder/1"
    np.testing.assert_array_equal(reader.tensors([key])[key], made.attention(1))
    for lacking in ("attention/encoder/0", "attention_row/encoder/0/1"):
        with pytest.raises(AssertionError, match=f"lacks {lacking}"):
            reader.tensors([lacking])
    monkeypatch.setattr(sight, "LONG_LAYER", 10)
    assert layers_in(widget.to_html()) == set()


@pytest.mark.slow
def test_what_the_vectors_of_a_long_text_take_is_told(smollm: tuple[Any, Any]) -> None:
    """Those that enter the first layer pack better than all later ones."""
    model, tokenizer = smollm
    widget = AttentionWidget(model, SENTENCE * 18, tokenizer=tokenizer, views="text", layer=5)
    page = widget.to_html(progress=False)
    assert layers_in(page) == {"attention/decoder/5"}
    assert len(page) / 1.15 <= widget.memory().page <= 1.15 * len(page)


@pytest.mark.slow
def test_a_text_of_2000_tokens_in_one_pass_is_a_page_of_its_vectors(
    reader: PageReader,
) -> None:
    sizes: dict[str, Any] = {
        "vocab_size": 99,
        "n_embd": 32,
        "n_layer": 6,
        "n_head": 8,
        "n_positions": 2048,
    }
    ends: dict[str, Any] = {"bos_token_id": None, "eos_token_id": None}
    model = random_model(GPT2Model, GPT2Config(**sizes, **ends))
    words = tiny_inputs.tokenizer("a b c d e f g h i j")
    made = capture(model, "a b c d e f g h i j " * 200, tokenizer=words)
    assert len(made.tokens) >= 2000
    widget = AttentionWidget.from_trace(made, views=["text", "tokens"], measure="norm", layer=2)
    page = widget.to_html(progress=False)
    told = widget.memory().page
    assert len(page) / 1.3 <= told <= 1.3 * len(page)
    assert layers_in(page) == {"attention/decoder/2"}
    error = reader.open(page)["error"]
    name = "attention_row/decoder/2/1500"
    row = reader.tensors([name])[name]
    assert np.abs(row - made.attention(2)[:, 1500]).max() <= error["weight"]
    widget.views = ["lines"]
    assert widget.memory().page > 3 * told


@pytest.mark.parametrize(
    ("views", "measure", "carried"),
    [
        (["text"], "norm", set()),
        (["heads", "text"], "norm", set()),  # which are of attention alone
        (["text"], "attention_from", {"0", "1", "2"}),
        (["lines", "text"], "norm", {"0", "1", "2"}),
        *(([view], "norm", {"0", "1", "2"}) for view in WITH_MEASURE if view != "text"),
    ],
)
def test_a_measure_in_the_place_of_attention_goes_along_where_a_view_shows_it(
    views: Any, measure: Any, carried: set[str]
) -> None:
    widget = AttentionWidget.from_trace(
        windowed(), views=views, measure=measure, weights="value_weighted", token=20
    )
    page = widget.to_html()
    keys = {key for key in of_windows(page, "attention") if key.startswith("measured/")}
    assert {key.split("/")[3] for key in keys} == carried
    assert manifest(page)["state"]["weights"] == ("value_weighted" if carried else "attention")
    assert widget.weights == "value_weighted"
    assert len(page) / 1.3 <= widget.memory().page <= 1.3 * len(page)


def test_which_measures_are_of_layers_is_said_once() -> None:
    of_layers = {name for name, facts in MEASURES.items() if facts.per == "layer"}
    assert set(OF_LAYERS) == of_layers


@pytest.mark.slow
@pytest.mark.parametrize("weights", ["value_weighted", "rollout"])
def test_its_bytes_are_told(weights: Any, minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    widget = AttentionWidget(
        model, SENTENCE * 12, tokenizer=tokenizer, views="lines", weights=weights
    )
    real = len(widget.to_html(progress=False))
    assert real / 1.3 <= widget.memory().page <= 1.3 * real


@pytest.fixture(scope="module")
def long(minilm: tuple[Any, Any]) -> Trace:
    model, tokenizer = minilm
    made = capture(model, SENTENCE * 60, tokenizer=tokenizer, windows=True)
    assert len(made.windows) == 3
    return made


@pytest.fixture(scope="module")
def pages(long: Trace) -> dict[str, tuple[str, int]]:
    """Of vectors and of attention: the page, and what it was told to take."""
    widgets = {
        measure: AttentionWidget.from_trace(
            long, views="text", measure=measure, token=600, pinned=[600]
        )
        for measure in ("pinned_cosine", "attention_from")
    }
    return {
        measure: (widget.to_html(progress=False), widget.memory().page)
        for measure, widget in widgets.items()
    }


@pytest.mark.slow
def test_the_page_is_smaller_by_what_it_lacks(
    long: Trace, pages: dict[str, tuple[str, int]]
) -> None:
    """By the attention of the other windows, a block for each head, and by nothing else."""
    small, whole = (pages[name][0] for name in ("pinned_cosine", "attention_from"))
    found = re.findall(r'<script type="text/plain" id="aw-(block-\d+)">(.*?)</script>', whole)
    blocks: dict[str, str] = dict(found)
    entries = of_windows(whole, "attention")
    lacking = {
        f"block-{kept[1] + 1}"
        for key, entry in entries.items()
        if not key.startswith("window/1/")
        for kept in entry["maps"]
    }
    assert len(lacking) == 2 * 6 * 12
    lost = sum(len(blocks[name]) for name in lacking)
    assert lost > len(whole) / 3
    assert len(whole) - len(small) == pytest.approx(lost, rel=0.01)
    for html, told in pages.values():
        assert len(html) / 1.3 <= told <= 1.3 * len(html)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageReader]:
    made = PageReader(tmp_path_factory.mktemp("reader"))
    yield made
    made.close()


def cosines(vectors: Floats) -> Floats:
    """Of each token to each (token, token)."""
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    together: Floats = unit @ unit.T
    return together


@pytest.mark.slow
def test_what_it_shows_are_the_numbers_of_the_trace(
    long: Trace, pages: dict[str, tuple[str, int]], reader: PageReader
) -> None:
    error = reader.open(pages["pinned_cosine"][0])["error"]
    keys = [f"hidden_states/encoder/{index}" for index in (0, 6)]
    seen = reader.tensors([*keys, *(f"window/1/attention/encoder/{layer}" for layer in (0, 5))])
    for key, index in zip(keys, (0, 6), strict=True):
        assert seen[key].shape[0] == len(long.tokens)
        away = np.abs(cosines(seen[key]) - cosines(long.hidden_states(index))).max()
        assert away <= error["cosine"]
    for layer in (0, 5):
        weights = long.windows[1].trace.attention(layer)
        away = np.abs(seen[f"window/1/attention/encoder/{layer}"] - weights).max()
        assert away <= error["weight"]
    with pytest.raises(AssertionError, match="lacks window/0/attention/encoder/0"):
        reader.tensors(["window/0/attention/encoder/0"])

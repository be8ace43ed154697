"""The neuron view: the numbers behind one row of attention, the same as everywhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Locator, expect
from support import models, traces

from attention_widget import capture
from attention_widget.trace.trace import Trace
from browser.page_host import PageHost
from browser.picking import choose_head
from browser.reading import (
    agrees,
    as_weight,
    key_weights,
    leave,
    neuron_label,
    neuron_row,
    neurons,
    number,
    panel_action,
    panel_options,
    pixels,
    scores,
    softmax,
    texts,
    tooltip,
)

pytestmark = pytest.mark.browser

ROW = 22


VIEWS = ("lines", "neuron")


@pytest.fixture
def open_widget(open_widget: Callable[..., PageHost]) -> Callable[..., PageHost]:
    def open_views(*text: str, views: Any = VIEWS, **given: Any) -> PageHost:
        return open_widget(*text, views=views, **given)

    return open_views


@pytest.fixture
def open_trace(open_trace: Callable[..., PageHost]) -> Callable[..., PageHost]:
    def open_views(trace: Trace, views: Any = VIEWS, **given: Any) -> PageHost:
        return open_trace(trace, views=views, **given)

    return open_views


def strip(host: PageHost, name: str) -> Locator:
    return neurons(host.page).locator(f'canvas[data-strip="{name}"]')


def test_scores_and_softmax_are_the_traces_and_the_lines(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget("I read a good novel about purple ink.")
    trace = host.widget.trace
    for layer, head, token in [(0, 0, 1), (1, 11, 0), (3, 7, 5), (5, 4, 8), (5, 4, 2)]:
        host.select(layer=layer, heads=head, token=token)
        exact = trace.block(layer).scores([head], [token])[0, 0]
        shown = scores(host.page)
        assert set(shown) == set(range(len(trace.tokens)))
        assert all(agrees(shown[key], score) for key, score in enumerate(exact)), (shown, exact)
        weights = trace.attention(layer)[head, token]
        assert softmax(host.page) == {key: as_weight(weight) for key, weight in enumerate(weights)}
        assert softmax(host.page) == key_weights(host.page)
        note = neurons(host.page).locator(".aw-note")
        expect(note).to_contain_text(f"layer {layer}, head {head}: softmax sums to 1.000")


def test_without_a_selected_token_it_shows_the_first_of_the_text(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(heads=2)
    expect(neurons(host.page).locator(".aw-neuron-query")).to_have_text("Attention")
    weights = host.widget.trace.attention(0)[2, 1]
    assert softmax(host.page) == {key: as_weight(weight) for key, weight in enumerate(weights)}


def test_a_head_that_is_chosen_here_is_selected_everywhere(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(heads=(2, 7), token=3)
    with panel_options(neurons(host.page)) as options:
        chips = options.get_by_role("radiogroup", name="Head shown here")
        chips.get_by_role("radio", name="Head 7", exact=True).click()
    host.settle()
    weights = host.widget.trace.attention(0)[7, 3]
    assert softmax(host.page) == {key: as_weight(weight) for key, weight in enumerate(weights)}
    assert host.widget.heads == (7,)
    choose_head(host.page, 4)
    host.expect(heads=(4,))
    host.settle()
    weights = host.widget.trace.attention(0)[4, 3]
    assert softmax(host.page) == {key: as_weight(weight) for key, weight in enumerate(weights)}


@pytest.mark.parametrize("number_format", ["standard", "full"])
def test_the_mouse_over_a_cell_reads_its_number(
    open_widget: Callable[..., PageHost], number_format: str
) -> None:
    host = open_widget(layer=4, heads=9, token=5, number_format=number_format)
    trace = host.widget.trace
    query, keys = trace.queries(4)[9, 5], trace.keys(4)[9]
    dim = len(query)

    def read(name: str, i: int, key: int) -> dict[str, str]:
        canvas = strip(host, name)
        box = canvas.bounding_box()
        assert box is not None
        x = (i + 0.5) * box["width"] / dim
        canvas.hover(position={"x": x, "y": (key + 0.5) * ROW})
        said = tooltip(neurons(host.page)).locator("div").all_text_contents()
        return dict(line.split(" = ") for line in said)

    def assert_said(said: dict[str, str], **exact: float) -> None:
        assert set(said) == set(exact)
        for name, value in exact.items():
            assert agrees(said[name], value), (name, said[name], value)
            if number_format == "full":
                assert number(said[name]) == pytest.approx(value, rel=1e-6)

    for i, key in [(0, 0), (13, 4), (dim - 1, 7)]:
        q = {f"q[{i}] of idea": float(query[i])}
        k = {f"k[{i}] of {trace.tokens[key].label}": float(keys[key, i])}
        product = {"q × k": float(query[i]) * float(keys[key, i])}
        assert_said(read("query", i, 0), **q)
        assert_said(read("key", i, key), **k)
        assert_said(read("product", i, key), **q, **k, **product)


def test_the_mouse_over_a_row_reads_score_and_softmax_as_the_row_has_them(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(layer=4, heads=9, token=5)
    block = host.widget.trace.block(4)
    said = tooltip(neurons(host.page)).locator("div")
    for number_format in ("standard", "full"):
        host.select(number_format=number_format)
        leave(host.page)
        neuron_row(host.page, 2).hover()
        label, score, weight = said.all_text_contents()
        assert label == "is"
        assert score == f"q · k · scale = {scores(host.page)[2]}"
        assert weight == f"softmax = {softmax(host.page)[2]}"
    assert number(scores(host.page)[2]) == pytest.approx(block.scores([9], [5])[0, 0, 2], rel=1e-6)
    assert number(softmax(host.page)[2]) == pytest.approx(
        block.attention([9], [5])[0, 0, 2], rel=1e-6
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_tell_sign_and_size(open_widget: Callable[..., PageHost], theme: str) -> None:
    host = open_widget(layer=4, heads=9, token=5, theme=theme)
    trace = host.widget.trace
    query, keys = trace.queries(4)[9], trace.keys(4)[9]
    largest = max(abs(query).max(), abs(keys).max())
    products = keys * query[5]
    shown: dict[str, tuple[NDArray[np.float32], float]] = {
        "query": (query[5:6], largest),
        "key": (keys, largest),
        "product": (products, abs(products).max()),
    }
    for name, (values, limit) in shown.items():
        rows, dim = values.shape
        image = pixels(strip(host, name))
        x = ((np.arange(dim) + 0.5) * image.shape[1] / dim).astype(int)
        y = np.arange(rows) * ROW + ROW // 2
        cells = image[y][:, x].astype(float)  # (row, dim, rgba)
        assert (cells[..., 3] == 255).all()
        warmth = cells[..., 0] - cells[..., 2]  # orange for more than 0, blue for less
        plain = abs(values) > 0.1 * limit
        assert plain.sum() >= 10
        assert (np.sign(warmth) == np.sign(values))[plain].all()
        assert np.corrcoef(warmth.ravel(), values.ravel())[0, 1] > 0.98
        assert abs(warmth).max() > 100


def test_legends_tell_the_largest_numbers(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget()
    trace = host.widget.trace
    for layer, head, token in [(0, 0, 3), (5, 8, 6)]:
        host.select(layer=layer, heads=head, token=token)
        query, keys = trace.queries(layer)[head], trace.keys(layer)[head]
        limits = [
            max(abs(query).max(), abs(keys).max()),
            abs(keys * query[token]).max(),
        ]
        items = neurons(host.page).locator(".aw-legend-item")
        expect(items).to_have_count(2)
        for item, limit in zip(items.all(), limits, strict=True):
            low, _, high = item.locator("span").all_text_contents()
            assert agrees(low, -limit), (low, limit)
            assert agrees(high.removeprefix("+"), limit), (high, limit)


def test_what_a_causal_model_does_not_see_is_said(open_trace: Callable[..., PageHost]) -> None:
    trace = capture(models.tiny("gpt2"), models.TEXT, tokenizer=models.tokenizer())
    host = open_trace(trace, heads=1, token=4)
    shown = softmax(host.page)
    weights = trace.attention(0)[1, 4]
    assert weights[:5].sum() == pytest.approx(1)
    for key, weight in enumerate(weights):
        assert shown[key] == (as_weight(weight) if key <= 4 else "masked")
        row = expect(neuron_row(host.page, key))
        (row.to_contain_class if key > 4 else row.not_to_contain_class)("aw-masked")
    exact = trace.block(0).scores([1], [4])[0, 0]
    assert all(agrees(score, exact[key]) for key, score in scores(host.page).items())
    assert all(weight == "0" for key, weight in key_weights(host.page).items() if key > 4)


@pytest.mark.skipif(not models.has("gemma2"), reason="this transformers has no Gemma 2")
def test_what_stands_between_score_and_softmax_is_shown(
    open_trace: Callable[..., PageHost],
) -> None:
    trace = capture(models.tiny("gemma2", "eager"), models.TEXT, tokenizer=models.tokenizer())
    host = open_trace(trace, heads=2, token=3)
    block = trace.block(0)
    logits = block.logits([2], [3])[0, 0]
    assert abs(logits[:4] - block.scores([2], [3])[0, 0, :4]).max() > 0.01  # the soft cap bites
    rows = neurons(host.page).locator(".aw-neuron-numbers [data-token]")
    shown = texts(rows, ".aw-number:nth-child(2)")
    for key, logit in shown.items():
        assert agrees(logit, logits[key]) if key <= 3 else logit == "−∞"


def test_what_goes_to_the_sink_is_said(open_trace: Callable[..., PageHost]) -> None:
    trace = traces.trace(heads=(4,))
    block = replace(trace.blocks[0], sinks=torch.ones(4))
    host = open_trace(replace(trace, blocks=(block,)), heads=3, token=2)
    weights = block.attention([3], [2])[0, 0]
    rest = 1 - weights.sum(dtype=np.float64)
    assert rest > 0.01
    note = neurons(host.page).locator(".aw-note")
    expect(note).to_contain_text(f"the other {as_weight(rest)} goes to the sink")
    assert softmax(host.page) == {key: as_weight(weight) for key, weight in enumerate(weights)}


def test_grouped_heads_show_the_key_they_share(open_trace: Callable[..., PageHost]) -> None:
    trace = traces.trace(heads=(4,), kv_heads=2, causal=True)
    host = open_trace(trace, heads=3, token=5, number_format="full")
    canvas = strip(host, "key")
    for head in (3, 0):
        host.select(heads=head)
        canvas.hover(position={"x": 1, "y": 2.5 * ROW})
        said = tooltip(neurons(host.page)).text_content() or ""
        key = trace.keys(0)[head // 2, 2, 0]
        assert number(said.partition(" = ")[2]) == pytest.approx(key, rel=1e-6)


def test_a_click_on_a_row_selects_its_key(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(heads=2)
    neuron_label(host.page, 6).click()
    host.expect(token=None, key_token=6)
    neuron_row(host.page, 6).click()
    host.expect(key_token=None)
    strip(host, "product").click(position={"x": 20, "y": 5 * ROW + 5})
    host.expect(token=None, key_token=5)


def test_with_words_the_pieces_are_joined_and_have_the_weight_of_their_word(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget("Picking blackberries.", words=True, heads=2, views="neuron")
    trace = host.widget.trace
    pieces = [token.index for token in trace.tokens if token.word == 1]
    assert len(pieces) > 1
    host.select(token=pieces[0])
    for piece in reversed(pieces):
        with panel_options(neurons(host.page)) as options:
            chips = options.get_by_role("radiogroup", name="Piece of the word shown here")
            chips.get_by_role("radio", name=trace.tokens[piece].label, exact=True).click()
        host.expect(token=piece)
        host.settle()
        weights = trace.attention(0)[2, piece]
        assert softmax(host.page) == {key: as_weight(weight) for key, weight in enumerate(weights)}
        in_words = trace.words()
        rows = texts(
            neurons(host.page).locator(".aw-neuron-numbers [data-token]"), ".aw-word-weight"
        )
        row = next(token.index for token in in_words.tokens if token.word == 1)
        assert [said for said in rows.values() if said] == [
            as_weight(weight) for weight in in_words.attention(0)[2, row]
        ]
        assert rows[pieces[0]] == ""
    expect(neurons(host.page).locator(".aw-note")).to_contain_text(
        f"Piece 1 of {len(pieces)} of the word"
    )
    brackets = neurons(host.page).locator(".aw-neuron-labels [data-piece]")
    expect(brackets).to_have_count(len(pieces))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_shown_is_saved(open_widget: Callable[..., PageHost], theme: str) -> None:
    host = open_widget(
        "Picking blackberries.", words=True, heads=2, token=2, views="neuron", theme=theme
    )
    trace = host.widget.trace
    with host.page.expect_download() as saving:
        panel_action(neurons(host.page), "svg").click()
    svg = saving.value.path().read_text(encoding="utf-8")
    for foreign in ("var(", "class=", "foreignObject", "<style"):
        assert foreign not in svg
    said = host.page.evaluate(
        """(text) => {
          const figure = new DOMParser().parseFromString(text, "image/svg+xml");
          return [[...figure.querySelectorAll("text")].map((node) => node.textContent),
                  figure.querySelectorAll("image").length];
        }""",
        svg,
    )
    words, images = said
    n = len(trace.tokens)
    assert images == 2 * n + 1
    for token in trace.tokens:
        assert token.label in words
    weights = trace.attention(0)[2, 2]
    exact = trace.block(0).scores([2], [2])[0, 0]
    in_words = trace.words()
    row = next(token.index for token in in_words.tokens if token.word == trace.tokens[2].word)
    of_words = iter(in_words.attention(0)[2, row])
    below = iter(words[words.index("word") + 1 + n :])  # below the names of the keys
    for key, token in enumerate(trace.tokens):
        assert agrees(next(below), exact[key])
        assert next(below) == as_weight(weights[key])
        after = trace.tokens[key + 1].word if key + 1 < n else None
        if token.word is None or token.word != after:
            assert next(below) == as_weight(next(of_words))
    assert not list(of_words)
    with host.page.expect_download() as saving:
        panel_action(neurons(host.page), "png").click()
    assert saving.value.path().read_bytes().startswith(b"\x89PNG")


def test_the_figure_of_a_long_text_holds_the_rows_in_sight(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(" ".join(["purple ink on a page"] * 12), heads=2, token=30, views="neuron")
    host.settle()
    scroller = neurons(host.page).locator(".aw-scroll")
    start, height = scroller.evaluate("(node) => [node.scrollTop, node.clientHeight]")
    middles = [22 * row + 11 - start for row in range(len(host.widget.trace.tokens))]
    rows = [row for row, middle in enumerate(middles) if 0 < middle <= height]
    assert 0 < rows[0] < 30 < rows[-1] < len(middles) - 1
    with host.page.expect_download() as saving:
        panel_action(neurons(host.page), "svg").click()
    figure = ElementTree.parse(saving.value.path()).getroot()
    said = [node.text for node in figure.iter("{http://www.w3.org/2000/svg}text")]
    below = said[said.index("softmax") + 1 :]  # names, then the numbers row by row
    n = len(rows)
    assert below[:n] == [host.widget.trace.tokens[row].label for row in rows]
    weights = host.widget.trace.attention(0)[2, 30, rows]
    assert below[n + 1 : 3 * n : 2] == [as_weight(weight) for weight in weights]
    images = figure.findall(".//{http://www.w3.org/2000/svg}image")
    assert len(images) == 2 * len(rows) + 1


@pytest.mark.parametrize("locale", ["en", "vi", "ru"])
@pytest.mark.parametrize(("width", "views"), [(640, "neuron"), (1280, ("lines", "neuron"))])
def test_the_names_of_the_columns_are_whole(
    open_widget: Callable[..., PageHost], width: int, views: str | tuple[str, ...], locale: str
) -> None:
    host = open_widget(views=views, heads=3, token=2, locale=locale)
    host.page.set_viewport_size({"width": width, "height": 900})
    host.settle()
    titles = host.page.locator(".aw-view-neuron .aw-columns")
    names = titles.locator("span:not(.aw-neuron-titles)")
    cut = names.evaluate_all(
        "(all) => all.filter((each) => each.scrollWidth > each.clientWidth && each.clientWidth)"
        ".map((each) => each.textContent)"
    )
    expect(names.first).to_be_visible()
    assert cut == []

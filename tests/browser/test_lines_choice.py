"""Which lines the lines view draws: top-p, threshold, special tokens, a pair, several heads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from support.traces import trace

from attention_widget.measures.edges import MOST_EDGES, strongest_edges
from browser.page_host import PageHost
from browser.picking import choose_setting
from browser.reading import (
    as_weight,
    head_colour,
    key_row,
    key_weights,
    lines,
    lines_canvas,
    panel_options,
    pixels,
    query_row,
)

pytestmark = pytest.mark.browser

LONG = " ".join(["purple ink on a page"] * 12)


def edge_count(page: Page) -> int:
    return int(lines_canvas(page).get_attribute("data-lines") or "")


def note(page: Page) -> str:
    return lines(page).locator(".aw-note").text_content() or ""


def said_share(page: Page) -> float:
    """Per cent of the attention that the lines hold, as the note has it."""
    return float(note(page).split(": ")[1].split(" %")[0])


def slide(page: Page, label: str, share: float) -> None:
    """Drag a slider to a share of its length."""
    with panel_options(lines(page)) as options:
        box = options.get_by_label(label).bounding_box()
        assert box is not None
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] / 2, middle)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * share, middle, steps=4)
        page.mouse.up()


@pytest.mark.parametrize("heads", [(3,), (0, 4, 11)])
def test_top_p_and_threshold_leave_the_lines_that_python_finds(
    open_widget: Callable[..., PageHost], heads: tuple[int, ...]
) -> None:
    host = open_widget(LONG, layer=1, heads=heads)
    made = host.widget.trace
    for top_p, threshold in ((0.95, 0.0), (0.5, 0.0), (1.0, 0.02), (0.8, 0.1)):
        host.select(top_p=top_p, threshold=threshold)
        found = strongest_edges(made, 1, heads, top_p=top_p, threshold=threshold).lines
        assert edge_count(host.page) == len(found)
        share = 100 * found[:, 3].sum() / (len(heads) * len(made.tokens))
        assert abs(said_share(host.page) - share) <= 0.051
    assert not [key for key in host.asked if key.startswith("edges")]  # the layer is here


def test_by_default_nineteen_of_twenty_parts_of_each_row_are_drawn(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(LONG, heads=8)
    maps = host.widget.trace.attention(0)[8]
    for query in (0, 3, 9):
        query_row(host.page, query).hover()
        host.settle()
        row = np.sort(maps[query])[::-1].astype(np.float64)
        count = edge_count(host.page)
        assert row[:count].sum() >= 0.95 * row.sum() > row[: count - 1].sum()


def test_the_sliders_change_the_traits_and_the_lines(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(LONG, heads=8)
    before = edge_count(host.page)
    slide(host.page, "top-p", 0.4)
    host.settle()
    assert 0.3 < host.widget.top_p < 0.5
    assert edge_count(host.page) < before
    expect(lines(host.page).locator("output").first).to_have_text(f"{host.widget.top_p:g}")
    slide(host.page, "weight ≥", 1.0)
    host.expect(threshold=0.5)
    host.settle()
    made = host.widget.trace
    drawn = strongest_edges(made, 0, [8], top_p=host.widget.top_p, threshold=0.5)
    assert edge_count(host.page) == len(drawn.lines)


@pytest.mark.parametrize(
    ("combine", "how"), [("overlay", "each"), ("mean", "mean"), ("maximum", "maximum")]
)
def test_of_a_long_text_the_lines_come_from_python(
    open_trace: Callable[..., PageHost],
    combine: str,
    how: Literal["each", "mean", "maximum"],
) -> None:
    """Beyond what comes whole, and beyond what is sent at once."""
    made = trace(heads=(4,), labels=["a"] * 800, seed=2)
    host = open_trace(made, combine=combine, heads=(0, 1, 3), layer=0, top_p=0.9)
    found = strongest_edges(made, 0, [0, 1, 3], combine=how, top_p=0.9)
    assert found.left_out > 0
    assert edge_count(host.page) == len(found.lines) == MOST_EDGES
    assert host.asked.count(f"edges/encoder/0/{how}/0,1,3/0.9/0/all") == 1
    said = f"the strongest {MOST_EDGES:,} of {MOST_EDGES + found.left_out:,} lines"
    assert note(host.page).startswith(said)
    if combine == "maximum":  # no share of the attention
        assert "%" not in note(host.page)
        return
    slots = 3 if combine == "overlay" else 1
    share = 100 * found.lines[:, 3].sum(dtype=np.float64) / (slots * 800)
    assert abs(said_share(host.page) - share) <= 0.051


def test_of_a_long_text_a_slider_asks_once_it_is_let_go(
    open_trace: Callable[..., PageHost],
) -> None:
    host = open_trace(trace(heads=(4,), labels=["a"] * 560), heads=0, layer=0)
    asked = len(host.asked)
    slide(host.page, "top-p", 0.3)
    host.settle()
    assert len(host.asked) == asked + 1
    found = strongest_edges(host.widget.trace, 0, [0], top_p=host.widget.top_p)
    assert edge_count(host.page) == len(found.lines)


def test_special_tokens_are_hidden_with_and_without_renormalising(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(heads=3, layer=2, token=4)
    whole = host.widget.trace.attention(2)[3, 4]
    for choice, weights, not_ in (
        ("hide", whole[1:-1], "not "),
        ("renormalise", whole[1:-1] / whole[1:-1].sum(), ""),
    ):
        choose_setting(host.page, "special_tokens", choice)
        host.expect(special_tokens=choice)
        host.settle()
        expected = {key: as_weight(weight) for key, weight in enumerate(weights)}
        assert key_weights(host.page) == expected
        expect(key_row(host.page, 3)).to_contain_text("novel")
        expect(lines(host.page).locator(".aw-where")).to_have_text(
            f"special tokens hidden; weights {not_}renormalised"
        )


def test_of_a_pair_the_lines_between_two_sentences_are_drawn(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget("The cat sat.", text_pair="It was tired.", heads=5, layer=3, top_p=1)
    segments = [token.segment for token in host.widget.trace.tokens]
    for choice in ("a_a", "a_b", "b_a", "b_b"):
        with panel_options(lines(host.page)) as options:
            options.get_by_label("sentence pair").select_option(choice)
        host.expect(segments=choice)
        host.settle()
        first, second = (segments.count("ab".index(letter)) for letter in choice.split("_"))
        assert edge_count(host.page) == first * second


def test_a_text_without_a_pair_has_no_filter_for_one(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(heads=1, segments="a_b")
    with panel_options(lines(host.page)) as options:
        expect(options.get_by_label("sentence pair")).to_be_hidden()
    assert edge_count(host.page) > 0  # nothing is hidden by a choice that cannot be seen


def test_heads_side_by_side_keep_to_their_lanes(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(LONG, heads=(2, 6, 9), combine="columns", token=3, layer=2)
    image = pixels(lines_canvas(host.page))
    lanes = np.array_split(np.arange(image.shape[1]), 3)
    for head, lane in zip((2, 6, 9), lanes, strict=True):
        part = image[:, lane]
        drawn = 255 - part[part[..., 3] > 250][:, :3].astype(float)  # from white
        assert len(drawn) > 20
        full = 255 - np.array(head_colour(host.page, head), float)
        share = drawn.max(1, keepdims=True) / full.max()
        assert np.median(abs(drawn - share * full).max(1)) <= 8  # more or less of its colour
    for border in (lanes[1][0], lanes[2][0]):
        assert not image[:, border - 2 : border + 2, 3].any()
    names = lines(host.page).locator(".aw-lanes span")
    assert names.all_text_contents() == ["head 2", "head 6", "head 9"]

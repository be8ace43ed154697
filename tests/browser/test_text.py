"""The text heatmap: the numbers are NumPy's, a click pins at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import expect

from attention_widget import AttentionWidget
from browser.page_host import PageHost
from browser.reading import (
    agrees,
    heats,
    hovered_scores,
    leave,
    legend,
    query_row,
    text,
    unit,
)
from browser.text_scores import (
    LONG,
    assert_colours,
    expected,
    units,
)

pytestmark = pytest.mark.browser

SPACES = ("embeddings", "hidden_states")


@pytest.mark.parametrize("words", [True, False])
@pytest.mark.parametrize("space", SPACES)
def test_numbers_are_numpys_on_a_long_text(
    open_widget: Callable[..., PageHost], space: str, words: bool
) -> None:
    host = open_widget(
        LONG, layer=3, space=space, words=words, pinned=1, views="text", number_format="full"
    )
    widget = host.widget
    assert len(widget.trace.tokens) >= 300
    for measure in ("norm", "previous_cosine", "pinned_cosine"):
        host.select(measure=measure)
        shown, exact = hovered_scores(host.page), expected(widget)
        np.testing.assert_allclose(shown, exact, rtol=2e-6, atol=1e-7)
        assert_colours(host, exact)


@pytest.mark.parametrize("words", [True, False])
def test_attention_received_is_numpys(open_widget: Callable[..., PageHost], words: bool) -> None:
    host = open_widget(LONG, layer=1, heads=(2, 8), words=words, views="text", number_format="full")
    host.select(measure="attention_received")
    exact = expected(host.widget)
    np.testing.assert_allclose(hovered_scores(host.page), exact, rtol=2e-5, atol=1e-8)
    assert_colours(host, exact)
    host.select(heads=5, layer=4)
    exact = expected(host.widget)
    np.testing.assert_allclose(hovered_scores(host.page), exact, rtol=2e-5, atol=1e-8)


@pytest.mark.parametrize("words", [True, False])
def test_attention_from_the_selected_is_numpys(
    open_widget: Callable[..., PageHost], words: bool
) -> None:
    host = open_widget(
        LONG,
        layer=2,
        heads=(0, 7),
        words=words,
        measure="attention_from",
        number_format="full",
    )
    trace = host.widget.trace
    several = next(group for group in units(trace, True) if len(group) > 2)
    for token in (several[0], several[-1], 40):
        host.select(token=token)
        exact = expected(host.widget)
        np.testing.assert_allclose(hovered_scores(host.page), exact, rtol=2e-5, atol=1e-8)
        leave(host.page)
        assert_colours(host, exact)


def test_the_mouse_chooses_where_attention_comes_from(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(heads=3, measure="attention_from", token=1, views=("lines", "text"))
    query_row(host.page, 5).hover()
    host.settle()
    elsewhere = AttentionWidget.from_trace(
        host.widget.trace, heads=3, measure="attention_from", token=5
    )
    assert_colours(host, expected(elsewhere))
    leave(host.page)
    host.settle()
    assert_colours(host, expected(host.widget))


def test_the_first_word_has_no_cosine_to_the_previous_and_no_colour(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(measure="previous_cosine")
    first = unit(host.page, 1)
    expect(first).to_have_text("Attention")
    assert first.evaluate("(node) => getComputedStyle(node).backgroundColor") == "rgba(0, 0, 0, 0)"
    second = unit(host.page, 2).evaluate("(node) => getComputedStyle(node).backgroundColor")
    assert second != "rgba(0, 0, 0, 0)"
    shown = hovered_scores(host.page)
    assert np.isnan(shown).tolist() == [True, True, *[False] * 5, True]
    first.hover()
    expect(text(host.page).get_by_role("tooltip")).to_have_text(
        "Attentiontoken 1in the vocabulary: attention"
    )


def test_scores_that_are_all_alike_do_not_break_the_scale(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget("Purple", measure="norm")
    (norm,) = expected(host.widget)[1:2]
    low, high = legend(text(host.page))
    assert high == ""
    assert low.startswith("all ")
    assert agrees(low.removeprefix("all "), norm)
    assert heats(host.page) == [None, 16, None]
    host.select(measure="previous_cosine")  # nobody has one
    assert heats(host.page) == [None, None, None]
    assert legend(text(host.page)) == ("", "")


def test_darker_means_more_in_light_and_lighter_means_more_in_dark(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(theme="light")
    for theme, sign in (("light", -1), ("dark", 1)):
        host.select(theme=theme)
        steps = np.array([-1 if step is None else step for step in heats(host.page)])
        brightness = text(host.page).evaluate(
            """(view) => [...view.querySelectorAll("[data-unit]")].map((unit) => {
                 const canvas = document.createElement("canvas");
                 const context = canvas.getContext("2d");
                 context.fillStyle = getComputedStyle(unit).backgroundColor;
                 context.fillRect(0, 0, 1, 1);
                 const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
                 return 0.2126 * r + 0.7152 * g + 0.0722 * b;
               })"""
        )
        coloured = np.flatnonzero(steps >= 0)
        order = coloured[np.argsort(steps[coloured])]
        changes = np.diff(np.array(brightness)[order]) * sign
        assert (changes >= 0).all()
        assert changes.sum() > 60


def test_a_special_token_is_in_one_piece_at_any_width(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget("Attention is a novel idea that a model has.", views="text")
    page = host.page
    for width in range(360, 660, 10):
        page.set_viewport_size({"width": width, "height": 700})
        pieces = page.evaluate(
            "[...document.querySelectorAll('.aw-unit.aw-special')].map("
            "(node) => node.getClientRects().length)"
        )
        assert pieces == [1, 1], f"{width} px wide"

"""The lines view: exact weights on hover, a click that keeps, lines where they belong."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect
from support.traces import encoder_decoder

from browser.page_host import PageHost
from browser.picking import choose_head
from browser.reading import (
    Pixels,
    as_weight,
    head_colour,
    key_row,
    key_weights,
    leave,
    lines,
    lines_canvas,
    pixels,
    query_row,
    query_weights,
    tooltip,
)

pytestmark = pytest.mark.browser

ROW = 22


def shown(weights: object) -> dict[int, str]:
    return {key: as_weight(weight) for key, weight in enumerate(np.asarray(weights, np.float64))}


def strength(image: Pixels) -> NDArray[np.float64]:
    """How far each pixel of lines is from white paper, 0 ... 255."""
    opacity = image[..., 3] / 255
    found: NDArray[np.float64] = opacity * (255 - image[..., :3].min(-1).astype(float))
    return found


def strongest(image: Pixels) -> NDArray[np.float64]:
    """The mean colour where the strongest line is drawn."""
    ink = strength(image)
    found = image[(ink > 0.95 * ink.max()) & (image[..., 3] > 250)]
    assert len(found) > 10
    colour: NDArray[np.float64] = found[:, :3].mean(0)
    return colour


def shade(colour: object, weight: float) -> NDArray[np.float64]:
    """Of a weight: as much of the colour on white as the root of it."""
    found: NDArray[np.float64] = 255 - np.sqrt(weight) * (255 - np.asarray(colour, np.float64))
    return found


@pytest.mark.parametrize(("layer", "heads"), [(0, (0,)), (3, (7,)), (5, (2, 4, 11))])
def test_hovering_a_query_shows_its_exact_weights(
    open_widget: Callable[..., PageHost], layer: int, heads: tuple[int, ...]
) -> None:
    host = open_widget(layer=layer, heads=heads)
    attention = host.widget.trace.attention(layer).astype(np.float64)[list(heads)]
    for token in (1, 4, 7):
        query_row(host.page, token).hover()
        host.settle()
        assert key_weights(host.page) == shown(attention[:, token].mean(0))
        assert host.widget.token is None
    leave(host.page)
    host.settle()
    assert set(key_weights(host.page).values()) == {""}


def test_the_mouse_over_a_key_reads_each_head(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(layer=2, heads=(1, 6), token=4)
    attention = host.widget.trace.attention(2)[:, 4, 1]
    key_row(host.page, 1).hover()
    expect(tooltip(lines(host.page))).to_contain_text("novel → Attention")
    for head in (1, 6):
        expect(tooltip(lines(host.page))).to_contain_text(
            f"head {head}: {as_weight(attention[head])}"
        )


def test_a_click_keeps_the_query_and_a_second_lets_go(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(heads=3)
    weights = shown(host.widget.trace.attention(0)[3, 5])
    query_row(host.page, 5).click()
    host.expect(token=5)
    leave(host.page)
    host.settle()
    assert key_weights(host.page) == weights
    expect(query_row(host.page, 5)).to_contain_class("aw-selected")
    query_row(host.page, 5).click()
    host.expect(token=None)
    leave(host.page)
    host.settle()
    assert set(key_weights(host.page).values()) == {""}


def test_hovering_a_key_shows_who_attends_to_it(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(layer=1, heads=6)
    attention = host.widget.trace.attention(1)[6, :, 4]
    key_row(host.page, 4).hover()
    host.settle()
    assert query_weights(host.page) == shown(attention)
    expect(lines(host.page)).to_contain_text(
        f"novel receives {attention.sum():.3f} in total from 8 queries"
    )


def test_arrow_keys_change_the_query(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget()
    lines(host.page).locator(".aw-queries-scroll").focus()
    for key, token in (("ArrowDown", 0), ("ArrowDown", 1), ("End", 7), ("ArrowUp", 6)):
        host.page.keyboard.press(key)
        host.expect(token=token)
    host.page.keyboard.press("Escape")
    host.expect(token=None)


def test_lines_end_at_the_keys_as_strong_as_their_weights(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(layer=2, heads=5, token=4, top_p=1)
    leave(host.page)
    image = pixels(lines_canvas(host.page))
    weights = host.widget.trace.attention(2)[5, 4]
    ink = strength(image)
    full = 255 - min(head_colour(host.page, 5))
    right_end = ink[:, -2] / full  # beside the keys
    found = np.array([right_end[ROW * key + 9 : ROW * key + 13].max() for key in range(8)])
    assert found.argmax() == weights.argmax()
    expected = np.sqrt(weights)  # on a scale of 0 to 1
    broad = weights > 0.25  # than two pixels
    assert broad.any()
    assert (abs(found - expected)[broad] < 0.06).all(), (found, expected)
    assert (found < expected + 0.06).all(), (found, expected)
    between = [right_end[ROW * key + 19 : ROW * key + 25].max() for key in range(7)]
    assert max(between) == 0
    left_end = ink[:, 1] / full
    assert left_end[ROW * 4 + 9 : ROW * 4 + 13].max() >= found.max() - 0.03
    assert left_end[: ROW * 4].max() == left_end[ROW * 5 :].max() == 0


def test_lines_have_the_colour_of_their_head(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(layer=2, heads=5, token=4)
    canvas = lines_canvas(host.page)
    images = []
    for head in (5, 9):
        host.select(heads=head)
        image = pixels(canvas)
        most = host.widget.trace.attention(2)[head, 4].max()
        assert abs(strongest(image) - shade(head_colour(host.page, head), most)).max() <= 8
        images.append(image)
    assert (images[0] != images[1]).any()
    host.select(theme="dark", heads=5)  # nearly all of whose attention is in one line
    assert abs(strongest(pixels(canvas)) - head_colour(host.page, 5)).max() <= 30
    host.select(heads=())
    assert not pixels(canvas).any()


def test_every_head_has_a_colour_of_its_own(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget()
    for theme in ("light", "dark"):
        host.select(theme=theme)
        colours = np.array([head_colour(host.page, head) for head in range(12)])
        distances = np.linalg.norm(colours[:, None] - colours[None, :], axis=-1)
        assert distances[~np.eye(12, dtype=bool)].min() > 40
    host.select(theme="light", layer=4)
    first = head_colour(host.page, 7)
    choose_head(host.page, 7)
    assert head_colour(host.page, 7) == first  # whatever is selected


def test_average_draws_the_mean_of_the_heads(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(layer=4, heads=(0, 3, 8), token=2)
    attention = host.widget.trace.attention(4)[[0, 3, 8], 2]
    canvas = lines_canvas(host.page)
    apart = pixels(canvas)
    host.select(combine="mean")
    assert key_weights(host.page) == shown(attention.mean(0, dtype=np.float64).astype(np.float32))
    mean = pixels(canvas)
    assert (mean != apart).any()
    heads = [head_colour(host.page, head) for head in (0, 3, 8)]
    most = attention.mean(0).max()
    assert min(abs(strongest(mean) - shade(each, most)).max() for each in heads) > 20  # of no head
    leave(host.page)
    host.select(token=None)
    assert pixels(canvas)[..., 3].any()


def test_of_two_lists_a_key_can_be_selected(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(encoder_decoder(), attention_kind="cross", heads=0, layer=0)
    page = host.page
    key_row(page, 2).click()
    host.expect(key_token=2, token=None)
    leave(page)
    host.settle()
    expect(key_row(page, 2)).to_contain_class("aw-selected-key")
    received = host.widget.trace.attention(0, "cross")[0, :, 2]
    assert query_weights(page) == shown(received)
    key_row(page, 2).click()
    host.expect(key_token=None)


def test_a_click_on_a_key_keeps_what_hovering_shows(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(layer=2, heads=(1, 7), views=("lines", "neuron", "matrix", "tokens", "text"))
    page = host.page
    note = lines(page).locator(".aw-note")
    attention = host.widget.trace.attention(2)[[1, 7]]
    received = attention.mean(0, dtype=np.float64)[:, 3]
    key_row(page, 3).hover()
    expect(note).to_contain_text(
        f"receives {received.sum():.3f} in total from {len(received)} queries"
    )
    over = note.text_content()
    for way in ("click", "tap"):
        if way == "click":
            key_row(page, 3).click()
        else:
            box = key_row(page, 3).bounding_box()
            assert box
            session = page.context.new_cdp_session(page)
            at = [{"x": box["x"] + 20, "y": box["y"] + 5}]
            session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": at})
            session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        host.expect(token=None, key_token=3)
        leave(page)
        host.settle()
        assert note.text_content() == over
        assert query_weights(page) == shown(received.astype(np.float32))
        live = page.locator(".aw-live")
        expect(live).to_contain_text(
            f"receives {received.sum():.3f} in total from {len(received)} queries"
        )
        lines(page).locator(".aw-keys-scroll").focus()
        page.keyboard.press("Enter")
        host.expect(token=None, key_token=None)
        page.keyboard.press("Space")
        host.expect(token=None, key_token=3)
        key_row(page, 3).click()
        host.expect(token=None, key_token=None)
        leave(page)
    neuron = page.locator('.aw-view-neuron .aw-neuron-labels [data-token="3"]')
    neuron.click()
    host.expect(token=None, key_token=3)
    neuron.click()
    host.expect(token=None, key_token=None)


def test_scrolling_brings_the_other_tokens(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(" ".join(["purple ink"] * 60), heads=2)
    count = len(host.widget.trace.tokens)
    host.select(token=count - 3)
    attention = host.widget.trace.attention(0)[2, count - 3]
    weights = key_weights(host.page)
    assert count - 3 in weights  # scrolled into sight
    assert 0 not in weights
    told = {key: weight for key, weight in weights.items() if weight}
    assert told == {key: as_weight(attention[key]) for key in told}
    assert {key for key in weights if attention[key] >= 0.01} <= set(told)
    image = pixels(lines_canvas(host.page))
    assert image[..., 3].any()

"""The matrix view: every cell is the trace's weight, near and far, and selects its two tokens."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

from browser.matrix_reading import (
    MATRIX,
    Open,
    assert_coloured_by,
    colours,
    darkness,
    maps,
    matrix,
    note,
    plot,
    point,
    read,
)
from browser.reading import as_weight, leave, panel_options, pixels, tooltip, view

pytestmark = pytest.mark.browser


def test_every_cell_reads_its_weight(open_widget: Open) -> None:
    host = open_widget(**MATRIX, layer=3, heads=7)
    trace = host.widget.trace
    weights = trace.attention(3)[7]
    labels = [token.label for token in trace.tokens]
    for query in range(0, 8, 3):
        for key in range(8):
            said = read(host.page, query, key, weights.shape)
            weight = as_weight(weights[query, key])
            assert said == f"“{labels[query]}” attends to “{labels[key]}” with weight {weight}"
    expect(tooltip(matrix(host.page))).to_contain_text("layer 3, head 7")
    leave(host.page)
    expect(tooltip(matrix(host.page))).to_be_hidden()
    expect(note(host.page)).to_have_text(
        f"layer 3, head 7 · weights from {as_weight(weights.min())} to "
        f"{as_weight(weights.max())} · each row sums to 1"
    )


def assert_ticks_stand_at(legend: Locator, shares: Iterable[float]) -> None:
    """Each at its share of the ramp, within it, and clear of the others."""
    ramp = legend.locator(".aw-ramp").bounding_box()
    assert ramp
    end = ramp["x"]
    ticks = legend.locator(".aw-ramp-frame small").all()
    for tick, share in zip(ticks, shares, strict=True):
        box = tick.bounding_box()
        assert box
        middle = box["x"] + box["width"] / 2
        assert middle == pytest.approx(ramp["x"] + share * ramp["width"], abs=0.5)
        assert box["x"] >= end - 0.5
        end = box["x"] + box["width"]
    assert end <= ramp["x"] + ramp["width"] + 0.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_follow_the_weights(open_widget: Open, theme: str) -> None:
    host = open_widget(**MATRIX, layer=2, heads=4, theme=theme)
    weights = host.widget.trace.attention(2)[4]
    sign = 1 if theme == "light" else -1
    plain = colours(host.page, weights.shape)
    assert_coloured_by(255 * (theme == "dark") + sign * plain, weights)
    legend = matrix(host.page).locator(".aw-legend")
    expect(legend).to_have_text("weight00.10.51")  # whatever is shown: 0, ticks with room, 1
    assert_ticks_stand_at(legend, np.sqrt([0.1, 0.5]))

    host.select(log_colour=True)
    by_log = colours(host.page, weights.shape)
    assert_coloured_by(255 * (theme == "dark") + sign * by_log, weights)
    small = weights < 0.1 * weights.max()
    assert np.ptp(darkness(by_log)[small]) > np.ptp(darkness(plain)[small])
    expect(legend).to_have_text("weight (log)≤ 0.00010.0010.11")
    assert_ticks_stand_at(legend, [0.25, 0.75])
    host.select(log_colour=False)

    with panel_options(matrix(host.page)) as options:
        options.get_by_role("button", name="relative to row").click()
    host.expect(normalise_rows=True)
    host.settle()
    shares = weights / weights.max(1, keepdims=True)
    by_row = colours(host.page, weights.shape)
    assert_coloured_by(255 * (theme == "dark") + sign * by_row, shares)
    strongest = by_row[np.arange(8), weights.argmax(1)]
    assert (strongest == strongest[0]).all()
    expect(legend).to_have_text("share of the row’s largest weight00.10.51")
    assert_ticks_stand_at(legend, np.sqrt([0.1, 0.5]))


@pytest.mark.parametrize("combine", ["mean", "maximum"])
def test_heads_together_are_one_map(open_widget: Open, combine: str) -> None:
    host = open_widget(**MATRIX, layer=1, heads=(2, 3, 9), combine=combine)
    heads = host.widget.trace.attention(1)[[2, 3, 9]]
    weights = heads.mean(0) if combine == "mean" else heads.max(0)
    for query, key in [(0, 0), (3, 5), (7, 2)]:
        assert f"with weight {as_weight(weights[query, key])}" in read(
            host.page, query, key, (8, 8)
        )
    expect(note(host.page)).to_contain_text(f"layer 1, {combine} of heads 2, 3, 9")
    assert_coloured_by(colours(host.page, (8, 8)), weights)


def test_heads_side_by_side_share_a_scale(open_widget: Open) -> None:
    host = open_widget(**MATRIX, layer=1, heads=(2, 3, 9), combine="columns", colour_map="purple")
    heads = host.widget.trace.attention(1)[[2, 3, 9]]
    assert len(maps(host.page)) == 3
    for which in range(3):
        assert f"with weight {as_weight(heads[which, 4, 6])}" in read(
            host.page, 4, 6, (8, 8), which
        )
    leave(host.page)
    found = np.stack([colours(host.page, (8, 8), which) for which in range(3)])
    assert_coloured_by(found, heads)
    plot(host.page).click(position=point(host.page, 4, 6, (8, 8), 2))  # type: ignore[arg-type]
    host.expect(token=4, key_token=6, heads=(2, 3, 9))


def test_one_of_several_heads_is_chosen_by_its_chip(open_widget: Open) -> None:
    host = open_widget(**MATRIX, layer=1, heads=(2, 3))
    attention = host.widget.trace.attention(1)
    assert f"with weight {as_weight(attention[2, 1, 3])}" in read(host.page, 1, 3, (8, 8))
    with panel_options(matrix(host.page)) as options:
        options.get_by_role("radio", name="Head 3", exact=True).click()
    host.expect(heads=(3,))
    assert f"with weight {as_weight(attention[3, 1, 3])}" in read(host.page, 1, 3, (8, 8))


def test_a_click_selects_both_tokens_everywhere_and_again_lets_go(open_widget: Open) -> None:
    host = open_widget(views=["matrix", "lines"], heads=4)
    cell = point(host.page, 5, 2, (8, 8))
    plot(host.page).click(position=cell)  # type: ignore[arg-type]
    host.expect(token=5, key_token=2)
    leave(host.page)
    weight = host.widget.trace.attention(0)[4, 5, 2]
    expect(note(host.page)).to_contain_text(
        f"“idea” attends to “is” with weight {as_weight(weight)}"
    )
    plot(host.page).click(position=cell)  # type: ignore[arg-type]
    host.expect(token=None, key_token=None)
    plot(host.page).click(position=cell)  # type: ignore[arg-type]
    plot(host.page).click(position=point(host.page, 5, 3, (8, 8)))  # type: ignore[arg-type]
    host.expect(token=5, key_token=3)


def test_a_label_selects_its_token_alone(open_widget: Open) -> None:
    host = open_widget(**MATRIX, heads=4)
    x, y, width, height = maps(host.page)[0]
    plot(host.page).click(position={"x": x - 12, "y": y + 4.5 * height / 8})
    host.expect(token=4, key_token=None)
    plot(host.page).click(position={"x": x + 2.5 * width / 8, "y": y - 12})
    host.expect(token=4, key_token=2)
    bars = {"x": x + 2.5 * width / 8, "y": y + height + 10}
    plot(host.page).hover(position=bars)  # type: ignore[arg-type]
    mean = host.widget.trace.attention(0)[4, :, 2].mean()
    expect(tooltip(matrix(host.page))).to_contain_text(
        f"“is” receives {as_weight(mean)} on average"
    )


def marked(page: Page) -> NDArray[np.bool_]:
    return pixels(plot(page).locator(".aw-matrix-marks"))[..., 3] > 0


def test_what_others_hover_or_select_is_marked_here(open_widget: Open) -> None:
    host = open_widget(views=["matrix", "lines"], heads=4)
    x, y, width, height = maps(host.page)[0]
    box = (slice(int(y) + 2, int(y + height) - 2), slice(int(x) + 2, int(x + width) - 2))
    assert not marked(host.page)[box].any()
    host.select(token=3)
    inside = marked(host.page)[box]
    rows = np.flatnonzero(inside.all(1)) * 8 / inside.shape[0]
    assert rows.size
    assert ((rows > 2.9) & (rows < 4.1)).all()
    host.select(token=None, key_token=6)
    inside = marked(host.page)[box]
    columns = np.flatnonzero(inside.all(0)) * 8 / inside.shape[1]
    assert columns.size
    assert ((columns > 5.9) & (columns < 7.1)).all()
    host.select(key_token=None)
    view(host.page, "Attention lines").locator('.aw-queries [data-token="1"]').hover()
    host.settle()
    inside = marked(host.page)[box]
    rows = np.flatnonzero(inside.all(1)) * 8 / inside.shape[0]
    assert rows.size
    assert ((rows > 0.9) & (rows < 2.1)).all()


def test_hovering_a_cell_shows_its_query_in_the_lines(open_widget: Open) -> None:
    host = open_widget(views=["matrix", "lines"], heads=4)
    read(host.page, 6, 1, (8, 8))
    row = view(host.page, "Attention lines").locator('.aw-queries [data-token="6"]')
    expect(row).to_contain_class("aw-hovered-here")


def test_the_keyboard_does_it_all(open_widget: Open) -> None:
    host = open_widget(**MATRIX, heads=4)
    weights = host.widget.trace.attention(0)[4]
    plot(host.page).focus()
    keyboard = host.page.keyboard
    for key in ["ArrowDown", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowRight"]:
        keyboard.press(key)
    expect(note(host.page)).to_contain_text(
        f"“is” attends to “Attention” with weight {as_weight(weights[2, 1])}"
    )
    keyboard.press("Enter")
    host.expect(token=2, key_token=1)
    keyboard.press("End")
    keyboard.press("Enter")
    host.expect(token=2, key_token=7)
    keyboard.press("Escape")
    host.expect(token=None, key_token=None)
    host.page.keyboard.press("Tab")
    expect(note(host.page)).to_contain_text("each row sums to 1")

"""The matrix of a long text: pooled, zoomed and exact where it is pointed at."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from attention_widget.trace.block import Array
from attention_widget.trace.trace import Trace
from browser.matrix_reading import (
    LONG,
    MATRIX,
    Open,
    assert_coloured_by,
    maps,
    matrix,
    note,
    plot,
    point,
)
from browser.reading import as_weight, panel_options, pixels, tooltip

pytestmark = pytest.mark.browser


def pooled(weights: Array, pooling: int) -> Array:
    starts = np.arange(0, weights.shape[0], pooling)
    return np.maximum.reduceat(np.maximum.reduceat(weights, starts, 0), starts, 1)


@pytest.mark.parametrize("normalise", [False, True])
def test_a_long_text_is_pooled_and_says_so(open_trace: Open, long: Trace, normalise: bool) -> None:
    host = open_trace(long, **MATRIX, heads=1, log_colour=True, normalise_rows=normalise)
    page = host.page
    expect(note(page)).to_contain_text("each pixel is the largest of 2 × 2 weights")
    weights = long.attention(0)[1]
    values = weights / weights.max(1, keepdims=True) if normalise else weights
    blocks = pooled(values, 2)
    image = pixels(plot(page).locator("canvas").first)
    x, y, width, height = maps(page)[0]
    some = np.arange(3, 550, 7)
    rows = (y + (some + 0.5) * height / 550).astype(int)
    columns = (x + (some + 0.5) * width / 550).astype(int)
    found = image[rows][:, columns, :3].astype(float)
    shown = blocks[some][:, some]
    lower = np.tril(np.ones_like(shown, bool), -1)
    assert_coloured_by(found[lower], shown[lower])
    masked = found[~np.tril(np.ones_like(shown, bool))]
    assert (masked == masked[0]).all()  # a colour of its own
    expect(matrix(page).locator(".aw-legend")).to_contain_text("exactly 0, as when masked")
    scale = "share" if normalise else "weight"
    assert f"map_tile/decoder/0/mean/1/{scale}/2/0/0" in host.asked
    assert not any(key.startswith("attention/") for key in host.asked)


def test_where_it_is_pooled_the_pointed_weight_is_still_exact(
    open_trace: Open, long: Trace
) -> None:
    host = open_trace(long, **MATRIX, heads=(0, 2), combine="maximum")
    weights = long.attention(0)[[0, 2]].max(0)
    page = host.page
    box = plot(page).bounding_box()
    assert box is not None
    at = point(page, 900, 300, (LONG, LONG))
    page.mouse.move(box["x"] + at["x"], box["y"] + at["y"])
    lines = tooltip(matrix(page)).locator("div")
    expect(lines.first).to_have_text(re.compile(r"with weight <?\d"))
    said = re.fullmatch(
        r"“t(\d+)” attends to “t(\d+)” with weight (\S+)", lines.first.text_content() or ""
    )
    assert said is not None
    query, key = int(said[1]), int(said[2])
    assert abs(query - 900) < 3
    assert abs(key - 300) < 3
    assert said[3] == as_weight(weights[query, key])
    block = weights[query // 2 * 2 : query // 2 * 2 + 2, key // 2 * 2 : key // 2 * 2 + 2]
    expect(lines.last).to_have_text(
        f"largest of 2 × 2 weights in this pixel: {as_weight(block.max())}"
    )


def test_zoomed_in_it_is_exact_and_moves_with_the_hand(open_trace: Open, long: Trace) -> None:
    host = open_trace(long, **MATRIX, heads=1)
    page = host.page
    where = note(page)
    whole = re.compile("queries [0-9,]+–")
    expect(where).not_to_contain_text(whole)
    box = plot(page).bounding_box()
    assert box is not None
    at = point(page, 880, 400, (LONG, LONG))
    page.mouse.move(box["x"] + at["x"], box["y"] + at["y"])
    before = pointed(page)
    page.keyboard.down("Control")
    for _ in range(4):
        page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    host.settle()
    after = pointed(page)
    assert abs(after[0] - before[0]) < 3
    assert abs(after[1] - before[1]) < 3
    assert any(re.match(r"map_tile/decoder/0/mean/1/weight/1/", key) for key in host.asked)
    first, last = sight(where)
    assert last - first < 100
    assert first < after[0] < last

    page.mouse.down()
    page.mouse.move(box["x"] + at["x"], box["y"] + at["y"] - 100, steps=5)
    page.mouse.up()
    host.settle()
    assert sight(where)[0] > first
    host.expect(token=None, key_token=None)  # a drag is no click
    weights = long.attention(0)[1]
    page.mouse.move(box["x"] + at["x"], box["y"] + at["y"])
    query, key = pointed(page)
    expect(note(page)).to_contain_text(f"with weight {as_weight(weights[query, key])}")
    with panel_options(matrix(page)) as options:
        options.get_by_role("button", name="fit").click()
    expect(where).not_to_contain_text(whole)
    plot(page).dblclick(position={"x": at["x"], "y": at["y"]})
    expect(where).to_contain_text(whole)
    host.expect(token=None)
    with panel_options(matrix(page)) as options:
        for _ in range(2):  # its steps are smaller
            options.get_by_role("button", name="Zoom out").click()
    expect(where).not_to_contain_text(whole)


def pointed(page: Page) -> tuple[int, int]:
    said = tooltip(matrix(page)).locator("div").first.text_content() or ""
    found = re.fullmatch(r"“t(\d+)” attends to “t(\d+)” .*", said)
    assert found is not None, said
    return int(found[1]), int(found[2])


def sight(where: Locator) -> tuple[int, int]:
    found = re.search(r"queries ([\d,]+)–([\d,]+) of", where.text_content() or "")
    assert found is not None
    first, last = (int(number.replace(",", "")) for number in found.groups())
    return first, last


def test_a_token_that_is_selected_elsewhere_comes_into_sight(open_trace: Open, long: Trace) -> None:
    host = open_trace(long, **MATRIX, heads=1)
    plot(host.page).focus()
    for _ in range(5):
        host.page.keyboard.press("+")
    host.settle()
    first, last = sight(note(host.page))
    assert not first <= 1000 <= last
    host.select(token=1000)
    first, last = sight(note(host.page))
    assert first <= 1000 <= last
    host.page.keyboard.press("0")
    expect(note(host.page)).not_to_contain_text("queries")

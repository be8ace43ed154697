"""Heads of several layers side by side: chosen in the grid, drawn with the model's own weights."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect
from support.traces import trace

from attention_widget.measures.edges import strongest_edges
from browser.export_pages import Opened
from browser.matrix_reading import assert_coloured_by, colours, maps, read
from browser.page_host import PageHost
from browser.picking import HEADS, opened
from browser.reading import as_weight, key_weights, lines, lines_canvas, panel_action, view
from browser.test_grid import click

pytestmark = pytest.mark.browser

PAIRS = ((2, 5), (4, 1), (0, 5))
VIEWS = ("grid", "lines", "matrix")


def lanes(host: PageHost) -> list[str]:
    return lines(host.page).locator(".aw-lanes span").all_text_contents()


@pytest.mark.parametrize("direction", ["vertical", "horizontal"])
def test_lines_and_matrix_show_the_weights_of_each_layer(
    open_widget: Callable[..., PageHost], direction: str
) -> None:
    host = open_widget(head_pairs=PAIRS, views=VIEWS, direction=direction, top_p=0.8)
    made = host.widget.trace
    n = len(made.tokens)
    found = [
        strongest_edges(made, layer, [head], top_p=0.8, threshold=0.0).lines
        for layer, head in PAIRS
    ]
    canvas = lines_canvas(host.page)
    assert canvas.get_attribute("data-lines") == str(sum(map(len, found)))
    assert len(maps(host.page)) == len(PAIRS)
    for which, (layer, head) in enumerate(PAIRS):
        weights = made.attention(layer)[head]
        assert_coloured_by(colours(host.page, (n, n), which), weights)
        said = read(host.page, 4, 3, (n, n), which)
        assert said.endswith(f"with weight {as_weight(float(weights[4, 3]))}")
    host.page.mouse.move(0, 0)
    host.select(token=4)
    mean = np.mean([made.attention(layer)[head, 4] for layer, head in PAIRS], 0)
    shown = key_weights(host.page)
    assert shown == {key: as_weight(float(weight)) for key, weight in enumerate(mean)}


def test_they_are_chosen_in_the_grid_and_in_the_box(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(layer=2, heads=5, views=VIEWS)
    page = host.page

    page.keyboard.down("Control")
    click(page, 4, 1)
    host.expect(head_pairs=((2, 5), (4, 1)), layer=4, heads=(1,))
    click(page, 0, 5)
    host.expect(head_pairs=PAIRS, layer=0, heads=(5,))
    click(page, 2, 5)
    page.keyboard.up("Control")
    host.expect(head_pairs=PAIRS[1:])
    host.settle()
    assert len(lanes(host)) == len(maps(page)) == 2
    page.mouse.move(0, 0)  # what is under the mouse has a frame too
    frames = view(page, "Grid of heads").locator(".aw-grid-marks > svg rect")
    expect(frames).to_have_count(2)
    with opened(page, HEADS) as box:
        selects = box.locator(".aw-pair-picker select")
        selects.nth(0).select_option("3")
        selects.nth(1).select_option("11")
        box.get_by_role("button", name="show beside").click()
        host.expect(head_pairs=(*PAIRS[1:], (3, 11)), layer=3, heads=(11,))
        box.get_by_role("button", name="Remove layer 0, head 5").click()
        host.expect(head_pairs=((4, 1), (3, 11)))
        expect(box.get_by_role("button", name="Remove layer 4, head 1")).to_be_focused()
    click(page, 1, 7)
    host.expect(head_pairs=(), layer=1, heads=(7,))
    host.settle()
    assert len(maps(page)) == 1


def test_a_figure_says_which_they_are(open_widget: Callable[..., PageHost], tmp_path: Path) -> None:
    host = open_widget(head_pairs=PAIRS, views=VIEWS)
    for panel in (lines(host.page), view(host.page, "Attention matrix")):
        with host.page.expect_download() as download:
            panel_action(panel, "svg").click()
        name = download.value.suggested_filename
        assert "-L2H5-L4H1-L0H5-" in name
        download.value.save_as(tmp_path / name)
        drawn = (tmp_path / name).read_text(encoding="utf-8")
        assert "layer 2, head 5; layer 4, head 1; layer 0, head 5" in drawn


def test_a_page_carries_them_and_its_address_names_them(save: Opened) -> None:
    page = save(trace(heads=(4, 4, 2)), head_pairs=[(2, 1), (0, 3)], views=["lines", "matrix"])
    expect(page.locator(".aw-lanes span")).to_have_count(2)
    assert len(maps(page)) == 2
    with opened(page, HEADS) as box:
        selects = box.locator(".aw-pair-picker select")
        selects.nth(0).select_option("1")
        selects.nth(1).select_option("0")
        box.get_by_role("button", name="show beside").click()
    expect(page.locator(".aw-lanes span")).to_have_count(3)
    page.wait_for_url(re.compile(r"#(.*&)?head_pairs=2\.1%2C0\.3%2C1\.0(&|$)"))
    page.reload()
    expect(page.locator(".aw-lanes span")).to_have_count(3)

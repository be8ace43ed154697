"""The keys that the views list do what the list says, on a page that is laid out."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import expect
from support.loaded import TOKENIZER, load
from support.models import TEXT
from support.repository import ROOT

from attention_widget import AttentionWidget, HeadAtlas
from browser.page_host import PageHost
from browser.reading import tab_to

pytestmark = pytest.mark.browser


def listed(folder: str) -> list[str]:
    """What the keys of a view do, by the names of its texts."""
    source = (ROOT / "js" / "views" / folder / "index.ts").read_text("utf-8")
    return re.findall(r"does: [A-Z_]+\.(\w+)", source)


def test_the_keys_of_grid_matrix_and_mask(open_widget: Callable[..., PageHost]) -> None:
    """Those that the views list, which need a page that is laid out."""
    host = open_widget("a novel idea " * 30, views=("grid", "matrix", "tokens"), heads=3)
    page = host.page
    held: set[str] = set()

    def press(place: str, does: str, *keys: str) -> None:
        held.add(f"{place} {does}")
        for key in keys:
            page.keyboard.press(key)
        host.settle()

    grid = page.locator(".aw-grid")
    tab_to(page, grid)
    press("grid", "otherCell", "ArrowDown", "ArrowDown", "ArrowUp", "ArrowRight", "ArrowLeft")
    press("grid", "chooseHead", "Space")
    host.expect(layer=1, heads=(3,))
    press("grid", "otherCell", "ArrowRight")
    press("grid", "chooseHead", "Shift+Space")
    host.expect(heads=(3, 4))
    picture = grid.locator("canvas").first
    before = picture.evaluate("canvas => canvas.toDataURL()")  # a tooltip lies over it
    press("grid", "zoom", "+", "+", "+")
    assert picture.evaluate("canvas => canvas.toDataURL()") != before
    press("grid", "zoom", "-")
    press("grid", "fit", "0")
    assert picture.evaluate("canvas => canvas.toDataURL()") == before
    press("grid", "endCell", "End", "Home", "ArrowRight", "ArrowRight")
    press("grid", "page", "PageDown")  # of five rows, with one to go
    press("grid", "chooseHead", "Space")
    host.expect(layer=5, heads=(2,))
    press("grid", "endHeadOfAll", "Control+End")
    press("grid", "chooseHead", "Space")
    host.expect(layer=5, heads=(11,))
    press("grid", "endHeadOfAll", "Control+Home")
    press("grid", "openHead", "Enter")
    host.expect(layer=0, heads=(0,), views=("grid", "lines", "matrix", "tokens"))

    matrix = page.locator(".aw-view-matrix").get_by_role("application")
    tab_to(page, matrix)
    press("matrix", "otherCell", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft")
    press("matrix", "selectCell", "Enter")
    assert None not in (host.widget.token, host.widget.key_token)
    page.keyboard.press("Escape")
    host.expect(token=None, key_token=None)
    press("matrix", "otherCell", "ArrowRight")
    press("matrix", "selectCell", "Space")
    assert None not in (host.widget.token, host.widget.key_token)
    press("matrix", "fit", "0")
    small = matrix.locator("canvas").first.screenshot()
    press("matrix", "zoom", "+", "+")
    assert matrix.locator("canvas").first.screenshot() != small
    press("matrix", "fit", "0")
    assert matrix.locator("canvas").first.screenshot() == small

    press("matrix", "otherCell", "ArrowDown")
    press("matrix", "endCell", "Home")
    press("matrix", "selectCell", "Enter")
    first = host.widget.token
    assert first is not None
    assert host.widget.key_token == 0
    press("matrix", "page", "PageDown")
    press("matrix", "endCell", "End")
    press("matrix", "selectCell", "Enter")
    host.expect(token=first + 10, key_token=len(host.widget.trace.tokens) - 1)
    host.select(heads=[0, 1], combine="columns", token=None, key_token=None)
    matrix.focus()
    press("matrix", "otherCell", "ArrowDown", "ArrowDown")
    small = matrix.locator("canvas").last.screenshot()
    press("matrix", "otherMap", "Shift+ArrowRight")
    assert matrix.locator("canvas").last.screenshot() != small

    mask = page.locator(".aw-mask-frame")
    tab_to(page, mask)
    host.select(token=4, key_token=5)
    press("mask", "otherPair", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowUp")
    host.expect(token=5, key_token=6)
    press("mask", "zoom", "+")
    expect(mask).to_have_attribute("data-zoomed", "")
    press("mask", "fit", "0")
    expect(mask).not_to_have_attribute("data-zoomed", "")
    press("mask", "endKey", "Home")
    host.expect(token=5, key_token=0)
    press("mask", "endKey", "End")
    host.expect(token=5, key_token=len(host.widget.trace.tokens) - 1)
    page.keyboard.press("Escape")
    host.expect(token=None, key_token=None)

    assert held == {
        f"{place} {does}"
        for place, folder in {"grid": "grid", "matrix": "matrix", "mask": "tokens"}.items()
        for does in listed(folder)
    }


def test_the_keys_of_the_atlas(open_widget: Callable[..., PageHost], atlas: HeadAtlas) -> None:
    host = open_widget(views=("atlas", "lines"), layer=2, heads=3)
    page = host.page
    held: set[str] = set()
    spoken = page.locator(".aw-live")

    def press(does: str, *keys: str) -> None:
        held.add(does)
        for key in keys:
            page.keyboard.press(key)
        host.settle()

    plane = page.locator(".aw-view-atlas .aw-heat-map")
    tab_to(page, plane)
    press("atlasHead", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowUp", "ArrowLeft")
    press("atlasSelect", "Space")
    host.expect(layer=3, heads=(3,))
    press("atlasEnd", "End")
    expect(spoken).to_contain_text("layer 3, head 11")
    press("atlasEnd", "Home")
    press("atlasSelect", "Enter")
    host.expect(layer=3, heads=(0,))
    page.keyboard.press("Escape")  # the tooltip; the head stays selected
    host.expect(layer=3, heads=(0,))
    page.set_viewport_size({"width": 420, "height": 900})  # cells can still grow
    host.settle()
    press("planeZoom", "+", "+")
    expect(plane).to_have_attribute("data-zoomed", "")
    press("planeZoom", "-")
    expect(plane).to_have_attribute("data-zoomed", "")
    press("planeFit", "0")
    expect(plane).not_to_have_attribute("data-zoomed", "")
    page.set_viewport_size({"width": 1280, "height": 900})
    host.settle()

    dots = page.locator(".aw-view-atlas .aw-atlas-scatter")
    tab_to(page, dots)
    across = atlas.columns["previous"]  # the summary that the view shows across, if none is named
    for key, row in (("End", int(np.nanargmax(across))), ("Home", int(np.nanargmin(across)))):
        press("atlasEnd", key)
        place = int(atlas.columns["layer"][row]), int(atlas.columns["head"][row])
        expect(spoken).to_contain_text("layer {}, head {}".format(*place))
    press("atlasHead", "ArrowRight")
    press("atlasSelect", "Enter")
    now = host.widget.layer, *host.widget.heads
    assert now != place
    expect(spoken).to_contain_text("layer {}, head {}".format(*now))
    before = host.widget.layer, host.widget.heads
    press("atlasHead", "ArrowUp", "ArrowDown", "ArrowLeft")
    press("atlasSelect", "Space")
    assert (host.widget.layer, host.widget.heads) != before
    assert held == set(listed("atlas"))


def test_the_keys_of_the_positions(open_widget: Callable[..., PageHost]) -> None:
    """On the table, and on the picture of pairs."""
    host = open_widget("a novel idea " * 12, views=("positions",), heads=3)
    page = host.page
    page.wait_for_function(
        "document.querySelectorAll('.aw-view-positions .aw-heat-map[data-map]').length === 2"
    )
    n = len(host.widget.trace.tokens)
    held: set[str] = set()

    def press(does: str, *keys: str) -> None:
        held.add(does)
        for key in keys:
            page.keyboard.press(key)
        host.settle()

    table, pairs = page.locator(".aw-view-positions .aw-heat-map").all()
    said = page.locator(".aw-view-positions .aw-note")
    tab_to(page, table)
    press("otherCell", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft")
    row = 1 + int(re.findall(r"position (\d+)", said.inner_text())[0])
    press("otherCell", "ArrowDown")
    expect(said).to_contain_text(f"position {row}:")
    press("selectRow", "Enter")
    host.expect(token=row, key_token=None)
    press("selectRow", "Space")  # once more lets go of it
    host.expect(token=None)
    press("endCell", "End")
    width = host.widget.trace.positions[0].table.shape[1]
    expect(said).to_contain_text(f"dimension {width - 1}")
    press("endCell", "Home")
    expect(said).to_contain_text("dimension 0")
    press("page", "PageDown")
    expect(said).to_contain_text(f"position {row + 10}:")
    press("page", "PageUp")
    expect(said).to_contain_text(f"position {row}:")
    press("zoom", "+", "+")
    expect(table).to_have_attribute("data-zoomed", "")
    press("fit", "0")
    expect(table).not_to_have_attribute("data-zoomed", "")

    tab_to(page, pairs)
    press("otherCell", "ArrowRight", "ArrowDown")
    press("endCell", "End")
    press("selectPair", "Enter")
    assert host.widget.token is not None
    host.expect(key_token=n - 1)
    press("endCell", "Home")
    press("selectPair", "Space")
    host.expect(key_token=0)
    press("zoom", "+")
    expect(pairs).to_have_attribute("data-zoomed", "")
    press("zoom", "-")
    page.keyboard.press("Escape")
    host.expect(token=None, key_token=None)
    assert held == set(listed("positions"))


def test_a_key_selects_a_distance_where_rows_are_distances(show: Callable[..., PageHost]) -> None:
    """Two tokens that are so far apart."""
    model = load("deberta_v2", "eager", position_biased_input=False)
    host = show(AttentionWidget(model, TEXT, tokenizer=TOKENIZER, views="positions", locale="en"))
    page = host.page
    said = page.locator(".aw-view-positions .aw-note")
    table = page.locator(".aw-view-positions .aw-heat-map").first
    expect(table).to_have_attribute("aria-label", re.compile("^Distance by dimension"))
    table.focus()
    page.keyboard.press("ArrowDown")
    row = page.evaluate("() => document.querySelector('.aw-view-positions .aw-note').textContent")
    distance = int(re.findall(r"query − key = (−?\d+)", row)[0].replace("−", "-"))
    expect(said).to_contain_text("from that of distance 0")
    page.keyboard.press("Enter")
    host.wait(lambda: host.widget.key_token is not None, "Enter chose no pair")
    token, key = host.widget.token, host.widget.key_token
    assert token is not None
    assert key is not None
    assert token - key == distance


def test_a_key_selects_a_head_where_rows_are_heads(show: Callable[..., PageHost]) -> None:
    host = show(
        AttentionWidget(
            load("bloom", "eager"), TEXT, tokenizer=TOKENIZER, views="positions", heads=0
        )
    )
    heads = host.page.locator(".aw-view-positions .aw-heat-map").first
    heads.focus()
    for key_name in ("ArrowDown", "ArrowDown", "ArrowDown", "Enter"):
        host.page.keyboard.press(key_name)
    host.wait(lambda: host.widget.heads != (0,), "Enter chose no head")

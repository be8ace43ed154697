"""The lines view in space: columns that scroll, the map beside them, tokens in rows, the figure."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Locator, expect

from attention_widget.measures.edges import strongest_edges
from browser.page_host import PageHost
from browser.reading import (
    as_weight,
    key_row,
    key_weights,
    leave,
    lines,
    lines_canvas,
    pixels,
    query_row,
)

pytestmark = pytest.mark.browser

ROW = 22
LONG = " ".join(["purple ink on a page"] * 12)
SVG = "{http://www.w3.org/2000/svg}"


def columns(host: PageHost) -> list[Locator]:
    return [lines(host.page).locator(f".aw-{side}-scroll") for side in ("queries", "keys")]


def in_sight(column: Locator) -> list[int]:
    """Rows of which the middle is in sight."""
    found: list[int] = column.evaluate(
        """(column) => {
             const frame = column.getBoundingClientRect();
             return [...column.querySelectorAll("[data-token]")].filter((row) => {
               const { top, bottom } = row.getBoundingClientRect();
               const middle = (top + bottom) / 2;
               return middle > frame.top && middle < frame.bottom;
             }).map((row) => Number(row.dataset.token));
           }"""
    )
    return sorted(found)


def test_each_column_scrolls_by_itself_and_both_over_the_lines(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(LONG, heads=2)
    queries, keys = columns(host)
    keys.hover()
    host.page.mouse.wheel(0, 10 * ROW)
    host.wait(lambda: in_sight(keys)[0] == 10, "the keys did not scroll")
    assert in_sight(queries)[0] == 0
    lines_canvas(host.page).hover()
    host.page.mouse.wheel(0, 5 * ROW)
    host.wait(lambda: in_sight(queries)[0] == 5, "the queries did not scroll")
    assert in_sight(keys)[0] == 15
    host.settle()
    assert pixels(lines_canvas(host.page))[..., 3].any()


@pytest.mark.parametrize("side", [0, 1])
def test_dragging_in_the_map_scrolls_its_column(
    open_widget: Callable[..., PageHost], side: int
) -> None:
    host = open_widget(LONG, heads=2)
    mouse = host.page.mouse
    box = lines(host.page).locator(".aw-map").bounding_box()
    assert box is not None
    x = box["x"] + (5 if side == 0 else 21)
    mouse.move(x, box["y"] + box["height"] * 0.5)
    mouse.down()
    last = len(host.widget.trace.tokens) - 1
    host.wait(lambda: last // 2 in in_sight(columns(host)[side]), "a click did not scroll")
    mouse.move(x, box["y"] + box["height"] * 0.98)
    mouse.up()
    host.wait(lambda: in_sight(columns(host)[side])[-1] == last, "it did not scroll")
    assert in_sight(columns(host)[1 - side])[0] == 0


def test_a_short_text_has_no_map(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget()
    expect(lines(host.page).locator(".aw-map")).to_be_hidden()


def test_the_map_shows_where_a_token_looks(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(LONG, heads=2, layer=0, token=12)
    count = len(host.widget.trace.tokens)
    image = pixels(lines(host.page).locator(".aw-map canvas"))
    ink = (image[:, 20, :3].astype(int).max(-1) < 60).nonzero()[0]
    strongest = host.widget.trace.attention(0)[2, 12].argmax()
    assert (abs(ink / len(image) - (strongest + 0.5) / count) < 1.5 / count).any()


def test_a_token_selected_elsewhere_is_scrolled_into_sight(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(LONG, heads=2)
    for direction in ("vertical", "horizontal"):
        host.select(token=None, direction=direction)
        host.select(token=50)
        expect(query_row(host.page, 50)).to_be_in_viewport(ratio=0.9)
        expect(key_row(host.page, 50)).to_be_in_viewport(ratio=0.9)
        host.select(token=1)
        expect(query_row(host.page, 1)).to_be_in_viewport(ratio=0.9)


@pytest.mark.parametrize("text", ["Attention is a novel idea.", LONG])
def test_tokens_stand_side_by_side(open_widget: Callable[..., PageHost], text: str) -> None:
    host = open_widget(text, heads=3, token=4)
    page = host.page
    leave(page)
    down = key_weights(page)
    lines(page).get_by_label("direction").select_option("horizontal")
    host.expect(direction="horizontal")
    host.settle()
    across = key_weights(page)
    assert {key: across[key] for key in range(8)} == {key: down[key] for key in range(8)}
    boxes = [key_row(page, key).bounding_box() for key in range(8)]
    for left, right in itertools.pairwise(boxes):
        assert left
        assert right
        assert left["x"] + left["width"] <= right["x"] + 1
        assert left["y"] == right["y"]
    query, canvas = query_row(page, 4).bounding_box(), lines_canvas(page).bounding_box()
    assert query
    assert canvas
    assert abs(query["y"] + query["height"] - canvas["y"]) < 1.5
    image = pixels(lines_canvas(page))
    middle = round(query["x"] + query["width"] / 2 - canvas["x"])
    assert image[1, middle - 2 : middle + 3, 3].max() > 240
    assert image[1, middle + round(query["width"]), 3] == 0
    lines(page).locator(".aw-queries-scroll").focus()
    page.keyboard.press("ArrowRight")
    host.expect(token=5)
    host.settle()
    assert key_weights(page)[2] == as_weight(host.widget.trace.attention(0)[3, 5, 2])


def saved(host: PageHost, kind: str) -> Path:
    with host.page.expect_download() as download:
        lines(host.page).locator(f"[data-save={kind}]").click()
    return Path(download.value.path())


@pytest.mark.parametrize("direction", ["vertical", "horizontal"])
def test_the_figure_shows_the_rows_in_sight_and_the_lines_of_the_token(
    open_widget: Callable[..., PageHost], direction: str
) -> None:
    host = open_widget(heads=(3, 5), layer=2, token=4, direction=direction)
    text = saved(host, "svg").read_text(encoding="utf-8")
    svg = ElementTree.fromstring(text)
    names = [element.text or "" for element in svg.iter(f"{SVG}text")]
    for token in host.widget.trace.tokens:
        assert names.count(token.label) >= 2
    weights = host.widget.trace.attention(2)[[3, 5], 4].mean(0, dtype="float64")
    for weight in weights:
        assert as_weight(weight) in names
    assert {"head 3", "head 5"} <= set(names)
    assert any("layer 2" in name for name in names)
    found = strongest_edges(host.widget.trace, 2, [3, 5], top_p=0.95).lines
    of_token = found[found[:, 1] == 4, 3]
    visible = sum(round(16 * float(weight / of_token.max()) ** 0.5) > 0 for weight in of_token)
    paths = [element.get("d") or "" for element in svg.iter(f"{SVG}path")]
    assert sum(path.count("M") for path in paths) == visible
    assert not [element for element in svg.iter() if element.tag.endswith("foreignObject")]
    assert "var(" not in text
    assert "class=" not in text
    assert saved(host, "png").read_bytes().startswith(b"\x89PNG")


def test_a_view_of_no_head_has_no_figure(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(heads=())
    lines(host.page).locator("[data-save=svg]").click()
    expect(lines(host.page).get_by_role("alert")).to_have_text("There is nothing to save yet.")

"""The lines view in space: columns that scroll, the map beside them, tokens in rows, the figure."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
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
    panel_action,
    panel_options,
    pixels,
    query_row,
)

pytestmark = pytest.mark.browser

ROW = 14  # of a text that scrolls
LONG = " ".join(["purple ink on a page"] * 40)  # scrolls in a column and across the widget
SVG = "{http://www.w3.org/2000/svg}"


def columns(host: PageHost) -> list[Locator]:
    return [lines(host.page).locator(f".aw-{side}-scroll") for side in ("queries", "keys")]


def in_sight(column: Locator) -> list[int]:
    """Rows of which the middle is in sight."""
    found: list[int] = column.evaluate(
        """(column) => {
             const frame = column.getBoundingClientRect();
             return [...column.querySelectorAll("[data-token]")].filter((row) => {
               const { top, bottom, left, right } = row.getBoundingClientRect();
               const [x, y] = [(left + right) / 2, (top + bottom) / 2];
               const isAcross = x > frame.left && x < frame.right;
               return isAcross && y > frame.top && y < frame.bottom;
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
    with panel_options(lines(page)) as options:
        options.get_by_label("direction").select_option("horizontal")
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
    opaque = 255 * host.widget.trace.attention(0)[3, 4].max() ** 0.5
    assert image[1, middle - 2 : middle + 3, 3].max() > 0.8 * opaque
    assert image[1, middle + round(query["width"]), 3] == 0
    lines(page).locator(".aw-queries-scroll").focus()
    page.keyboard.press("ArrowRight")
    host.expect(token=5)
    host.settle()
    assert key_weights(page)[2] == as_weight(host.widget.trace.attention(0)[3, 5, 2])


def saved(host: PageHost, kind: str) -> Path:
    with host.page.expect_download() as download:
        panel_action(lines(host.page), kind).click()
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
    visible = sum(round(16 * float(weight) ** 0.5) > 0 for weight in of_token)
    paths = list(svg.iter(f"{SVG}path"))
    hairlines = [path for path in paths if path.get("stroke-width") == "0.75"]
    assert hairlines == paths[: len(hairlines)]  # behind the others
    strong = [path.get("d") or "" for path in paths[len(hairlines) :]]
    assert sum(path.count("M") for path in strong) == visible
    assert not [element for element in svg.iter() if element.tag.endswith("foreignObject")]
    assert "var(" not in text
    assert "class=" not in text
    assert saved(host, "png").read_bytes().startswith(b"\x89PNG")


def test_a_view_of_no_head_has_no_figure(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(heads=())
    panel_action(lines(host.page), "svg").click()
    expect(lines(host.page).get_by_role("alert")).to_have_text("There is nothing to save yet.")


SIXTY = " ".join(["purple ink on a page"] * 11 + ["novel idea"] * 3)  # 63 tokens


@pytest.mark.parametrize("direction", ["vertical", "horizontal"])
@pytest.mark.parametrize("width", [1000, 640])
def test_a_sentence_of_sixty_tokens_is_in_sight_as_a_whole(
    open_widget: Callable[..., PageHost], direction: str, width: int
) -> None:
    host = open_widget(SIXTY, heads=2, direction=direction)
    host.page.set_viewport_size({"width": width, "height": 900})
    host.settle()
    count = len(host.widget.trace.tokens)
    assert count > 60
    for column in columns(host):
        assert in_sight(column) == list(range(count))
    expect(lines(host.page).locator(".aw-map")).to_be_hidden()
    expect(lines(host.page).locator(".aw-leaving")).to_be_hidden()
    overlaps = (
        lines(host.page)
        .locator(".aw-keys")
        .evaluate(
            """(rows) => {
             const seen = [...rows.querySelectorAll(".aw-label:not(.aw-unnamed)")];
             const across = getComputedStyle(seen[0]).writingMode !== "horizontal-tb";
             const middles = seen.map((label) => {
               const { top, bottom, left, right } = label.getBoundingClientRect();
               return across ? (left + right) / 2 : (top + bottom) / 2;
             }).sort((a, b) => a - b);
             return middles.filter((at, i) => i && at - middles[i - 1] < 9).length;
           }"""
        )
    )
    assert overlaps == 0


def test_a_row_without_room_for_its_label_has_it_under_the_mouse(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(SIXTY, heads=2)
    query = query_row(host.page, 21)
    label = query.locator(".aw-label")
    expect(label).to_be_hidden()
    query.hover()
    expect(label).to_be_visible()
    host.settle()
    weights = host.widget.trace.attention(0)[2, 21]
    strongest = key_row(host.page, int(weights.argmax()))
    expect(strongest.locator(".aw-label")).to_be_visible()
    expect(strongest.locator(".aw-weight")).to_have_text(as_weight(weights.max()))


PLACES = """(rows) => [...rows.querySelectorAll(".aw-row")].flatMap((row) => {
  const weight = row.querySelector(".aw-weight");
  if (!weight.textContent) return [];
  const middle = (node) => {
    const { top, bottom } = node.getBoundingClientRect();
    return (top + bottom) / 2;
  };
  const parts = [weight, row.querySelector(".aw-label"), row.querySelector(".aw-heads")];
  return [[Number(row.dataset.token), middle(row), ...parts.map(middle)]];
})"""


def test_only_keys_that_matter_have_numbers_and_all_of_a_key_stands_together(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(SIXTY, heads=2, layer=2, token=21)
    leave(host.page)
    host.settle()
    weights = host.widget.trace.attention(2)[2, 21]
    rows = lines(host.page).locator(".aw-keys").evaluate(PLACES)
    assert 0 < len(rows) < len(weights) / 2
    assert weights.argmax() in [key for key, *_ in rows]
    for key, middle, *parts in rows:
        assert weights[key] >= 0.01 * weights.max()
        assert np.ptp(parts) < 1.5, key
        assert abs(parts[0] - middle) < 5, key
    host.select(token=None)
    assert not any(key_weights(host.page).values())


def test_nothing_moves_when_a_token_is_pointed_at_or_selected(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget("Attention is a novel idea", heads=2)
    host.page.set_viewport_size({"width": 1000, "height": 900})
    leave(host.page)
    host.settle()
    view = lines(host.page)
    labels = """(view) => [...view.querySelectorAll(".aw-label")].map((label) =>
      label.scrollWidth <= label.clientWidth && label.clientWidth > 0)"""
    assert all(view.evaluate(labels))
    middle = view.locator(".aw-lines-middle")
    before, height = middle.bounding_box(), view.bounding_box()
    query_row(host.page, 1).hover()
    host.settle()
    assert all(view.evaluate(labels))
    assert (middle.bounding_box(), view.bounding_box()) == (before, height)
    query_row(host.page, 1).click()
    leave(host.page)
    host.settle()
    assert all(view.evaluate(labels))
    assert middle.bounding_box() == before


@pytest.mark.parametrize("direction", ["vertical", "horizontal"])
def test_a_label_says_where_the_strongest_line_goes_and_brings_it_in(
    open_widget: Callable[..., PageHost], direction: str
) -> None:
    host = open_widget(LONG, layer=3, heads=0, token=1, direction=direction)
    host.page.set_viewport_size({"width": 640, "height": 900})
    host.settle()
    label = lines(host.page).locator(".aw-leaving")
    weights = host.widget.trace.attention(3)[0, 1]
    last = in_sight(columns(host)[1])[-1]
    key = last + 2 + int(weights[last + 2 :].argmax())
    token = host.widget.trace.tokens[key]
    expect(label).to_contain_text(f"→ {token.label}")
    where = "below" if direction == "vertical" else "to the right"
    expect(label).to_contain_text(where)
    label.click()
    expect(key_row(host.page, key)).to_be_in_viewport(ratio=0.9)
    assert 1 in in_sight(columns(host)[0])  # the query stays


def test_the_other_lines_of_a_head_are_hairlines_behind_those_of_the_token(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(heads=3, layer=2)
    ground = lines(host.page).locator(".aw-ground")
    expect(ground).to_be_hidden()
    query_row(host.page, 4).hover()
    host.settle()
    faint = pixels(ground)[..., 3]
    assert faint[:, 1].any()
    strong = pixels(lines_canvas(host.page))[..., 3]
    assert 0 < np.percentile(faint[faint > 0], 90) < 0.5 * strong.max()
    query_row(host.page, 5).hover()  # the ground stays as it is
    host.settle()
    assert (pixels(ground)[..., 3] == faint).all()
    leave(host.page)
    host.settle()
    expect(ground).to_be_hidden()

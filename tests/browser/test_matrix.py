"""The matrix view: every cell is the trace's weight, near and far, and selects its two tokens."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect
from support import traces

from attention_widget.trace.block import Array
from attention_widget.trace.trace import Trace
from browser.page_host import PageHost
from browser.reading import leave, pixels, tooltip, view

pytestmark = pytest.mark.browser

Open = Callable[..., PageHost]
MATRIX = {"views": ["matrix"]}


def matrix(page: Page) -> Locator:
    return view(page, "Attention matrix")


def plot(page: Page) -> Locator:
    return matrix(page).get_by_role("application")


def note(page: Page) -> Locator:
    return matrix(page).locator(".aw-note")


def maps(page: Page) -> list[tuple[float, float, float, float]]:
    said = plot(page).get_attribute("data-maps") or ""
    return [tuple(map(float, one.split())) for one in said.split(";")]  # type: ignore[misc]


def point(
    page: Page, query: float, key: float, shape: tuple[int, int], which: int = 0
) -> dict[str, float]:
    """The middle of a cell of a map that is shown whole."""
    x, y, width, height = maps(page)[which]
    return {"x": x + (key + 0.5) * width / shape[1], "y": y + (query + 0.5) * height / shape[0]}


def read(page: Page, query: int, key: int, shape: tuple[int, int], which: int = 0) -> str:
    """What is said of the cell under the mouse."""
    plot(page).hover(position=point(page, query, key, shape, which))  # type: ignore[arg-type]
    said = tooltip(matrix(page)).locator("div").first.text_content()
    return said or ""


def colours(page: Page, shape: tuple[int, int], which: int = 0) -> NDArray[np.float64]:
    """Of the cells of a map that is shown whole: (query, key, rgb), beside their numbers."""
    image = pixels(plot(page).locator("canvas").first)
    x, y, width, height = maps(page)[which]
    rows = (y + (np.arange(shape[0]) + 0.15) * height / shape[0]).astype(int)
    columns = (x + (np.arange(shape[1]) + 0.5) * width / shape[1]).astype(int)
    found: NDArray[np.float64] = image[rows][:, columns, :3].astype(np.float64)
    return found


def darkness(found: NDArray[np.float64]) -> NDArray[np.float64]:
    return 255 - found @ [0.299, 0.587, 0.114]


def assert_coloured_by(found: NDArray[np.float64], values: Array) -> None:
    """Darker for more, from the lightest to the darkest; channels are rounded."""
    shown = darkness(found).ravel()[np.argsort(values.ravel())]
    assert (np.diff(shown) >= -1.5).all()
    assert shown[-1] - shown[0] > 100


def test_every_cell_reads_its_weight(open_widget: Open) -> None:
    host = open_widget(**MATRIX, layer=3, heads=7)
    trace = host.widget.trace
    weights = trace.attention(3)[7]
    labels = [token.label for token in trace.tokens]
    for query in range(0, 8, 3):
        for key in range(8):
            said = read(host.page, query, key, weights.shape)
            weight = f"{weights[query, key]:.4f}"
            assert said == f"“{labels[query]}” attends {weight} to “{labels[key]}”"
    expect(tooltip(matrix(host.page))).to_contain_text("layer 3, head 7")
    leave(host.page)
    expect(tooltip(matrix(host.page))).to_be_hidden()
    expect(note(host.page)).to_have_text(
        f"layer 3, head 7 · weights from {1e4 * weights.min():.2f}e−4 to {weights.max():.4f} · "
        "each row sums to 1"
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_follow_the_weights(open_widget: Open, theme: str) -> None:
    host = open_widget(**MATRIX, layer=2, heads=4, theme=theme)
    weights = host.widget.trace.attention(2)[4]
    sign = 1 if theme == "light" else -1
    plain = colours(host.page, weights.shape)
    assert_coloured_by(255 * (theme == "dark") + sign * plain, weights)
    legend = matrix(host.page).locator(".aw-legend")
    expect(legend).to_have_text(f"weight0{weights.max():.4f}")

    host.page.get_by_role("button", name="log colour").click()
    host.expect(log_colour=True)
    host.settle()
    by_log = colours(host.page, weights.shape)
    assert_coloured_by(255 * (theme == "dark") + sign * by_log, weights)
    small = weights < 0.1 * weights.max()
    assert np.ptp(darkness(by_log)[small]) > np.ptp(darkness(plain)[small])
    expect(legend).to_contain_text(re.compile(r"weight \(log\)"))
    host.select(log_colour=False)

    host.page.get_by_role("button", name="relative to row").click()
    host.expect(normalise_rows=True)
    host.settle()
    shares = weights / weights.max(1, keepdims=True)
    by_row = colours(host.page, weights.shape)
    assert_coloured_by(255 * (theme == "dark") + sign * by_row, shares)
    strongest = by_row[np.arange(8), weights.argmax(1)]
    assert (strongest == strongest[0]).all()
    expect(legend).to_have_text("share of the row’s largest weight01")


@pytest.mark.parametrize("combine", ["mean", "maximum"])
def test_heads_together_are_one_map(open_widget: Open, combine: str) -> None:
    host = open_widget(**MATRIX, layer=1, heads=(2, 3, 9), combine=combine)
    heads = host.widget.trace.attention(1)[[2, 3, 9]]
    weights = heads.mean(0) if combine == "mean" else heads.max(0)
    for query, key in [(0, 0), (3, 5), (7, 2)]:
        assert f"attends {weights[query, key]:.4f} to" in read(host.page, query, key, (8, 8))
    expect(note(host.page)).to_contain_text(f"layer 1, {combine} of heads 2, 3, 9")
    assert_coloured_by(colours(host.page, (8, 8)), weights)


def test_heads_side_by_side_share_a_scale(open_widget: Open) -> None:
    host = open_widget(**MATRIX, layer=1, heads=(2, 3, 9), combine="columns")
    heads = host.widget.trace.attention(1)[[2, 3, 9]]
    assert len(maps(host.page)) == 3
    for which in range(3):
        assert f"attends {heads[which, 4, 6]:.4f} to" in read(host.page, 4, 6, (8, 8), which)
    leave(host.page)
    found = np.stack([colours(host.page, (8, 8), which) for which in range(3)])
    assert_coloured_by(found, heads)
    plot(host.page).click(position=point(host.page, 4, 6, (8, 8), 2))  # type: ignore[arg-type]
    host.expect(token=4, key_token=6, heads=(2, 3, 9))


def test_one_of_several_heads_is_chosen_by_its_chip(open_widget: Open) -> None:
    host = open_widget(**MATRIX, layer=1, heads=(2, 3))
    attention = host.widget.trace.attention(1)
    assert f"attends {attention[2, 1, 3]:.4f}" in read(host.page, 1, 3, (8, 8))
    matrix(host.page).get_by_role("radio", name="Head 3", exact=True).click()
    host.expect(heads=(3,))
    assert f"attends {attention[3, 1, 3]:.4f}" in read(host.page, 1, 3, (8, 8))


def test_a_click_selects_both_tokens_everywhere_and_again_lets_go(open_widget: Open) -> None:
    host = open_widget(views=["matrix", "lines"], heads=4)
    cell = point(host.page, 5, 2, (8, 8))
    plot(host.page).click(position=cell)  # type: ignore[arg-type]
    host.expect(token=5, key_token=2)
    leave(host.page)
    weight = host.widget.trace.attention(0)[4, 5, 2]
    expect(note(host.page)).to_contain_text(f"“idea” attends {weight:.4f} to “is”")
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
    expect(tooltip(matrix(host.page))).to_contain_text(f"“is” receives {mean:.4f} on average")


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
    expect(note(host.page)).to_contain_text(f"“is” attends {weights[2, 1]:.4f} to “Attention”")
    keyboard.press("Enter")
    host.expect(token=2, key_token=1)
    keyboard.press("End")
    keyboard.press("Enter")
    host.expect(token=2, key_token=7)
    keyboard.press("Escape")
    host.expect(token=None, key_token=None)
    host.page.keyboard.press("Tab")
    expect(note(host.page)).to_contain_text("each row sums to 1")


LONG = 1100


@pytest.fixture(scope="module")
def long() -> Trace:
    return traces.trace(heads=(3,), labels=[f"t{i}" for i in range(LONG)], causal=True)


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
    expect(matrix(page).locator(".aw-legend")).to_contain_text("exactly 0, as a mask leaves it")
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
    expect(lines.first).to_have_text(re.compile(r"attends \d"))
    said = re.fullmatch(r"“t(\d+)” attends (\S+) to “t(\d+)”", lines.first.text_content() or "")
    assert said is not None
    query, key = int(said[1]), int(said[3])
    assert abs(query - 900) < 3
    assert abs(key - 300) < 3
    assert said[2] == f"{weights[query, key]:.4f}"
    block = weights[query // 2 * 2 : query // 2 * 2 + 2, key // 2 * 2 : key // 2 * 2 + 2]
    expect(lines.last).to_have_text(f"largest of the 2 × 2 in this pixel: {block.max():.4f}")


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
    expect(note(page)).to_contain_text(f"attends {weights[query, key]:.4f} to")
    page.get_by_role("button", name="fit").click()
    expect(where).not_to_contain_text(whole)
    plot(page).dblclick(position={"x": at["x"], "y": at["y"]})
    expect(where).to_contain_text(whole)
    host.expect(token=None)
    page.get_by_role("button", name="Zoom out").click()
    expect(where).not_to_contain_text(whole)


def pointed(page: Page) -> tuple[int, int]:
    said = tooltip(matrix(page)).locator("div").first.text_content() or ""
    found = re.fullmatch(r"“t(\d+)” .* “t(\d+)”", said)
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
    for _ in range(3):
        host.page.keyboard.press("+")
    host.settle()
    first, last = sight(note(host.page))
    assert not first <= 1000 <= last
    host.select(token=1000)
    first, last = sight(note(host.page))
    assert first <= 1000 <= last
    host.page.keyboard.press("0")
    expect(note(host.page)).not_to_contain_text("queries")


def test_words_and_hidden_special_tokens_make_other_rows(open_trace: Open) -> None:
    made = traces.trace()
    host = open_trace(made, **MATRIX, heads=1, words=True)
    weights = made.words().attention(0)[1]
    assert weights.shape == (5, 5)
    said = read(host.page, 2, 3, weights.shape)
    assert said == f"“novel” attends {weights[2, 3]:.4f} to “idea”"
    host.select(special_tokens="hide")
    weights = made.without_special().words().attention(0)[1]
    said = read(host.page, 1, 2, weights.shape)
    assert said == f"“novel” attends {weights[1, 2]:.4f} to “idea”"
    leave(host.page)
    sums = weights.sum(1)
    expect(note(host.page)).to_contain_text(f"rows sum to {sums.min():.4f}–{sums.max():.4f}")
    host.select(special_tokens="renormalise")
    expect(note(host.page)).to_contain_text("each row sums to 1")


def test_two_lists_of_tokens_make_an_oblong(open_trace: Open) -> None:
    made = traces.encoder_decoder()
    host = open_trace(made, **MATRIX, attention_kind="cross", layer=2, heads=1)
    weights = made.attention(2, "cross")[1]
    _, _, width, height = maps(host.page)[0]
    assert width / 4 == pytest.approx(height / 6, rel=0.05)
    assert read(host.page, 1, 2, (6, 4)) == f"“das” attends {weights[1, 2]:.4f} to “house”"
    plot(host.page).click(position=point(host.page, 1, 2, (6, 4)))  # type: ignore[arg-type]
    host.expect(token=1, key_token=2)


def test_a_window_of_a_long_text_is_shown(open_trace: Open) -> None:
    made = traces.windowed()
    host = open_trace(made, **MATRIX, heads=1, token=20)
    weights = made.windows[1].trace.attention(0)[1]
    assert f"attends {weights[4, 7]:.4f} to" in read(host.page, 4, 7, weights.shape)
    expect(matrix(host.page).locator(".aw-where")).to_contain_text("window 2 of 3")


def test_what_goes_to_the_sink_is_said(open_trace: Open) -> None:
    made = traces.trace(heads=(4,))
    block = replace(made.blocks[0], sinks=torch.ones(4))
    host = open_trace(replace(made, blocks=(block,)), **MATRIX, heads=3)
    sums = block.attention([3])[0].sum(1)
    expect(note(host.page)).to_contain_text(
        f"rows sum to {sums.min():.4f}–{sums.max():.4f} · the rest goes to the sink"
    )


def test_nan_has_its_own_colour_and_is_counted(open_trace: Open) -> None:
    made = traces.as_maps(traces.trace())
    made.maps[0].tensors[0][2, 3, 4] = float("nan")
    host = open_trace(made, **MATRIX, heads=2)
    expect(matrix(host.page).locator(".aw-warning")).to_have_text(
        "1 attention weight is NaN; heads: 2."
    )
    expect(matrix(host.page).locator(".aw-legend")).to_contain_text("NaN")
    assert "attends NaN to" in read(host.page, 3, 4, (6, 6))
    leave(host.page)
    found = colours(host.page, (6, 6))
    assert (abs(found - found[3, 4]).sum(2) < 30).sum() == 1
    expect(note(host.page)).not_to_contain_text("each row sums to 1")


def test_without_a_head_it_says_so(open_widget: Open) -> None:
    host = open_widget(**MATRIX, heads=[])
    expect(note(host.page)).to_have_text("No head is selected.")


def save(host: PageHost, kind: str, path: Path) -> bytes:
    with host.page.expect_download() as download:
        matrix(host.page).get_by_role("button", name=kind.upper()).click()
    download.value.save_as(path)
    return path.read_bytes()


def test_the_figure_shows_what_the_screen_shows(open_widget: Open, tmp_path: Path) -> None:
    host = open_widget(**MATRIX, layer=3, heads=7, token=5, key_token=2)
    weights = host.widget.trace.attention(3)[7]
    drawn = ElementTree.fromstring(save(host, "svg", tmp_path / "matrix.svg"))
    names = {"svg": "http://www.w3.org/2000/svg"}
    said = [node.text for node in drawn.findall(".//svg:text", names)]
    for token in host.widget.trace.tokens:
        assert said.count(token.label) == 2
    assert f"{weights.max():.4f}" in said
    assert {f"{weight:.2f}" for weight in weights.ravel()} <= set(said)
    assert any("layer 3, head 7" in (text or "") for text in said)
    cells = drawn.find(".//svg:svg", names)
    assert cells is not None
    covered = sum(float(rect.get("width", 0)) for rect in cells.findall("svg:rect", names))
    assert covered == pytest.approx(64)
    text = (tmp_path / "matrix.svg").read_text(encoding="utf-8")
    assert "var(" not in text
    assert "class=" not in text
    png = save(host, "png", tmp_path / "matrix.png")
    assert png.startswith(b"\x89PNG")


def test_the_figure_of_a_long_text_holds_a_picture(
    open_trace: Open, long: Trace, tmp_path: Path
) -> None:
    host = open_trace(long, **MATRIX, heads=1)
    drawn = ElementTree.fromstring(save(host, "svg", tmp_path / "matrix.svg"))
    images = drawn.findall(".//{http://www.w3.org/2000/svg}image")
    assert len(images) == 4  # tiles of 512 × 512 pooled numbers
    assert all(image.get("href", "").startswith("data:image/png") for image in images)


@pytest.mark.parametrize(
    ("locale", "title", "said"),
    [
        ("vi", "Ma trận chú ý", "mỗi hàng có tổng bằng 1"),
        ("ru", "Матрица внимания", "сумма каждой"),
    ],
)
def test_it_speaks_other_languages(open_widget: Open, locale: str, title: str, said: str) -> None:
    host = open_widget(**MATRIX, heads=1, locale=locale)
    expect(view(host.page, title).locator(".aw-note")).to_contain_text(said)

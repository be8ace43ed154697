"""The page of a matrix in Chromium: what is read off it are the numbers that were given."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from attention_widget import show_matrix, sinusoidal

pytestmark = pytest.mark.browser

POINT = """([row, column, rows, columns]) => {
  const plot = document.querySelector(".aw-heat-map");
  const [x, y, width, height] = plot.dataset.map.split(" ").map(Number);
  const { left, top } = plot.getBoundingClientRect();
  return [left + x + ((column + 0.5) / columns) * width, top + y + ((row + 0.5) / rows) * height];
}"""


def open_picture(disk: Callable[..., Page], path: Path, *given: Any, **keywords: Any) -> Page:
    show_matrix(*given, **keywords).export_html(path)
    page = disk(path, drawn=False)
    page.wait_for_function("() => !!document.querySelector('.aw-heat-map')?.dataset.map")
    return page


def said_at(page: Page, shape: tuple[int, ...], row: int, column: int) -> str:
    page.mouse.move(*page.evaluate(POINT, [row, column, *shape]))
    return str(page.locator(".aw-note").text_content())


def test_hover_and_keys_read_the_numbers(disk: Callable[..., Page], tmp_path: Path) -> None:
    table = sinusoidal(64, 32)
    page = open_picture(
        disk,
        tmp_path / "m.html",
        table,
        rows="position",
        columns="dimension",
        title="a <b>table</b>",
    )
    expect(page.locator("h1")).to_have_text("a <b>table</b>")
    expect(page.locator(".aw-legend")).to_contain_text("−1.000")
    for row, column in [(0, 0), (1, 0), (63, 31), (17, 6), (40, 1)]:
        *named, value = said_at(page, table.shape, row, column).split(" · ")
        assert named == [f"position {row}", f"dimension {column}"]
        assert float(value.replace("−", "-")) == pytest.approx(table[row, column], rel=1e-6)
    page.mouse.move(0, 0)
    page.locator(".aw-heat-map").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)  # the first stands where the picture begins
    *_, value = str(page.locator(".aw-note").text_content()).split(" · ")
    assert float(value.replace("−", "-")) == pytest.approx(table[2, 1], rel=1e-6)


def test_a_scale_has_the_sign_of_its_numbers_and_what_is_missing_is_counted(
    disk: Callable[..., Page], tmp_path: Path
) -> None:
    given = -np.arange(12.0).reshape(3, 4)
    given[0, 0], given[2, 3], given[1, 1] = np.nan, -np.inf, -12345678
    page = open_picture(disk, tmp_path / "below.html", given, rows=["a", "b", "c"])
    expect(page.locator(".aw-legend")).to_have_text(re.compile(r"^number−10\.000 ▼ 1 below"))
    expect(page.locator(".aw-note")).to_have_text(
        "3 × 4 numbers, rows by columns. One of 12 is NaN, grey. One of 12 is infinite, "
        "beyond any scale."
    )
    assert said_at(page, given.shape, 0, 0) == "row a · column 0 · NaN"
    assert said_at(page, given.shape, 2, 3) == "row c · column 3 · −∞"
    assert said_at(page, given.shape, 1, 1).endswith("−12,345,678")


@pytest.mark.parametrize(
    ("given", "legend", "note"),
    [
        ([[np.nan] * 3] * 2, "", "6 of 6 are NaN, grey."),
        ([[np.inf, -np.inf], [np.inf, np.inf]], "", "4 of 4 are infinite, beyond any scale."),
        ([[5.0] * 3] * 2, "number0 5.000", "2 × 3 numbers, rows by columns."),
        ([[-3.0] * 2] * 2, "number−3.000 0", "2 × 2 numbers, rows by columns."),
        ([[0.0] * 2] * 2, "number0 0", "2 × 2 numbers, rows by columns."),
        ([[-1.0, 2.0]], "number−2.000 +2.000", "1 × 2 numbers, rows by columns."),
    ],
)
def test_what_is_said_of_unusual_matrices(
    given: Any, legend: str, note: str, disk: Callable[..., Page], tmp_path: Path
) -> None:
    """A scale stands there only if a number has a place on it."""
    page = open_picture(disk, tmp_path / "m.html", given, locale="en", theme="dark")
    assert " ".join(page.locator(".aw-legend").inner_text().split()) == legend.replace(
        "number", "number "
    )
    expect(page.locator(".aw-note")).to_contain_text(note)
    assert page.locator(".aw-matrix-page").get_attribute("data-theme") == "dark"


BLANK = """async () => {
  const box = (node) => node.getBoundingClientRect();
  const frame = () => new Promise(requestAnimationFrame);
  const drawn = () => {
    const plot = document.querySelector(".aw-heat-map");
    return plot?.querySelector("canvas").clientWidth === plot?.clientWidth && plot?.dataset.map;
  };
  while (!drawn()) await frame();
  await frame();
  await frame();
  return [innerHeight - box(document.body).height, document.documentElement.scrollHeight];
}"""
"""Of a frame what its page leaves empty, and how high the page is."""


@pytest.mark.parametrize("width", [640, 1100])
@pytest.mark.parametrize(
    ("shape", "names"),
    [
        ((64, 32), {"rows": "position", "columns": "dimension"}),
        ((4, 4), {"columns": ["Tôi", "thích", "học", "AI"], "title": "scores"}),
        ((3, 40), {}),
        ((1, 8), {}),
        ((200, 200), {"title": "a square"}),
        ((4000, 2), {"columns": ["a rather long name", "b"]}),
    ],
)
def test_a_frame_is_as_high_as_the_picture(
    shape: tuple[int, int], names: dict[str, Any], width: int, page: Page, bundle: None
) -> None:
    """Nothing is cut off, and no more is left empty than the guess at labels and width takes."""
    page.set_viewport_size({"width": width, "height": 900})
    table = np.random.default_rng(0).normal(size=shape)
    page.set_content(show_matrix(table, **names)._repr_html_())
    frame = page.frames[1]
    blank, high = frame.evaluate(BLANK)
    assert -1 < blank <= 25
    assert high <= frame.evaluate("innerHeight")
    assert page.locator("iframe").evaluate("(node) => getComputedStyle(node).display") == "block"


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_picture_is_saved_as_it_is_shown(
    kind: str, disk: Callable[..., Page], tmp_path: Path
) -> None:
    given = np.array([[1.25, -2.5], [np.nan, np.inf]])
    names: dict[str, Any] = {"rows": ["<Tôi>", "AI"], "columns": ["x", "y"], "locale": "en"}
    page = open_picture(disk, tmp_path / "m.html", given, **names, title="four & <more>")
    with page.expect_download() as saved:
        page.locator(f"[data-save={kind}]").click()
    assert saved.value.suggested_filename == f"four-more.{kind}"
    written = saved.value.path().read_bytes()
    if kind == "png":
        assert written[:8] == b"\x89PNG\r\n\x1a\n"
        assert len(written) > 1000
        return
    said = [node.text for node in ElementTree.fromstring(written).iter() if node.text]
    for words in ("four & <more>", "<Tôi>", "AI", "x", "y", "1.250", "−2.500", "NaN", "∞"):
        assert words in said
    assert any("One of 4 is infinite" in text for text in said)

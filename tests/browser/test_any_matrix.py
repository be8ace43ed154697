"""The page of a matrix in Chromium: what is read off it are the numbers that were given."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
        "3 × 4 numbers, rows by columns. One of 12 is NaN, grey."
    )
    assert said_at(page, given.shape, 0, 0) == "row a · column 0 · NaN"
    assert said_at(page, given.shape, 2, 3) == "row c · column 3 · −∞"
    assert said_at(page, given.shape, 1, 1).endswith("−12,345,678")

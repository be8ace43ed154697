"""The view of positions: what is read off its pictures is what the trace holds of the model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from support.loaded import TOKENIZER, load
from support.models import TEXT

from attention_widget import AttentionWidget
from browser.page_host import PageHost

pytestmark = pytest.mark.browser

POINT = """([at, row, column, rows, columns]) => {
  const plot = document.querySelectorAll(".aw-view-positions .aw-heat-map")[at];
  const [x, y, width, height] = plot.dataset.map.split(" ").map(Number);
  const { left, top } = plot.getBoundingClientRect();
  return [left + x + ((column + 0.5) / columns) * width, top + y + ((row + 0.5) / rows) * height];
}"""
SAID = """() => document.querySelector(".aw-view-positions").innerText"""
DRAWN = """() => [...document.querySelectorAll(".aw-view-positions .aw-heat-map")]
  .filter((plot) => plot.dataset.map).length === 2"""


def value_at(page: Page, plot: int, shape: tuple[int, ...], row: int, column: int) -> float:
    """The number of a cell, as the line of the view says it while it is pointed at."""
    page.mouse.move(*page.evaluate(POINT, [plot, row, column, *shape]))
    line = page.locator(".aw-view-positions").get_by_text(f"position {row}:").first
    expect(line).to_be_visible()
    return float(str(line.text_content()).split(" ")[-1].split("· ")[-1].replace("−", "-"))


def test_a_widget_and_its_page_show_the_numbers_of_the_trace(
    open_widget: Callable[..., PageHost], disk: Callable[..., Page], tmp_path: Path
) -> None:
    host = open_widget(views=("positions",), token=4, number_format="full")
    host.widget.export_html(tmp_path / "page.html")
    (way,) = host.widget.trace.positions
    table, pairs = way.table, way.similarity
    rng = np.random.default_rng(5)
    for page in (host.page, disk(tmp_path / "page.html")):
        page.wait_for_function(DRAWN)
        for plot, known in enumerate((table, pairs)):
            for _ in range(4):
                row, column = (int(rng.integers(size)) for size in known.shape)
                found = value_at(page, plot, known.shape, row, column)
                assert found == pytest.approx(known[row, column], rel=1e-6, abs=1e-6)


def test_a_row_is_chosen_by_key(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views=("positions",), token=4)
    host.page.wait_for_function(DRAWN)
    host.page.locator(".aw-view-positions .aw-heat-map").first.focus()
    host.page.keyboard.press("Home")
    host.page.keyboard.press("ArrowDown")
    host.page.keyboard.press("Enter")
    host.wait(lambda: host.widget.token not in (None, 4), "Enter chose no row")
    chosen = host.widget.token
    host.page.keyboard.press("Enter")
    host.wait(lambda: host.widget.token is None, f"Enter kept row {chosen}")


def test_what_no_query_sees_is_hatched_and_said(show: Callable[..., PageHost]) -> None:
    """A bias of 0 and no bias at all would look alike."""
    widget = AttentionWidget(
        load("bloom", "eager"), TEXT, tokenizer=TOKENIZER, views="positions", locale="en"
    )
    page = show(widget).page
    page.wait_for_function(DRAWN)
    panel = page.locator(".aw-view-positions")
    expect(panel.locator(".aw-legend")).to_contain_text("no query sees such a key")
    with page.expect_download() as saved:
        panel.locator("[data-save=svg]").click()
    opacity = 'stroke-opacity="0.55"'
    assert opacity in saved.value.path().read_text(encoding="utf-8")

"""The view of positions: what is read off its pictures is what the trace holds of the model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import transformers
from playwright.sync_api import Page, expect
from support.loaded import TOKENIZER, load
from support.models import TEXT
from tiny_models import random_model

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


def test_a_table_by_distance_shows_the_models_rows_and_buckets(
    show: Callable[..., PageHost], disk: Callable[..., Page], tmp_path: Path
) -> None:
    """DeBERTa's, in a notebook and in a page: the number, and which row it is of."""
    model = load("deberta_v2", "eager", position_biased_input=False)
    widget = AttentionWidget(
        model, TEXT, tokenizer=TOKENIZER, views="positions", locale="en", number_format="full"
    )
    (way,) = widget.trace.positions
    host = show(widget)
    widget.export_html(tmp_path / "page.html")
    table, between = way.table, way.between()
    n = len(widget.trace.tokens)
    for page in (host.page, disk(tmp_path / "page.html")):
        page.wait_for_function(DRAWN)
        panel = page.locator(".aw-view-positions")
        expect(panel).to_contain_text("depends on the text as well")
        for row, column in ((0, 3), (n - 1, 5), (n + 2, 0)):
            page.mouse.move(*page.evaluate(POINT, [0, row, column, *table.shape]))
            distance = str(row + 1 - n).replace("-", "−")
            line = panel.get_by_text(f"query − key = {distance} ·").first
            expect(line).to_contain_text(f"dimension {column}")
            said = str(line.text_content()).replace("−", "-")
            assert float(said.split("· ")[-1]) == pytest.approx(table[row, column], rel=1e-6)
            assert f"row {way.bucket[row]:.0f} from that of distance 0" in said
        page.mouse.move(*page.evaluate(POINT, [1, 9, 2, n, n]))
        expect(panel.locator(".aw-note")).to_contain_text(
            f"row {between[9, 2]:.0f} from that of distance 0"
        )


def test_cross_attention_shows_the_decoders_own_and_selects_no_key(
    show: Callable[..., PageHost],
) -> None:
    """The keys of the picture are other tokens than those of the attention that is shown."""
    settings: dict[str, Any] = {
        "vocab_size": 32,
        "d_model": 32,
        "d_kv": 8,
        "d_ff": 48,
        "num_layers": 2,
        "num_heads": 4,
        "decoder_start_token_id": 0,
    }
    config = transformers.T5Config(**settings)
    model = random_model(transformers.T5ForConditionalGeneration, config, "eager")
    widget = AttentionWidget(
        model,
        TEXT,
        target="a good novel",
        tokenizer=TOKENIZER,
        views=["positions", "calculation"],
        attention_kind="cross",
        calculation_step="k",
        key_token=6,
        locale="en",
    )
    host = show(widget)
    page = host.page
    page.wait_for_function(DRAWN)
    panel = page.locator(".aw-view-positions")
    expect(panel.locator(".aw-note")).to_contain_text("the decoder’s attention to itself")
    pairs = panel.locator(".aw-heat-map").last
    pairs.focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    host.wait(lambda: host.widget.token is not None, "Enter chose no row")
    host.expect(key_token=6)
    # the row that is outlined there is that of the key
    label = widget.trace.tokens[6].text
    note = page.locator(".aw-view-calculation .aw-note")
    expect(note).to_contain_text(f"row of {label}.")

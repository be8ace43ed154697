"""A row of a padded batch on a saved page: padding is marked and named wherever it is listed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from attention_widget import AttentionWidget, Trace, capture, measures
from attention_widget.demo import demo_model

pytestmark = pytest.mark.browser

TEXTS = ["I read a good novel.", "I read a good purple novel about algae fuel and fossil fuels."]


@pytest.fixture(scope="module")
def row() -> Trace:
    found: Trace = capture(demo_model(), TEXTS)[0]
    return found


def test_padding_is_marked_and_named(disk: Callable[..., Page], tmp_path: Path, row: Trace) -> None:
    widget = AttentionWidget(row, views=["lines", "tokens", "text", "neuron"], token=2)
    widget.export_html(tmp_path / "page.html")
    page = disk(tmp_path / "page.html")
    count = sum(token.padding for token in row.tokens)
    expect(page.locator(".aw-padding-count")).to_have_text(f" · {count} of them padding")
    rows = page.locator(".aw-view-lines .aw-keys .aw-row.aw-padding")
    expect(rows).to_have_count(count)
    title = rows.first.locator(".aw-label").get_attribute("title") or ""
    assert "padding: fills the row of a batch" in title
    own = page.locator(".aw-view-lines .aw-keys .aw-row:not(.aw-padding) .aw-label").first
    assert "padding" not in (own.get_attribute("title") or "")
    expect(page.locator(".aw-view-text .aw-unit.aw-padding")).to_have_count(count)
    expect(page.locator(".aw-view-neuron .aw-row.aw-padding").first).to_be_visible()
    page.locator(".aw-view-tokens .aw-row.aw-padding").first.scroll_into_view_if_needed()
    expect(page.locator(".aw-view-tokens .aw-row.aw-padding").first).to_contain_text("padding")


def test_a_saved_page_counts_no_padding(
    disk: Callable[..., Page], tmp_path: Path, row: Trace
) -> None:
    """What keys receive is made in the browser of the maps that the page carries."""
    widget = AttentionWidget(row, views=["text"], layer=3, heads=[1], measure="attention_received")
    widget.export_html(tmp_path / "page.html", precision="high")
    page = disk(tmp_path / "page.html")
    special = page.locator(".aw-view-text .aw-unit.aw-special").first
    expected = measures.attention_received(row, 3)[1, 0]
    expect(special).to_have_attribute("data-score", f"{expected:.3f}")


@pytest.mark.parametrize("locale", ["vi", "ru"])
def test_a_narrow_page_cuts_no_word_of_padding(
    locale: Any, disk: Callable[..., Page], tmp_path: Path, row: Trace
) -> None:
    AttentionWidget(row, views="tokens", locale=locale).export_html(tmp_path / "page.html")
    page = disk(tmp_path / "page.html")
    page.set_viewport_size({"width": 640, "height": 900})
    cells = page.locator(".aw-view-tokens .aw-row.aw-padding .aw-cell")
    expect(cells.first).to_be_visible()
    cut: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(".aw-view-tokens .aw-row .aw-cell")]
             .filter((cell) => cell.scrollWidth > cell.clientWidth)
             .map((cell) => cell.textContent)"""
    )
    assert cut == []
    heights = page.evaluate(
        """() => [...document.querySelectorAll(".aw-model > span")]
             .map((part) => Math.round(part.getBoundingClientRect().height))"""
    )
    assert len(set(heights)) == 1  # all in one line

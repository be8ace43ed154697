"""A comparison on screen: one side, the other or the difference, and its alignment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from attention_widget import AttentionWidget, Contrast, capture, compare
from browser.page_host import PageHost

pytestmark = pytest.mark.browser

Show = Callable[..., PageHost]


@pytest.fixture(scope="module")
def contrast(minilm: tuple[Any, Any]) -> Contrast:
    model, tokenizer = minilm
    texts = ("Attention is a novel idea", "Attention is a very old novel idea")
    one, other = (capture(model, text, tokenizer=tokenizer) for text in texts)
    return compare(one, other, ("novel", "old"))


@pytest.fixture
def shown(show: Show, contrast: Contrast) -> PageHost:
    host = show(AttentionWidget(contrast, views=["lines", "matrix", "grid", "heads", "text"]))
    host.settle()
    return host


def choose(page: Page, name: str) -> None:
    page.locator(".aw-comparison > button", has_text=name).click()


def test_one_the_other_or_the_difference_is_shown(shown: PageHost) -> None:
    page = shown.page
    buttons = page.locator(".aw-comparison > button")
    expect(buttons).to_have_text(["novel", "old", "difference"])
    expect(buttons.nth(2)).to_have_attribute("aria-pressed", "true")
    model = page.locator(".aw-model")
    expect(model).to_contain_text("9 tokens")
    expect(page.locator(".aw-alone-words")).to_contain_text("novel 0, old 2")
    expect(page.locator(".aw-view-matrix .aw-note")).to_contain_text("old minus novel")
    choose(page, "novel")
    expect(model).to_contain_text("7 tokens")
    assert str(shown.widget.shown_pass) == "before"
    expect(page.locator(".aw-view-matrix .aw-note")).not_to_contain_text("minus")
    expect(page.locator(".aw-alone-words")).to_be_hidden()
    choose(page, "old")
    expect(model).to_contain_text("9 tokens")
    assert shown.widget.shown_pass == "after"


def test_nothing_is_called_lost_where_a_token_stands_alone(shown: PageHost) -> None:
    page = shown.page
    expect(page.locator(".aw-view-matrix .aw-legend")).to_contain_text("no partner")
    expect(page.locator(".aw-view-matrix")).not_to_contain_text("NaN;")
    expect(page.locator(".aw-view-lines")).not_to_contain_text("are NaN")


def test_a_token_that_stands_alone_has_no_partner_and_no_colour(shown: PageHost) -> None:
    page = shown.page
    shown.select(token=4, key_token=None)  # "very", which only "old" has
    shown.settle()
    lines, text = page.locator(".aw-view-lines"), page.locator(".aw-view-text")
    expect(lines.locator(".aw-note")).to_contain_text("very → no partner")
    expect(page.locator(".aw-live")).to_contain_text("very: no partner (layer")
    expect(text.locator(".aw-note")).to_contain_text("no partner: 9")
    weights = lines.locator(".aw-keys .aw-weight")
    expect(weights.first).to_have_text("no partner")
    blocks = lines.locator(".aw-keys .aw-heads > i").evaluate_all(
        "blocks => blocks.map(block => getComputedStyle(block).backgroundColor)"
    )
    assert blocks
    assert set(blocks) == {"rgba(0, 0, 0, 0)"}
    assert "NaN" not in page.locator(".attention-widget").inner_text()

    shown.select(token=7)  # "idea"
    shown.settle()
    expect(lines.locator(".aw-note")).not_to_contain_text("partner")
    expect(lines.locator(".aw-note")).to_contain_text("idea → ")
    expect(weights.nth(4)).to_have_text("no partner")
    for place in (
        lines.locator('.aw-keys [data-token="4"]'),
        text.locator('[data-side="query"] .aw-unit[data-unit="4"]'),
    ):
        place.hover()
        tip = page.locator(".aw-tooltip:visible")
        expect(tip).to_contain_text("no partner")
        expect(tip).not_to_contain_text("NaN")

    page.mouse.move(0, 0)
    shown.select(token=None, key_token=4)
    shown.settle()
    expect(lines.locator(".aw-note")).to_contain_text("very: no partner")
    expect(page.locator(".aw-live")).to_contain_text("very: no partner")
    shown.select(key_token=7)
    shown.settle()
    expect(lines.locator(".aw-note")).to_contain_text("from 7 queries")
    expect(page.locator(".aw-live")).to_contain_text("from 7 queries")
    assert "NaN" not in page.locator(".attention-widget").inner_text()


def test_a_divergence_of_one_pass_says_what_to_do(show: Show, contrast: Contrast) -> None:
    one = contrast.traces[0]
    host = show(AttentionWidget.from_trace(one, views=["grid"], summary="divergence"))
    host.settle()
    note = host.page.locator(".aw-view-grid .aw-note")
    expect(note).to_contain_text("compare two in Python, with compare(a, b)")


def test_a_selected_token_stays_when_the_other_side_is_shown(shown: PageHost) -> None:
    page = shown.page
    assert shown.widget.token == 7  # "idea", of the head that changed most
    note = page.locator(".aw-view-lines .aw-note")
    for name in ("novel", "old", "difference"):
        choose(page, name)
        expect(note).to_contain_text("idea →")


def test_the_alignment_is_parted_and_joined(shown: PageHost) -> None:
    page = shown.page
    page.locator(".aw-comparison .aw-opener").click()
    pairs = page.locator(".aw-aligned > li:not(.aw-aligned-names)")
    expect(pairs).to_have_count(9)
    expect(page.locator(".aw-aligned > li.aw-alone")).to_have_count(2)
    pairs.nth(3).get_by_role("button").click()  # "a" and "a"
    expect(page.locator(".aw-aligned > li.aw-alone")).to_have_count(4)
    assert shown.widget.alignment == ((0, 0), (1, 1), (2, 2), (4, 6), (5, 7), (6, 8))
    page.get_by_role("button", name="Join a …").first.click()
    page.get_by_role("button", name="Join very …").click()
    expect(page.locator(".aw-aligned > li.aw-alone")).to_have_count(2)
    assert shown.widget.alignment is not None
    assert (3, 4) in shown.widget.alignment
    page.get_by_role("button", name="Align again").click()
    expect(page.locator(".aw-aligned > li.aw-alone")).to_have_count(2)
    assert shown.widget.alignment is None


def test_heads_are_ranked_by_how_much_they_changed(show: Show, contrast: Contrast) -> None:
    widget = AttentionWidget(
        contrast, views=["grid", "heads"], summary="divergence", sort_heads=True
    )
    host = show(widget)
    host.settle()
    page = host.page
    calm = "need not be those that carry the answer"
    expect(page.locator(".aw-view-grid .aw-note")).to_contain_text("by divergence")
    expect(page.locator(".aw-view-grid .aw-note")).to_contain_text(calm)
    expect(page.locator(".aw-view-heads .aw-note")).not_to_contain_text(calm)
    header = page.locator(".aw-view-heads [role=columnheader] button", has_text="divergence")
    header.click()
    expect(page.locator(".aw-view-heads .aw-note")).to_contain_text(calm)
    first = page.locator(".aw-view-heads .aw-head-rows > [role=row]").first
    best = contrast.heads_by_change()[0]
    expect(first).to_have_attribute("aria-rowindex", "2")
    expect(first).to_contain_text(f"{best.divergence:.2f}")


def test_a_saved_page_has_both_sides(
    contrast: Contrast, chromium: Browser, bundle: None, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    AttentionWidget(contrast, views=["lines", "matrix", "grid"]).export_html(path)
    page = chromium.new_page()
    page.goto(path.as_uri())
    for name, count in (("novel", "7"), ("old", "9"), ("difference", "9")):
        choose(page, name)
        expect(page.locator(".aw-model")).to_contain_text(f"{count} tokens")
        expect(page.locator(".aw-view-matrix .aw-note")).to_contain_text("layer")
        expect(page.locator(".aw-view-lines .aw-error:visible")).to_have_count(0)
    page.locator(".aw-comparison .aw-opener").click()
    expect(page.locator(".aw-aligned button")).to_have_count(0)  # there is nothing to align anew
    expect(page.locator(".aw-aligned > li.aw-alone")).to_have_count(2)
    page.close()

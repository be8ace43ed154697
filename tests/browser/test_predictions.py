"""The predictions: what a real model predicts, before and after a word is masked or replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from support import predicting

from attention_widget import AttentionWidget, Experiment
from browser.page_host import PageHost

pytestmark = pytest.mark.browser

Show = Callable[..., PageHost]


def cells(page: Page, row: int) -> list[str]:
    found = page.locator(f".aw-predicted-rows > [data-token='{row}'] > [role=gridcell]")
    return found.all_inner_texts()


def test_a_row_says_what_follows_and_how_likely_it_is(show: Show) -> None:
    model, tokenizer = predicting.causal()
    widget = AttentionWidget(model, predicting.NOVEL, tokenizer=tokenizer, views="predictions")
    widget.token = None
    host = show(widget)
    found = Experiment(model, predicting.NOVEL, tokenizer=tokenizer).predictions(10)
    for row in range(6):
        _, token, prediction, probability, actual, rank = cells(host.page, row)
        assert token == widget.trace.tokens[row].label
        assert prediction == found.tokens[row][0]
        assert float(probability) == pytest.approx(found.probabilities[row, 0], abs=5e-4)
        assert int(rank) == found.rank[row]
        assert actual
    host.page.locator(".aw-predicted-rows > [data-token='4']").click()
    assert widget.token == 4
    expect(host.page.locator(".aw-predicted-rows > .aw-candidate")).to_have_count(10)
    assert [cells(host.page, 5 + k)[2] for k in range(10)] == list(found.tokens[4])


def test_a_word_is_masked_and_filled_in_and_taken_back(show: Show, minilm: tuple[Any, Any]) -> None:
    model, tokenizer = predicting.masked(minilm[1])
    widget = AttentionWidget(model, predicting.NOVEL, tokenizer=tokenizer, views="predictions")
    widget.token = 4
    page = show(widget).page
    page.get_by_role("button", name="Mask it").click()
    expect(page.locator(".aw-predicted .aw-selected [data-column=token]")).to_have_text("[MASK]")
    assert widget.text == "attention is a [MASK] idea"
    page.locator(".aw-take").nth(1).focus()
    second = page.locator(".aw-take").nth(1).inner_text()
    page.keyboard.press("Enter")
    expect(page.locator(".aw-predicted .aw-selected [data-column=token]")).to_have_text(second)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".aw-predicted .aw-selected [data-column=token]")).to_have_text("[MASK]")
    page.get_by_label("another word").fill("good")
    page.keyboard.press("Enter")
    expect(page.locator(".aw-predicted .aw-selected [data-column=token]")).to_have_text("good")
    assert widget.text == "attention is a good idea"


def test_a_page_keeps_what_was_predicted_and_says_what_needs_a_kernel(
    save: Callable[..., Page],
) -> None:
    model, tokenizer = predicting.causal()
    widget = AttentionWidget(model, predicting.NOVEL, tokenizer=tokenizer, views="predictions")
    widget.token = 4
    page = save(widget)
    expect(page.locator(".aw-predicted-rows > .aw-candidate")).to_have_count(10)
    expect(page.locator(".aw-word-editor")).to_be_hidden()
    widget.views = "lines"
    page = save(AttentionWidget(model, predicting.NOVEL, tokenizer=tokenizer, views="lines"))
    page.get_by_role("button", name="Views").click()
    page.get_by_role("checkbox", name="Predictions").check()
    alert = page.locator(".aw-view-predictions > [role=alert]")
    expect(alert).to_contain_text("does not hold the model’s answer")

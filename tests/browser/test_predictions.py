"""The predictions: what a real model predicts, before and after a word is masked or replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from support import predicting

from attention_widget import AttentionWidget, Experiment
from attention_widget.experiments import HeadOff
from attention_widget.protocol.option_values import ViewName
from browser import picking
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
    take = page.locator(".aw-candidate[data-token='6'] .aw-take")  # the second below row 4
    take.focus()
    second = take.inner_text()
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
    page = save(AttentionWidget(model, predicting.NOVEL, tokenizer=tokenizer, views="lines"))
    with picking.opened(page, picking.VIEWS) as box:
        box.locator("[data-view=predictions]").click()
    note = page.locator(".aw-view-predictions > .aw-note")
    expect(note).to_contain_text("does not hold the model’s answer")


def test_a_head_is_left_out_and_put_back_by_keyboard(show: Show) -> None:
    model, tokenizer = predicting.causal()
    views: tuple[ViewName, ...] = ("predictions", "matrix")
    widget = AttentionWidget(
        model, predicting.NOVEL, tokenizer=tokenizer, views=views, layer=1, heads=2, token=4
    )
    lab = Experiment(model, predicting.NOVEL, tokenizer=tokenizer)
    before = lab.predictions(1, 4).probabilities[0, 0]
    best = int(lab.predictions(1, 4).ids[0, 0])
    logits = lab.without(HeadOff(1, 2), positions=4).after[0].astype(float)
    after = np.exp(logits[best] - np.logaddexp.reduce(logits))

    host = show(widget)
    page = host.page
    page.get_by_role("button", name="without head 1.2").press("Enter")
    said = page.locator(".aw-edit-words")
    expect(said).to_contain_text("Without head 2 of layer 1")
    expect(said).to_contain_text(f"{before:.3f} → {after:.3f}")
    assert (len(widget.edits), widget.shown_pass) == (1, "after")
    row = page.locator(".aw-predicted .aw-selected")
    expect(row.locator("[data-column=probability]")).to_have_text(f"{before:.3f} → {after:.3f}")
    host.wait(lambda: any(key.startswith("after/") for key in host.asked), "not the second pass")
    page.locator(".aw-put-back").press("Enter")
    expect(page.locator(".aw-leave-out")).to_have_text("without head 1.2")
    expect(row.locator("[data-column=probability]")).to_have_text(f"{before:.3f}")
    assert (widget.edits, widget.shown_pass) == ((), "before")


def test_an_edge_is_left_out(show: Show) -> None:
    model, tokenizer = predicting.causal()
    widget = AttentionWidget(
        model, predicting.NOVEL, tokenizer=tokenizer, views="lines", layer=1, heads=2, token=4
    )
    widget.key_token = 2
    page = show(widget).page
    page.get_by_role("button", name="without this edge").click()
    expect(page.locator(".aw-edit-words")).to_contain_text("Without the edge")
    (edit,) = widget.edits
    assert (edit["query"], edit["key"], edit["heads"]) == ([4], [2], [2])


HEADERS = """() => {
  const header = document.querySelector(".aw-predicted .aw-columns");
  const end = header.parentElement.getBoundingClientRect().right;
  const cells = [...header.children].filter((cell) => cell.textContent);
  const words = cells.map((cell) => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return range.getBoundingClientRect();
  });
  const next = [...words.slice(1).map(({ left }) => left), end];
  return words.map(({ right }, place) => next[place] - right);
}"""


@pytest.mark.parametrize("locale", ["en", "vi", "ru"])
def test_headers_stand_apart_at_half_width(show: Callable[..., PageHost], locale: Any) -> None:
    model, tokenizer = predicting.causal()
    widget = AttentionWidget(
        model, predicting.NOVEL, tokenizer=tokenizer, views=("predictions", "heads"), locale=locale
    )
    host = show(widget)
    host.page.set_viewport_size({"width": 900, "height": 800})
    host.settle()
    gaps = host.page.evaluate(HEADERS)
    assert len(gaps) == 5
    assert min(gaps) >= 0, gaps

"""The predictions of an encoder-decoder: another word of its target, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from support.models import tokenizer
from support.seq2seq import tiny_seq2seq

from attention_widget import AttentionWidget, Experiment
from browser.page_host import PageHost

pytestmark = pytest.mark.browser

SOURCE, TARGET = "i read a good novel", "a good novel"


def shown(page: Page) -> list[list[str]]:
    """Token, prediction and probability of each position."""
    found: list[list[str]] = page.evaluate(
        """() => [...document.querySelectorAll(".aw-predicted-rows > :not(.aw-candidate)")]
          .map((row) => ["index", "token", "prediction", "probability"].map((name) =>
            row.querySelector(`[data-column=${name}]`)?.textContent ?? ""))
          .sort(([a], [b]) => a - b).map(([, ...cells]) => cells)"""
    )
    return found


def expected(lab: Experiment) -> list[list[str]]:
    found = lab.predictions(1)
    assert lab.decoder is not None
    return [
        [token.label, best[0], f"{p[0]:.3f}"]
        for token, best, p in zip(
            lab.decoder.tokens, found.tokens, found.probabilities, strict=True
        )
    ]


def test_a_word_of_the_target_is_replaced_masked_and_taken_back(
    show: Callable[..., PageHost],
) -> None:
    model: Any = tiny_seq2seq("T5ForConditionalGeneration", "eager")
    lab = Experiment(model, SOURCE, target=TARGET, tokenizer=tokenizer())
    widget = AttentionWidget(
        model,
        SOURCE,
        target=TARGET,
        tokenizer=tokenizer(),
        views=("predictions", "matrix"),
        attention_kind="cross",
        token=4,
    )
    host = show(widget)
    page = host.page
    selected = page.locator(".aw-predicted .aw-selected [data-column=token]")
    expect(page.locator(".aw-chosen-word")).to_have_text("“novel”")
    page.get_by_label("another word").fill("idea")
    page.keyboard.press("Enter")
    expect(selected).to_have_text("idea")
    host.settle()
    assert shown(page) == expected(lab.replace(4, "idea", of_target=True))
    expect(page.locator(".aw-sentence textarea").first).to_have_value(SOURCE)

    page.get_by_role("button", name="Mask it").press("Enter")
    expect(selected).to_have_text("[MASK]")
    host.settle()
    masked = lab.mask(4, of_target=True)
    assert shown(page) == expected(masked)
    assert widget.state["target"] == "a good [MASK]"

    page.get_by_role("button", name="Undo").click()
    expect(selected).to_have_text("idea")
    assert widget.text == SOURCE

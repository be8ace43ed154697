"""A measure with words as rows and heads combined, and the controls of the text's vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from attention_widget import Experiment
from browser import reading
from browser.page_host import PageHost
from browser.reading import panel_options
from browser.settling import settle

pytestmark = pytest.mark.browser

Show = Callable[..., PageHost]

TEXT = "Attention is a novel idea"
LAYER, TOKEN = 3, 2


def shown_row(page: Page, n_keys: int) -> list[float]:
    settle(page)
    weights = reading.key_weights(page)
    return [float(weights[key].replace("−", "-").replace("+", "")) for key in range(n_keys)]


def test_a_measure_of_words_and_of_combined_heads(
    open_widget: Show, page: Page, minilm: tuple[Any, Any]
) -> None:
    lab = Experiment(minilm[0], TEXT, tokenizer=minilm[1])
    values = lab.measure("norm", LAYER).values
    host = open_widget(TEXT, views=["lines"], layer=LAYER, heads=5, token=TOKEN, weights="norm")
    for combine, heads in (("mean", [1, 5]), ("maximum", [1, 5, 7])):
        host.select(heads=heads, combine=combine)
        together = values[heads].mean(0) if combine == "mean" else values[heads].max(0)
        row = together[TOKEN]
        host.settle()
        assert shown_row(page, len(row)) == pytest.approx(row.tolist(), rel=2e-3, abs=2e-3)
        assert host.widget.selected_weights()[0] == pytest.approx(row)
    host.select(heads=[5], combine="overlay", words=True)
    host.settle()
    row = host.widget.selected_weights()[0]
    assert shown_row(page, len(row)) == pytest.approx(row.tolist(), rel=2e-3, abs=2e-3)


def test_the_controls_of_vectors_of_the_text(open_widget: Show, page: Page) -> None:
    host = open_widget(TEXT, views=["text"], measure="norm")
    with panel_options(reading.text(page)) as box:
        box.locator("[data-option=space] select").select_option("word_embeddings")
        host.expect(space="word_embeddings")
        flag = box.locator("button[data-option=min_max]")
        expect(flag).to_have_attribute("aria-pressed", "false")
        flag.click(position={"x": 4, "y": 4})
        host.expect(min_max=True)
        expect(flag).to_have_attribute("aria-pressed", "true")
        box.locator("[data-option=measure] select").select_option("attention_from")
        expect(flag).to_be_disabled()  # of weights there is no such scale

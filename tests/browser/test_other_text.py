"""Values from another text, typed in the menu: what the page says is what an experiment finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from attention_widget import AttentionWidget, Experiment
from attention_widget.experiments import HeadPatch
from attention_widget.protocol.option_values import ViewName
from browser import reading
from browser.page_host import PageHost

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FRANCE, ITALY = "The capital of France is", "The capital of Italy is"
FIVE_AND_MORE = "The capital of the Netherlands is"


def typed(page: Page, text: str) -> Locator:
    """By keyboard alone, from the menu to the answer."""
    page.locator(".aw-edit-menu").focus()
    page.keyboard.press("Enter")
    field = page.get_by_role("textbox", name="values from another text")
    expect(field).to_have_value(FRANCE)
    for _ in range(5):
        page.keyboard.press("Tab")
    expect(field).to_be_focused()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    return field


def test_another_text_brings_its_capital(
    show: Callable[..., PageHost], save: Callable[..., Page], smollm: tuple[Any, Any]
) -> None:
    model, tokenizer = smollm
    views: list[ViewName] = ["predictions", "matrix"]
    widget = AttentionWidget(model, FRANCE, tokenizer=tokenizer, views=views, layer=23, heads=4)
    widget.token = 4
    host = show(widget)
    page = host.page
    typed(page, ITALY)
    lab, other = (Experiment(model, text, tokenizer=tokenizer) for text in (FRANCE, ITALY))
    patch = HeadPatch(23, 4, source=other)
    logits = lab.without(patch, positions=4).after[0].astype(float)
    odds = np.exp(logits - np.logaddexp.reduce(logits))
    was = lab.predictions(1, 4)
    said = f"“Paris” {was.probabilities[0, 0]:.3f} → {odds[was.ids[0, 0]]:.3f}"
    words = page.locator(".aw-edit-words")
    made = f"Head 4 of layer 23 with its values from “{ITALY}”"
    expect(words).to_have_text(f"{made}: {said}")
    expect(page.locator(".aw-edit-menu")).to_be_focused()
    expect(page.locator(".aw-other-text")).to_be_hidden()
    assert tokenizer.decode([int(odds.argmax())]) == " Rome"
    row = page.locator(".aw-predicted .aw-selected [data-column=prediction]")
    expect(row).to_have_text("Paris → Rome")
    assert [edit["source"] for edit in widget.edits] == [ITALY]

    host.select(layer=24, heads=0)
    page.get_by_role("button", name="difference", exact=True).press("Enter")
    host.settle()
    change = lab.trace_of(patch).attention(24) - lab.trace.attention(24)

    def asks() -> bool:
        return any(key.startswith("difference/") and ITALY in key for key in host.asked)

    host.wait(asks, "no view asks for the difference")
    shown = widget._session.lab.edited(list(widget.edits)).differences
    np.testing.assert_array_equal(shown._compute("attention/decoder/24"), change)
    assert change.any()

    saved = save(widget)
    expect(saved.locator(".aw-edit-words")).to_contain_text(said)
    expect(saved.locator(".aw-other-text")).to_be_hidden()

    page.locator(".aw-put-back").press("Enter")
    expect(words).to_be_hidden()
    host.expect(edits=(), shown_pass="before")


def test_a_text_of_another_length_is_refused_beside_it_and_can_be_mended(
    show: Callable[..., PageHost], smollm: tuple[Any, Any]
) -> None:
    model, tokenizer = smollm
    widget = AttentionWidget(model, FRANCE, tokenizer=tokenizer, views="matrix", layer=23, heads=4)
    host = show(widget)
    field = typed(host.page, FIVE_AND_MORE)
    alert = host.page.locator(".aw-other-text [role=alert]")
    expect(alert).to_contain_text("as many tokens as this one, 5, got 6: 'The', 'capital', 'of'")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert widget.edits == ()
    field.fill(ITALY)
    field.press("Enter")
    expect(host.page.locator(".aw-edit-words")).to_contain_text("with its values from")
    # the next head takes them from there too, by the button itself
    host.select(heads=5)
    host.page.get_by_role("button", name=f"head 23.5 from “{ITALY}”").press("Enter")
    host.wait(lambda: len(widget.edits) == 2, "the second head is not changed")
    edits: Any = widget.edits
    assert {edit["source"] for edit in edits} == {ITALY}


def test_a_text_with_a_slash_is_one_text(
    show: Callable[..., PageHost], save: Callable[..., Page], minilm: tuple[Any, Any]
) -> None:
    """Slashes part the keys by which views ask for tensors."""
    text, other = "Attention is a novel idea", "love / a novel idea"
    model, tokenizer = minilm
    widget = AttentionWidget(
        *(model, text),
        tokenizer=tokenizer,
        views="lines",
        layer=3,
        heads=5,
        token=2,
        edits={"edit": "head_patch", "layer": 1, "heads": 3, "source": other},
        shown_pass="after",
    )
    lab, source = (Experiment(model, each, tokenizer=tokenizer) for each in (text, other))
    after = lab.trace_of(HeadPatch(1, 3, source=source)).attention(3)[5, 2]
    assert np.abs(after - lab.trace.attention(3)[5, 2]).max() > 0.001
    host = show(widget)
    host.settle()
    for page in (host.page, save(widget)):
        for key, shown in reading.key_weights(page).items():
            assert reading.agrees(shown, after[key])

"""Heads, edges and words that are left out: the numbers on the page are an experiment's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from support import predicting
from support.archives import manifest

from attention_widget import AttentionWidget, Experiment
from attention_widget.experiments import EdgeOff, Edit, HeadOff, HeadScale
from browser.page_host import PageHost

pytestmark = pytest.mark.browser

Show = Callable[..., PageHost]


@pytest.fixture
def causal() -> tuple[AttentionWidget, Experiment]:
    model, tokenizer = predicting.causal()
    widget = AttentionWidget(
        model,
        predicting.NOVEL,
        tokenizer=tokenizer,
        views=("predictions", "matrix"),
        layer=1,
        heads=2,
        token=4,
    )
    return widget, Experiment(model, predicting.NOVEL, tokenizer=tokenizer)


def effect(lab: Experiment, *edits: Edit) -> str:
    """Of the likeliest token at position 4, as the line says it."""
    before = lab.predictions(1, 4)
    logits = lab.without(*edits, positions=4).after[0].astype(float)
    after = np.exp(logits - np.logaddexp.reduce(logits))[before.ids[0, 0]]
    return f"{before.probabilities[0, 0]:.3f} → {after:.3f}"


def test_a_head_is_left_out_in_every_way(
    show: Show, causal: tuple[AttentionWidget, Experiment]
) -> None:
    widget, lab = causal
    page = show(widget).page
    said = page.locator(".aw-edit-words")
    page.get_by_role("button", name="without head 1.2").press("Enter")
    expect(said).to_contain_text(effect(lab, HeadOff(1, 2)))
    ways: dict[str, Edit] = {
        "mean": HeadOff(1, 2, value="mean"),
        "half": HeadScale(1, 2, 0.5),
        "double": HeadScale(1, 2, 2.0),
    }
    for way, edit in ways.items():
        page.locator(".aw-edit-menu").press("Enter")
        page.locator(f"[data-how={way}]").press("Enter")
        expect(said).to_contain_text(effect(lab, edit))
        assert len(widget.edits) == 1
    expect(page.locator(".aw-live")).to_contain_text(effect(lab, ways["double"])[-5:])


def test_no_token_may_see_a_word(show: Show, causal: tuple[AttentionWidget, Experiment]) -> None:
    widget, lab = causal
    widget.token = 2
    host = show(widget)
    button = host.page.locator(".aw-leave-out-word")
    label = widget.trace.tokens[2].label
    expect(button).to_have_text(f"no token may see “{label}”")
    button.click()
    host.select(token=4)
    expect(host.page.locator(".aw-edit-words")).to_contain_text(effect(lab, EdgeOff(key=2)))
    assert widget.text == predicting.NOVEL
    assert widget.edits[0]["key"] == [2]


def test_one_key_leaves_out_and_takes_back(
    show: Show, causal: tuple[AttentionWidget, Experiment]
) -> None:
    widget, lab = causal
    page = show(widget).page
    page.locator(".aw-predicted .aw-scroll").press("x")
    expect(page.locator(".aw-edit-words")).to_contain_text(effect(lab, HeadOff(1, 2)))
    live = page.locator(".aw-live")
    expect(live).to_contain_text("Without head 2 of layer 1: the probability of")
    assert widget.shown_pass == "after"
    page.locator(".aw-predicted .aw-scroll").press("Shift+X")
    expect(live).to_contain_text("All is put back: the model as it is.")
    assert (widget.edits, widget.shown_pass) == ((), "before")


def test_the_lens_shows_both_passes(show: Show, causal: tuple[AttentionWidget, Experiment]) -> None:
    widget, lab = causal
    widget.edits, widget.shown_pass = HeadOff(1, 2), "after"
    host = show(widget)
    host.page.locator(".aw-lens > summary").click()
    words = host.page.locator(".aw-lens-words").first
    expect(words).to_contain_text(f"in the last layer: {effect(lab, HeadOff(1, 2))}.")
    expect(host.page.locator(".aw-lens-rank")).to_have_count(2)


def test_a_model_that_predicts_nothing_shows_the_pass_that_was_changed(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(views=("matrix",), layer=3, heads=4)
    before = host.widget.trace.attention(4)
    host.page.get_by_role("button", name="without head 3.4").click()
    expect(host.page.locator(".aw-edit-words")).to_have_text("Without head 4 of layer 3")
    host.settle()
    host.select(layer=4)
    assert any(key.startswith("after/") and "/4" in key for key in host.asked)
    session = host.widget._session
    made = session.lab.edited(list(host.widget.edits)).trace.attention(4)
    assert not np.array_equal(made, before)


def test_a_page_draws_the_pass_that_was_shown(
    save: Callable[..., Page], causal: tuple[AttentionWidget, Experiment]
) -> None:
    widget, lab = causal
    widget.edits, widget.shown_pass, widget.layer = HeadOff(0, 1), "after", 2
    page = save(widget)
    expect(page.locator(".aw-edit-words")).to_contain_text(effect(lab, HeadOff(0, 1)))
    after, before = page.locator(".aw-live"), lab.trace.attention(2)
    weights = lab.trace_of(HeadOff(0, 1)).attention(2)[widget.heads[0], 4]
    expect(after).to_contain_text(f"{weights.max():.3f}")
    page.get_by_role("button", name="before", exact=True).click()
    expect(after).to_contain_text(f"{before[widget.heads[0], 4].max():.3f}")
    expect(page.locator(".aw-leave-out")).to_be_hidden()


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", "is known of the pass before the edits alone"),
        ("vi", "chỉ được biết cho lượt chạy trước khi chỉnh sửa"),
        ("ru", "известно только для прохода до правок"),
    ],
)
def test_a_page_says_in_words_which_pass_a_measure_is_of(
    locale: Any,
    words: str,
    disk: Callable[..., Page],
    tmp_path: Any,
    causal: tuple[AttentionWidget, Experiment],
) -> None:
    widget, _ = causal
    widget.weights, widget.locale = "gradient_attention", locale
    widget.edits, widget.shown_pass = HeadOff(0, 1), "after"
    path = tmp_path / "saved.html"
    widget.export_html(path)
    panel = disk(path, drawn=False).locator(".aw-view-matrix")
    expect(panel).to_contain_text(words)
    expect(panel).not_to_contain_text("after/")


def test_a_page_without_that_pass_says_what_it_needs(
    disk: Callable[..., Page], tmp_path: Any, causal: tuple[AttentionWidget, Experiment]
) -> None:
    widget, lab = causal
    widget.edits = HeadOff(0, 1)
    path = tmp_path / "saved.html"
    widget.export_html(path)
    assert manifest(path.read_text())["state"]["shown_pass"] == "before"
    page = disk(path, "#shown_pass=after&views=matrix", drawn=False)
    expect(page.locator(".aw-view-matrix")).to_contain_text("the pass with the edits, which needs")
    expect(page.locator(".aw-edit-words")).to_contain_text(effect(lab, HeadOff(0, 1)))

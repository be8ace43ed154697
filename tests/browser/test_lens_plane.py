"""The logit lens at all tokens: what a trained model says on screen is what Python computed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from support import predicting

from attention_widget import AttentionWidget, Experiment
from attention_widget.demo import demo_language_model
from attention_widget.experiments import HeadOff, LensPlane
from browser.page_host import PageHost

pytestmark = pytest.mark.browser

Show = Callable[..., PageHost]

FRANCE = "The capital of France is"
WORDS = re.compile(
    r"“(?P<token>.*?)”, layer (?P<layer>\d+), most likely: “(?P<best>.*?)”, probability "
    r"(?P<p>[\d.e−-]+), (?:it is what|in the end the model predicts “(?P<answer>.*?)”: here "
    r"probability (?P<answer_p>[\d.e−-]+), rank (?P<rank>[\d,]+))"
)


@pytest.fixture(scope="module")
def france() -> tuple[Any, Any]:
    return demo_language_model()


def opened(page: Page) -> Any:
    page.locator(".aw-lens-fold > summary").press("Enter")
    expect(page.locator(".aw-lens-fold .aw-effect-words")).to_contain_text("layers are read")
    return page.locator(".aw-lens-plane")


def told(page: Page) -> str:
    """What a screen reader hears of the cell where the keyboard is."""
    return page.locator(".aw-lens-plane [role=gridcell]").inner_text()


def assert_told(words: str, plane: LensPlane, layer: int, column: int) -> None:
    found = WORDS.match(words)
    assert found, words
    assert (found["token"], int(found["layer"])) == (plane.read[column], layer)
    p = float(plane.probabilities[layer, column])
    assert float(found["p"].replace("−", "-")) == pytest.approx(p, rel=1e-5)
    best, answer = plane.ids[layer, column], plane.answer_ids[column]
    assert (found["answer"] is None) == (best == answer)
    if found["answer"] is not None:
        p = float(plane.answer_probabilities[layer, column])
        assert float(found["answer_p"].replace("−", "-")) == pytest.approx(p, rel=1e-5)
        assert int(found["rank"].replace(",", "")) == plane.answer_ranks[layer, column]
        assert found["answer"] == plane.answers[column].strip()


def test_every_cell_of_a_trained_model_says_what_python_computed(
    show: Show, france: tuple[Any, Any]
) -> None:
    model, tokenizer = france
    widget = AttentionWidget(
        model, FRANCE, tokenizer=tokenizer, views="predictions", number_format="full", layer=0
    )
    widget.token = None
    host = show(widget)
    page = host.page
    grid = opened(page)
    plane = Experiment(model, FRANCE, tokenizer=tokenizer, progress=False).lens_plane()
    assert plane.answers[-1] == " Paris"
    grid.focus()
    page.keyboard.press("End")  # the last token, at the layer that is selected: the first
    for column in (4, 3):
        for layer in (*range(30),):
            assert_told(told(page), plane, layer, column)
            page.keyboard.press("ArrowUp")
        for _ in range(3):
            page.keyboard.press("PageDown")
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    host.expect(token=3, layer=1)
    assert told(page).endswith(", selected")
    expect(page.locator(".aw-tooltip:visible")).to_contain_text("“France”, layer 1")
    expect(page.locator(".aw-predicted .aw-selected [data-column=token]")).to_have_text("France")


def test_a_click_selects_and_edits_are_followed(show: Show) -> None:
    model, tokenizer = predicting.causal()
    widget = AttentionWidget(model, predicting.NOVEL, tokenizer=tokenizer, views="predictions")
    widget.token, widget.layer = None, 0
    host = show(widget)
    page = host.page
    opened(page)
    host.settle()
    canvas = page.locator(".aw-lens-plot canvas").first
    width = canvas.evaluate("(canvas) => canvas.clientWidth")
    canvas.click(position={"x": width - 12, "y": 8})  # it waits until the canvas stands still
    host.expect(token=6, layer=2)
    lab = Experiment(model, predicting.NOVEL, tokenizer=tokenizer, progress=False)
    before = lab.lens_plane().answer_probabilities[-1, -1]
    best = int(lab.predictions(1, -1).ids[0, 0])
    after = lab.predictions_from(
        lab.without(HeadOff(1, 2), positions=-1).after, 1, -1, follow=[best]
    ).followed_probabilities[0, 0]
    widget.edits = HeadOff(1, 2)
    host.select(shown_pass="difference")
    cell = page.locator(".aw-lens-plane [role=gridcell]")
    expect(cell).to_contain_text(f"probability {before:.3f} → {after:.3f}")
    host.select(shown_pass="after")
    expect(cell).to_contain_text(f"here, with them, probability {after:.3f}")


def test_a_page_keeps_the_plane_and_its_figure_or_says_what_needs_a_kernel(
    show: Show, save: Callable[..., Page]
) -> None:
    model, tokenizer = predicting.causal()
    widget = AttentionWidget(model, predicting.NOVEL, tokenizer=tokenizer, views="predictions")
    page = save(widget)
    expect(page.locator(".aw-lens-plane")).to_be_hidden()
    page.locator(".aw-lens-fold > summary").click()
    words = page.locator(".aw-lens-fold .aw-effect-words")
    expect(words).to_contain_text("it needs a kernel")
    opened(show(widget).page)
    page = save(widget)
    expect(page.locator(".aw-lens-plane")).to_be_visible()  # as it was computed, it is shown
    expect(page.locator(".aw-lens-fold .aw-effect-words")).to_contain_text("All 3 layers are read")
    plane = Experiment(model, predicting.NOVEL, tokenizer=tokenizer, progress=False).lens_plane()
    with page.expect_download() as download:
        page.locator(".aw-view-predictions").get_by_text("SVG", exact=True).click()
    figure = download.value.path().read_text()
    assert "probability of the token in the cell" in figure
    for row in plane.tokens:
        for token in row:
            assert f">{token}<" in figure

"""What a head, an edge or a word does, asked of trained models in a real JupyterLab."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from attention_widget import Experiment
from attention_widget.experiments import EdgeOff, HeadOff
from browser import picking
from browser.lab import Lab, Notebook
from browser.reading import panel_options, view
from browser.test_lab import wait_for

pytestmark = pytest.mark.lab

REACTION = "CC(=O)O.OCC>>CC(=O)OCC"  # an ester of acetic acid and ethanol
OXYGEN = 19
"""Its token that joins the two parts of the ester."""

CAPITAL = "The capital of France is"
LOAD = """\
import psutil
from attention_widget import AttentionWidget
from attention_widget.demo import demo_language_model

memory = psutil.virtual_memory
model, tokenizer = demo_language_model()"""
SHOW = """\
w = AttentionWidget(
    model, {text!r}, tokenizer=tokenizer, layer=23, heads=4, token=4, views=["lines", "predictions"]
)
w"""
SMALL_MACHINE = """\
free = type("Memory", (), {"available": 2_000_000, "total": 4 * 10**9})
psutil.virtual_memory = lambda: free"""
FILL = """\
from attention_widget import AttentionWidget

w = AttentionWidget({folder!r}, {text!r}, layer=10, heads=5, token={token}, views="predictions")
w"""


def opened(lab: Lab, chromium: Browser, name: str, *cells: str) -> Iterator[Notebook]:
    lab.write(name, *cells)
    context = chromium.new_context(viewport={"width": 1400, "height": 1300})
    notebook = Notebook(lab, name, context)
    yield notebook
    notebook.command("kernelmenu:shutdown")
    context.close()
    assert not notebook.outside
    assert not notebook.complaints


def show(notebook: Notebook, cell: int) -> None:
    """A cell's widget, whatever was run before."""
    notebook.command("notebook:clear-all-cell-outputs")
    notebook.run_cell(cell)
    expect(predicted(notebook.page).first).to_be_visible(timeout=120_000)


@pytest.fixture(scope="module")
def loaded(lab: Lab, chromium: Browser, bundle: None, smollm: Any) -> Iterator[Notebook]:
    """A notebook whose kernel loads the language model once."""
    for notebook in opened(lab, chromium, "capital.ipynb", LOAD, SHOW.format(text=CAPITAL)):
        notebook.run_cell(0)
        yield notebook


@pytest.fixture
def capital(loaded: Notebook) -> Iterator[Notebook]:
    show(loaded, 1)
    yield loaded
    loaded.run_code("w.close()\npsutil.virtual_memory = memory")


@pytest.fixture
def reaction(
    lab: Lab, chromium: Browser, bundle: None, reactions: Any, tmp_path: Path
) -> Iterator[Notebook]:
    for each in reactions:
        each.save_pretrained(tmp_path)
    cell = FILL.format(folder=str(tmp_path), text=REACTION, token=OXYGEN)
    for notebook in opened(lab, chromium, "reaction.ipynb", cell):
        show(notebook, 0)
        yield notebook


def predicted(page: Page) -> Any:
    return page.locator(".aw-predicted-rows > [data-token]")


def selected(page: Page, column: str) -> Any:
    return page.locator(f".aw-predicted .aw-selected [data-column={column}]")


def test_a_word_is_masked_and_the_second_prediction_taken(
    reaction: Notebook, reactions: Any
) -> None:
    page = reaction.page
    masked = Experiment(reactions[0], REACTION, tokenizer=reactions[1]).mask(OXYGEN)
    found = masked.predictions(10, OXYGEN)
    first, second = found.tokens[0][:2]
    assert first == "O"

    page.get_by_role("button", name="Mask it").press("Enter")
    expect(selected(page, "token")).to_have_text("[MASK]")
    expect(selected(page, "prediction")).to_have_text(first)
    expect(selected(page, "probability")).to_have_text(f"{found.probabilities[0, 0]:.3f}")
    take = page.locator(f".aw-candidate[data-token='{OXYGEN + 2}'] .aw-take")
    expect(take).to_have_text(second)
    take.press("Enter")
    expect(selected(page, "token")).to_have_text(second)
    wait_for(reaction, text=REACTION[:-3] + second + REACTION[-2:], token=OXYGEN)
    page.get_by_role("button", name="Undo").press("Enter")
    expect(selected(page, "token")).to_have_text("[MASK]")


def test_heads_and_edges_are_left_out_and_put_back(capital: Notebook, smollm: Any) -> None:
    page = capital.page
    here = Experiment(smollm[0], CAPITAL, tokenizer=smollm[1])
    paris = here.predictions(1, -1)
    before, answer = float(paris.probabilities[0, 0]), int(paris.ids[0, 0])

    def without(edit: HeadOff | EdgeOff) -> float:
        logits = here.without(edit, positions=-1).after[0].astype(float)
        return float(np.exp(logits[answer] - np.logaddexp.reduce(logits)))

    said = page.locator(".aw-edit-words")
    page.get_by_role("button", name="without head 23.4").press("Enter")
    expect(said).to_contain_text(f"{before:.3f} → {without(HeadOff(23, 4)):.3f}")
    expect(selected(page, "probability")).to_have_text(re.compile("→ 0.141"))
    page.locator(".aw-put-back").press("Enter")
    wait_for(capital, edits=[], shown_pass="before")
    expect(selected(page, "probability")).to_have_text(f"{before:.3f}")

    capital.run_code("w.key_token = 3")
    page.get_by_role("button", name="without this edge").click()
    edge = EdgeOff(layer=23, heads=4, query=4, key=3)
    expect(said).to_contain_text(f"{before:.3f} → {without(edge):.3f}")

    capital.run_code(SMALL_MACHINE)
    box, held = page.locator("textarea.aw-input").first, page.locator(".aw-short")
    box.fill("The capital of Italy is")
    box.press("Enter")
    expect(held).to_contain_text("Running the model takes about")
    held.get_by_role("button", name="Cancel").click()
    expect(held).to_be_hidden()
    wait_for(capital, text=CAPITAL, busy=False)
    box.press("Enter")
    held.get_by_role("button", name="Run anyway").click()
    wait_for(capital, text="The capital of Italy is", busy=False)
    expect(held).to_be_hidden()


def test_heads_are_ranked_the_grid_is_sorted_by_it_and_a_page_keeps_it(
    capital: Notebook, smollm: Any, disk: Callable[..., Page], tmp_path: Path
) -> None:
    page = capital.page
    capital.run_code("w.views = ['grid', 'predictions']")
    with panel_options(view(page, "Grid of heads")) as box:
        box.locator('[data-option="summary"] select').select_option("effect")
        box.get_by_role("button", name="rank").press("Enter")
    wait_for(capital, summary="effect", sort_heads=True)
    line = page.locator(".aw-view-grid .aw-effect-line")
    expect(line).to_contain_text("“Paris” after “is”: all 270 heads tried", timeout=180_000)
    here = Experiment(smollm[0], CAPITAL, tokenizer=smollm[1], progress=False)
    paris = int(here.predictions(1, -1).ids[0, 0])
    outcome = here.without(HeadOff(23, 4, tokens=range(1, 5)), positions=-1)
    falls = float(outcome.before[0, paris] - outcome.after[0, paris])
    note = page.locator(".aw-view-grid > .aw-note")
    expect(note).to_contain_text("Head 23.4 matters most")  # as test_effects_smollm.py finds
    expect(note).to_contain_text(f"falls by {falls:.3f}")

    page.get_by_role("button", name="without head 23.4").press("Enter")
    said = "Without head 4 of layer 23: “Paris” 0.773 → 0.141"
    expect(page.locator(".aw-edit-words")).to_have_text(said)
    capital.run_code(f"w.export_html({str(tmp_path / 'paris.html')!r})")
    saved = disk(tmp_path / "paris.html")
    expect(saved.locator(".aw-edit-words")).to_have_text(said)
    expect(selected(saved, "probability")).to_have_text("0.773 → 0.141")
    expect(saved.locator(".aw-view-grid > .aw-note")).to_contain_text("Head 23.4 matters most")
    expect(saved.locator(".aw-put-back")).to_be_hidden()
    with picking.opened(saved, picking.VIEWS) as box:
        box.locator("[data-view=attribution]").click()
    note = saved.locator(".aw-view-attribution > .aw-note")
    expect(note).to_contain_text("it needs a kernel")

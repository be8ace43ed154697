"""The main job in a real JupyterLab 4, offline and under a base URL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from attention_widget import AttentionWidget
from browser import settling
from browser.lab import Lab, Notebook
from browser.picking import (
    choose_head,
    choose_layer,
    choose_setting,
    expect_head,
    expect_layer,
)
from browser.reading import (
    agrees,
    as_weight,
    hovered_scores,
    key_weights,
    labels,
    legend,
    lines,
    lines_canvas,
    measure_list,
    neurons,
    number,
    panel_options,
    pixels,
    query_row,
    softmax,
    text,
    unit,
)

pytestmark = pytest.mark.lab

SENTENCE = "Attention is a novel idea"
SHOW = """\
from attention_widget import AttentionWidget

w = AttentionWidget({folder!r}, {sentence!r}, layer=0, views=["lines", "neuron", "text"])
w"""
SET_TRAITS = "w.layer = 5\nw.heads = (1, 4)\nw.token = 2\nw.measure = 'previous_cosine'"


@pytest.fixture(scope="module")
def its_kernel(lab: Lab, chromium: Browser, bundle: None, minilm_path: Path) -> Iterator[Notebook]:
    """A notebook whose first cell shows a widget, and whose second sets traits."""
    lab.write("widget.ipynb", SHOW.format(folder=str(minilm_path), sentence=SENTENCE), SET_TRAITS)
    context = chromium.new_context(viewport={"width": 1400, "height": 1300})
    notebook = Notebook(lab, "widget.ipynb", context)
    yield notebook
    notebook.command("kernelmenu:shutdown")
    context.close()
    assert not notebook.outside
    assert not notebook.complaints


@pytest.fixture
def notebook(its_kernel: Notebook) -> Notebook:
    """The same with no cell run, but for what its kernel has imported."""
    its_kernel.command("notebook:clear-all-cell-outputs")
    return its_kernel


@pytest.fixture(scope="module")
def here(minilm: tuple[Any, Any]) -> AttentionWidget:
    """The same widget in this process, for its numbers."""
    return AttentionWidget(minilm[0], SENTENCE, tokenizer=minilm[1], layer=0)


def traits(notebook: Notebook, *names: str) -> Any:
    code = f"import json; print(json.dumps([getattr(w, name) for name in {names!r}]))"
    return json.loads(notebook.run_code(code))


def wait_for(notebook: Notebook, **expected: Any) -> None:
    """Wait until the kernel's widget has these traits."""

    def now() -> dict[str, Any]:
        return dict(zip(expected, traits(notebook, *expected), strict=True))

    notebook.wait(lambda: now() == expected, lambda: f"{now()} in the kernel, not {expected}")


def settle(notebook: Notebook) -> None:
    """Wait until every view has its tensors and has drawn them."""
    settling.settle(notebook.page, views=3)
    notebook.page.wait_for_function(
        """() => [...document.querySelectorAll(".attention-widget canvas")].every((c) => c.width)"""
    )


def start(notebook: Notebook) -> None:
    notebook.run_cell(0)
    expect(neurons(notebook.page)).to_be_visible()
    settle(notebook)


def shown(weights: Any) -> dict[int, str]:
    return {key: as_weight(weight) for key, weight in enumerate(weights)}


def test_the_main_job_from_the_cell_to_the_kernel(
    notebook: Notebook, here: AttentionWidget
) -> None:
    start(notebook)
    page = notebook.page
    for view in (lines(page), neurons(page), text(page)):
        expect(view).to_be_visible()
    assert labels(page) == [token.label for token in here.trace.tokens]
    assert pixels(lines_canvas(page))[..., 3].any()

    # Pick a layer and a head.
    choose_layer(page, 3)
    choose_head(page, 7)
    wait_for(notebook, layer=3, heads=[7])

    # Hover.
    settle(notebook)
    query_row(page, 4).hover()
    settle(notebook)
    weights = here.trace.attention(3)[7, 4]
    assert key_weights(page) == softmax(page) == shown(weights)
    assert traits(notebook, "token") == [None]

    # Pin a word.
    unit(page, 4).click()
    wait_for(notebook, pinned=[4], token=4, measure="pinned_cosine")
    hidden = here.trace.hidden_states(4).astype(np.float64)
    hidden /= np.linalg.norm(hidden, axis=1, keepdims=True)
    cosines = hidden @ hidden[4]
    assert list(hovered_scores(page)) == list(np.round(cosines, 3))
    choose_setting(page, "number_format", "full")
    wait_for(notebook, number_format="full")
    np.testing.assert_allclose(hovered_scores(page), cosines, rtol=2e-6)
    choose_setting(page, "number_format", "standard")
    wait_for(notebook, number_format="standard")
    low, high = legend(text(page))
    assert agrees(low, cosines[1:-1].min())
    assert number(high) == 1

    # Set traits from another cell.
    notebook.run_cell(1)
    expect_layer(page, 5)
    settle(notebook)
    page.mouse.move(0, 0)
    settle(notebook)
    mean = here.trace.attention(5).astype(np.float64)[[1, 4], 2].mean(0)
    assert key_weights(page) == shown(mean)
    with panel_options(text(page)) as options:
        expect(measure_list(options)).to_have_value("previous_cosine")

    # Edit the text.
    box = page.get_by_role("textbox", name="Text", exact=True)
    box.fill("I read a good novel.")
    box.press("Enter")
    wait_for(notebook, text="I read a good novel.", layer=5, heads=[1, 4])
    expect(page.locator(".aw-model")).to_contain_text("8 tokens")
    settle(notebook)
    assert labels(page) == ["[CLS]", "I", "read", "a", "good", "novel", ".", "[SEP]"]
    kernels = json.loads(
        notebook.run_code("print(json.dumps(w.trace.attention(5)[[1, 4], 2].mean(0).tolist()))")
    )
    assert key_weights(page) == shown(kernels)

    # A text that cannot be read.
    box.fill("purple " * 600)
    box.press("Enter")
    alert = page.locator(".aw-sentence").get_by_role("alert")
    expect(alert).to_contain_text("This text has 602 tokens")
    assert traits(notebook, "text") == ["I read a good novel."]


def test_a_saved_and_reloaded_page_has_the_widget_back(
    notebook: Notebook, here: AttentionWidget
) -> None:
    start(notebook)
    choose_layer(notebook.page, 4)
    choose_head(notebook.page, 2)
    unit(notebook.page, 4).click()
    selection: dict[str, Any] = {
        "layer": 4,
        "heads": [2],
        "token": 4,
        "pinned": [4],
        "measure": "pinned_cosine",
    }
    wait_for(notebook, **selection)
    notebook.save()
    saved = notebook.lab.read(notebook.name)
    kinds = [kind for output in saved.cells[0].outputs for kind in output.get("data", {})]
    assert "application/vnd.jupyter.widget-view+json" in kinds

    notebook.reload()
    page = notebook.page
    expect(neurons(page)).to_be_visible()
    settle(notebook)
    expect_layer(page, 4)
    expect_head(page, 2)
    expect(unit(page, 4)).to_contain_class("aw-pinned")
    assert key_weights(page) == softmax(page) == shown(here.trace.attention(4)[2, 4])
    assert pixels(lines_canvas(page))[..., 3].any()
    assert traits(notebook, *selection) == list(selection.values())

    choose_layer(page, 1)  # it answers
    wait_for(notebook, layer=1)
    settle(notebook)
    assert key_weights(page) == shown(here.trace.attention(1)[2, 4])
    unit(page, 4).click()
    wait_for(notebook, pinned=[], token=None)


def test_the_theme_is_the_notebooks(notebook: Notebook) -> None:
    start(notebook)
    root = notebook.page.get_by_role("group", name="Attention widget")
    expect(root).to_have_attribute("data-theme", "light")
    light = pixels(neurons(notebook.page).locator('canvas[data-strip="key"]'))
    notebook.change_theme("JupyterLab Dark")
    expect(root).to_have_attribute("data-theme", "dark")
    settle(notebook)
    dark = pixels(neurons(notebook.page).locator('canvas[data-strip="key"]'))
    assert dark[..., :3].mean() < 100 < 150 < light[..., :3].mean()
    notebook.change_theme("JupyterLab Light")
    expect(root).to_have_attribute("data-theme", "light")

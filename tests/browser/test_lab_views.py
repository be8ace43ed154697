"""Every view in a real JupyterLab: what its controls do in the other views and in the kernel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from browser.lab import Lab, Notebook
from browser.picking import HEADS, choose_setting, combine_list, expect_layer, opened, switch_view
from browser.reading import (
    key_row,
    lines,
    neurons,
    panel_action,
    panel_options,
    query_row,
    text,
    unit,
    view,
)
from browser.settling import settle
from browser.test_lab import traits, wait_for

pytestmark = pytest.mark.lab

SENTENCE = "Attention is a novel idea."
SHOW = """\
from attention_widget import AttentionWidget

w = AttentionWidget({folder!r}, {sentence!r}, layer=0, heads=[1, 4])
w.views = ["lines", "grid", "neuron", "matrix", "tokens", "text"]
w"""
MATRIX = """\
from attention_widget import show_matrix, sinusoidal

show_matrix(sinusoidal(64, 32), rows="position", columns="dimension")"""


@pytest.fixture(scope="module")
def notebook(lab: Lab, chromium: Browser, bundle: None, minilm_path: Path) -> Iterator[Notebook]:
    cells = (SHOW.format(folder=str(minilm_path), sentence=SENTENCE), MATRIX)
    lab.write("views.ipynb", *cells)
    context = chromium.new_context(viewport={"width": 1500, "height": 2400})
    notebook = Notebook(lab, "views.ipynb", context)
    notebook.run_cell(0)
    expect(text(notebook.page)).to_be_visible()
    yield notebook
    notebook.command("kernelmenu:shutdown")
    context.close()
    assert not notebook.outside
    assert not notebook.complaints


@pytest.fixture(autouse=True)
def afresh(notebook: Notebook) -> None:
    """The choices are those of the cell again, and drawn."""
    notebook.run_code(
        "w.layer, w.heads, w.token, w.key_token, w.pinned = 0, (1, 4), None, None, ()\n"
        "w.words, w.special_tokens, w.top_p, w.threshold = False, 'show', 0.95, 0\n"
        "w.combine, w.direction, w.summary, w.measure = 'overlay', 'vertical', 'none', 'norm'\n"
        "w.normalise_rows, w.log_colour, w.colour_map = False, False, 'purple'\n"
        "w.theme, w.locale, w.sort_heads = 'auto', 'auto', False\n"
        "w.number_format = 'standard'"
    )
    notebook.page.mouse.move(0, 0)
    expect_layer(notebook.page, 0)
    settle(notebook.page)


def grid(page: Page) -> Locator:
    return view(page, "Grid of heads")


def matrix(page: Page) -> Locator:
    return view(page, "Attention matrix")


def tokens(page: Page) -> Locator:
    return view(page, "Tokens and mask")


def choose(within: Locator, label: str, value: str) -> None:
    within.get_by_role("combobox", name=label, exact=True).select_option(value)


def slide(within: Locator, label: str, value: str) -> None:
    within.get_by_label(label).fill(value)


def test_a_token_selected_in_one_view_is_selected_in_all(notebook: Notebook) -> None:
    page = notebook.page
    query_row(page, 4).click()
    wait_for(notebook, token=4)
    for shown in (lines(page), tokens(page)):
        expect(shown.locator(".aw-selected").first).to_contain_text("novel")
    expect(unit(page, 4)).to_contain_class("aw-selected")
    expect(neurons(page).locator(".aw-note")).to_contain_text("novel")
    tokens(page).get_by_role("row").filter(has_text="idea").first.click()
    wait_for(notebook, token=5)
    expect(query_row(page, 5)).to_contain_class("aw-selected")


def test_a_head_opened_in_the_grid_is_shown_everywhere(notebook: Notebook) -> None:
    page = notebook.page
    stage = grid(page).locator(".aw-grid")
    stage.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    expect_layer(page, 1)
    settle(page)
    expect(matrix(page).locator(".aw-note")).to_contain_text("layer 1")  # asked of the kernel
    ((layer, heads),) = [traits(notebook, "layer", "heads")]
    assert layer == 1
    assert len(heads) == 1


def test_special_tokens_are_hidden(notebook: Notebook) -> None:
    page = notebook.page
    choose_setting(page, "special_tokens", "hide")
    wait_for(notebook, special_tokens="hide")
    settle(page)
    expect(key_row(page, 0)).to_contain_text("Attention")  # [CLS] is gone
    expect(lines(page).locator(".aw-where")).to_contain_text("special tokens hidden")


def test_the_lines_go_across(notebook: Notebook) -> None:
    page = notebook.page
    with panel_options(lines(page)) as options:
        choose(options, "direction", "horizontal")
    wait_for(notebook, direction="horizontal")
    settle(page)
    box = [query_row(page, token).bounding_box() for token in (1, 2)]
    assert box[0] is not None
    assert box[1] is not None
    assert box[0]["y"] == box[1]["y"]


def test_sliders_of_the_lines(notebook: Notebook) -> None:
    page = notebook.page
    before = lines(page).locator(".aw-note").text_content()
    with panel_options(lines(page)) as options:
        slide(options, "top-p", "50")
    wait_for(notebook, top_p=0.5)
    expect(lines(page).locator(".aw-note")).not_to_have_text(before or "")


def test_words_are_one_in_every_view(notebook: Notebook) -> None:
    page = notebook.page
    notebook.run_code("w.text = 'Unbelievably purple.'")
    settle(page)
    pieces = lines(page).locator(".aw-keys [data-token]").count()
    choose_setting(page, "words", "true")
    wait_for(notebook, words=True)
    settle(page)
    expect(lines(page).locator(".aw-keys [data-token]")).not_to_have_count(pieces)
    expect(key_row(page, 1)).to_contain_text("Unbelievably")
    sums: Any = notebook.run_code("print(float(w.trace.words().attention(0)[1].sum(-1).min()))")
    assert float(sums) == pytest.approx(1, abs=1e-5)
    notebook.run_code(f"w.text = {SENTENCE!r}")
    wait_for(notebook, text=SENTENCE)


def test_controls_of_the_matrix(notebook: Notebook) -> None:
    with panel_options(matrix(notebook.page)) as options:
        button = options.get_by_role("button", name="relative to row")
        button.click()
        wait_for(notebook, normalise_rows=True)
        expect(button).to_have_attribute("aria-pressed", "true")
        button.click()
        wait_for(notebook, normalise_rows=False)


@pytest.mark.parametrize(
    ("option", "value", "kept"),
    [
        ("log_colour", "true", True),
        ("colour_map", "viridis", "viridis"),
        ("number_format", "full", "full"),
    ],
)
def test_settings_of_all_views(notebook: Notebook, option: str, value: str, kept: Any) -> None:
    choose_setting(notebook.page, option, value)
    wait_for(notebook, **{option: kept})
    settle(notebook.page)


def test_controls_of_the_grid(notebook: Notebook) -> None:
    page = notebook.page
    with panel_options(grid(page)) as options:
        choose(options, "Summary", "entropy")
        wait_for(notebook, summary="entropy")
        rank = options.get_by_role("button", name="rank")
        expect(rank).to_be_enabled()
        rank.click()
        wait_for(notebook, sort_heads=True)
    expect(grid(page).locator(".aw-legend")).to_contain_text("entropy")


@pytest.mark.parametrize(
    ("label", "value", "trait"),
    [
        ("Colour", "previous_cosine", "measure"),
        ("Vectors", "embeddings", "space"),
    ],
)
def test_controls_of_the_text(notebook: Notebook, label: str, value: str, trait: str) -> None:
    with panel_options(text(notebook.page)) as options:
        choose(options, label, value)
        wait_for(notebook, **{trait: value})
    notebook.run_code("w.space = 'hidden_states'")


def test_several_words_are_pinned(notebook: Notebook) -> None:
    page = notebook.page
    unit(page, 4).click()
    unit(page, 1).click(modifiers=["Control"])
    wait_for(notebook, pinned=[4, 1], measure="pinned_cosine")
    text(page).get_by_role("combobox", name="Pins").select_option("mean")
    wait_for(notebook, pin_mode="mean")
    notebook.run_code("w.pin_mode = 'each'")


def test_combinations_of_heads(notebook: Notebook) -> None:
    page = notebook.page
    with opened(page, HEADS):
        for value in ("columns", "mean", "maximum", "overlay"):
            combine_list(page).select_option(value)
            wait_for(notebook, combine=value)
            settle(page)


def test_theme_and_language(notebook: Notebook) -> None:
    page = notebook.page
    choose_setting(page, "locale", "ru")
    wait_for(notebook, locale="ru")
    expect(page.get_by_role("heading", name="Линии внимания")).to_be_visible()
    choose_setting(page, "theme", "dark")
    wait_for(notebook, theme="dark")
    expect(page.locator(".attention-widget")).to_have_attribute("data-theme", "dark")


def test_panels_come_go_and_move(notebook: Notebook) -> None:
    page = notebook.page
    views = traits(notebook, "views")[0]
    panel_action(grid(page), "close").click()
    wait_for(notebook, views=[name for name in views if name != "grid"])
    switch_view(page, "grid")
    wait_for(notebook, views=[*(name for name in views if name != "grid"), "grid"])
    notebook.run_code(f"w.views = {views!r}")
    expect(grid(page)).to_be_visible()


def test_a_figure_is_saved(notebook: Notebook, tmp_path: Path) -> None:
    with notebook.page.expect_download() as download:
        panel_action(lines(notebook.page), "svg").click()
    download.value.save_as(tmp_path / "lines.svg")
    saved = (tmp_path / "lines.svg").read_text(encoding="utf-8")
    assert saved.startswith("<?xml")
    assert "novel" in saved
    assert "layer 0" in saved


def test_a_matrix_fills_its_cell(notebook: Notebook) -> None:
    """Its frame is as high as the picture, and the cell as high as the frame."""
    notebook.run_cell(1)
    output = notebook.page.locator(".jp-Cell").nth(1).locator(".jp-OutputArea-output")
    frame = output.locator("iframe")
    frame.scroll_into_view_if_needed()
    within = frame.content_frame
    within.locator(".aw-heat-map[data-map]").wait_for()
    blank = within.locator("body").evaluate(
        "(body) => innerHeight - body.getBoundingClientRect().height"
    )
    assert -1 < blank < 5
    heights = [node.evaluate("(node) => node.offsetHeight") for node in (output, frame)]
    assert heights[0] - heights[1] < 10

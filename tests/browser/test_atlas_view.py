"""The view of an atlas in Chromium: its numbers are the atlas's, and its controls work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from attention_widget import AttentionWidget, HeadAtlas
from browser.page_host import PageHost
from browser.reading import as_weight, panel_options

pytestmark = pytest.mark.browser

VIEW = ".aw-view-atlas"
DRAWN = f"""() => document.querySelector("{VIEW} .aw-heat-map")?.dataset.map
  && document.querySelector("{VIEW} [data-example]")"""
CELL = f"""([row, column, rows, columns]) => {{
  const plot = document.querySelector("{VIEW} .aw-heat-map");
  const [x, y, width, height] = plot.dataset.map.split(" ").map(Number);
  const {{ left, top }} = plot.getBoundingClientRect();
  return [left + x + ((column + 0.5) / columns) * width, top + y + ((row + 0.5) / rows) * height];
}}"""
DOT = f"""([layer, head]) => {{
  const plot = document.querySelector("{VIEW} .aw-atlas-scatter");
  const {{ left, top }} = plot.getBoundingClientRect();
  const found = JSON.parse(plot.dataset.dots).find(([l, h]) => l === layer && h === head);
  return found && [left + found[2], top + found[3]];
}}"""
SUMMARIES = f"""() => Object.fromEntries(
  [...document.querySelectorAll("{VIEW} [data-summary]")].map((row) =>
    [row.dataset.summary, row.querySelector(".aw-atlas-value").textContent]))"""
EXAMPLES = f"""() => [...document.querySelectorAll("{VIEW} [data-example]")].map((node) => ({{
  weight: node.querySelector("b").textContent,
  query: node.querySelector("[data-as=query]").textContent,
  key: node.querySelector("[data-as=key]").textContent,
  tokens: [...node.querySelectorAll("[data-token]")].map((each) => Number(each.dataset.token)),
}}))"""


@pytest.fixture
def host(open_widget: Callable[..., PageHost], atlas: HeadAtlas) -> PageHost:
    made = open_widget(
        "A good book", atlas=atlas, views=("atlas", "lines"), layer=2, heads=3, token=2
    )
    made.page.wait_for_function(DRAWN)
    return made


def row_of(atlas: HeadAtlas, layer: int, head: int) -> int:
    columns = atlas.columns
    return int(np.flatnonzero((columns["layer"] == layer) & (columns["head"] == head))[0])


def check_card(page: Page, atlas: HeadAtlas, layer: int, head: int) -> None:
    """All numbers of a head in full, and its examples."""
    expect(page.locator(f"{VIEW} .aw-atlas-title")).to_contain_text(f"layer {layer}, head {head}")
    row = row_of(atlas, layer, head)
    said = page.evaluate(SUMMARIES)
    assert len(said) >= 8
    for name, text in said.items():
        known = atlas.columns[name][row]
        if np.isnan(known):
            assert text == "–"
        else:
            assert float(text.replace("−", "-")) == pytest.approx(known, rel=1e-6), name
    examples = atlas.examples(layer, head)
    shown = page.evaluate(EXAMPLES)
    assert len(shown) == len(examples)
    for found, example in zip(shown, examples, strict=True):
        assert float(found["weight"]) == pytest.approx(example.weight, rel=1e-6)
        assert found["query"] == example.tokens[example.query].removeprefix("…")
        assert found["key"] == example.tokens[example.key].removeprefix("…")
        assert {example.query, example.key} <= set(found["tokens"])


def test_a_widget_and_its_page_show_the_numbers_of_the_atlas(
    host: PageHost, atlas: HeadAtlas, disk: Callable[..., Page], tmp_path: Path
) -> None:
    host.select(number_format="full")
    for layer, head in ((2, 3), (0, 2), (5, 11)):
        host.select(layer=layer, heads=head)
        host.page.wait_for_function(DRAWN)
        check_card(host.page, atlas, layer, head)
    host.widget.export_html(tmp_path / "page.html")
    page = disk(tmp_path / "page.html")
    page.wait_for_function(DRAWN)
    check_card(page, atlas, 5, 11)
    page.mouse.click(*page.evaluate(CELL, [1, 4, 6, 12]))
    expect(page.locator(f"{VIEW} .aw-atlas-title")).to_contain_text("layer 1, head 4")
    page.wait_for_function(DRAWN)
    check_card(page, atlas, 1, 4)
    expect(page.locator(f"{VIEW} button.aw-atlas-example")).to_have_count(0)
    expect(page.locator(f"{VIEW} .aw-atlas-why")).to_contain_text("there is no model")


def test_a_head_is_named_and_selected_in_both_pictures(host: PageHost, atlas: HeadAtlas) -> None:
    page = host.page
    tip = page.locator(f"{VIEW} [role=tooltip]:visible")
    page.mouse.move(*page.evaluate(CELL, [4, 7, 6, 12]))
    expect(tip).to_contain_text("layer 4, head 7")
    entropy = atlas.columns["entropy"][row_of(atlas, 4, 7)]
    expect(tip).to_contain_text(f"entropy {entropy:.2f}")
    page.mouse.click(*page.evaluate(CELL, [4, 7, 6, 12]))
    host.expect(layer=4, heads=(7,))
    page.mouse.move(*page.evaluate(DOT, [0, 2]))
    expect(tip).to_contain_text("layer 0, head 2")
    expect(tip).to_contain_text("attends to the previous token")
    page.mouse.click(*page.evaluate(DOT, [0, 2]))
    host.expect(layer=0, heads=(2,))
    host.select(layer=3, heads=9)  # and the other way round
    expect(page.locator(f"{VIEW} .aw-atlas-title")).to_contain_text("layer 3, head 9")


def test_a_head_is_reached_by_keys_and_said(host: PageHost) -> None:
    page = host.page
    page.locator(f"{VIEW} .aw-heat-map").focus()
    page.keyboard.press("ArrowRight")  # to the selected head
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".aw-live")).to_contain_text("layer 3, head 4")
    page.keyboard.press("Enter")
    host.expect(layer=3, heads=(4,))
    page.locator(f"{VIEW} .aw-atlas-scatter").focus()
    page.keyboard.press("End")
    expect(page.locator(".aw-live")).to_contain_text("layer 0, head 2")  # previous token
    page.keyboard.press("Space")
    host.expect(layer=0, heads=(2,))
    page.locator(f'{VIEW} [data-summary="induction"] .aw-order').focus()
    page.keyboard.press("Enter")
    host.expect(atlas_summary="induction")


def test_the_controls_set_what_python_reads(host: PageHost, atlas: HeadAtlas) -> None:
    page = host.page
    with panel_options(page.locator(VIEW)) as box:
        for option, value in (
            ("atlas_summary", "previous"),
            ("atlas_across", "distance"),
            ("atlas_up", "entropy"),
            ("atlas_label", "previous"),
        ):
            box.locator(f'[data-option="{option}"] select').select_option(value)
            host.expect(**{option: value})
        box.locator('[data-option="atlas_sort"]').click()
        host.expect(atlas_sort=True)
    count = int((atlas.columns["label"] == "previous").sum())
    expect(page.locator(f"{VIEW} .aw-note")).to_contain_text(f"{count} of 72 heads")
    dots = page.evaluate(f"document.querySelector('{VIEW} .aw-atlas-scatter').dataset.dots")
    assert dots.count("],[") == count - 1
    page.mouse.click(*page.evaluate(CELL, [0, 0, 6, 12]))  # the first of its layer, in order
    host.expect(layer=0, heads=(2,))
    host.select(atlas_label="all", atlas_sort=False, atlas_summary=None)
    expect(page.locator(f"{VIEW} .aw-note")).to_contain_text("72 heads over 16 texts")


def test_an_example_opens_as_the_trace(host: PageHost, atlas: HeadAtlas) -> None:
    page, example = host.page, atlas.examples(2, 3)[1]
    first = page.locator(f"{VIEW} button.aw-atlas-example").nth(1)
    first.focus()
    page.keyboard.press("Enter")
    host.expect(
        text=example.text,
        layer=2,
        heads=(3,),
        token=example.query,
        key_token=example.key,
    )
    host.settle()
    assert host.widget.selected_weights()[0, example.key] == pytest.approx(example.weight, abs=1e-6)
    expect(page.locator(f"{VIEW} [data-open] [aria-current]")).to_have_count(1)
    expect(page.locator(".aw-view-lines .aw-note")).to_contain_text(as_weight(example.weight))
    expect(page.locator(f"{VIEW} .aw-atlas-title")).to_contain_text("layer 2, head 3")
    page.locator(f"{VIEW} button.aw-atlas-example").nth(0).click()
    host.expect(text=atlas.examples(2, 3)[0].text)


def test_an_atlas_beside_a_trace_opens_nothing(
    show: Callable[..., PageHost], minilm: tuple[Any, Any], atlas: HeadAtlas
) -> None:
    model, tokenizer = minilm
    trace = AttentionWidget(model, "A good book", tokenizer=tokenizer).trace
    host = show(AttentionWidget.from_trace(trace, atlas=atlas, views="atlas", heads=0))
    host.page.wait_for_function(DRAWN)
    expect(host.page.locator(f"{VIEW} button.aw-atlas-example")).to_have_count(0)
    expect(host.page.locator(f"{VIEW} .aw-atlas-why")).to_contain_text("made from a trace")

"""An atlas without the model in Chromium: a widget and a page on the file of a scan alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from support import models
from support.atlases import TEXTS

from attention_widget import HeadAtlas, scan
from attention_widget.widget.atlas_alone import AtlasWidget
from browser.overflow import OVERFLOWS
from browser.page_host import PageHost
from browser.reading import panel_options
from browser.test_atlas_view import CELL, DOT, DRAWN, VIEW, check_card

pytestmark = pytest.mark.browser

TITLE = f"{VIEW} .aw-atlas-title"
WHY = f"{VIEW} .aw-atlas-why"


@pytest.fixture
def host(show: Callable[..., PageHost], atlas: HeadAtlas, tmp_path: Path) -> PageHost:
    path = tmp_path / "heads.atlas"
    atlas.save(path)
    made = show(HeadAtlas.load(path).show(layer=2, heads=3))
    made.page.wait_for_function(DRAWN)
    return made


def test_it_shows_the_numbers_and_the_examples_of_the_atlas(
    host: PageHost, atlas: HeadAtlas
) -> None:
    page = host.page
    assert isinstance(host.widget, AtlasWidget)
    host.select(number_format="full")
    for layer, head in ((2, 3), (5, 11)):
        host.select(layer=layer, heads=head)
        host.page.wait_for_function(DRAWN)
        check_card(page, atlas, layer, head)
    page.mouse.click(*page.evaluate(CELL, [4, 7, 6, 12]))
    host.expect(layer=4, heads=(7,))
    page.mouse.click(*page.evaluate(DOT, [0, 2]))
    host.expect(layer=0, heads=(2,))
    expect(page.locator(TITLE)).to_contain_text("layer 0, head 2")
    assert host.asked == []  # no tensor of a pass that there is not


def test_what_takes_the_model_says_so_and_no_control_is_dead(
    host: PageHost, atlas: HeadAtlas
) -> None:
    page = host.page
    expect(page.locator(WHY)).to_contain_text("give the model in Python: atlas.show(model)")
    expect(page.locator(f"{VIEW} [data-example]")).not_to_have_count(0)
    expect(page.locator(f"{VIEW} button.aw-atlas-example")).to_have_count(0)
    expect(page.locator(".attention-widget button:disabled:visible")).to_have_count(0)
    expect(page.locator(".attention-widget :is(textarea, .aw-chip)")).to_have_count(0)
    with panel_options(page.locator(VIEW)) as box:
        box.locator('[data-option="atlas_label"] select').select_option("previous")
        host.expect(atlas_label="previous")
        box.locator('[data-option="atlas_sort"]').click()
        host.expect(atlas_sort=True)
    count = int((atlas.columns["label"] == "previous").sum())
    expect(page.locator(f"{VIEW} .aw-note")).to_contain_text(f"{count} of 72 heads")


def test_the_keyboard_reaches_every_head_and_is_heard(host: PageHost) -> None:
    page = host.page
    page.locator(f"{VIEW} .aw-heat-map").focus()
    page.keyboard.press("ArrowRight")  # to the selected head
    page.keyboard.press("ArrowDown")
    expect(page.locator(".aw-live")).to_contain_text("layer 3, head 3")
    page.keyboard.press("Enter")
    host.expect(layer=3, heads=(3,))
    page.keyboard.press("h")
    host.expect(layer=3, heads=(4,))
    page.keyboard.press("Shift+L")
    host.expect(layer=2)
    page.keyboard.press("f")
    expect(page.locator(".attention-widget[data-stage]")).to_have_count(1)
    page.keyboard.press("f")
    expect(page.locator(".attention-widget[data-stage]")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_contain_text("On the pictures of the atlas")
    page.keyboard.press("Escape")
    expect(page.locator(TITLE)).to_contain_text("layer 2, head 4")


@pytest.fixture(scope="module")
def deep() -> HeadAtlas:
    """30 layers of 9 heads, as SmolLM2 has them, and texts that look like markup."""
    model = models.tiny(
        "llama", num_hidden_layers=30, num_attention_heads=9, num_key_value_heads=3, hidden_size=36
    )
    texts = [f"{text} <img src=x onerror=alert(1)>" for text in TEXTS[:6]]
    return scan(model, texts, models.tokenizer(), progress=False)


def test_a_page_is_the_same_without_kernel_or_model(
    deep: HeadAtlas, disk: Callable[..., Page], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the model and a summary have names that look like markup."""
    evil = "</script><img src=x onerror=alert(1)>"
    monkeypatch.setattr(HeadAtlas, "model_name", evil)
    path = tmp_path / "page.html"
    deep.show(layer=7, heads=4, number_format="full").export_html(path, precision="high")
    page = disk(path)
    page.wait_for_function(DRAWN)
    check_card(page, deep, 7, 4)
    page.mouse.click(*page.evaluate(CELL, [29, 8, 30, 9]))
    expect(page.locator(TITLE)).to_contain_text("layer 29, head 8")
    page.wait_for_function(DRAWN)
    check_card(page, deep, 29, 8)
    expect(page.locator(".aw-model-name")).to_have_text(evil)
    expect(page.locator(".attention-widget img")).to_have_count(0)
    expect(page.locator(WHY)).to_contain_text("atlas.show(model)")
    expect(page.locator(f"{VIEW} button.aw-atlas-example")).to_have_count(0)
    page.wait_for_function("() => location.hash.includes('layer=29')")  # it leads back
    again = disk(path, page.evaluate("location.hash"))
    again.wait_for_function(DRAWN)
    expect(again.locator(TITLE)).to_contain_text("layer 29, head 8")
    for width in (640, 1000):
        again.set_viewport_size({"width": width, "height": 900})
        again.wait_for_function(DRAWN)
        assert again.evaluate(OVERFLOWS) == []


def test_a_page_says_which_examples_it_lacks(
    atlas: HeadAtlas, disk: Callable[..., Page], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attention_widget.export.atlas_page.MOST_EXAMPLES", 1)
    path = tmp_path / "page.html"
    atlas.show(layer=1, heads=4, locale="ru").export_html(path)
    page = disk(path)
    page.wait_for_function(DRAWN)
    page.mouse.click(*page.evaluate(CELL, [3, 2, 6, 12]))
    expect(page.locator(WHY)).to_contain_text("Не включено в этот экспорт: примеры слоя 3.")
    row = int(np.flatnonzero((atlas.columns["layer"] == 3) & (atlas.columns["head"] == 2))[0])
    shown = page.locator(f'{VIEW} [data-summary="entropy"] .aw-atlas-value')
    expect(shown).to_have_text(f"{atlas.columns['entropy'][row]:.2f}".replace(".", ","))

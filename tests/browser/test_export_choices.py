"""An export shows what was chosen of it, and says what is not included."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from support.traces import trace, windowed

from attention_widget.protocol.keys import WITHOUT_ATTENTION
from attention_widget.protocol.option_values import VIEWS
from browser.export_pages import ERRORS, Opened, settle
from browser.picking import choose_head, choose_layer, choose_setting, layer_list, switch_view
from browser.reading import heats

pytestmark = pytest.mark.browser


def test_the_selection_is_the_widget_s(save: Opened) -> None:
    page = save(trace(heads=(4, 4, 2)), layer=1, heads=(0, 2), theme="dark", locale="vi")
    assert layer_of(page) == 1
    assert heads_of(page) == [0, 2]
    root = page.locator(".attention-widget")
    assert root.get_attribute("data-theme") == "dark"
    assert root.get_attribute("lang") == "vi"
    assert page.locator("html").get_attribute("lang") == "vi"


def test_heads_follow_the_layer(save: Opened) -> None:
    """As Python carries them, where it is."""
    page = save(trace(heads=(4, 4, 2)), layer=1, heads=(1, 3))
    choose_layer(page, 2)
    settle(page)
    assert (layer_of(page), heads_of(page)) == (2, [1])
    choose_layer(page, 0)
    settle(page)
    assert (layer_of(page), heads_of(page)) == (0, [1])


def layer_of(page: Page) -> int:
    return int(layer_list(page).input_value())


def heads_of(page: Page) -> list[int]:
    found: list[int] = page.evaluate(
        """() => [...document.querySelectorAll('.aw-picker [data-index][aria-pressed=true]')]
             .map((chip) => Number(chip.dataset.index))"""
    )
    return found


def test_what_is_not_included_is_said(save: Opened) -> None:
    page = save(
        trace(heads=(4, 4, 4)),
        options={"layers": [0, 2], "heads": [1, 3]},
        layer=1,
        views=("lines", "text"),
    )
    assert layer_of(page) in (0, 2)
    assert heads_of(page) == [1, 3]
    choose_layer(page, 1)
    lack = page.locator(".aw-export-lack")
    assert lack.text_content() == "Not included in this export: layer 1."
    assert layer_of(page) != 1
    choose_head(page, 0)
    assert "head 0 of layer" in (lack.text_content() or "")
    assert heads_of(page) == [1, 3]
    choose_head(page, 3)
    assert heads_of(page) == [3]
    assert lack.is_hidden()


def test_what_is_not_included_is_said_in_the_language_of_the_widget(save: Opened) -> None:
    """That of the address, which is not yet that of the page, and the one that is chosen there."""
    page = save(
        trace(heads=(4, 4, 4)), "#locale=vi&layer=1", options={"layers": [0, 2]}, views=("text",)
    )
    lack = page.locator(".aw-export-lack")
    expect(lack).to_have_text("Không có trong bản xuất này: lớp 1.")
    for locale, said in (("ru", "Не включено в этот экспорт: слой 1."), ("en", LAYER_LACKS)):
        choose_setting(page, "locale", locale)
        expect(lack).to_have_text(said)
    choose_layer(page, 2)
    expect(lack).to_be_hidden()


LAYER_LACKS = "Not included in this export: layer 1."


def test_the_grid_shows_the_heads_that_are_there(save: Opened) -> None:
    """The others have an empty place: they are neither NaN nor waited for."""
    page = save(
        trace(heads=(4, 4, 4)),
        options={"layers": [0, 2], "heads": [1, 3]},
        views="grid",
        layer=2,
        summary="entropy",
        sort_heads=False,
    )
    grid = page.locator(".aw-view-grid")
    assert "4 heads in 2 layers." in (grid.text_content() or "")
    assert "NaN" not in (grid.locator(".aw-legend").text_content() or "")
    grid.locator(".aw-grid").focus()
    told = []
    for _ in range(3):
        told.append(grid.get_by_role("gridcell").text_content() or "")
        page.keyboard.press("ArrowRight")
    left = "not included in this export"
    assert [left in text for text in told] == [False, True, False]
    assert "entropy" in told[0].lower()
    settle(page)
    assert page.evaluate(ERRORS) == []


def test_a_view_without_its_data_says_so(save: Opened) -> None:
    page = save(trace(), views="lines")
    switch_view(page, "neuron")
    page.wait_for_selector(".aw-view-neuron .aw-error:visible")
    (said,) = set(page.evaluate(ERRORS))
    assert said.startswith("Not included in this export: queries, keys and values")


WINDOW_LACKS = (
    "Not included in this export: attention in window 2 of 3 (tokens 12–27); show it in the "
    "notebook and export again."
)


def test_a_window_without_its_attention_says_so(save: Opened) -> None:
    """Of a text in windows, that of the first is here: no view showed any. Hidden states are of all
    tokens, and so are the masks."""
    page = save(windowed(), "#token=20", views=("text", *WITHOUT_ATTENTION), measure="norm")
    assert page.evaluate(ERRORS) == []
    assert sum(heat is not None for heat in heats(page)) == 40
    switch_view(page, "lines")
    page.wait_for_selector(".aw-view-lines .aw-error:visible")
    assert set(page.evaluate(ERRORS)) == {WINDOW_LACKS}
    page.locator(".aw-view-text .aw-unit").nth(3).click()
    expect(page.locator(".aw-view-lines .aw-error")).to_be_hidden()
    settle(page)
    assert page.evaluate(ERRORS) == []


def test_the_address_leads_back(save: Opened, disk: Opened, tmp_path: Path) -> None:
    page = save(trace(heads=(4, 4, 2)))
    choose_layer(page, 1)
    choose_head(page, 2)
    page.wait_for_url("**/*#layer=1&heads=2")
    fragment = page.url.partition("#")[2]
    again = disk(tmp_path / "saved.html", f"#{fragment}")
    assert (layer_of(again), heads_of(again)) == (1, [2])


@pytest.mark.parametrize(
    "fragment",
    [
        "#layer=99&heads=77&token=-1&views=<script>&theme=pink&top_p=7&pinned=1,1",
        "#layer=1e0&heads=0,0&locale=__proto__&combine=constructor",
        "#%E0%A4%A",
        "#meta=1&text=x&busy=true&layer=",
    ],
)
def test_a_malformed_address_changes_nothing(fragment: str, save: Opened) -> None:
    page = save(trace(heads=(4, 4, 2)), fragment, layer=1, heads=(1,))
    assert (layer_of(page), heads_of(page)) == (1, [1])


HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!--<script>",
    "-->",
    "]]>",
    "\u2028\u2029",
    "\ud83d",
    "\u202eabc\u202c",
    "\x00\x07\x1b[31m",
    "'\"`${alert(1)}&lt;",
    "javascript:alert(1)",
)


@pytest.mark.parametrize("assets", ["inline", "beside"])
def test_text_cannot_break_out(assets: str, save: Opened) -> None:
    made = trace(heads=(2,), labels=[f"w{i}" for i in range(len(HOSTILE))])
    made = replace(
        made,
        tokens=tuple(
            replace(token, label=text, text=text, lead=" ")
            for token, text in zip(made.tokens, HOSTILE, strict=True)
        ),
        model_name="</title><script>alert(2)</script>",
        texts=(" ".join(HOSTILE),),
    )
    page = save(made, options={"assets": assets}, views=VIEWS)
    assert page.title().startswith("</title><script>alert(2)</script>")
    shown = page.locator(".aw-view-tokens").text_content() or ""
    assert HOSTILE[0] in shown
    assert HOSTILE[1] in shown
    assert page.locator("img[src=x]").count() == 0


def test_a_token_of_a_megabyte(save: Opened) -> None:
    made = trace(heads=(2,))
    tokens = list(made.tokens)
    tokens[1] = replace(tokens[1], text="x" * 2**20, label="x" * 2**20)
    page = save(replace(made, tokens=tuple(tokens)), views=("lines", "tokens", "text"))
    assert page.locator(".aw-view-tokens").is_visible()

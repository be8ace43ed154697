"""The grid of heads: what is drawn is what the trace holds, and what is clicked is chosen."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from support import traces

from attention_widget.measures import HEAD_SUMMARIES, head_summaries
from attention_widget.protocol.option_values import Locale
from browser.page_host import PageHost
from browser.reading import (
    agrees,
    head_colour,
    lines,
    panel_action,
    panel_options,
    pixels,
    tooltip,
    view,
)

pytestmark = pytest.mark.browser

SVG = "{http://www.w3.org/2000/svg}"


def grid(page: Page) -> Locator:
    return view(page, "Grid of heads")


def cells(page: Page) -> Locator:
    return grid(page).get_by_role("grid")


def made(page: Page) -> int:
    """How many pictures were made so far."""
    return int(grid(page).locator("canvas").get_attribute("data-made") or 0)


def written(page: Page) -> list[str]:
    return grid(page).locator(".aw-grid-marks text").all_text_contents()


def axis(page: Page, name: str, number: int) -> float:
    """Where the number of a layer or head is written, on the page."""
    head = name == "head"
    places: list[list[Any]] = grid(page).evaluate(  # all at once: a redraw replaces the texts
        """(grid) => [...grid.querySelectorAll(".aw-grid-marks > text")].map((text) => {
             const { x, y, width, height } = text.getBoundingClientRect();
             return [text.textContent, text.getAttribute("text-anchor") === "middle",
                     x + width / 2, y + height / 2];
           })"""
    )
    (place,) = [
        x if head else y for text, middle, x, y in places if text == str(number) and middle == head
    ]
    return float(place)


def at(page: Page, layer: int, head: int) -> tuple[float, float]:
    """The middle of a head's picture, on the page."""
    return axis(page, "head", head), axis(page, "layer", layer)


def click(page: Page, layer: int, head: int, **options: Any) -> None:
    page.mouse.click(*at(page, layer, head), **options)


def test_a_picture_is_the_attention(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views="grid", heads=0, layer=5)
    page = host.page
    drawn = pixels(grid(page).locator("canvas")).astype(float)
    area = cells(page).bounding_box()
    assert area is not None
    n = len(host.widget.trace.tokens)
    for layer, head in [(0, 2), (1, 8), (2, 7), (4, 11)]:
        x, y = at(page, layer, head)
        left, top = x - area["x"], y - area["y"]
        size = axis(page, "head", 1) - axis(page, "head", 0) - 2
        centres = (np.arange(n) + 0.5) / n * size - size / 2
        rows = np.floor(top + centres).astype(int)
        columns = np.floor(left + centres).astype(int)
        seen = drawn[rows][:, columns, :3]  # (query, key, rgb)
        assert not drawn[int(top), int(left - size / 2) - 1].any()  # the gap
        opacity = np.sqrt(host.widget.trace.attention(layer)[head])[..., None]
        behind = np.array([246, 247, 250])  # where nothing is
        expected = behind + (np.array(head_colour(page, head)) - behind) * opacity
        np.testing.assert_allclose(seen, expected, atol=2.5)


def test_a_click_is_that_head_in_python(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views=("lines", "grid"))
    click(host.page, 4, 7)
    host.expect(layer=4, heads=(7,))
    host.settle()
    host.page.keyboard.down("Control")
    click(host.page, 4, 2)
    host.expect(layer=4, heads=(2, 7))
    click(host.page, 4, 7)
    host.page.keyboard.up("Control")
    host.expect(layer=4, heads=(2,))
    frames = grid(host.page).locator(".aw-grid-marks > svg rect")
    expect(frames.first).to_be_attached()


def test_another_layer_draws_no_picture_anew(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views="grid")
    assert made(host.page) == 72
    for layer in (3, 5):
        host.select(layer=layer, heads=(1, 2))
    host.select(theme="light", token=3)
    assert made(host.page) == 72
    assert sum("summaries" in key for key in host.asked) == 6  # of which labels are made
    assert host.asked.count("thumbnails/encoder/3") == 1


def test_a_double_click_opens_the_lines(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views=("grid", "text"))
    host.page.mouse.dblclick(*at(host.page, 2, 8))
    host.expect(layer=2, heads=(8,), views=("grid", "lines", "text"))
    host.settle()
    expect(lines(host.page)).to_be_in_viewport()


def test_numbers_beside_the_mouse_are_those_of_python(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views="grid")
    page = host.page
    shown = tooltip(grid(page))
    for layer, head, does in [(0, 2, ["attends to the previous token (1.00)"]), (3, 9, [])]:
        found = dict(zip(HEAD_SUMMARIES, head_summaries(host.widget.trace, layer), strict=True))
        page.mouse.move(*at(page, layer, head))
        host.select(summary="none")
        assert shown.locator("div").all_text_contents() == [f"layer {layer}, head {head}", *does]
        for name in ("entropy", "distance", "distance_variance", "previous", "first", "special"):
            host.select(summary=name)
            page.mouse.move(2, 2)
            page.mouse.move(*at(page, layer, head))
            _, *rest = shown.locator("div").all_text_contents()
            assert rest[:-1] == does
            value = rest[-1].split(": ")[1]
            assert agrees(value.split()[0], float(found[name][head])), (name, value)
    page.mouse.move(2, 2)
    expect(tooltip(grid(page))).to_be_hidden()


@pytest.mark.parametrize("words", [False, True])
def test_heads_are_ranked_by_the_numbers_of_python(
    open_widget: Callable[..., PageHost], words: bool
) -> None:
    host = open_widget("Attention is a noveltyish idea.", views="grid", words=words, heads=3)
    page = host.page
    with panel_options(grid(page)) as options:
        options.get_by_label("Summary").select_option("first token")
        host.expect(summary="first")
        options.get_by_role("button", name="rank").click()
        host.expect(sort_heads=True)
    host.settle()
    made = host.widget.trace.words() if words else host.widget.trace
    row = HEAD_SUMMARIES.index("first")
    numbers = np.stack([head_summaries(made, layer)[row] for layer in range(6)])
    order = np.argsort(-numbers.ravel(), kind="stable")
    labels = [text for text in written(page) if "·" in text]
    assert labels == [f"{index // 12}·{index % 12}" for index in order]
    values = [text for text in written(page) if re.fullmatch(r"[01]\.\d{3}", text)]
    assert values == [f"{numbers.ravel()[index]:.3f}" for index in order]
    (first, *_) = [text for text in written(page) if "·" in text]
    box = grid(page).locator(".aw-grid-marks text", has_text=first).first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 20, box["y"] - 20)
    layer, head = map(int, first.split("·"))
    host.expect(layer=layer, heads=(head,))


def test_the_keyboard_alone_picks_a_head(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views="grid", heads=4)
    page = host.page
    cells(page).focus()
    cell = grid(page).get_by_role("gridcell")
    expect(cell).to_contain_text("layer 0, head 4")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Space"):
        page.keyboard.press(key)
    host.expect(layer=2, heads=(5,))
    expect(cell).to_contain_text("selected")
    expect(tooltip(grid(page))).to_contain_text("layer 2, head 5")
    page.keyboard.press("Escape")
    expect(tooltip(grid(page))).to_be_hidden()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    host.expect(layer=5, heads=(11,), views=("grid", "lines"))


@pytest.mark.parametrize("locale", ["en", "vi", "ru"])
def test_what_is_written_across_rows_is_whole(
    open_trace: Callable[..., PageHost], locale: Locale
) -> None:
    host = open_trace(traces.encoder_decoder(), views="grid", locale=locale)
    page = host.page
    for width in (640, 1000):
        page.set_viewport_size({"width": width, "height": 900})
        host.settle()
        beyond = page.locator(".aw-grid-sight").evaluate(
            """(sight) => {
                 const { right } = sight.getBoundingClientRect();
                 const texts = [...sight.querySelectorAll("text")];
                 return [texts.length, texts.filter((text) =>
                   text.getBoundingClientRect().right > right).map((text) => text.textContent)];
               }"""
        )
        assert beyond[0] > 10
        assert beyond[1] == []


def test_a_head_of_another_kind_brings_its_attention(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(traces.encoder_decoder(), views=("grid", "lines"), token=2)
    page = host.page
    cells(page).focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("Space")
    host.expect(attention_kind="cross", layer=2, heads=(1,), token=None)
    texts = written(page)
    assert "Cross-attention: decoder to encoder" in texts
    assert any(text.endswith(": no attention of this kind") for text in texts)
    page.keyboard.press("Control+Home")
    page.keyboard.press("Space")
    host.expect(attention_kind="encoder", layer=0, heads=(0,))


def test_a_large_model_is_scrolled_and_only_what_is_seen_is_asked_for(
    open_trace: Callable[..., PageHost],
) -> None:
    big = traces.trace(heads=(32,) * 60, labels=["a"] * 6, causal=True)
    host = open_trace(big, views="grid", heads=0)
    page = host.page
    asked = {int(key.split("/")[-1]) for key in host.asked if key.startswith("thumbnails")}
    assert 10 < len(asked) < 40
    assert asked == set(range(len(asked)))
    host.select(layer=59, heads=31)
    host.wait(lambda: "thumbnails/decoder/59" in host.asked, "layer 59 is not in sight")
    host.settle()
    assert "59" in written(page)
    click(page, 58, 30)
    host.expect(layer=58, heads=(30,))
    before = cells(page).evaluate("(area) => area.scrollTop")
    page.mouse.wheel(0, -500)
    page.wait_for_function(
        f"document.querySelector('.aw-grid').scrollTop < {before}"  # the notebook stays
    )
    host.settle()


@pytest.mark.parametrize(("layers", "heads"), [(12, 12), (30, 9), (32, 32)])
@pytest.mark.parametrize("width", [640, 1000])
def test_all_heads_are_seen_at_once(
    open_trace: Callable[..., PageHost], layers: int, heads: int, width: int
) -> None:
    model = traces.trace(heads=(heads,) * layers, labels=["a"] * 6, causal=True)
    host = open_trace(model, views=("lines", "grid"), layer=layers - 1, heads=heads - 1)
    page = host.page
    page.set_viewport_size({"width": width, "height": 900})
    host.settle()
    hidden = cells(page).evaluate(
        "(area) => [area.scrollWidth - area.clientWidth, area.scrollHeight - area.clientHeight]"
    )
    assert hidden == [0, 0]
    assert {str(layers - 1), str(heads - 1)} <= set(written(page))
    expect(grid(page).get_by_role("button", name="fit")).to_be_hidden()
    click(page, layers - 1, heads - 1)
    host.expect(layer=layers - 1, heads=(heads - 1,))


def test_zoom_keeps_what_is_under_the_mouse(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(traces.trace(heads=(48,) * 24, labels=["a"] * 6), views="grid", heads=0)
    page = host.page
    x, y = at(page, 9, 30)
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    for _ in range(4):
        page.mouse.wheel(0, -120)
    page.keyboard.up("Control")
    page.evaluate(
        "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
    )
    page.mouse.move(x + 1, y)
    expect(tooltip(grid(page))).to_contain_text("layer 9, head 30")
    assert axis(page, "head", 31) - axis(page, "head", 30) > 40
    with panel_options(grid(page)) as options:
        options.get_by_role("button", name="fit").click()
    host.settle()
    assert axis(page, "head", 30) - axis(page, "head", 28) < 80


@pytest.mark.parametrize("width", [640, 1280])
def test_a_figure_holds_what_is_shown(
    open_widget: Callable[..., PageHost], tmp_path: Path, width: int
) -> None:
    host = open_widget(views="grid", summary="entropy", heads=(3, 5), layer=2)
    page = host.page
    page.set_viewport_size({"width": width, "height": 900})
    host.settle()
    saved: dict[str, Path] = {}
    for kind in ("svg", "png"):
        with page.expect_download() as download:
            panel_action(grid(page), kind).click()
        saved[kind] = tmp_path / download.value.suggested_filename
        download.value.save_as(saved[kind])
    figure = ET.parse(saved["svg"]).getroot()
    texts = [text.text for text in figure.iter(f"{SVG}text")]
    assert set(written(page)) <= set(texts)
    most = max(head_summaries(host.widget.trace, layer)[0].max() for layer in range(6))
    assert {"Grid of heads", "entropy  0", f"{most:.2f} nats", "weight  0"} <= set(texts)
    assert not any("layer 2" in (text or "") or "3, 5" in (text or "") for text in texts)
    (image,) = figure.iter(f"{SVG}image")
    assert (image.get("href") or "").startswith("data:image/png;base64,")
    source = saved["svg"].read_text(encoding="utf-8")
    assert not re.search(r"class=|var\(|foreignObject|<style", source)
    size = np.frombuffer(saved["png"].read_bytes()[16:24], ">u4")
    assert size.tolist() == [
        2 * round(float(figure.get(axis) or 0)) for axis in ("width", "height")
    ]


def test_what_is_nan_is_seen(open_trace: Callable[..., PageHost]) -> None:
    made = traces.as_maps(traces.trace(heads=(4, 4)))
    made.maps[1].tensors[0][2] = float("nan")
    host = open_trace(made, views="grid", heads=0)
    expect(grid(host.page).locator(".aw-legend")).to_contain_text("NaN")
    drawn = pixels(grid(host.page).locator("canvas"))
    area = cells(host.page).bounding_box()
    assert area is not None
    x, y = at(host.page, 1, 2)
    assert drawn[int(y - area["y"]), int(x - area["x"])].tolist() == [199, 119, 0, 255]


APART = """() => {
  const box = document.querySelector(".aw-grid-marks > svg").getBoundingClientRect();
  const texts = [...document.querySelectorAll(".aw-grid-marks > svg text")];
  const boxes = texts.map((text) => text.getBoundingClientRect());
  const meet = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5 &&
    a.top < b.bottom - 2 && b.top < a.bottom - 2;
  return boxes.flatMap((a, one) =>
    boxes.slice(one + 1).flatMap((b, two) =>
      meet(a, b) ? [[texts[one].textContent, texts[one + 1 + two].textContent]] : []));
}"""


def test_numbers_below_pictures_stand_apart(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views="grid", summary="previous")
    page = host.page
    for width in (560, 640, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for settings in ({"summary": "previous"}, {"summary": "distance_variance"}):
            host.select(number_format="standard", **settings)
            assert page.evaluate(APART) == []
        host.select(summary="previous", number_format="full")
        assert page.evaluate(APART) == []
    numbers = written(page)
    assert "1.0" in numbers or "1.00" in numbers or any("." in text for text in numbers)


def test_nothing_runs_over_at_any_width(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views="grid", summary="special", locale="ru", words=True)
    for width in (640, 900, 1280):
        host.page.set_viewport_size({"width": width, "height": 900})
        host.settle()
        wide = host.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
        inner = host.page.locator(".aw-view-grid").evaluate("(v) => v.scrollWidth - v.clientWidth")
        assert inner <= 0

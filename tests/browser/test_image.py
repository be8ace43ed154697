"""An image model opens on its image, whole; a click asks what a patch looks at."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from attention_widget import AttentionWidget, Trace
from attention_widget.protocol.option_values import Locale
from attention_widget.trace.block import Maps
from attention_widget.trace.token import Token
from browser.page_host import PageHost
from browser.reading import is_within, text, tooltip, unit

pytestmark = pytest.mark.browser

SIZES = [(14, 14), (16, 16), (24, 24), (20, 10), (10, 20)]
"""Patches down and across."""


def image(down: int, across: int, patch: int = 16) -> Trace:
    tokens = [Token(0, None, "[CLS]", "", "", special=True)]
    for at in range(down * across):
        row, column = divmod(at, across)
        left, top = patch * column, patch * row
        box = (left, top, left + patch, top + patch)
        tokens.append(Token(at + 1, None, f"r{row}c{column}", "", "", box=box))
    n = len(tokens)
    weights = torch.rand(2, n, n, generator=torch.Generator().manual_seed(0)) ** 8
    weights /= weights.sum(-1, keepdim=True)
    pixels = np.full((patch * down, patch * across, 3), 120, np.uint8)
    maps = (Maps(0, "encoder", weights),)
    return Trace(tuple(tokens), (), (), (), "tiny", maps=maps, image=pixels)


@pytest.mark.parametrize(("down", "across"), SIZES)
def test_the_image_is_whole(show: Callable[..., PageHost], down: int, across: int) -> None:
    host = show(AttentionWidget.from_trace(image(down, across)))
    for width in (640, 1000, 1400):
        host.page.set_viewport_size({"width": width, "height": 900})
        host.settle()
        assert_whole(host.page, down, across)


def assert_whole(page: Page, down: int, across: int) -> None:
    shown = text(page).locator(".aw-image").bounding_box()
    panel = text(page).bounding_box()
    assert shown
    assert panel
    assert shown["width"] / shown["height"] == pytest.approx(across / down, rel=0.01)
    assert max(shown["width"], shown["height"]) >= 300
    assert panel["x"] <= shown["x"]
    assert shown["x"] + shown["width"] <= panel["x"] + panel["width"]
    scroller = text(page).locator(".aw-text")
    assert scroller.evaluate("(node) => node.scrollHeight <= node.clientHeight + 1")
    for at in (0, across - 1, down * across - 1):
        box = unit(page, at + 1).bounding_box()
        assert box
        row, column = divmod(at, across)
        assert box["x"] == pytest.approx(shown["x"] + column * shown["width"] / across, abs=1)
        assert box["y"] == pytest.approx(shown["y"] + row * shown["height"] / down, abs=1)
    outside = unit(page, 0).bounding_box()  # [CLS]
    assert outside
    assert outside["y"] >= shown["y"] + shown["height"]


def test_a_click_asks_what_a_patch_looks_at(show: Callable[..., PageHost]) -> None:
    trace = image(14, 14)
    host = show(AttentionWidget.from_trace(trace))
    page = host.page
    (head,) = host.widget.heads
    assert host.widget.token == 0
    unit(page, 20).click()
    host.expect(token=20, pinned=())
    host.settle()
    weights = trace.attention(0)[head, 20]
    strongest = int(np.argmax(weights[1:])) + 1
    strengths = text(page).evaluate(
        """(view) => [...view.querySelectorAll(".aw-patch-colour")].map((node) =>
             Number(getComputedStyle(node).opacity))"""
    )
    assert int(np.argmax(strengths)) + 1 == strongest
    unit(page, strongest).hover()
    said = tooltip(text(page)).locator(":nth-child(3)").inner_text()
    assert is_within(said.split(": ")[1], float(weights[strongest]), 1e-6)
    unit(page, 20).click()
    host.expect(token=None)


@pytest.mark.parametrize(
    ("locale", "name"), [("en", "Image"), ("vi", "Hình ảnh"), ("ru", "Изображение")]
)
def test_the_view_is_called_by_what_it_shows(
    show: Callable[..., PageHost], locale: Locale, name: str
) -> None:
    host = show(AttentionWidget.from_trace(image(4, 4), locale=locale))
    panel = text(host.page)
    expect(panel).to_have_attribute("aria-label", name)
    expect(panel.locator(".aw-title")).to_have_text(name)
    expect(panel.locator("[data-action=close]")).to_have_attribute("title", re.compile(name))
    expect(host.page.locator("[data-view=text]")).to_have_text(name)


def test_the_figure_has_the_image_and_its_colours(show: Callable[..., PageHost]) -> None:
    host = show(AttentionWidget.from_trace(image(4, 4)))
    page = host.page
    with page.expect_download() as download:
        text(page).get_by_role("button", name="SVG").click()
    figure = download.value.path().read_text("utf-8")
    assert figure.count("<image") == 1
    assert ">Image</text>" in figure
    assert download.value.suggested_filename.startswith("tiny-image-layer-")
    opacities = {part.split('"')[0] for part in figure.split('fill-opacity="')[1:]}
    assert len(opacities) > 4
    expect(text(page).locator(".aw-error")).to_be_hidden()

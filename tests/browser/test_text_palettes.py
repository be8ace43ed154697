"""The text view's palettes and its search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from attention_widget.protocol.options import values_of
from browser.page_host import PageHost
from browser.reading import (
    agrees,
    heats,
    legend,
    text,
)
from browser.text_scores import (
    LONG,
    expected,
)

pytestmark = pytest.mark.browser

CONTRAST = """
(view) => {
  const channels = (colour) => {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map((byte) => {
      const c = byte / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
  };
  const luminance = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return [...view.querySelectorAll('[class*="aw-heat-"][data-unit]')].map((unit) => {
    const { color, backgroundColor } = getComputedStyle(unit);
    const [a, b] = [color, backgroundColor].map((each) => luminance(channels(each)));
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  });
}
"""


def test_every_palette_leaves_the_text_readable(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(LONG, views="text", measure="previous_cosine")
    changes: list[dict[str, Any]] = [
        *({"colour_map": name, "pinned": ()} for name in values_of("colour_map")),
        {"pinned": (1, 9, 17, 30, 41, 60, 77), "measure": "pinned_cosine"},
    ]
    for theme in ("light", "dark"):
        for change in changes:
            host.select(theme=theme, **{"measure": "previous_cosine", **change})
            ratios = text(host.page).evaluate(CONTRAST)
            assert len(ratios) > 250
            assert min(ratios) >= 4.5, (theme, change, min(ratios))


def test_the_diverging_palette_is_symmetric_about_0(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(LONG, views="text", measure="previous_cosine", colour_map="diverging")
    exact = expected(host.widget)
    most = np.nanmax(np.abs(exact))
    low, high = legend(text(host.page))
    assert agrees(low, -most)
    assert agrees(high.removeprefix("+"), most)
    for step, score in zip(heats(host.page), exact, strict=True):
        if np.isnan(score):
            assert step is None
        else:
            assert step is not None
            assert abs(step - 30 * (score + most) / (2 * most)) < 0.501


# ---- search ------------------------------------------------------------------------------------


def test_the_search_finds_counts_and_jumps(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(LONG, views="text", words=True)
    page = host.page
    box = text(page).get_by_role("searchbox", name="Search the text")
    text(page).locator(".aw-text").press("/")  # opens the box that it lies in
    expect(box).to_be_focused()
    colours = heats(page)
    box.fill("PURPLE")
    count = LONG.lower().count("purple")
    expect(text(page).locator(".aw-search-count")).to_have_text(f"1 of {count}")
    found = text(page).locator(".aw-found")
    assert {said.lower() for said in found.all_text_contents()} == {"purple"}
    expect(found).to_have_count(count)
    assert heats(page) == colours
    for place in (*range(2, count + 1), 1):
        page.keyboard.press("Enter")
        expect(text(page).locator(".aw-search-count")).to_have_text(f"{place} of {count}")
        expect(text(page).locator(".aw-found-now")).to_be_in_viewport()
    page.keyboard.press("Shift+Enter")
    expect(text(page).locator(".aw-search-count")).to_have_text(f"{count} of {count}")
    page.keyboard.press("Escape")
    expect(box).to_have_value("")
    expect(found).to_have_count(0)
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    assert host.widget.token is None

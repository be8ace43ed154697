"""No text overflows its place, and a long one is exact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from browser.overflow import OVERFLOWS
from browser.page_host import ORIGIN, PageHost
from browser.reading import (
    key_weights,
    leave,
    lines_canvas,
    number,
    pixels,
    query_row,
    softmax,
    unit,
)
from browser.text_scores import assert_colours

pytestmark = pytest.mark.browser

PARAGRAPH = (
    "Purple was first a smell: at Tyre the dyers broke snails by the thousand, and the harbour "
    "reeked so that one hem could glow. Emperors forbade it, bishops inherited it; physicists, "
    "who find it nowhere in the rainbow, say that the eye invents it where red and blue meet."
)


# Whole, or cut where at least three letters stand; never smaller than can be read.
LABELS = """() => {
  const [read, unread] = [[], []];
  for (const label of document.querySelectorAll(".aw-lines .aw-row .aw-label:not(.aw-unnamed)")) {
    const isWhole = label.scrollWidth <= label.clientWidth;
    const type = Number.parseFloat(getComputedStyle(label).fontSize);
    const isRead = type >= 10 && (isWhole || label.clientWidth > 20);
    const { width } = label.getBoundingClientRect();
    (isRead && width ? read : unread).push(`${label.textContent} ${width} ${type}`);
  }
  return [read, unread];
}"""


def labels_in_sight(page: Page) -> tuple[list[str], list[str]]:
    """Those of the lines that can be read, and the others."""
    read, unread = page.evaluate(LABELS)
    return read, unread


@pytest.mark.parametrize(
    ("size", "theme"), [(8, "light"), (60, "dark"), (200, "light"), (480, "dark")]
)
def test_nothing_overflows_on_a_narrow_page(
    open_widget: Callable[..., PageHost], size: int, theme: str
) -> None:
    words = " ".join([PARAGRAPH] * 8).split()
    host = open_widget(" ".join(words[: round(size * 0.81)]), theme=theme)
    count = len(host.widget.trace.tokens)
    assert 0.85 * size <= count <= 1.15 * size
    for width in (640, 480, 1280):
        host.page.set_viewport_size({"width": width, "height": 900})
        host.settle()
        assert host.page.evaluate(OVERFLOWS) == [], width
        read, unread = labels_in_sight(host.page)
        assert len(read) > 5, width
        assert unread == [], width
        assert pixels(lines_canvas(host.page))[..., 3].any()
    host.select(token=3, pinned=3, measure="pinned_cosine", heads=1)
    host.page.set_viewport_size({"width": 640, "height": 900})
    host.settle()
    assert host.page.evaluate(OVERFLOWS) == []


def test_a_long_word_does_not_overflow(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget("purple" * 60, token=1)
    host.page.set_viewport_size({"width": 480, "height": 900})
    host.settle()
    assert host.page.evaluate(OVERFLOWS) == []


ALWAYS_TOLD = 0.01
"""Beside close rows only weights from here on are told, and the strongest."""


def assert_printed(shown: dict[int, str], weights: NDArray[np.float64]) -> None:
    """In full: a row alone is computed in another order than a whole map, so that a last bit may
    differ."""
    told = {key: printed for key, printed in shown.items() if printed}
    assert told
    for key, printed in told.items():
        assert number(printed) == pytest.approx(weights[key], rel=1e-5), key
    assert all(weights[key] < ALWAYS_TOLD for key in shown.keys() - told.keys())


def test_a_long_text_travels_row_by_row_and_is_exact(
    open_widget: Callable[..., PageHost],
) -> None:
    given: dict[str, Any] = {"heads": (2, 9), "layer": 3, "number_format": "full"}
    host = open_widget(" ".join([PARAGRAPH] * 7), **given)
    trace = host.widget.trace
    count = len(trace.tokens)
    assert 4 * 12 * count**2 > 4 * 2**20
    host.select(measure="attention_from")
    row = trace.attention(3).astype(np.float64)[[2, 9]]
    for token in (1, 9, 15):
        query_row(host.page, token).hover()
        host.settle()
        assert_printed(key_weights(host.page), row[:, token].mean(0))
        in_full = softmax(host.page)
        assert all(in_full.values())
        assert_printed(in_full, row[0, token])
    leave(host.page)
    host.select(token=count - 2)
    shown = key_weights(host.page)
    assert max(shown) == count - 1
    assert_printed(shown, row[:, count - 2].mean(0))
    assert_colours(host, row[:, count - 2].mean(0))
    assert f"attention_row/encoder/3/{count - 2}" in host.asked
    assert "attention/encoder/3" not in host.asked


# ---- the end -----------------------------------------------------------------------------------


def test_a_closed_widget_leaves_nothing(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(token=2)
    page = host.page
    listening = "[...window.host.listeners].reduce((sum, [, all]) => sum + all.length, 0)"
    assert page.evaluate(listening) > 10
    page.evaluate("window.host.close()")
    assert page.evaluate(listening) == 0
    expect(page.locator("#cell")).to_be_empty()
    asked = len(host.asked)
    host.widget.layer = 3
    host.flush()
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    page.set_viewport_size({"width": 700, "height": 700})
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert len(host.asked) == asked


def test_two_widgets_on_a_page_of_one_model_are_apart(
    open_widget: Callable[..., PageHost],
) -> None:
    """A second cell that shows the same widget follows the first; closing it leaves the first."""
    host = open_widget(heads=1)
    page = host.page
    page.evaluate(
        """async () => {
             const { default: widget } = await import("/widget.js");
             const el = document.body.appendChild(document.createElement("div"));
             el.id = "second";
             window.closeSecond = widget.render({ model: window.host.model, el });
           }"""
    )
    host.settle()
    second = page.locator("#second")
    second.locator('.aw-queries [data-token="4"]').click()
    host.expect(token=4)
    for place in (page.locator("#cell"), second):
        expect(place.locator('.aw-queries [data-token="4"]')).to_contain_class("aw-selected")
    page.evaluate("window.closeSecond()")
    expect(second).to_be_empty()
    page.locator('#cell .aw-queries [data-token="4"]').click()
    host.expect(token=None)


def test_only_its_own_files_are_asked_for(page: Page, open_widget: Callable[..., PageHost]) -> None:
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    host = open_widget(token=3)
    unit(page, 4).click()
    host.expect(pinned=(4,))
    own = {f"{ORIGIN}{name}" for name in ("", "widget.css", "widget.js", "favicon.ico")}
    assert own - {f"{ORIGIN}favicon.ico"} <= set(urls) <= own
    assert page.evaluate("document.fonts.size") == 0  # the system's alone

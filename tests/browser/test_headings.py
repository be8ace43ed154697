"""Words above tables and views: whole at 640 pixels, in every language, and nothing moves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from attention_widget import from_arrays
from browser.page_host import PageHost

pytestmark = pytest.mark.browser

CUT = """() => [...document.querySelectorAll(".aw-columns [role=columnheader]")].flatMap((cell) => {
  const node = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT).nextNode();
  const range = document.createRange();
  const lines = (start, end) => {
    range.setStart(node, start);
    range.setEnd(node, end);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
  };
  const broken = [...node.data.matchAll(/[^ ]+/g)]
    .filter(({ index, 0: word }) => lines(index, index + word.length) > 1);
  const right = cell.getBoundingClientRect().right;
  range.selectNodeContents(node);
  const isClipped = range.getBoundingClientRect().right > right + 0.5;
  return broken.length || isClipped ? [node.data] : [];
})"""
HEIGHTS = """() => [...document.querySelectorAll(".aw-columns")]
  .map((row) => row.getBoundingClientRect().height)"""
GAP = """() => {
  const name = document.querySelector(".aw-model-name");
  const range = document.createRange();
  range.selectNodeContents(name);
  return name.getBoundingClientRect().right - range.getBoundingClientRect().right;
}"""


def test_headings_break_between_words_and_are_not_clipped(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget("The novel is new, the novel is old.", views=("heads", "tokens"), token=2)
    page = host.page
    page.set_viewport_size({"width": 640, "height": 900})
    for locale in ("en", "vi", "ru"):
        host.select(locale=locale)
        assert page.evaluate(CUT) == [], locale
        before = page.evaluate(HEIGHTS)
        assert max(before) < 50  # two lines
        for name in page.locator(".aw-view-heads .aw-order").all()[3:6]:
            name.click()
            assert page.evaluate(HEIGHTS) == before  # what says the order takes no room
        wide = "(node) => node.scrollWidth - node.clientWidth"
        assert page.locator(".aw-tables").evaluate(wide) == 0
        labels = page.locator(".aw-view-heads .aw-row > span:nth-child(3)")
        assert labels.evaluate_all(f"(nodes) => nodes.map({wide}).filter((cut) => cut > 0)") == []


@pytest.mark.parametrize("name", ["x", "tiny", "a-model-of-mine"])
def test_the_name_of_a_model_stands_beside_its_counts(
    open_trace: Callable[..., PageHost], name: str
) -> None:
    vectors = np.eye(3, dtype=np.float32)
    trace = from_arrays(q=vectors, k=vectors, v=vectors, tokens=list("abc"), model_name=name)
    page = open_trace(trace).page
    expect(page.locator(".aw-model-name")).to_have_text(name)
    assert page.evaluate(GAP) <= 1
    box = page.locator(".aw-model").bounding_box()
    assert box
    assert box["height"] < 20  # one line


def test_what_a_model_cannot_predict_is_said_in_the_language(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(views=("attribution",), token=4, locale="ru")
    page: Page = host.page
    expect(page.locator(".aw-view-attribution")).to_contain_text("У BertModel нет выходной головы")
    expect(page.locator(".aw-view-attribution")).not_to_contain_text("model must have")

"""Notebooks as nbconvert's HTML: one that it ran has its widgets, one from a browser says where."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import nbformat
import pytest
from executed_notebooks import EXAMPLES, executed
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, ConsoleMessage, expect
from support.toy_kernel import Kernel
from support.traces import trace

from attention_widget.widget import notebook_cell
from attention_widget.widget.widget import AttentionWidget
from browser.picking import choose_layer, expect_layer
from browser.reading import pixels
from browser.settling import expect_settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def converted(tmp_path: Path, bundle: None) -> Path:
    """The quickstart as nbclient ran it, with which ``nbconvert --execute`` runs a notebook."""
    page, _ = HTMLExporter().from_notebook_node(executed(EXAMPLES / "quickstart.ipynb"))
    path = tmp_path / "quickstart.html"
    path.write_text(page, encoding="utf-8")
    return path


def test_the_quickstart_as_html_shows_its_widgets(chromium: Browser, converted: Path) -> None:
    context = chromium.new_context(
        viewport={"width": 1280, "height": 1000}, offline=True, color_scheme="light"
    )
    page = context.new_page()
    asked: list[str] = []  # by our pages; nbconvert's own asks CDNs for require.js and MathJax
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if "srcdoc" in message.location.get("url", ""):
            said.append(message.text)

    page.on("console", hear)
    page.on(
        "request",
        lambda request: None if request.frame == page.main_frame else asked.append(request.url),
    )
    page.goto(f"file://{converted}")
    frames = page.locator("iframe[srcdoc]")
    expect(frames).to_have_count(3)
    for index in range(3):
        frames.nth(index).scroll_into_view_if_needed()  # a frame out of sight does not draw
        within = frames.nth(index).content_frame
        root = within.get_by_role("group", name="Attention widget")
        expect_settled(root)
        choose_layer(root, 1)
        expect_layer(root, 1)
        expect_settled(root)
        views = root.locator(".aw-view").filter(has=page.locator("canvas")).all()
        assert views
        for view in views:
            assert any(pixels(canvas)[..., 3].any() for canvas in view.locator("canvas").all())
    context.close()
    assert [url for url in asked if not url.startswith("about:")] == []
    assert said == []


def test_what_a_browser_saved_of_a_live_widget_is_words(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel()
    monkeypatch.setattr(notebook_cell, "get_ipython", lambda: kernel)
    widget = AttentionWidget.from_trace(trace(), layer=0)
    kernel.run(widget)
    (data,) = kernel.cells.values()
    v4: Any = nbformat.v4
    cell = v4.new_code_cell("widget", outputs=[v4.new_output("display_data", data)])
    page, _ = HTMLExporter().from_notebook_node(v4.new_notebook(cells=[cell]))
    assert repr(widget) in html.unescape(page)
    assert "The widget shows here when its cell is run in a notebook." in page
    assert "<iframe" not in page

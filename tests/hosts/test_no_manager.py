"""The classic notebook without the extension that is its widget manager: the saved page shows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from browser.picking import choose_layer, expect_layer
from browser.reading import pixels
from browser.settling import expect_settled
from playwright.sync_api import Browser, Page, expect

from hosts.opened import opened
from hosts.quickstart import first_cells, wait_for
from hosts.serving import HOSTS, PATIENCE_MS

pytestmark = pytest.mark.hosts


def run_all(page: Page) -> None:
    page.wait_for_function(
        "() => window.Jupyter?.notebook?.kernel?.is_connected()", timeout=PATIENCE_MS
    )
    page.evaluate("() => Jupyter.notebook.execute_all_cells()")


def test_the_classic_notebook_shows_the_page(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In a virtual environment its own settings, which load the extension, would win.
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    settings = tmp_path / "config" / "nbconfig" / "notebook.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"load_extensions": {"jupyter-js-widgets/extension": False}}))
    host = replace(HOSTS["nbclassic"], run=run_all)
    with opened(host, chromium, tmp_path, first_cells()) as notebook:
        page = notebook.page
        frame = page.locator(".output_area iframe[srcdoc]")
        frame.wait_for(timeout=PATIENCE_MS)
        frame.scroll_into_view_if_needed()
        assert not page.evaluate("() => Jupyter.notebook.kernel.widget_manager ?? null")
        widget = frame.content_frame.get_by_role("group", name="Attention widget")
        expect(widget).to_be_visible()
        expect_settled(widget)
        choose_layer(widget, 3)
        expect_layer(widget, 3)
        lines = widget.locator(".aw-view-lines canvas")
        wait_for(page, lambda: any(pixels(each)[..., 3].any() for each in lines.all()), True)
    assert not notebook.outside

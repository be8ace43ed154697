"""Exports under a strict policy, and within another page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from support.traces import trace

from attention_widget import AttentionWidget
from attention_widget.export.page import SCRIPT, STYLE
from attention_widget.protocol.option_values import VIEWS
from browser.export_pages import ERRORS, settle
from browser.picking import choose_head, expect_head
from browser.reading import (
    is_within,
    key_weights,
    query_row,
)

pytestmark = pytest.mark.browser

STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:"


def serve(page: Page, folder: Path, policy: str) -> list[str]:
    """Serves a folder under a policy; whatever else is asked for is refused, and listed."""
    refused: list[str] = []

    def answer(route: Route) -> None:
        name = route.request.url.partition("http://site.test/")[2]
        if not name or not (folder / name).is_file():
            if name != "favicon.ico":
                refused.append(route.request.url)
            return route.abort() if name != "favicon.ico" else route.fulfill(status=204)
        headers = {"Content-Security-Policy": policy}
        return route.fulfill(path=folder / name, headers=headers)

    page.route("**/*", answer)
    return refused


def test_files_beside_need_no_inline_code(page: Page, bundle: None, tmp_path: Path) -> None:
    """Served under a policy that names nothing but its own files."""
    made = trace(heads=(4, 4))
    widget = AttentionWidget.from_trace(made, views=VIEWS, combine="overlay")
    widget.export_html(tmp_path / "page.html", assets="beside")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([SCRIPT, STYLE, "page.html"])
    refused = serve(page, tmp_path, STRICT)
    page.goto("http://site.test/page.html")
    settle(page)
    assert page.evaluate(ERRORS) == []
    choose_head(page, 1)
    query_row(page, 2).hover()
    settle(page)
    exact = made.attention(0)[1, 2]
    shown = key_weights(page)
    assert shown.keys() == set(range(len(exact)))
    assert all(is_within(weight, exact[key], 1e-3) for key, weight in shown.items())
    assert refused == []


@pytest.mark.parametrize("how", ["src", "srcdoc"])
def test_a_page_shows_in_another(how: str, page: Page, bundle: None, tmp_path: Path) -> None:
    AttentionWidget.from_trace(trace(), views=VIEWS, layer=0).export_html(tmp_path / "page.html")
    (tmp_path / "outer.html").write_text(
        '<!doctype html><iframe style="width: 900px; height: 600px"></iframe>', encoding="utf-8"
    )
    serve(page, tmp_path, "")
    page.goto("http://site.test/outer.html")
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    value = "/page.html" if how == "src" else html
    page.evaluate(
        "([how, value]) => { document.querySelector('iframe')[how] = value }", [how, value]
    )
    frame = page.frame_locator("iframe")
    frame.locator(".aw-view-lines").wait_for()
    choose_head(frame, 1)
    expect_head(frame, 1)
    expect(frame.locator("[data-pending]")).to_have_count(0)
    assert frame.locator(".aw-error:visible").count() == 0

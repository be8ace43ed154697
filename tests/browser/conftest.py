"""A browser, and pages that show a widget of the trained model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, sync_playwright
from support.repository import ROOT, STATIC

from attention_widget import AttentionWidget
from attention_widget.trace.trace import Trace
from browser.chromium import launch
from browser.page_host import PageHost

VIEWS = ("lines", "neuron", "text")
"""Shown where a test names no others."""

SENTENCE = "Attention is a novel idea."

Open = Callable[..., PageHost]


@pytest.fixture(scope="session")
def bundle() -> None:
    """The front end under test is the one that stands in js/."""
    built = [STATIC / name for name in ("widget.js", "widget.css", "export.js", "loader.js")]
    sources = [path for path in (ROOT / "js").rglob("*") if path.is_file()]
    assert all(path.is_file() for path in built), "not built: npm run build"
    newest = max(sources, key=lambda path: path.stat().st_mtime)
    for path in built:
        assert path.stat().st_mtime >= newest.stat().st_mtime, (
            f"{path.name} is older than {newest.name}: npm run build"
        )


@pytest.fixture(scope="package")  # its event loop must not outlive the tests here
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """An empty page; it may not complain, and no dialog may open."""
    faults: list[str] = []
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    page = context.new_page()

    def hear(said: ConsoleMessage) -> None:
        if said.type == "error":
            faults.append(f"log: {said.text}")

    def refuse(dialog: Dialog) -> None:
        faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("console", hear)
    page.on("dialog", refuse)
    yield page
    context.close()
    assert not faults


@pytest.fixture
def show(page: Page, bundle: None) -> Iterator[Callable[..., PageHost]]:
    """Show a widget on the page, drawn; nothing else than its own origin is ever asked."""
    hosts: list[PageHost] = []

    def show(widget: AttentionWidget, *, background: bool = False) -> PageHost:
        host = PageHost(page, widget, background=background)
        hosts.append(host)
        host.settle()
        return host

    yield show
    for host in hosts:
        host.close()
        assert not host.requests


@pytest.fixture
def open_widget(show: Callable[..., PageHost], minilm: tuple[Any, Any]) -> Open:
    """Show a widget of the trained model: ``open_widget(text, **keywords of the widget)``."""
    model, tokenizer = minilm

    def open_widget(text: str = SENTENCE, *, background: bool = False, **given: Any) -> PageHost:
        widget = AttentionWidget(model, text, tokenizer=tokenizer, **{"views": VIEWS, **given})
        return show(widget, background=background)

    return open_widget


@pytest.fixture
def open_trace(show: Callable[..., PageHost]) -> Open:
    """Show a widget of a trace, without a model: ``open_trace(trace, **selection)``."""

    def open_trace(trace: Trace, **selection: Any) -> PageHost:
        return show(AttentionWidget.from_trace(trace, **{"views": VIEWS, **selection}))

    return open_trace

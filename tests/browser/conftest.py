"""A browser, and pages that show a widget of the trained model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Dialog,
    Page,
    Playwright,
    sync_playwright,
)
from support import predicting, traces
from support.atlases import scanned_atlas
from support.repository import ROOT, STATIC

from attention_widget import AttentionWidget, HeadAtlas
from attention_widget.trace.trace import Trace
from browser.chromium import PATIENCE_MS, launch
from browser.export_pages import ERRORS, Opened, settle
from browser.lab import Lab
from browser.matrix_reading import LONG
from browser.page_host import PageHost

VIEWS = ("lines", "neuron", "text")
# All heads of the first layer: who names `combine` gets no suggestion, whatever the trace has.
PLAIN: dict[str, Any] = {"views": VIEWS, "combine": "overlay"}
"""Shown where a test names no others."""

SENTENCE = "Attention is a novel idea."

Open = Callable[..., PageHost]


@pytest.fixture(scope="session")
def bundle() -> None:
    """The front end under test is the one that stands in js/."""
    built = [
        STATIC / name for name in ("widget.js", "widget.css", "export.js", "loader.js", "matrix.js")
    ]
    sources = [path for path in (ROOT / "js").rglob("*") if path.is_file()]
    assert all(path.is_file() for path in built), "not built: npm run build"
    newest = max(sources, key=lambda path: path.stat().st_mtime)
    for path in built:
        assert path.stat().st_mtime >= newest.stat().st_mtime, (
            f"{path.name} is older than {newest.name}: npm run build"
        )


@pytest.fixture(scope="package")  # its event loop must not outlive the tests here
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = launch(playwright, shell=True)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def whole_chromium(playwright: Playwright) -> Iterator[Browser]:
    """With windows, which may fill the screen."""
    browser = launch(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One server for all notebooks that ask for no settings of their own."""
    server = Lab(tmp_path_factory.mktemp("lab"))
    yield server
    server.stop()


@pytest.fixture
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """An empty page; it may not complain, and no dialog may open."""
    faults: list[str] = []
    whole = request.node.get_closest_marker("screen") is not None
    browser: Browser = request.getfixturevalue("whole_chromium" if whole else "chromium")
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    context.set_default_timeout(PATIENCE_MS)
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


@pytest.fixture(scope="session")
def atlas(minilm: tuple[Any, Any]) -> HeadAtlas:
    """Of the trained model."""
    return scanned_atlas(*minilm)


@pytest.fixture
def open_widget(
    show: Callable[..., PageHost], minilm: tuple[Any, Any], request: pytest.FixtureRequest
) -> Open:
    """Show a widget of the trained model: ``open_widget(text, **keywords of the widget)``, with an
    atlas where that is seen; where it is to predict, of a small GPT-2 that has not been trained."""

    def open_widget(
        text: str = SENTENCE, *, background: bool = False, predicts: bool = False, **given: Any
    ) -> PageHost:
        model, tokenizer = predicting.causal() if predicts else minilm
        chosen = {**PLAIN, **given}
        if "atlas" in chosen["views"] and "atlas" not in chosen and not predicts:
            chosen["atlas"] = request.getfixturevalue("atlas")
        widget = AttentionWidget(model, text, tokenizer=tokenizer, **chosen)
        return show(widget, background=background)

    return open_widget


@pytest.fixture
def open_trace(show: Callable[..., PageHost]) -> Open:
    """Show a widget of a trace, without a model: ``open_trace(trace, **selection)``."""

    def open_trace(trace: Trace, **selection: Any) -> PageHost:
        return show(AttentionWidget.from_trace(trace, **{**PLAIN, **selection}))

    return open_trace


@pytest.fixture
def disk(chromium: Browser, bundle: None, tmp_path: Path) -> Iterator[Opened]:
    """Opens a file from disk, the network refused; the page may not complain."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    context.set_default_timeout(PATIENCE_MS)
    faults: list[str] = []

    def open_file(path: Path, fragment: str = "", *, drawn: bool = True) -> Page:
        page = context.new_page()

        def refuse(dialog: Dialog) -> None:
            faults.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        def hear(said: ConsoleMessage) -> None:
            if said.type in ("error", "warning"):
                faults.append(said.text)

        page.on("console", hear)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", refuse)
        page.on("request", lambda request: asked(request.url))
        page.goto(f"file://{path}{fragment}")
        if drawn:
            settle(page)
            assert page.evaluate(ERRORS) == []
        return page

    def asked(url: str) -> None:
        if not url.startswith((f"file://{tmp_path}", "data:", "about:")):
            faults.append(f"asked for {url}")

    yield open_file
    context.close()
    assert faults == []


@pytest.fixture
def save(disk: Opened, tmp_path: Path) -> Callable[..., Page]:
    """Exports a widget of a trace to a file and opens it."""

    def save(
        made: Trace | AttentionWidget,
        fragment: str = "",
        options: Mapping[str, Any] | None = None,
        **given: Any,
    ) -> Page:
        if isinstance(made, Trace):
            made = AttentionWidget.from_trace(made, **{"combine": "overlay", **given})
        path = tmp_path / "saved.html"
        made.export_html(path, **(options or {}))
        return disk(path, fragment)

    return save


@pytest.fixture(scope="module")
def long() -> Trace:
    return traces.trace(heads=(3,), labels=[f"t{i}" for i in range(LONG)], causal=True)

"""What a host styles by the names of elements leaves the widget alone: it is as in its export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.lab import Lab, Notebook
from browser.server import Server
from playwright.sync_api import Browser, Locator, Page, expect

from attention_widget import AttentionWidget
from attention_widget.demo import demo_model
from attention_widget.protocol.options import VIEWS
from hosts.serving import HOSTS, PATIENCE_MS
from hosts.styles import computed, differences

pytestmark = pytest.mark.hosts

TEXT = "Attention is a novel idea"
SHOW = f"""\
from attention_widget import AttentionWidget
from attention_widget.demo import demo_model

AttentionWidget(demo_model(), "{TEXT}", views={VIEWS!r}, locale="en", theme="light")"""

# Of properties: what a host may set. Text can be selected everywhere, and fonts be smoothed.
ALLOWED = (
    "user-select:",
    "-webkit-font-smoothing:",
    "-webkit-tap-highlight-color:",
    "text-size-adjust:",
)


@pytest.fixture(scope="module")
def exported(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, dict[str, str]]]:
    path = tmp_path_factory.mktemp("export") / "page.html"
    AttentionWidget(demo_model(), TEXT, views=VIEWS, locale="en", theme="light").export_html(path)
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.goto(path.as_uri())
    yield computed(opened(page))
    context.close()


def opened(page: Page) -> Locator:
    """The widget, drawn, its list of shortcuts open."""
    widget = page.locator(".attention-widget")
    widget.wait_for(timeout=PATIENCE_MS)
    widget.evaluate("(root) => { root.style.width = '700px' }")  # as wide in every host
    expect(widget.locator(".aw-view")).to_have_count(len(VIEWS), timeout=PATIENCE_MS)
    expect(widget.locator("[data-pending]")).to_have_count(0)
    widget.locator('[data-setting="help"]').click()
    expect(widget.locator("dialog")).to_be_visible()
    page.mouse.move(0, 0)
    return widget


@pytest.mark.parametrize("name", ["jupyterlab", "notebook7", "nbclassic", "marimo"])
def test_the_widget_looks_as_in_its_export(
    name: str, exported: dict[str, dict[str, str]], chromium: Browser, tmp_path: Path
) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    server: Server
    if name == "jupyterlab":
        lab = Lab(tmp_path)
        server = lab
        lab.write("novel.ipynb", SHOW)
        notebook = Notebook(lab, "novel.ipynb", context)
        notebook.run_cell(0)
        page = notebook.page
    else:
        server, address = HOSTS[name].serve(tmp_path, [SHOW])
        page = context.new_page()
        page.goto(address, timeout=PATIENCE_MS)
        HOSTS[name].run(page)
    try:
        found = computed(opened(page))
        page.screenshot(path=tmp_path / "help.png")
    finally:
        context.close()
        server.stop()
    assert len(found.keys() & exported.keys()) > 300
    said = differences(exported, found)
    said = [each for each in said if not each.startswith(ALLOWED)]
    assert not said, "\n".join(said)

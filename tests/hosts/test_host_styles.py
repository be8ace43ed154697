"""What a host styles by the names of elements leaves the widget alone: it is as on a bare page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.page_host import PageHost
from browser.picking import SETTINGS
from browser.settling import expect_settled
from playwright.sync_api import Browser, Locator, Page, expect

from attention_widget import AttentionWidget
from attention_widget.demo import demo_model
from attention_widget.protocol.option_values import VIEWS
from hosts.opened import VIEWPORT, opened
from hosts.serving import PATIENCE_MS
from hosts.styles import computed, differences

pytestmark = pytest.mark.hosts

TEXT = "Attention is a novel idea"
SHOW = f"""\
from attention_widget import AttentionWidget
from attention_widget.demo import demo_model

AttentionWidget(demo_model(), "{TEXT}", layer=0, views={VIEWS!r}, locale="en", theme="light")"""

# Of properties: what a host may set. Text can be selected everywhere, and fonts be smoothed.
ALLOWED = (
    "user-select:",
    "-webkit-font-smoothing:",
    "-webkit-tap-highlight-color:",
    "text-size-adjust:",
)


@pytest.fixture(scope="module")
def plain(chromium: Browser) -> Iterator[dict[str, dict[str, str]]]:
    """As it is on a page without any style but its own."""
    context = chromium.new_context(viewport=VIEWPORT)
    widget = AttentionWidget(demo_model(), TEXT, layer=0, views=VIEWS, locale="en", theme="light")
    host = PageHost(context.new_page(), widget)
    yield computed(with_help(host.page))
    host.close()
    context.close()


def with_help(page: Page) -> Locator:
    """The widget, drawn, its list of shortcuts open."""
    widget = page.locator(".attention-widget")
    widget.wait_for(timeout=PATIENCE_MS)
    widget.evaluate("(root) => { root.style.width = '700px' }")  # as wide in every host
    expect(widget.locator(".aw-view")).to_have_count(len(VIEWS), timeout=PATIENCE_MS)
    expect_settled(widget)
    widget.locator(SETTINGS).click()
    widget.locator('[data-setting="help"]').click()
    expect(widget.locator("dialog")).to_be_visible()
    page.mouse.move(0, 0)
    return widget


@pytest.mark.parametrize("name", ["jupyterlab", "notebook7", "nbclassic", "marimo"])
def test_the_widget_looks_as_on_a_page_of_its_own(
    name: str, plain: dict[str, dict[str, str]], chromium: Browser, tmp_path: Path
) -> None:
    with opened(name, chromium, tmp_path, [SHOW]) as notebook:
        found = computed(with_help(notebook.page))
        notebook.page.screenshot(path=tmp_path / "help.png")
    assert len(found.keys() & plain.keys()) > 300
    said = differences(plain, found)
    said = [each for each in said if not each.startswith(ALLOWED)]
    assert not said, "\n".join(said)

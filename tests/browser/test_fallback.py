"""No cell stays blank: JupyterLab without a widget manager, without anywidget, and too busy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, FrameLocator, expect

from attention_widget.export.iframe import frame
from attention_widget.widget.handshake import PATIENCE_S
from browser.lab import Lab, Notebook
from browser.picking import choose_layer, expect_layer
from browser.reading import pixels
from browser.settling import expect_settled
from browser.test_lab import wait_for

pytestmark = [pytest.mark.lab, pytest.mark.slow]

SHOW = """\
from attention_widget import AttentionWidget

w = AttentionWidget({folder!r}, "I read a good novel.", layer=2)
w"""
TALL = "from IPython.display import HTML\nHTML('<div style=\"height: 9000px\">tall</div>')"
WORK = f"import time\ntime.sleep({PATIENCE_S + 3})"
LIVE = "application/vnd.jupyter.widget-view+json"

OpenLab = Callable[..., Notebook]


@pytest.fixture(scope="module")
def bare_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One server, whose pages lack what a test disables."""
    server = Lab(tmp_path_factory.mktemp("lab"))
    yield server
    server.stop()


@pytest.fixture
def open_lab(chromium: Browser, bundle: None, bare_lab: Lab) -> Iterator[OpenLab]:
    """A notebook of these cells in a JupyterLab without some of its extensions. Its kernel is the
    one of the test before, which has imported what it needs."""
    opened: list[Notebook] = []
    lab = bare_lab

    def open_lab(
        *cells: str, disabled: tuple[str, ...] = (), shown: dict[str, str] | None = None
    ) -> Notebook:
        lab.disable(*disabled)
        lab.write("widget.ipynb", *cells)
        if shown is not None:  # by the first cell, as whoever ran it saved it
            saved: Any = lab.read("widget.ipynb")
            saved.cells[0].outputs = [nbformat.v4.new_output("display_data", shown)]
            nbformat.write(saved, lab.notebooks / "widget.ipynb")
        context = chromium.new_context(viewport={"width": 1280, "height": 1000})
        opened.append(Notebook(lab, "widget.ipynb", context))
        return opened[0]

    yield open_lab
    for notebook in opened:
        notebook.page.context.close()
        assert not notebook.outside


@pytest.fixture
def show(minilm_path: Path) -> str:
    """A cell that shows a widget."""
    return SHOW.format(folder=str(minilm_path))


def page_in(notebook: Notebook) -> FrameLocator:
    return notebook.page.locator(".jp-OutputArea-output iframe[srcdoc]").content_frame


def saved(notebook: Notebook, cell: int) -> list[str]:
    """The kinds of what a saved cell shows of the widget."""
    notebook.save()
    outputs = notebook.lab.read(notebook.name).cells[cell].outputs
    (data,) = [each.data for each in outputs if "AttentionWidget" in str(each.get("data"))]
    return sorted(data)


@pytest.mark.parametrize(
    ("disabled", "why"),
    [
        ("@jupyter-widgets/jupyterlab-manager", "This notebook's page has no widget manager."),
        ("anywidget", "No widget manager answered within"),
    ],
)
def test_without_its_front_end_the_cell_shows_the_page(
    disabled: str, why: str, open_lab: OpenLab, show: str
) -> None:
    notebook = open_lab(show, disabled=(disabled,))
    notebook.run_cell(0)
    page = page_in(notebook)
    root = page.get_by_role("group", name="Attention widget")
    expect(root).to_be_visible(timeout=1000 * (PATIENCE_S + 30))
    expect(notebook.page.locator(".jp-OutputArea-output", has_text=why)).to_be_visible()
    expect_settled(root)
    choose_layer(root, 4)
    expect_layer(root, 4)
    expect_settled(root)
    assert any(pixels(canvas)[..., 3].any() for canvas in root.locator("canvas").all())
    assert saved(notebook, 0) == ["text/html", "text/plain"]


def test_a_busy_kernel_and_a_cell_out_of_sight_keep_the_live_widget(
    open_lab: OpenLab, show: str
) -> None:
    notebook = open_lab(TALL, show, *[WORK, "print('done')"])
    notebook.command("notebook:run-all-cells")
    page = notebook.page
    output = page.locator(".jp-OutputArea-output", has_text="done")
    output.wait_for(state="attached")
    page.wait_for_timeout(1000 * (PATIENCE_S + 2))  # idle, as after the work
    assert saved(notebook, 1) == [LIVE, "text/html", "text/plain"]
    page.get_by_role("group", name="Attention widget").scroll_into_view_if_needed()
    choose_layer(page, 4)
    wait_for(notebook, layer=4)


def test_a_notebook_that_is_not_trusted_says_what_is_missing(open_lab: OpenLab) -> None:
    page = frame("<p>the page</p>", "Attention: tiny", 600)
    notebook = open_lab("w", shown={"text/html": page, "text/plain": "w"})
    output = notebook.page.locator(".jp-OutputArea-output")
    expect(output).to_contain_text("Attention: tiny. Shown once this notebook is trusted")
    expect(output.locator("iframe")).to_have_count(0)
    # Not awaited: it ends with the question that it asks.
    notebook.page.evaluate("() => void jupyterapp.commands.execute('notebook:trust')")
    notebook.page.locator(".jp-Dialog .jp-mod-accept").click()
    expect(page_in(notebook).get_by_text("the page")).to_be_visible()

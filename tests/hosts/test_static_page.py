"""Pages without a kernel, and a network: a notebook with the state of its widgets, html-manager's
own, and marimo's."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import anywidget
import pytest
from browser import settling
from browser.lab import Lab, Notebook
from browser.picking import choose_head, choose_layer, expect_layer
from browser.reading import (
    key_weights,
    lines_canvas,
    neurons,
    pixels,
    query_row,
    softmax,
)
from browser.server import jupyter_folders
from host_environments import HOSTS as PACKAGES
from host_environments import python_of
from ipywidgets.embed import embed_minimal_html
from npm_file import npm_file
from playwright.sync_api import Browser, Page, Route, expect

from attention_widget import AttentionWidget
from attention_widget.demo import demo_model
from hosts.serving import HOSTS, PATIENCE_MS

pytestmark = pytest.mark.hosts

VERSION = PACKAGES["marimo"].partition("==")[2]
PAGE = "http://static.test/page.html"
SHOW = """\
from attention_widget import AttentionWidget
from attention_widget.demo import demo_model

w = AttentionWidget(
    demo_model(), "Attention is a novel idea", layer=0, views=["lines", "neuron", "text"]
)
w"""
SETTINGS = "config/lab/user-settings/@jupyter-widgets/jupyterlab-manager/plugin.jupyterlab-settings"

# Part of the address that a page asks for, and what answers it: a file of a package of npm.
SCRIPTS = {
    "/require.js/": ("requirejs@2.3.7", "require.js"),
    "/@jupyter-widgets/html-manager@": (
        "@jupyter-widgets/html-manager@1.0.14",
        "dist/embed-amd.js",
    ),
}


def settle(page: Page) -> None:
    expect(neurons(page)).to_be_visible()
    settling.settle(page)


def open_page(chromium: Browser, html: Path) -> tuple[Page, list[str], list[str]]:
    """A page of html-manager, what it asked for in vain, and its errors."""
    here = {
        **{part: npm_file(*given) for part, given in SCRIPTS.items()},
        "/npm/anywidget@": Path(anywidget.__file__).parent / "nbextension" / "index.js",
        PAGE: html,
    }
    refused: list[str] = []
    complaints: list[str] = []

    def serve(route: Route) -> None:
        found = [file for part, file in here.items() if part in route.request.url]
        if found:
            route.fulfill(path=found[0], headers={"Access-Control-Allow-Origin": "*"})
        else:
            refused.append(route.request.url)
            route.abort()

    context = chromium.new_context(viewport={"width": 1400, "height": 1300})
    context.route("**/*", serve)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(error.stack or str(error)))
    page.goto(PAGE)
    return page, refused, complaints


def says_that_it_is_a_page(page: Page) -> None:
    """It waits for nobody, offers no run, and names what writes a page that can be read."""
    widget = page.locator(".attention-widget")
    expect(widget.locator(".aw-standing")).to_contain_text("This page has no kernel")
    expect(widget.locator(".aw-standing")).to_contain_text('widget.export_html("page.html")')
    expect(widget.locator(".aw-waiting")).to_have_text("")
    expect(widget.locator(".aw-run")).to_be_hidden()
    expect(widget.locator("[data-pending]")).to_have_count(0)
    expect(widget.get_by_role("alert").first).to_have_text("This was not saved with the page.")
    assert "e-run the cell" not in widget.inner_text()


def shown(page: Page) -> list[dict[int, str]]:
    return [key_weights(page), softmax(page)]


def saved(folder: Path, chromium: Browser) -> tuple[Path, list[dict[int, str]]]:
    """A notebook as JupyterLab saves it, and the numbers that it showed."""
    (folder / SETTINGS).parent.mkdir(parents=True)
    (folder / SETTINGS).write_text('{"saveState": true}')
    lab = Lab(folder)
    try:
        lab.write("novel.ipynb", SHOW)
        context = chromium.new_context(viewport={"width": 1400, "height": 1300})
        notebook = Notebook(lab, "novel.ipynb", context)
        notebook.run_cell(0)
        page = notebook.page
        settle(page)
        choose_layer(page, 3)
        choose_head(page, 7)
        query_row(page, 4).click()
        settle(page)
        numbers = shown(page)
        notebook.save()
        context.close()
    finally:
        lab.stop()
    return lab.notebooks / "novel.ipynb", numbers


def test_a_saved_notebook_is_a_page_with_the_widget(chromium: Browser, tmp_path: Path) -> None:
    notebook, numbers = saved(tmp_path / "lab", chromium)
    assert numbers[0] == numbers[1] != {}
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "html", "--log-level=WARN", str(notebook)],
        check=True,
        env={**os.environ, **jupyter_folders(tmp_path)},
    )
    page, refused, complaints = open_page(chromium, notebook.with_suffix(".html"))
    settle(page)
    assert shown(page) == numbers
    assert pixels(lines_canvas(page))[..., 3].any()
    expect(page.locator(".aw-standing")).to_contain_text("Shown from the data saved with this page")
    expect(page.locator(".attention-widget").get_by_role("alert")).to_have_count(0)
    expect_layer(page, 3)

    query_row(page, 2).click()  # it answers
    settle(page)
    assert key_weights(page) not in ({}, numbers[0])
    page.context.close()
    assert complaints == []
    # Formulas, and a copy of anywidget's front end that might lie beside the page.
    assert [url for url in refused if "mathjax" not in url and "anywidget.js" not in url] == []


def test_a_page_of_embedded_widgets_tells_its_reader_of_the_export(
    chromium: Browser, tmp_path: Path
) -> None:
    widget = AttentionWidget(demo_model(), "Attention is a novel idea", locale="en")
    embed_minimal_html(
        tmp_path / "embedded.html", views=[widget], drop_defaults=False, embed_url=None
    )
    # The copy of require.js is of another version than the one whose hash stands there.
    html = re.sub(' integrity="[^"]*"', "", (tmp_path / "embedded.html").read_text("utf-8"))
    (tmp_path / "embedded.html").write_text(html, "utf-8")
    page, _, complaints = open_page(chromium, tmp_path / "embedded.html")
    says_that_it_is_a_page(page)
    page.context.close()
    assert complaints == []


def test_a_page_that_marimo_saved_tells_its_reader_of_the_export(
    chromium: Browser, tmp_path: Path
) -> None:
    marimo = HOSTS["marimo"]
    notebook = marimo.write(tmp_path, [SHOW])
    python = python_of(marimo.name)
    subprocess.run(
        [python, "-m", "marimo", "export", "html", notebook, "-o", tmp_path / "saved.html"],
        check=True,
        cwd=tmp_path,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HOME": str(tmp_path)},
    )
    (front_end,) = (python.parents[1] / "lib").glob("python*/site-packages/marimo/_static")
    address = f"https://cdn.jsdelivr.net/npm/@marimo-team/frontend@{VERSION}/dist/"
    refused: list[str] = []

    def serve(route: Route) -> None:
        file = front_end / route.request.url.removeprefix(address)
        if route.request.url == PAGE:
            route.fulfill(path=tmp_path / "saved.html")
        elif route.request.url.startswith(address) and file.is_file():
            route.fulfill(path=file, headers={"Access-Control-Allow-Origin": "*"})
        else:
            refused.append(route.request.url)
            route.abort()

    context = chromium.new_context(viewport={"width": 1400, "height": 1300})
    context.route("**/*", serve)
    page = context.new_page()
    page.goto(PAGE)
    page.locator(".attention-widget").wait_for(timeout=PATIENCE_MS)
    says_that_it_is_a_page(page)
    context.close()

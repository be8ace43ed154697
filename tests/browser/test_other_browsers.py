"""The first tour in Firefox and in the engine of Safari: a saved page, and a cell of JupyterLab."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from attention_widget import AttentionWidget
from attention_widget.trace.trace import Trace
from browser.lab import Lab
from browser.web_driver import BROWSERS, OtherPage, opened

pytestmark = pytest.mark.browser

SENTENCE = "Attention is a novel idea"
NOVEL = 4
"""The token."""

SETTLED = "!!document.querySelector('.aw-view') && !document.querySelector('[data-pending]')"
ALERTS = """[...document.querySelectorAll('[role=alert], .aw-error')]
    .filter((node) => node.checkVisibility()).map((node) => node.textContent)"""
WEIGHTS = """[...document.querySelectorAll('.aw-view-lines .aw-keys [data-token] .aw-weight')]
    .map((node) => Number(node.textContent))"""
SHOWN = """[document.querySelector('.aw-layer select').value,
    document.querySelector('.aw-chips [aria-pressed="true"]').dataset.index].map(Number)"""
DRAWN = """(() => {
    const canvas = document.querySelector('.aw-lines-middle .aw-canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, place) => place % 4 === 3 && value > 0).length;
})()"""
FOREIGN = """performance.getEntriesByType('resource').map(({ name }) => name)
    .filter((name) => !/^(file:|data:|blob:|http:\\/\\/127\\.0\\.0\\.1)/.test(name))"""
QUERY = f'.aw-view-lines .aw-queries [data-token="{NOVEL}"]'


@pytest.fixture(scope="module", params=sorted(BROWSERS))
def page(request: pytest.FixtureRequest) -> Iterator[OtherPage]:
    with opened(request.param) as page:
        yield page


@pytest.fixture(scope="module")
def saved(
    bundle: None, minilm: tuple[Any, Any], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Trace]:
    model, tokenizer = minilm
    widget = AttentionWidget(model, SENTENCE, tokenizer=tokenizer)
    path = tmp_path_factory.mktemp("page") / "page.html"
    widget.export_html(path)
    return path, widget.trace


def check_weights(page: OtherPage, trace: Trace, token: int) -> None:
    """What the lines say of a query is what the model computed of the head that is shown."""
    page.wait_for(SETTLED)
    layer, head = page.evaluate(SHOWN)
    expected = trace.attention(layer)[head, token].tolist()
    near = f"{WEIGHTS}.every((weight, key) => Math.abs(weight - given[0][key]) < 1.5e-3)"
    page.wait_for(f"{WEIGHTS}.length === given[0].length && {near}", expected)


def test_the_first_tour_of_a_saved_page(page: OtherPage, saved: tuple[Path, Trace]) -> None:
    path, trace = saved
    page.goto(path.as_uri())
    page.wait_for(SETTLED)
    assert page.evaluate(ALERTS) == []
    assert page.wait_for(DRAWN) > 500
    first = page.evaluate(SHOWN)

    page.click(QUERY)
    page.wait_for("!!document.querySelector(given[0]).closest('.aw-selected')", QUERY)
    check_weights(page, trace, NOVEL)

    page.click(".aw-view-grid .aw-canvas")  # in its middle: another layer and head
    page.wait_for(f"`${{given[0]}}` !== `${{{SHOWN}}}`", first)
    check_weights(page, trace, NOVEL)

    page.click(".aw-gear")
    page.click('[data-setting="memory"]')
    page.wait_for("document.querySelector('.aw-memory').textContent.includes('this page')")
    page.evaluate(
        """(() => {
            const list = document.querySelector('[data-option="locale"] select');
            list.value = "ru";
            list.dispatchEvent(new Event("change"));
        })()"""
    )
    page.wait_for("document.querySelector('.attention-widget').lang === 'ru'")
    assert page.texts(".aw-view-lines .aw-title") == ["Линии внимания"]
    assert page.evaluate(ALERTS) == []
    assert page.evaluate(FOREIGN) == []


@pytest.mark.lab
def test_the_first_tour_in_jupyterlab(
    page: OtherPage, saved: tuple[Path, Trace], lab: Lab, minilm_path: Path
) -> None:
    """Clicks reach the kernel, which changes what is shown in turn. One kernel serves both."""
    _, trace = saved
    lab.write(
        "tour.ipynb",
        "from attention_widget import AttentionWidget\n"
        f"widget = AttentionWidget({str(minilm_path)!r}, {SENTENCE!r})\nwidget",
        "widget.layer = 3",
    )
    page.goto(f"{lab.url}doc/tree/tour.ipynb")
    page.wait_for(
        """(() => {
            const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session
                ?.kernel;
            return kernel?.status === "idle" && kernel.connectionStatus === "connected";
        })()"""
    )
    run = "void jupyterapp.commands.execute('notebook:run-cell')"
    page.evaluate(run)
    page.wait_for(SETTLED)
    assert page.evaluate(ALERTS) == []
    assert page.wait_for(DRAWN) > 500
    page.click(QUERY)
    page.wait_for("!!document.querySelector(given[0]).closest('.aw-selected')", QUERY)
    check_weights(page, trace, NOVEL)
    page.evaluate(
        "void (jupyterapp.shell.currentWidget.content.activeCellIndex = 1, "
        "jupyterapp.commands.execute('notebook:run-cell'))"
    )
    page.wait_for("document.querySelector('.aw-layer select').value === '3'")
    page.evaluate("void document.querySelector('.aw-view-lines').scrollIntoView()")
    check_weights(page, trace, NOVEL)
    assert page.evaluate(FOREIGN) == []

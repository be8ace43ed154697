"""No cell stays blank: the live widget where a browser answers, else the page of an export."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from IPython.core.formatters import DisplayFormatter
from support.front_end import Browser
from support.toy_kernel import Kernel
from support.traces import trace

from attention_widget.export.iframe import frame, height_of
from attention_widget.export.page import Page, export
from attention_widget.protocol.option_values import VIEWS
from attention_widget.widget import notebook_cell
from attention_widget.widget import saved_widget as module
from attention_widget.widget.handshake import PATIENCE_S, TICK_S
from attention_widget.widget.widget import AttentionWidget

VIEW = "application/vnd.jupyter.widget-view+json"
TICKS = round(PATIENCE_S / TICK_S)


@pytest.fixture
def made() -> Iterator[AttentionWidget]:
    made = AttentionWidget.from_trace(trace(heads=(4, 2)))
    yield made
    made.close()


@pytest.fixture
def exports(monkeypatch: pytest.MonkeyPatch) -> list[Page]:
    """The pages that were made."""
    made: list[Page] = []

    def counted(*given: Any, **options: Any) -> Page:
        made.append(export(*given, **options))
        return made[-1]

    monkeypatch.setattr(module, "export", counted)
    return made


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    return start(monkeypatch)


def start(monkeypatch: pytest.MonkeyPatch, **given: Any) -> Kernel:
    kernel = Kernel(**given)
    monkeypatch.setattr(notebook_cell, "get_ipython", lambda: kernel)
    monkeypatch.delenv("SERVER_SOFTWARE", raising=False)
    return kernel


def shown(kernel: Kernel) -> list[str]:
    """What each cell holds: "live", or the words outside of the page."""
    outside = [
        html.unescape(re.sub("<iframe.*</iframe>|<.*?>", "", data["text/html"], flags=re.DOTALL))
        for data in kernel.cells.values()
    ]
    live = [VIEW in data for data in kernel.cells.values()]
    return ["live" if is_live else words for is_live, words in zip(live, outside, strict=True)]


def page_in(data: dict[str, Any]) -> str:
    (srcdoc,) = re.findall('<iframe srcdoc="([^"]*)"', data["text/html"])
    return html.unescape(srcdoc)


def refuse(made: AttentionWidget) -> None:
    """What JupyterLab does without a widget manager."""
    made.comm.handle_close({"content": {"comm_id": made.model_id, "data": {}}})


def test_a_browser_that_answers_gets_the_live_widget_and_nothing_is_exported(
    made: AttentionWidget, kernel: Kernel, exports: list[Page]
) -> None:
    kernel.run(made)
    assert kernel.is_waiting
    reply, buffers = Browser(made).ask("ready")
    assert (list(reply), buffers) == (["id"], [])
    kernel.loop.tick()
    assert not kernel.is_waiting
    kernel.run(made)  # once more: the browser is known
    assert not kernel.is_waiting
    assert shown(kernel) == ["live", "live"]
    assert (kernel.updates, exports) == ([], [])
    (first, second) = kernel.cells.values()
    assert first == second
    assert first[VIEW]["model_id"] == made.model_id
    assert first["text/plain"] == repr(made)
    assert html.escape(repr(made)) in first["text/html"]


def test_silence_puts_the_page_in_every_cell_of_the_widget(
    made: AttentionWidget, kernel: Kernel, exports: list[Page]
) -> None:
    kernel.run(made)
    kernel.run(made)
    kernel.loop.tick(TICKS - 1)
    assert shown(kernel) == ["live", "live"]
    assert not exports
    kernel.loop.tick()
    assert not kernel.is_waiting
    for data, words in zip(kernel.cells.values(), shown(kernel), strict=True):
        assert words.startswith("No widget manager answered within 6 seconds. This is the same")
        assert page_in(data) == exports[0].html
        assert data["text/plain"] == repr(made)
    assert len(exports) == 1
    kernel.loop.tick(3 * TICKS)
    assert len(kernel.updates) == 2


def test_a_busy_kernel_is_not_a_silent_browser(
    made: AttentionWidget, kernel: Kernel, exports: list[Page]
) -> None:
    kernel.run(made)
    for _ in range(3):  # cells one after the other, as Run All sends them
        kernel.loop.tick(TICKS - 1)
        kernel.run()
    kernel.loop.tick(TICKS - 1)
    kernel.events.trigger("pre_execute")  # a cell that awaits: the loop goes on meanwhile
    kernel.loop.tick(5 * TICKS)
    kernel.events.trigger("post_execute")
    kernel.loop.tick(TICKS - 1)
    assert shown(kernel) == ["live"]
    Browser(made).ask("ready")
    kernel.loop.tick(2 * TICKS)
    assert shown(kernel) == ["live"]
    assert not exports


@pytest.mark.parametrize("early", [True, False])
def test_a_browser_without_a_widget_manager_is_not_waited_for(
    early: bool, made: AttentionWidget, kernel: Kernel
) -> None:
    if early:
        refuse(made)
        kernel.run(made)
    else:
        kernel.run(made)
        kernel.loop.tick()
        refuse(made)
    assert shown(kernel) == ["live"]
    kernel.loop.tick()
    (words,) = shown(kernel)
    assert words.startswith("This notebook's page has no widget manager. This is the same")
    assert not kernel.is_waiting


def test_a_browser_that_is_late_gets_its_cells_back(made: AttentionWidget, kernel: Kernel) -> None:
    kernel.run(made)
    kernel.run(made)
    live = dict(kernel.cells)
    kernel.loop.tick(TICKS)
    assert kernel.cells != live
    Browser(made).ask("ready")
    assert kernel.cells == live
    assert len(kernel.updates) == 4
    Browser(made).ask("ready")
    assert len(kernel.updates) == 4


def test_an_answer_while_the_page_is_made_wins(
    made: AttentionWidget, kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*given: Any, **options: Any) -> Page:
        Browser(made).ask("ready")
        return export(*given, **options)

    monkeypatch.setattr(module, "export", slow)
    kernel.run(made)
    kernel.loop.tick(TICKS)
    assert shown(kernel) == ["live"]
    assert not kernel.updates


def test_each_widget_waits_for_itself(kernel: Kernel) -> None:
    first, second = (AttentionWidget.from_trace(trace(), layer=layer) for layer in (0, 1))
    kernel.run(first, second)
    Browser(first).ask("ready")
    kernel.loop.tick(TICKS)
    live, page = shown(kernel)
    assert live == "live"
    assert page.startswith("No widget manager")
    assert not kernel.is_waiting


def test_a_widget_closed_meanwhile_stays_closed(
    made: AttentionWidget, kernel: Kernel, exports: list[Page]
) -> None:
    kernel.run(made)
    made.close()
    kernel.loop.tick(TICKS)
    assert not kernel.is_waiting
    assert (kernel.updates, exports) == ([], [])
    with pytest.raises(NotImplementedError):
        made._ipython_display_()


def test_a_failing_page_stays_out_of_the_kernels_loop(
    made: AttentionWidget,
    kernel: Kernel,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object, **__: object) -> Page:
        raise MemoryError("no memory left")

    monkeypatch.setattr(module, "export", fail)
    kernel.run(made)
    with caplog.at_level(logging.ERROR):
        kernel.loop.tick(TICKS)
    assert "no memory left" in caplog.text
    assert shown(kernel) == ["live"]
    assert not kernel.is_waiting


def test_a_page_too_large_says_so(
    made: AttentionWidget, kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebook_cell, "MAX_BYTES", 20_000)
    kernel.run(made)
    kernel.loop.tick(TICKS)
    (words,) = shown(kernel)
    assert "No widget manager answered" in words
    assert "the page takes" in words
    assert "export_html" in words
    assert "iframe" not in words


def test_a_program_that_runs_the_notebook_gets_the_page_at_once(
    made: AttentionWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = start(monkeypatch, allow_stdin=False)
    kernel.run(made)
    assert not kernel.is_waiting
    assert shown(kernel) == [""]
    (data,) = kernel.cells.values()
    assert page_in(data) == made.to_html()


def test_who_says_nothing_of_questions_is_taken_for_a_person(
    made: AttentionWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = start(monkeypatch, allow_stdin=None)
    kernel.run(made)
    assert shown(kernel) == ["live"]


def test_voila_shows_widgets_its_own_way(
    made: AttentionWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(monkeypatch, allow_stdin=False)
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.13")
    data, _ = DisplayFormatter().format(made)
    assert set(data) == {"text/plain", VIEW}


def test_without_a_kernel_the_widget_is_its_text(made: AttentionWidget) -> None:
    data, _ = DisplayFormatter().format(made)
    assert data["text/plain"] == repr(made)
    assert "text/html" not in data


def test_names_are_never_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    evil = "</p></iframe>\"'<img src=x onerror=alert(1)>\ud800\u202e"
    made = AttentionWidget.from_trace(replace(trace(), model_name=evil))
    for kernel in (start(monkeypatch), start(monkeypatch, allow_stdin=False)):
        monkeypatch.setattr(notebook_cell, "get_ipython", lambda kernel=kernel: kernel)
        kernel.run(made)
        kernel.loop.tick(TICKS)
        for data in kernel.cells.values():
            assert "<img" not in data["text/html"]
            assert len(re.findall("</iframe>", data["text/html"])) == 1
            data["text/html"].encode()


def test_a_frame_is_as_high_as_its_views_need() -> None:
    assert height_of(["text"], 8) < height_of(["text"], 500) < height_of(VIEWS, 500) <= 900
    for view in VIEWS:
        assert 400 < height_of([view], 8) <= height_of([view], 500) <= height_of(VIEWS, 8)
    assert height_of([], 8) < height_of(["text"], 8)
    assert "height: 480px" in frame("<p>", "a page", height_of(["text"], 8))

"""A widget that is closed and let go of leaves nothing behind: neither itself nor its tensors."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ipywidgets
import pytest
from support import traces
from support.fresh import run_fresh
from support.front_end import Browser
from support.toy_kernel import Kernel
from traitlets import TraitError

from attention_widget import AttentionWidget, Trace
from attention_widget.widget import notebook_cell

KEYS = ("attention/encoder/0", "edges/encoder/0/overlay/0/0.95/0/all", "mask/encoder/0")


@pytest.fixture(scope="module", autouse=True)
def only_what_is_new_is_searched() -> Iterator[None]:
    """What is there before these tests, as all that was imported, is left out of collections."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def of(trace: Trace) -> list[weakref.ref[Any]]:
    kept = [trace, *trace.blocks, *trace.tensors]
    return [weakref.ref(one) for one in kept]


def living(known: list[weakref.ref[Any]]) -> list[str]:
    gc.collect()
    return [type(one).__name__ for ref in known if (one := ref()) is not None]


def look(widget: AttentionWidget, kernel: Kernel, folder: Path) -> None:
    pass


def show(widget: AttentionWidget, kernel: Kernel, folder: Path) -> None:
    kernel.run(widget)


def show_and_wait(widget: AttentionWidget, kernel: Kernel, folder: Path) -> None:
    kernel.run(widget, widget)
    kernel.loop.tick(100)  # nobody answers, and the page stands there


def show_twice(widget: AttentionWidget, kernel: Kernel, folder: Path) -> None:
    kernel.run(widget, widget)
    browser = Browser(widget)
    browser.ask("ready")
    for key in KEYS * 2:
        browser.tensor(key)
    browser.select(layer=1, heads=[0], views=["matrix"])
    browser.select(layer=99)
    browser.select(_esm="")


def export(widget: AttentionWidget, kernel: Kernel, folder: Path) -> None:
    widget.to_html()
    widget.export_html(folder / "page.html")
    widget.trace.save(folder / "trace.safetensors")
    assert widget.state
    repr(widget)


def observe(widget: AttentionWidget, kernel: Kernel, folder: Path) -> None:
    seen: list[Any] = []
    widget.observe(seen.append, "token")
    widget.token = 2
    with widget.hold_trait_notifications():
        widget.layer = 1
    assert len(seen) == 1


def refuse(widget: AttentionWidget, kernel: Kernel, folder: Path) -> None:
    for name, value in (("layer", 99), ("text", "another"), ("top_p", float("nan"))):
        with pytest.raises(TraitError):
            setattr(widget, name, value)
    with pytest.raises(LookupError):
        widget.to_html(layers=99)
    with pytest.raises(TraitError):
        widget.restore({})

    def fail(change: object) -> None:
        raise RuntimeError("an observer failed")

    widget.observe(fail, "token")
    with pytest.raises(RuntimeError):
        widget.token = 1
    assert "error" in Browser(widget).wish(1, "nothing")[0]


def restore(widget: AttentionWidget, kernel: Kernel, folder: Path) -> None:
    other = AttentionWidget.from_state(widget.state, trace=widget.trace)
    other.restore(widget.state)
    other.close()


WORKS = (look, show, show_and_wait, show_twice, export, observe, refuse, restore)


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.__name__)
def test_a_closed_widget_is_gone_with_its_trace(
    work: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kernel = Kernel()
    monkeypatch.setattr(notebook_cell, "get_ipython", lambda: kernel)
    monkeypatch.delenv("SERVER_SOFTWARE", raising=False)
    widget = AttentionWidget.from_trace(traces.trace(), layer=0)
    known = [weakref.ref(widget), *of(widget.trace)]
    work(widget, kernel, tmp_path)
    assert living(known)
    widget.close()
    del widget
    assert living(known) == []


def test_another_text_takes_the_place_of_the_first(minilm: Any) -> None:
    model, tokenizer = minilm
    widget = AttentionWidget(model, "a novel", tokenizer=tokenizer)
    first = of(widget.trace)
    with pytest.raises(TraitError):
        widget.run(3)
    widget.run("another novel")
    second = of(widget.trace)
    assert living(first) == []
    known = weakref.ref(widget)
    widget.close()
    del widget
    assert living([known, *second]) == []


def test_a_widget_that_was_refused_is_gone() -> None:
    trace = traces.trace()
    known = of(trace)
    with pytest.raises(TraitError):
        AttentionWidget.from_trace(trace, layer=99)
    del trace
    assert living(known) == []


def test_close_all_of_ipywidgets_lets_go_of_open_widgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """ipywidgets keeps every widget until it is closed: a browser may ask for it."""
    # a registry of its own: other tests have widgets open
    monkeypatch.setattr(ipywidgets.widgets.widget, "_instances", {})
    widget = AttentionWidget.from_trace(traces.trace())
    known = [weakref.ref(widget), *of(widget.trace)]
    del widget
    assert living(known)
    ipywidgets.Widget.close_all()
    assert living(known) == []


@pytest.mark.parametrize("followed", [False, True])
def test_the_front_end_is_text_unless_a_developer_follows_its_file(followed: bool) -> None:
    program = """
from attention_widget.widget import AttentionWidget
print(type(AttentionWidget._esm).__name__, len(str(AttentionWidget._esm)) > 10_000)
"""
    ran = run_fresh(program, {"ANYWIDGET_HMR": "1" if followed else ""})
    assert ran.stdout.split() == ["FileContents" if followed else "str", "True"]

"""Both ends of a widget's line, compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anywidget

from attention_widget import AttentionWidget
from attention_widget.protocol.options import OPTION
from support.front_end import Browser

SELECTIONS = list(OPTION)

TEXT, OTHER = "Attention is a novel idea", "I read a good novel."

OWN = sorted(
    AttentionWidget.class_traits(sync=True).keys() - anywidget.AnyWidget.class_traits(sync=True)
)


def all_of(widget: AttentionWidget) -> dict[str, Any]:
    return {name: getattr(widget, name) for name in OWN} | {"trace": widget.trace}


def assert_in_step(widget: AttentionWidget, browser: Browser) -> None:
    assert {name: browser.state[name] for name in OWN} == widget.get_state(OWN)


@contextmanager
def nothing_changes(widget: AttentionWidget) -> Iterator[None]:
    browser, before = Browser(widget), all_of(widget)
    yield
    assert all_of(widget) == before
    assert [update for update in browser.updates if update.keys() != {"busy"}] == []

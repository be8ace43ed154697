"""A browser may set the choices of a widget, and nothing else of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support import traces
from support.front_end import Browser

from attention_widget import AttentionWidget
from attention_widget.widget.choices import CHOICES
from attention_widget.widget.traits import Selection

SYNCED = sorted(set(AttentionWidget.from_trace(traces.trace()).keys))
HOSTILE: tuple[Any, ...] = ("export default {}", "", None, 7, [], {"a": 1}, "IPY_MODEL_0")


def test_the_choices_are_the_traits_that_are_declared_so() -> None:
    declared = [
        name
        for name, trait in AttentionWidget.class_traits().items()
        if type(trait) is not Selection
    ]
    assert set(CHOICES) <= set(SYNCED)
    assert {"_esm", "_css", "meta", "busy", "text", "kept", "_view_module"} <= set(SYNCED)
    assert not {"meta", "busy", "text", "kept"} & set(CHOICES)
    assert set(declared) & set(CHOICES) == {"attention_kind"}  # a Selection of its own
    assert CHOICES[:3] == ("attention_kind", "layer", "heads")


@pytest.mark.parametrize("name", [name for name in SYNCED if name not in CHOICES])
def test_what_is_no_choice_cannot_be_set_over_the_wire(name: str) -> None:
    widget = AttentionWidget.from_trace(traces.trace())
    browser = Browser(widget)
    before = widget.get_state()
    for value in HOSTILE:
        if value == before[name]:
            continue
        browser.updates.clear()
        browser.select(**{name: value, "token": 2})
        assert widget.get_state() == {**before, "token": 2}
        sent = json.loads(json.dumps(before[name]))
        assert browser.updates == [{name: sent}]  # and the choice beside it was taken
        browser.select(token=None)
    widget.close()


def test_a_front_end_that_sends_its_whole_state_is_not_sent_it_back() -> None:
    browser = Browser(AttentionWidget.from_trace(traces.trace()))
    browser.select(**{name: value for name, value in browser.state.items() if value != []})
    assert browser.updates == []


@pytest.mark.parametrize("name", ["_no_trait", "comm", "_shown", "trace", "__class__", "run"])
def test_what_is_no_trait_is_not_set_either(name: str) -> None:
    widget = AttentionWidget.from_trace(traces.trace())
    before: Any = getattr(widget, name, None)
    browser = Browser(widget)
    browser.select(**{name: "x"})
    assert getattr(widget, name, None) == before
    assert browser.updates == []

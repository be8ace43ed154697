"""What of a trace takes how much memory."""

from __future__ import annotations

from typing import Any

from support import traces

from attention_widget import capture
from attention_widget.trace.parts import bytes_by_part


def test_the_parts_are_the_whole(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    for windows in (None, 8):
        trace = capture(model, "a novel idea " * 5, tokenizer=tokenizer, windows=windows)
        parts = bytes_by_part(trace)
        assert sum(parts.values()) == trace.nbytes
        assert parts["queries"] == parts["keys"] == parts["values"] > 0
        assert parts["attention"] == 0 < parts["hidden_states"]


def test_of_maps_alone_it_is_the_attention() -> None:
    trace = traces.as_maps(traces.trace())
    parts = bytes_by_part(trace)
    assert parts["attention"] == sum(each.nbytes for one in trace.maps for each in one.tensors) > 0
    assert parts["queries"] == 0
    assert sum(parts.values()) == trace.nbytes

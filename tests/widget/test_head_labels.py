"""Labels of heads by a probe: what is taken for them, what is refused, and where they are kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.traces import trace
from traitlets import TraitError

from attention_widget import AttentionWidget
from attention_widget.experiments import DetectedHeads, detect_heads
from attention_widget.widget.state import SINCE

ROW = ("encoder", 0, 2, "previous", 0.75)


def widget_of(model: Any, tokenizer: Any, **options: Any) -> AttentionWidget:
    return AttentionWidget(model, "a good novel", tokenizer=tokenizer, **options)


def test_what_a_probe_found_labels_the_heads(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    found = detect_heads(model, tokenizer=tokenizer, n_tokens=12, n_texts=1)
    widget = widget_of(model, tokenizer, head_labels=found)
    columns = found.columns
    expected = {
        (kind, layer, head): (label, columns[label][at])
        for at, (kind, layer, head, label) in enumerate(
            zip(
                *(columns[name].tolist() for name in ("kind", "layer", "head", "label")),
                strict=True,
            )
        )
        if label
    }
    labels = widget.head_labels
    assert labels is not None
    assert {row[:3]: row[3:] for row in labels} == expected
    assert expected["encoder", 0, 2][0] == "previous"
    widget.run("another novel idea")
    assert widget.head_labels == labels  # it is of the model
    again = AttentionWidget.from_state(widget.state, trace=widget.trace)
    assert again.head_labels == labels
    widget.head_labels = None
    assert widget.head_labels is None


def test_a_state_from_before_has_none() -> None:
    made = trace()
    state = {**AttentionWidget.from_trace(made).state, "format": 7}
    for name in [name for name, since in SINCE.items() if since > 7]:
        del state[name]
    del state["passages"]
    assert AttentionWidget.from_state(state, trace=made).head_labels is None


def test_heads_of_layers_that_are_not_held_are_passed_over() -> None:
    made = trace(heads=(4, 0, 2))  # no attention in layer 1
    rows = [ROW, ("encoder", 1, 3, "self", 0.6), ("encoder", 2, 1, "first", 0.9)]
    widget = AttentionWidget.from_trace(made, head_labels=rows)
    assert widget.head_labels == (ROW, rows[2])


def detected(**columns: Any) -> DetectedHeads:
    return DetectedHeads({name: np.array(of) for name, of in columns.items()}, "x", 9, 1, 0)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ("previous", "must be what a probe found"),
        ([("encoder", 0, 1, "previous")], "must be what a probe found"),
        ([("encoder", 0, 1, "wonderful", 0.5)], "must be what a probe found"),
        ([("encoder", 0, 1, "self", float("nan"))], "must be what a probe found"),
        ([("decoder", 0, 1, "self", 0.5)], "of a model with the layers of"),
        ([("encoder", 40, 1, "self", 0.5)], "of a model with the layers of .* got layer 40"),
        ([("encoder", 0, 40, "self", 0.5)], "of a model with the heads of .* got head 40"),
        ([ROW, ROW], "must name each head once"),
        (
            detected(kind=["encoder"], layer=[7], head=[0], label=["self"], self=[0.8]),
            "of a model with the layers of .* got layer 7",
        ),
        (detected(kind=["encoder"], layer=[0]), "must be what a probe found"),
    ],
)
def test_what_is_no_probe_of_the_model_is_refused(given: Any, match: str) -> None:
    widget = AttentionWidget.from_trace(trace(heads=(4, 4)), head_labels=[ROW])
    with pytest.raises(TraitError, match=match):
        widget.head_labels = given
    assert widget.head_labels == (ROW,)

"""What the heads of a model are called by a probe: rows of kind, layer, head, label and score."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from attention_widget._util.integers import as_integer
from attention_widget.errors import RefusedError
from attention_widget.protocol.checks import refused

if TYPE_CHECKING:
    from attention_widget.trace.trace import Trace

HeadLabelRow: TypeAlias = tuple[str, int, int, str, float]
"""Kind of attention, layer, head, what it is called, and its score for that."""

_ADVICE = "; give what experiments.detect_heads(model) gave"


def check_head_labels(
    name: str, value: object, trace: Trace, labels: Sequence[str]
) -> tuple[HeadLabelRow, ...]:
    """The heads that a probe is sure of, as far as the trace holds their layers."""
    must = f"{name} must be what a probe found, or rows (kind, layer, head, label, score)"
    columns = getattr(value, "columns", None)
    rows = _rows(columns) if isinstance(columns, Mapping) else value
    if isinstance(rows, str | bytes | Mapping) or not isinstance(rows, Iterable):
        raise refused(must, value, _ADVICE)
    found: dict[tuple[str, int, int], HeadLabelRow] = {}
    for item in rows:
        row = _row(item, labels)
        if row is None:
            raise refused(must, item, _ADVICE)
        kind, layer, head, _, _ = row
        if kind not in trace.kinds or not 0 <= layer < trace.count_layers(kind):
            raise RefusedError(
                f"{name} must be of a model with the layers of {trace.model_name}, got layer "
                f"{layer} of {kind} attention{_ADVICE}"
            )
        if layer not in trace.layers_with_attention(kind):
            continue  # a trace may hold a part of the layers
        if not 0 <= head < trace.count_heads(layer, kind):
            raise RefusedError(
                f"{name} must be of a model with the heads of {trace.model_name}, whose layer "
                f"{layer} has {trace.count_heads(layer, kind)}, got head {head}{_ADVICE}"
            )
        if (kind, layer, head) in found:
            raise RefusedError(f"{name} must name each head once, got layer {layer}, head {head}")
        found[kind, layer, head] = row
    return tuple(found.values())


def _rows(columns: Mapping[str, Any]) -> Sequence[object] | None:
    """The heads that have a label, each with the score of its detector."""
    if not {"kind", "layer", "head", "label"} <= columns.keys():
        return None
    labels = [str(each) for each in columns["label"]]
    return [
        (
            str(columns["kind"][at]),
            columns["layer"][at],
            columns["head"][at],
            label,
            float(columns[label][at]) if label in columns else math.nan,
        )
        for at, label in enumerate(labels)
        if label
    ]


def _row(item: object, labels: Sequence[str]) -> HeadLabelRow | None:
    if isinstance(item, str | bytes | Mapping) or not isinstance(item, Iterable):
        return None
    parts = list(item)
    if len(parts) != 5:
        return None
    kind, layer, head, label, score = parts
    layer, head = as_integer(layer), as_integer(head)
    is_number = isinstance(score, int | float) and not isinstance(score, bool)
    if layer is None or head is None or not is_number or not math.isfinite(score):
        return None
    if not isinstance(kind, str) or label not in labels:
        return None
    return kind, layer, head, label, float(score)

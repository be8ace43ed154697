"""The calculation of a head, step by step: what the browser asks of it.

The browser's half is js/trace/calculation.ts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attention_widget.protocol.tensors import number
from attention_widget.trace.block import Block
from attention_widget.trace.kind import Kind, check_kind
from attention_widget.trace.planned import is_of_arrays, plans_of, reason_of
from attention_widget.trace.step_shape import shape_of
from attention_widget.trace.trace import Trace
from attention_widget.widget.answers import check_integer
from attention_widget.widget.calculations import Why
from attention_widget.widget.steps import Answer, Asked, Progress, Steps


def calculation(asked: Asked, kind: Kind, layer: int, edits: Any = None) -> Steps:
    """The steps of the heads of a layer, which are the same for all, and why some are missing."""
    check_kind(kind)
    check_integer("layer", layer)
    yield Progress(0, 1)
    if edits:
        trace: Trace = asked.edited(edits).trace
        why: Why | None = "edited"
    else:
        trace = asked.calculations.of(kind, layer)
        why = asked.calculations.why(kind, layer)
    yield Progress(1, 1)
    part = trace.windows[0].trace if trace.windows else trace
    return described(part, kind, layer, why)


def described(trace: Trace, kind: Kind, layer: int, why: Why | None) -> Answer:
    """The answer for a layer of a pass; see js/trace/calculation.ts."""
    one = trace.operation(layer, kind)
    plans = plans_of(trace, layer, 0, kind)
    known = trace.projections_of(one.layer, one.kind)
    is_block = isinstance(one, Block)
    before = why if known is None else None
    after = before
    if known is not None:
        if is_block and any(
            made is None and getattr(one, side).shape[2] for side, made in known.sides.items()
        ):
            before = "not_found"
        if known.output is None:
            after = "of_arrays" if is_of_arrays(trace) else "not_found"
    if isinstance(one, Block) and not one.value.shape[2]:
        after = "no_values"
    reason = reason_of(trace, layer, kind) if before or after else ""
    return {
        "steps": [
            {
                "name": plan.name,
                "formula": plan.formula,
                "is_exact": plan.is_exact,
                "shape": shape_of(plan.name, one, known),
            }
            for plan in plans
        ],
        "scale": number(one.scale) if isinstance(one, Block) else 1.0,
        "softcap": one.softcap if isinstance(one, Block) else None,
        "dim": one.query.shape[2] if isinstance(one, Block) else 0,
        "missing": {"before": before, "after": after if is_block else "maps"},
        "reason": reason,
    }


def calculating(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the view of the calculation asks, of the layer that is shown."""
    if "calculation" not in state["views"]:
        return []
    return [
        {"name": "calculation", "kind": state["attention_kind"], "layer": state["layer"]},
    ]

"""The calculation of a head, step by step: what the browser asks of it.

The browser's half is js/trace/calculation.ts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from attention_widget.export.calculated import Calculated
from attention_widget.protocol.tensors import number
from attention_widget.trace.block import Block
from attention_widget.trace.grouping import Operation
from attention_widget.trace.kind import Kind, check_kind
from attention_widget.trace.planned import is_of_arrays, plans_of, reason_of
from attention_widget.trace.projections import Projections
from attention_widget.trace.rotation import rotation_of
from attention_widget.trace.step_shape import shape_of
from attention_widget.trace.trace import Trace
from attention_widget.widget.answers import check_integer
from attention_widget.widget.calculations import Calculations, Why
from attention_widget.widget.steps import Answer, Asked, Progress, Steps


class Calculating(Protocol):
    """What knows the calculations of a trace."""

    @property
    def calculations(self) -> Calculations: ...


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
    return described(_part(trace), kind, layer, why)


def _part(trace: Trace) -> Trace:
    """What stands for all windows, which have the same steps."""
    return trace.windows[0].trace if trace.windows else trace


def described(trace: Trace, kind: Kind, layer: int, why: Why | None) -> Answer:
    """The answer for a layer of a pass; see js/trace/calculation.ts."""
    one = trace.operation(layer, kind)
    plans = plans_of(trace, layer, 0, kind)
    found = trace.projections_of(one.layer, one.kind)
    # an edited pass keeps there what heads gave out, not weights
    known = None if why == "edited" else found
    is_block = isinstance(one, Block)
    before = why if known is None else None
    after = before
    if known is not None:
        if is_block and any(
            made is None and getattr(one, side).shape[2] for side, made in known.sides.items()
        ):
            before = "not_found"
        if known.output is None:
            # hand-made arrays may end with what the heads give out
            after = None if is_of_arrays(trace) else "not_found"
    if isinstance(one, Block) and not one.value.shape[2]:
        after = "no_values"
    reason = reason_of(trace, layer, kind) if before or after else ""
    return {
        "steps": [
            {
                "name": plan.name,
                "formula": plan.formula,
                "is_exact": plan.is_exact,
                "shape": shape_of(plan.name, one, found),
            }
            for plan in plans
        ],
        "scale": number(one.scale) if isinstance(one, Block) else 1.0,
        "softcap": one.softcap if isinstance(one, Block) else None,
        "dim": one.query.shape[2] if isinstance(one, Block) else 0,
        "missing": {"before": before, "after": after if is_block else "maps"},
        "reason": reason,
        "of_arrays": is_of_arrays(trace),
        "rotation": _rotation(trace, one, found),
    }


def _rotation(trace: Trace, one: Operation, found: Projections | None) -> Answer | None:
    rotation = rotation_of(one, found, trace.positions) if isinstance(one, Block) else None
    if rotation is None:
        return None
    return {
        "pairs": rotation.pairs.tolist(),
        "frequencies": rotation.frequencies.tolist(),
        "first": int((rotation.positions == 0).sum()) - 1,
        "scaling": list(rotation.scaling),
    }


def calculated_of(
    lab: Calculating, state: Mapping[str, Any], edited: Trace | None
) -> list[Calculated]:
    """What a page carries of the layer that is shown: of the pass without edits, and of that with
    them if it is shown. It has what can be asked then, with the answer."""
    if "calculation" not in state["views"]:
        return []
    kind, layer = state["attention_kind"], state["layer"]
    of: dict[str, Any] = {"name": "calculation", "kind": kind, "layer": layer}
    known = lab.calculations
    passes = [(known.of(kind, layer), known.why(kind, layer), of)]
    if edited is not None:
        passes.append((edited, "edited", {**of, "edits": list(state["edits"])}))
    return [
        Calculated(
            trace,
            kind,
            layer,
            state["heads"],
            question,
            described(_part(trace), kind, layer, why),
        )
        for trace, why, question in passes
    ]

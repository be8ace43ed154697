"""What is sent of the steps by which a head is calculated."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from attention_widget.measures.pooled_matrix import pooled_matrix
from attention_widget.protocol.tensors import check_size
from attention_widget.trace.block import Array, Block
from attention_widget.trace.calculation_plans import plans
from attention_widget.trace.calculation_steps import STEPS, StepName
from attention_widget.trace.indices import index_of
from attention_widget.trace.kind import Kind
from attention_widget.trace.planned import step_of
from attention_widget.trace.trace import Trace


def step_tensor(trace: Trace, kind: Kind, layer: int, head: int, step: StepName) -> Array:
    block = trace.operation(layer, kind)
    if STEPS[step].columns == "key":
        check_size("a step", 4 * block.n_queries * block.n_keys, "; take a shorter text")
    return step_of(trace, layer, head, kind, step).values


def step_map(trace: Trace, down: int, across: int, **step: Any) -> Array:
    return pooled_matrix(step_tensor(trace, **step), down, across)


def step_line(trace: Trace, axis: str, index: int, **step: Any) -> Array:
    row = _row_of_step(trace, index, **step) if axis == "row" else None
    if row is not None:
        return row
    values = step_tensor(trace, **step)
    place = 0 if axis == "row" else 1
    return np.ascontiguousarray(values.take(index_of(axis, index, values.shape[place]), place))


STEPS_BY_ROW: Final = ("scores", "scaled", "masked", "weights", "sunk", "output", "written")
"""Of which the rows of a query are made without the others."""


def _row_of_step(
    trace: Trace, index: int, kind: Kind, layer: int, head: int, step: StepName
) -> Array | None:
    """A row of what follows from queries and keys, without the other rows; None of other steps."""
    block = trace.operation(layer, kind)
    if not isinstance(block, Block) or step not in STEPS_BY_ROW:
        return None
    at = [index_of("row", index, block.n_queries)]
    known = trace.projections_of(layer, kind)
    plan = next((each for each in plans(block, head, known, (), at) if each.name == step), None)
    return None if plan is None else np.ascontiguousarray(plan.make()[0])

"""The steps of a head's calculation in a trace, before anything is computed of them."""

from __future__ import annotations

from attention_widget.errors import NotFoundError
from attention_widget.trace.calculation import Step
from attention_widget.trace.calculation_plans import Plan, plans, what_is_missing
from attention_widget.trace.calculation_steps import StepName
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace


def plans_of(trace: Trace, layer: int, head: int, kind: Kind) -> list[Plan]:
    """Its steps, in order."""
    one = trace.operation(layer, kind)
    return plans(one, head, trace.projections_of(layer, kind), trace._states(one.kind))


def reason_of(trace: Trace, layer: int, kind: Kind) -> str:
    """Why there are fewer than there could be; empty where all are known."""
    one, known = trace.operation(layer, kind), trace.projections_of(layer, kind)
    of_model = not is_of_arrays(trace)
    return what_is_missing(one, known, is_of_model=of_model, is_edited=bool(trace.edits))


def is_of_arrays(trace: Trace) -> bool:
    """Whether no model made it, as far as the trace tells."""
    return not trace.hidden and all(token.id is None for token in trace.tokens)


def step_of(trace: Trace, layer: int, head: int, kind: Kind, name: StepName) -> Step:
    """One step alone; LookupError where there is none of this name."""
    known = plans_of(trace, layer, head, kind)
    plan = next((each for each in known if each.name == name), None)
    if plan is not None:
        return plan.step()
    names = ", ".join(each.name for each in known)
    why = reason_of(trace, layer, kind) or "the model has no such step"
    raise NotFoundError(f"step must be one of {names}, got {name!r}; {why}")

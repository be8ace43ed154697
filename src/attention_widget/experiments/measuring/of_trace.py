"""Measures of which a trace is enough: no model is asked, whatever made the trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from attention_widget.errors import InvalidValueError, NotFoundError
from attention_widget.experiments.measuring.asking import HOW
from attention_widget.experiments.measuring.facts import MeasureName
from attention_widget.experiments.measuring.question import Kept, Question
from attention_widget.trace.block import Array, Block
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace

OF_TRACE: Final[tuple[MeasureName, ...]] = ("attention", "value_weighted", "rollout")


@dataclass(frozen=True, eq=False)
class _Alone:
    """A trace in the place of an experiment: it has no model, and runs nothing."""

    trace: Trace


def measured_of_trace(
    trace: Trace, name: MeasureName, layer: int, kind: Kind | None = None
) -> Array:
    """The values of a measure in a trace, as :meth:`Experiment.measure` gives them, float32.

    Raises:
        ValueError: the measure takes a model.
        LookupError: the trace holds no values there, which "value_weighted" takes.
    """
    if name not in OF_TRACE:
        known = ", ".join(OF_TRACE)
        raise InvalidValueError(f"name must be one of {known} without a model, got {name!r}")
    operation = trace.operation(layer, kind)
    known_values = isinstance(operation, Block) and operation.value.shape[2] > 0
    if name == "value_weighted" and not known_values:
        raise NotFoundError(
            f"{trace.model_name} has no known values in {operation.kind} layer {operation.layer}, "
            f"only attention, so it has no 'value_weighted'; 'attention' and 'rollout' need none"
        )
    lab: Any = _Alone(trace)
    passes: Any = None
    values = HOW[name](Question(lab, passes, Kept(), operation, None))
    return np.ascontiguousarray(values, np.float32)

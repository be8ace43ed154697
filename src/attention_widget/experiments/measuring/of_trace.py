"""Measures of which a trace is enough: no model is asked, whatever made the trace."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from attention_widget.errors import InvalidValueError, NotFoundError
from attention_widget.experiments.measuring.asking import HOW
from attention_widget.experiments.measuring.facts import MeasureName
from attention_widget.experiments.measuring.kept_maps import Kept
from attention_widget.experiments.measuring.question import Question
from attention_widget.trace.block import Array, Block
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace
from attention_widget.tracing.model.errors import UnsupportedModelError

OF_TRACE: Final[tuple[MeasureName, ...]] = ("attention", "value_weighted", "rollout")


_MOST_BYTES: Final = 64 * 2**20  # of maps that are kept of the layers below


@dataclass(frozen=True, eq=False)
class _Nothing:
    """In the place of a model."""

    model: Any = None

    def memory_left(self, held: int) -> int:
        return _MOST_BYTES


@dataclass(frozen=True, eq=False)
class _Alone:
    """A trace in the place of an experiment: it has no model, and runs nothing."""

    trace: Trace
    tracer: _Nothing = field(default_factory=_Nothing)
    nbytes: int = 0


def measured_of_trace(
    trace: Trace, name: MeasureName, layer: int, kind: Kind | None = None, kept: Kept | None = None
) -> Array:
    """The values of a measure in a trace, as :meth:`Experiment.measure` gives them, float32.

    ``kept`` holds what the next layer of the same trace can go on with.

    Raises:
        ValueError: the measure takes a model, or layers cannot be followed back.
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
    question = Question(lab, lab, Kept() if kept is None else kept, operation, None)
    try:
        values = HOW[name](question)
    except UnsupportedModelError as error:
        nobody = str(UnsupportedModelError(None, ""))
        why = str(error).removeprefix(nobody)
        raise NotFoundError(f"{trace.model_name} {why}") from error
    return np.ascontiguousarray(values, np.float32)

"""Which function computes which measure, and what is checked before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, get_args

import numpy as np

from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.experiments.measuring import blocks, norms, of_metric, rolled, weighted
from attention_widget.experiments.measuring.facts import MEASURES, MeasureName
from attention_widget.experiments.measuring.kept_maps import Kept
from attention_widget.experiments.measuring.measured import Measured
from attention_widget.experiments.measuring.question import Question
from attention_widget.experiments.metric import Logit, LogProbability, Metric
from attention_widget.experiments.passes import Passes
from attention_widget.experiments.subject import Subject
from attention_widget.trace.block import Array
from attention_widget.trace.kind import Kind
from attention_widget.tracing.model.naming import type_name

HOW: Final[Mapping[MeasureName, Callable[[Question], Array]]] = MappingProxyType(
    {
        "attention": weighted.attention,
        "value_weighted": weighted.value_weighted,
        "norm": norms.norm,
        "gradient_attention": of_metric.gradient_attention,
        "chefer": of_metric.chefer,
        "integrated_gradients": of_metric.integrated_gradients,
        "removal": of_metric.removal,
        "norm_residual": blocks.norm_residual,
        "rollout": rolled.rollout,
        "alti": blocks.alti,
    }
)
"""The function of each measure, which is called under the lock."""

_OF_A_METRIC: Final = ("gradient_attention", "chefer", "integrated_gradients", "removal")


def measured(
    lab: Subject,
    passes: Passes,
    kept: Kept,
    name: MeasureName,
    layer: int | None,
    kind: Kind | None,
    metric: Metric | None,
) -> Measured:
    """See :meth:`Experiment.measure`; call it under the lock, with what is checked."""
    facts = MEASURES[name]
    operation = None if layer is None else lab.trace.operation(layer, kind)
    values = HOW[name](Question(lab, passes, kept, operation, metric))
    return Measured(
        name,
        None if operation is None else operation.layer,
        None if operation is None else operation.kind,
        np.ascontiguousarray(values, np.float32),
        facts.is_exact,
        facts.passes,
    )


def check_asked(
    name: MeasureName,
    layer: int | None,
    kind: Kind | None,
    metric: Metric | None,
    position: int | None,
) -> Metric | None:
    """TypeError or ValueError for what does not go together, before any pass; the metric that is
    meant, None for the default."""
    _check_name(name)
    per = MEASURES[name].per
    if name not in _OF_A_METRIC:
        _check_absent(f"{name!r}, which is of no logit", metric=metric, position=position)
    if per == "token":
        _check_absent(f"{name!r}, which is of the whole text", layer=layer, kind=kind)
    elif layer is None:
        raise InvalidTypeError(f"layer must be an integer with {name!r}, got None")
    if metric is not None:
        _check_absent("a metric, which has a position of its own", position=position)
    if position is None:
        return metric
    return LogProbability(position=position) if name == "removal" else Logit(position=position)


def _check_absent(beside: str, **given: object) -> None:
    for name, value in given.items():
        if value is not None:
            raise InvalidValueError(f"{name} must be left out with {beside}, got {value!r}")


def _check_name(name: object) -> None:
    """TypeError or ValueError for what names no measure."""
    if not isinstance(name, str):
        raise InvalidTypeError(f"name must be the name of a measure, got {type_name(name)}")
    if name not in HOW:
        known = ", ".join(one for one in get_args(MeasureName) if one in HOW)
        raise InvalidValueError(f"name must be one of {known}, got {name!r}")

"""What a measure is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from attention_widget.experiments.measuring.kept_maps import Kept
from attention_widget.experiments.metric import Metric
from attention_widget.experiments.passes import Passes
from attention_widget.experiments.subject import Subject
from attention_widget.trace.grouping import Operation
from attention_widget.trace.kind import Kind


@dataclass(frozen=True, eq=False)
class Question:
    """A measure of one layer of an experiment (of none, where it is of the tokens of the text), and
    the metric for measures that have one, None for the default."""

    lab: Subject
    passes: Passes
    kept: Kept
    operation: Operation | None
    metric: Metric | None

    @property
    def layer(self) -> int:
        assert self.operation is not None
        return self.operation.layer

    @property
    def kind(self) -> Kind:
        assert self.operation is not None
        return self.operation.kind

    @property
    def model(self) -> Any:
        return self.lab.tracer.model

    def memory_left(self) -> int:
        """Bytes that may still be kept beside the trace and the passes."""
        taken = self.lab.trace.nbytes + self.passes.nbytes + self.kept.nbytes
        return self.lab.tracer.memory_left(taken)

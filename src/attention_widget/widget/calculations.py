"""Traces with the weights of a layer, for the calculation of its heads."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, Literal

from attention_widget.errors import AttentionWidgetError
from attention_widget.experiments import Experiment
from attention_widget.protocol.catalogue import Catalogue
from attention_widget.trace.block import Block
from attention_widget.trace.grouping import Operation
from attention_widget.trace.kind import Kind
from attention_widget.trace.planned import is_of_arrays
from attention_widget.trace.projections import Projections
from attention_widget.trace.trace import Trace

Why = Literal["no_model", "edited", "windows", "not_found", "no_values", "maps", "of_arrays"]
"""Why steps are missing: the screen has words for each."""

KEPT_BYTES: Final = 128 * 2**20
"""Of weights, beside those that a trace keeps: some thirty layers of a hidden size of 576."""

LAYERS: Final = 4
ANSWERS_BYTES: Final = 16 * 2**20
"""Of the tensors of each of so many layers: those asked for last."""


class Calculations:
    """Traces with the weights of a layer, which are fetched from the model once they are asked for.

    Args:
        trace: what is shown.
        experiment: gives the model with the text; None where there is none.
    """

    def __init__(self, trace: Trace, experiment: Callable[[], Experiment] | None) -> None:
        self._trace, self._experiment = trace, experiment
        self._lock = threading.Lock()
        self._found: OrderedDict[tuple[Kind, int], Projections] = OrderedDict()
        self._catalogues: OrderedDict[tuple[Kind, int], Catalogue] = OrderedDict()

    def catalogue(self, kind: Kind, layer: int) -> Catalogue:
        """Answers about the calculation of a layer."""
        place = (kind, layer)
        with self._lock:
            known = self._catalogues.get(place)
        if known is None:
            known = Catalogue(self.of(kind, layer), ANSWERS_BYTES)
            with self._lock:
                self._catalogues[place] = known
                while len(self._catalogues) > LAYERS:
                    self._catalogues.popitem(last=False)
        return known

    def of(self, kind: Kind, layer: int) -> Trace:
        """The trace, with the weights of a layer where they can be had."""
        one = self._part.operation(layer, kind)
        if not self._is_fetched(one):
            return self._trace
        place = (one.kind, one.layer)
        with self._lock:
            known = self._found.get(place)
            if known is not None:
                self._found.move_to_end(place)
        if known is None:
            known = self._fetched(one)
        return replace(self._trace, projections=(*self._trace.projections, known))

    def why(self, kind: Kind, layer: int) -> Why | None:
        """Why there are no weights of a layer; None where they are known, or not all found."""
        one = self._part.operation(layer, kind)
        if not isinstance(one, Block):
            return "maps"
        if self._trace.windows:
            return "windows"
        known = self._trace.projections_of(one.layer, one.kind)
        if known is not None:
            return None if known.edited is None else "edited"
        if self._experiment is not None:
            return None
        if self._trace.edits:
            return "edited"
        return "of_arrays" if is_of_arrays(self._trace) else "no_model"

    @property
    def _part(self) -> Trace:
        return self._trace.windows[0].trace if self._trace.windows else self._trace

    def _is_fetched(self, one: Operation) -> bool:
        return (
            self._experiment is not None
            and isinstance(one, Block)
            and not self._trace.windows
            and self._trace.projections_of(one.layer, one.kind) is None
        )

    def _fetched(self, one: Operation) -> Projections:
        assert self._experiment is not None
        try:
            found = self._experiment().projections(one.layer, one.kind)
        except AttentionWidgetError as error:
            found = Projections(one.layer, one.kind, refusal=str(error))
        with self._lock:
            self._found[one.kind, one.layer] = found
            while len(self._found) > 1 and _nbytes(self._found.values()) > KEPT_BYTES:
                self._found.popitem(last=False)
        return found


def _nbytes(kept: Iterable[Projections]) -> int:
    return sum(tensor.nbytes for one in kept for tensor in one.tensors)

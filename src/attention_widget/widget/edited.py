"""A pass with edits: what the model then predicts, and its trace once somebody looks at it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final

from attention_widget.experiments import EdgeOff, Edit, Experiment, HeadOff, HeadPatch, HeadScale
from attention_widget.experiments.comparing import Comparison
from attention_widget.protocol.catalogue import Catalogue
from attention_widget.protocol.differences import Differences
from attention_widget.trace.trace import Trace

_MADE: Final[dict[str, Any]] = {
    "head_off": HeadOff,
    "head_scale": HeadScale,
    "head_patch": HeadPatch,
    "edge_off": EdgeOff,
}


def edit_of(fields: Mapping[str, Any], sources: Mapping[str, Experiment]) -> Edit:
    """The edit that protocol/edits.py wrote so; ``sources`` are other texts that were read."""
    given = {k: v for k, v in fields.items() if k != "edit"}
    if "source" in given:
        given["source"] = sources[given["source"]]
    made: Edit = _MADE[fields["edit"]](**given)
    return made


class Edited:
    """A pass with edits. Making it runs no model; the first look at its trace does.

    ``shown`` is the trace of the pass without edits, and ``sources`` are the other texts that the
    edits name.
    """

    def __init__(
        self,
        edits: tuple[dict[str, Any], ...],
        lab: Experiment,
        shown: Trace,
        sources: Mapping[str, Experiment],
    ) -> None:
        self.edits, self._shown = edits, shown
        made = tuple(edit_of(each, sources) for each in edits)
        self.comparison = Comparison(lab, made, shown)
        self._lock = threading.Lock()
        self._tensors: Catalogue | None = None
        self._differences: Differences | None = None

    @property
    def trace(self) -> Trace:
        """What the edited pass left; the first call runs it."""
        _ = self.tensors
        return self.comparison.trace

    @property
    def tensors(self) -> Catalogue:
        """The tensors of its trace, by key."""
        with self._lock:
            if self._tensors is None:
                self._tensors = Catalogue(self.comparison.trace)
            return self._tensors

    @property
    def differences(self) -> Differences:
        """Its trace minus that of the pass without edits, by key."""
        trace = self.trace
        with self._lock:
            if self._differences is None:
                self._differences = Differences(self._shown, trace)
            return self._differences

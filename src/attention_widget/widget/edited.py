"""A pass with edits: its trace and tensors, and what the model then returns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from attention_widget.experiments import EdgeOff, Edit, Experiment, HeadOff, HeadScale, Outcome
from attention_widget.protocol.catalogue import Catalogue
from attention_widget.protocol.differences import Differences
from attention_widget.trace.trace import Trace

_MADE: Final[dict[str, Any]] = {
    "head_off": HeadOff,
    "head_scale": HeadScale,
    "edge_off": EdgeOff,
}


def edit_of(fields: Mapping[str, Any]) -> Edit:
    """The edit that protocol/edits.py wrote so."""
    made: Edit = _MADE[fields["edit"]](**{k: v for k, v in fields.items() if k != "edit"})
    return made


class Edited:
    """It runs once made."""

    def __init__(self, edits: tuple[dict[str, Any], ...], lab: Experiment, before: Trace) -> None:
        self.edits, self._lab = edits, lab
        self._made = tuple(map(edit_of, edits))
        trace = lab.trace_of(*self._made)
        self.tensors = Catalogue(trace)
        self.differences = Differences(before, trace)

    @cached_property
    def outcome(self) -> Outcome:
        """The logits before and after, in a pass of its own; it raises where there are none."""
        return self._lab.without(*self._made)

"""What a recorder found in one forward pass, and what is left of it in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attention_widget.tracing.recording.layers import Layer, Layers


@dataclass(frozen=True, eq=False)
class Findings:
    """What was recorded in one pass. Modules are named by their paths."""

    output: Any  # of the model
    layers: Layers
    n_records: int
    wrong: frozenset[str]  # whose records do not give the output that they computed
    missing: frozenset[str]  # that attended in a layer and left no record
    lost: frozenset[str]  # of the missing, those in which attention was seen
    unexplained: Mapping[str, str]  # path -> the function that is not understood


@dataclass(frozen=True, eq=False)
class Recorded:
    """The layers of one pass with their attention, or the ``refusal``: why they cannot be shown."""

    output: Any  # of the model
    layers: tuple[Layer, ...]  # in the order in which they were called
    n_records: int
    refusal: str = ""

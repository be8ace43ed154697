"""Maps of layers that a measure keeps, as far as memory allows."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from attention_widget.trace.block import Array


@dataclass(eq=False)
class Kept:
    """What measures keep of an experiment for the next question."""

    of: dict[Hashable, Any] = field(default_factory=dict)
    """By a name of each one's own; it is put there once it is finished."""
    nbytes: int = 0

    def keep(self, maps: dict[int, Array], layer: int, values: Array, left: int) -> None:
        """Keep the map of a layer, where so many bytes are left and they are enough."""
        if layer not in maps and values.nbytes <= left:
            maps[layer] = values
            self.nbytes += values.nbytes

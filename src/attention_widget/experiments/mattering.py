"""From what size on a change of a prediction matters: one table, for Python and the screen."""

from __future__ import annotations

from typing import Final

import numpy as np

from attention_widget.trace.block import Array

MATTERS_FROM: Final[dict[str, float]] = {"nats": 0.1, "logit": 0.1, "1 − cosine": 0.01}
"""By unit. A change of 0.1 nats changes a probability by a tenth of it, and one of 0.1 in a logit
its odds; states turn by 8° where 1 − cosine is 0.01. A smaller change is said not to matter."""


def mattering(effects: Array, unit: str) -> np.ndarray:
    """Which of some effects matter, in either direction; NaN does not."""
    found: np.ndarray = np.abs(effects) >= MATTERS_FROM[unit]
    return found

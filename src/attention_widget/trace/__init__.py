"""What one forward pass left behind, as frozen data that is read as NumPy arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attention_widget._util.lazy import lazily

if TYPE_CHECKING:
    from attention_widget.trace.block import Block, Maps
    from attention_widget.trace.calculation import Calculation, Step
    from attention_widget.trace.passage import Passage
    from attention_widget.trace.positions import Positions
    from attention_widget.trace.projections import (
        OutputProjection,
        Projection,
        Projections,
        Stage,
    )
    from attention_widget.trace.target import Target
    from attention_widget.trace.token import Token
    from attention_widget.trace.trace import Trace, Window

__all__ = [
    "Block",
    "Calculation",
    "Maps",
    "OutputProjection",
    "Passage",
    "Positions",
    "Projection",
    "Projections",
    "Stage",
    "Step",
    "Target",
    "Token",
    "Trace",
    "Window",
]

_HOMES: Final = {
    "Block": "block",
    "Calculation": "calculation",
    "Maps": "block",
    "OutputProjection": "projections",
    "Passage": "passage",
    "Positions": "positions",
    "Projection": "projections",
    "Projections": "projections",
    "Stage": "projections",
    "Step": "calculation",
    "Target": "target",
    "Token": "token",
    "Trace": "trace",
    "Window": "trace",
}
__getattr__ = lazily(__name__, {name: f"{__name__}.{home}" for name, home in _HOMES.items()})

"""What one forward pass left behind, as frozen data that is read as NumPy arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attention_widget._util.lazy import lazily

if TYPE_CHECKING:
    from attention_widget.trace.block import Block, Maps
    from attention_widget.trace.passage import Passage
    from attention_widget.trace.positions import Positions
    from attention_widget.trace.target import Target
    from attention_widget.trace.token import Token
    from attention_widget.trace.trace import Trace, Window

__all__ = ["Block", "Maps", "Passage", "Positions", "Target", "Token", "Trace", "Window"]

_HOMES: Final = {
    "Block": "block",
    "Maps": "block",
    "Passage": "passage",
    "Positions": "positions",
    "Target": "target",
    "Token": "token",
    "Trace": "trace",
    "Window": "trace",
}
__getattr__ = lazily(__name__, {name: f"{__name__}.{home}" for name, home in _HOMES.items()})

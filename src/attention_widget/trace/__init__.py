"""What one forward pass left behind, as frozen data that is read as NumPy arrays."""

from attention_widget.trace.block import Block, Maps
from attention_widget.trace.passage import Passage
from attention_widget.trace.target import Target
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace, Window

__all__ = ["Block", "Maps", "Passage", "Target", "Token", "Trace", "Window"]

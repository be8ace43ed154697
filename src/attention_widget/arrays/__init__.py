"""Attention that something else computed, as arrays -> :class:`~attention_widget.Trace`.

NumPy, PyTorch, JAX and whatever else speaks ``__array__`` or DLPack; nothing here knows a model.
What is handed over is copied, never changed and never shared.
"""

from attention_widget.arrays.attentions import from_attentions
from attention_widget.arrays.vectors import from_arrays

__all__ = ["from_arrays", "from_attentions"]

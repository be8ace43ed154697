"""Two passes beside each other: two texts, two models, or one before and after an intervention."""

from attention_widget.contrast.making import compare
from attention_widget.contrast.pair import Contrast, HeadChange, PairedPredictions

__all__ = ["Contrast", "HeadChange", "PairedPredictions", "compare"]

"""Two passes beside each other: two texts, two models, or one before and after an intervention."""

from attention_widget.contrast.head_changes import HeadChange
from attention_widget.contrast.making import compare
from attention_widget.contrast.pair import Contrast
from attention_widget.contrast.paired_predictions import PairedPredictions

__all__ = ["Contrast", "HeadChange", "PairedPredictions", "compare"]

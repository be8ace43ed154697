"""Run a model again on one text, with something changed in its attention, and compare."""

from attention_widget.experiments.edits import EdgeOff, Edit, HeadOff, HeadPatch, HeadScale
from attention_widget.experiments.experiment import Experiment
from attention_widget.experiments.lens import Lens
from attention_widget.experiments.outcome import Outcome
from attention_widget.experiments.predictions import Predictions

__all__ = [
    "EdgeOff",
    "Edit",
    "Experiment",
    "HeadOff",
    "HeadPatch",
    "HeadScale",
    "Lens",
    "Outcome",
    "Predictions",
]

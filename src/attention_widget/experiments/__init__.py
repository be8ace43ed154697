"""Run a model again on one text, with something changed in its attention, and compare."""

from attention_widget.experiments.experiment import Experiment

__all__ = ["Experiment"]

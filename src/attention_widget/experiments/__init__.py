"""Run a model again on one text, with something changed in its attention, and compare."""

from attention_widget.experiments.detected import DetectedHeads, detect_heads
from attention_widget.experiments.direct import DirectAttribution
from attention_widget.experiments.edits import EdgeOff, Edit, HeadOff, HeadPatch, HeadScale
from attention_widget.experiments.effects import HeadEffects
from attention_widget.experiments.experiment import Experiment
from attention_widget.experiments.left_out import LeftOut
from attention_widget.experiments.lens import Lens
from attention_widget.experiments.lens_plane import LensInterruptedError, LensPlane
from attention_widget.experiments.measuring.facts import MEASURES, MeasureFacts
from attention_widget.experiments.measuring.integrating import (
    Integrating,
    IntegrationInterruptedError,
)
from attention_widget.experiments.measuring.measured import Measured
from attention_widget.experiments.measuring.removing import RemovalInterruptedError, Removing
from attention_widget.experiments.measuring.token_effects import TokenEffects
from attention_widget.experiments.metric import (
    Logit,
    LogitDifference,
    LogProbability,
    Metric,
    StateChange,
    TextLogProbability,
    TextLoss,
)
from attention_widget.experiments.outcome import Outcome
from attention_widget.experiments.predictions import Predictions
from attention_widget.experiments.query_key import ScoreTerms
from attention_widget.experiments.ranking import Ranking, RankingInterruptedError
from attention_widget.experiments.term import Term

__all__ = [
    "MEASURES",
    "DetectedHeads",
    "DirectAttribution",
    "EdgeOff",
    "Edit",
    "Experiment",
    "HeadEffects",
    "HeadOff",
    "HeadPatch",
    "HeadScale",
    "Integrating",
    "IntegrationInterruptedError",
    "LeftOut",
    "Lens",
    "LensInterruptedError",
    "LensPlane",
    "LogProbability",
    "Logit",
    "LogitDifference",
    "MeasureFacts",
    "Measured",
    "Metric",
    "Outcome",
    "Predictions",
    "Ranking",
    "RankingInterruptedError",
    "RemovalInterruptedError",
    "Removing",
    "ScoreTerms",
    "StateChange",
    "Term",
    "TextLogProbability",
    "TextLoss",
    "TokenEffects",
    "detect_heads",
]

"""The measures that are of a metric, such as a logit, as :meth:`Experiment.measure` asks them."""

from __future__ import annotations

from attention_widget.experiments.measuring.integrating import Integrating
from attention_widget.experiments.measuring.question import Question
from attention_widget.experiments.measuring.relevance import relevance
from attention_widget.experiments.measuring.removing import Removing
from attention_widget.experiments.measuring.sweep import Sweep, sweep_of
from attention_widget.trace.block import Array


def gradient_attention(question: Question) -> Array:
    """α ∘ ∂m/∂α (head, query, key), signed."""
    return _sweep(question).times_attention(question.layer, question.kind)


def chefer(question: Question) -> Array:
    """The relevance R (query, key) after the layer."""
    found: Array = relevance(_sweep(question))[question.kind, question.layer].copy()
    return found


def removal(question: Question) -> Array:
    """The metric without each token less the metric (token,)."""
    wanted = question.lab.tracer.progress
    return Removing(question.lab, question.passes, question.metric).run(wanted).values


def integrated_gradients(question: Question) -> Array:
    """The share of each token (token,) in the metric less that of the baseline."""
    wanted = question.lab.tracer.progress
    return Integrating(question.lab, question.passes, question.metric).run(wanted).values


def _sweep(question: Question) -> Sweep:
    return sweep_of(question.lab, question.passes, question.kept, question.metric)

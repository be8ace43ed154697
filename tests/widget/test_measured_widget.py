"""The option `weights` in Python: what it shows, what is refused, and what is kept of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support import predicting
from support.traces import as_maps, trace
from traitlets import TraitError

from attention_widget import AttentionWidget, Experiment
from attention_widget.experiments import HeadOff, Logit
from attention_widget.experiments.measuring.of_trace import OF_TRACE
from attention_widget.protocol.measured import OF_LOGIT
from attention_widget.protocol.options import values_of

LAYER, HEAD, TOKEN = 1, 1, 3
NAMES = [name for name in values_of("weights") if name != "attention"]
OF_MODEL = [name for name in NAMES if name not in OF_TRACE]


def placed(widget: AttentionWidget) -> AttentionWidget:
    widget.layer, widget.heads, widget.token = LAYER, [HEAD], TOKEN
    return widget


def by_head(values: Any) -> Any:
    """A map for each selected head, one for a whole layer."""
    return values[None] if values.ndim == 2 else values[[HEAD]]


def refused(widget: AttentionWidget, name: Any, match: str) -> None:
    """The measure is refused, and what is shown stays as it is."""
    before, weights = widget.state, widget.selected_attention()
    with pytest.raises(TraitError, match=match):
        widget.weights = name
    assert widget.state == before
    assert not widget.busy
    assert np.array_equal(widget.selected_attention(), weights)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OF_LOGIT])
def test_what_is_selected_is_what_the_experiment_gives(
    widget: AttentionWidget, lab: Experiment, name: Any
) -> None:
    placed(widget).weights = name
    values = by_head(lab.measure(name, LAYER).values)
    assert widget.selected_attention() == pytest.approx(values, abs=1e-6)
    assert widget.selected_weights() == pytest.approx(values[:, TOKEN], abs=1e-6)
    assert np.ptp(values) > 0


@pytest.mark.parametrize("name", OF_LOGIT)
def test_a_gradient_is_of_the_logit_at_the_selected_token(
    widget: AttentionWidget, lab: Experiment, name: Any
) -> None:
    placed(widget).weights = name
    there = by_head(lab.measure(name, LAYER, metric=Logit(position=TOKEN)).values)
    assert widget.selected_attention() == pytest.approx(there, abs=1e-6)
    widget.token = None
    end = by_head(lab.measure(name, LAYER).values)
    assert widget.selected_attention() == pytest.approx(end, abs=1e-6)
    assert not np.allclose(there, end)


def test_back_at_attention_it_is_that_of_the_trace(widget: AttentionWidget) -> None:
    before = placed(widget).selected_attention()
    widget.weights = "norm"
    assert not np.allclose(widget.selected_attention(), before)
    widget.weights = "attention"
    assert np.array_equal(widget.selected_attention(), before)


@pytest.mark.parametrize("name", ["length", "removal", "", None, 3])
def test_what_is_no_measure_of_pairs_is_refused(widget: AttentionWidget, name: Any) -> None:
    refused(placed(widget), name, "weights")


@pytest.mark.parametrize("name", OF_LOGIT)
def test_without_a_head_there_is_no_logit(live: AttentionWidget, name: str) -> None:
    refused(live, name, "has no output head, so there is no logit")


@pytest.mark.parametrize("name", OF_MODEL)
def test_without_a_model_only_what_a_trace_gives(lab: Experiment, name: str) -> None:
    shown = placed(AttentionWidget.from_trace(lab.trace))
    refused(shown, name, "weights must be one of .* where there is no model, got")


@pytest.mark.parametrize("name", [name for name in OF_TRACE if name != "attention"])
def test_of_a_trace_it_is_the_same_as_of_the_model(lab: Experiment, name: Any) -> None:
    shown = placed(AttentionWidget.from_trace(lab.trace, weights=name))
    values = by_head(lab.measure(name, LAYER).values)
    assert shown.selected_attention() == pytest.approx(values, abs=1e-6)


def test_attention_alone_has_no_values_to_weigh_it_by() -> None:
    shown = AttentionWidget.from_trace(as_maps(trace()))
    refused(shown, "value_weighted", "value")
    shown.weights = "rollout"
    assert shown.weights == "rollout"


def test_a_widget_that_begins_with_a_refused_measure_is_not_made(lab: Experiment) -> None:
    with pytest.raises(TraitError, match="where there is no model, got 'norm'"):
        AttentionWidget.from_trace(lab.trace, weights="norm")


def test_of_a_pass_with_edits_it_is_what_a_trace_gives(
    widget: AttentionWidget, causal: tuple[Any, Any]
) -> None:
    placed(widget).weights = "value_weighted"
    before = widget.selected_attention()
    widget.edits = HeadOff(0, 1)
    widget.shown_pass = "after"
    lab = Experiment(causal[0], predicting.NOVEL, tokenizer=causal[1], progress=False)
    edited = lab.trace_of(HeadOff(0, 1))
    expected = AttentionWidget.from_trace(edited, weights="value_weighted")
    after = placed(expected).selected_attention()
    assert widget.selected_attention() == pytest.approx(after, abs=1e-6)
    widget.shown_pass = "difference"
    assert widget.selected_attention() == pytest.approx(after - before, abs=1e-6)


def test_a_measure_and_the_text_come_back(widget: AttentionWidget, causal: tuple[Any, Any]) -> None:
    placed(widget).weights = "norm"
    kept, shown = widget.state, widget.selected_attention()
    assert kept["weights"] == "norm"
    again = AttentionWidget.from_state(kept, model=causal[0], tokenizer=causal[1])
    assert (again.weights, again.layer) == ("norm", LAYER)
    assert again.selected_attention() == pytest.approx(shown, abs=1e-6)


def test_another_text_keeps_the_measure(widget: AttentionWidget, causal: tuple[Any, Any]) -> None:
    placed(widget).weights = "norm"
    widget.token = None
    widget.text = "a good novel"
    assert widget.weights == "norm"
    lab = Experiment(causal[0], "a good novel", tokenizer=causal[1], progress=False)
    assert widget.selected_attention() == pytest.approx(
        by_head(lab.measure("norm", LAYER).values), abs=1e-6
    )

"""The arguments of BertViz's functions, and the errors that it raises."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import pytest
from bertviz import head_view as peers_head_view
from bertviz import model_view as peers_model_view
from support.reported import GOOD, N

from attention_widget import AttentionWidgetError
from attention_widget.bertviz import head_view, model_view, neuron_view
from attention_widget.bertviz.neuron_view import show

BOTH = pytest.mark.parametrize(
    ("ours", "theirs"), [(head_view, peers_head_view), (model_view, peers_model_view)]
)


def arguments(function: Any) -> list[tuple[str, Any]]:
    return [(p.name, p.default) for p in inspect.signature(function).parameters.values()]


@BOTH
def test_arguments_and_defaults_are_bertvizs(ours: Any, theirs: Any) -> None:
    assert arguments(ours) == arguments(theirs)


def test_the_neuron_views_arguments_and_defaults_are_bertvizs() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own code
        import bertviz.neuron_view as theirs
    assert arguments(show) == arguments(theirs.show)
    assert neuron_view.show is show


PEERS_CHECKS = {
    "no attention": {},
    "no tokens": {"attention": GOOD},
    "both kinds": {"attention": GOOD, "tokens": N, "encoder_tokens": N},
    "no encoder tokens": {"encoder_attention": GOOD},
    "no decoder tokens": {"decoder_attention": GOOD},
    "no tokens for cross": {"cross_attention": GOOD, "encoder_tokens": N},
    "too few dimensions": {"attention": [layer[0] for layer in GOOD], "tokens": N},
    "wrong length": {"attention": GOOD, "tokens": N[:2]},
    "unknown action": {"attention": GOOD, "tokens": N, "html_action": "show"},
    "no such layer": {"attention": GOOD, "tokens": N, "include_layers": [5]},
}


@pytest.mark.parametrize("given", PEERS_CHECKS.values(), ids=PEERS_CHECKS)
@BOTH
def test_bertviz_raises_the_same_kind_of_error(ours: Any, theirs: Any, given: Any) -> None:
    with pytest.raises(Exception) as peers:  # noqa: PT011 (its type is what is looked at)
        theirs(**given)
    with pytest.raises(type(peers.value)) as own:
        ours(**given)
    assert isinstance(own.value, AttentionWidgetError)
    assert "must " in str(own.value) or str(own.value).startswith("give attention")

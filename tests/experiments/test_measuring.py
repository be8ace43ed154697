"""Measures of what a query takes from each key, against the model's own numbers."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest
from support.labs import lab_of, made
from support.repository import ROOT
from write_measures import written

from attention_widget.experiments import MEASURES, Logit
from attention_widget.experiments.measuring.facts import MeasureName


def test_the_table_has_every_name() -> None:
    assert tuple(MEASURES) == get_args(MeasureName)
    for name, facts in MEASURES.items():
        assert facts.name == name
        assert facts.link.startswith("https://arxiv.org/abs/")


@pytest.mark.parametrize(
    ("given", "options", "error", "words"),
    [
        ("saliency", {"layer": 1}, ValueError, "name must be one of attention, "),
        (3, {"layer": 1}, TypeError, "name must be the name of a measure, got int"),
        ("norm", {}, TypeError, "layer must be an integer with 'norm', got None"),
        ("norm", {"layer": 3}, IndexError, "layer must be in 0–2, got 3"),
        ("norm", {"layer": 1, "kind": "cross"}, LookupError, "cross"),
        ("norm", {"layer": 1, "metric": Logit(3)}, ValueError, "metric must be left out"),
        ("norm", {"layer": 1, "position": 2}, ValueError, "position must be left out"),
    ],
)
def test_bad_input(given: Any, options: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        lab_of(made("llama")).measure(given, **options)


def test_attention_is_that_of_the_trace() -> None:
    lab = lab_of(made("gemma"))
    found = lab.measure("attention", -1)
    assert (found.layer, found.kind, found.is_exact, found.passes) == (2, "decoder", True, 0.0)
    np.testing.assert_array_equal(found.values, lab.trace.attention(2))


def test_the_docs_have_what_the_table_has() -> None:
    """``python tools/write_measures.py`` writes it there."""
    page = (ROOT / "docs" / "measures.md").read_text(encoding="utf-8")
    assert written(page) == page
    for name in MEASURES:
        assert page.count(f"`{name}`") >= 2

"""What PyTorch has been told for the whole program changes nothing that an experiment says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from support import predicting
from test_ambient import DEFAULTS, assert_same

from attention_widget import Experiment
from attention_widget.experiments import EdgeOff, HeadOff, TextLoss
from attention_widget.experiments.measuring.facts import MeasureName

FORWARD: tuple[MeasureName, ...] = (
    *("attention", "value_weighted", "norm", "norm_residual", "rollout", "alti"),
)


def said(model: Any, tokenizer: Any) -> list[Any]:
    """Numbers of each thing that can be asked."""
    lab = Experiment(model, predicting.NOVEL, tokenizer=tokenizer)
    last = lab.predictions(3)
    lens = lab.lens(-1)
    outcome = lab.without(HeadOff(1, 2, value="mean"), EdgeOff(key=1, layer=2))
    score = lab.explain_score(1, 2, query=4, key=2)
    return [
        *(last.ids, last.probabilities, last.actual_ids, last.entropy),
        *(lens.probabilities, lens.followed_ranks),
        *(outcome.before, outcome.after, lab.trace_of(HeadOff(1, 2)).attention(2)),
        *(lab.rank_heads(metric).effects for metric in (None, TextLoss())),
        lab.direct_attribution().values,
        np.asarray(score.query_side),
        *(lab.measure(name, 1).values for name in FORWARD),
    ]


@pytest.mark.parametrize("setting", DEFAULTS)
def test_defaults_change_no_answer(setting: str) -> None:
    model, tokenizer = predicting.causal()
    expected = said(model, tokenizer)
    with DEFAULTS[setting]():
        assert_same(said(model, tokenizer), expected)


def test_measures_are_computed_outside_of_autocast() -> None:
    """The model may run in bfloat16 there; what is computed of it afterwards does not."""
    model, tokenizer = predicting.causal()
    lab = Experiment(model, predicting.NOVEL, tokenizer=tokenizer)
    expected = [lab.measure(name, 1).values for name in FORWARD]
    fresh = Experiment(model, predicting.NOVEL, tokenizer=tokenizer)
    _ = fresh.heads_output(0)  # the pass, as it is
    with torch.autocast("cpu", torch.bfloat16):
        for name, values in zip(FORWARD[:2], expected, strict=False):
            np.testing.assert_array_equal(fresh.measure(name, 1).values, values)
        whole = Experiment(model, predicting.NOVEL, tokenizer=tokenizer)
        for name, values in zip(FORWARD, expected, strict=True):
            found = whole.measure(name, 1).values
            assert np.abs(found - values).max() < 0.05 * np.abs(values).max()

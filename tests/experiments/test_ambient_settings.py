"""What PyTorch has been told for the whole program changes nothing that an experiment says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support import predicting
from test_ambient import DEFAULTS, assert_same

from attention_widget import Experiment
from attention_widget.experiments import EdgeOff, HeadOff, TextLoss


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
    ]


@pytest.mark.parametrize("setting", DEFAULTS)
def test_defaults_change_no_answer(setting: str) -> None:
    model, tokenizer = predicting.causal()
    expected = said(model, tokenizer)
    with DEFAULTS[setting]():
        assert_same(said(model, tokenizer), expected)

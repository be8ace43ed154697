"""Gradient × attention of a sample of all types: a head's sum is what scaling the head does.

The values of a head sum to Σ z · ∂m/∂z, the derivative of the metric by a factor on what the head
gives out, which finite differences find without any gradient.
"""

from __future__ import annotations

import numpy as np
import pytest
from examine_predictions import headed, lab_of, language_models
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from attention_widget import UnsupportedModelError
from attention_widget.experiments import HeadScale, LogProbability

TYPES = [
    *("bloom", "cohere2", "deepseek_v3", "falcon", "gemma", "gemma2", "gpt2"),
    *("gpt_neox", "gpt_oss", "granite", "jamba", "llama", "mistral", "mixtral", "mpt", "opt"),
    *("phi3", "qwen3", "xglm", "bart", "led", "marian", "t5", "umt5"),
]
STEP = 0.005


@pytest.mark.parametrize("model_type", TYPES)
def test_the_sum_of_a_head_is_the_slope_of_scaling_it(model_type: str) -> None:
    if model_type not in CONFIG_MAPPING:
        pytest.skip(f"transformers does not know {model_type}")
    lab = lab_of(headed(model_type, language_models(model_type)[0]))
    metric = LogProbability(5)
    seen = 0.0
    for operation in lab.trace.operations:
        kind, layer = operation.kind, operation.layer
        values = lab.measure("gradient_attention", layer, kind, metric=metric).values
        assert values.shape == (operation.n_heads, operation.n_queries, operation.n_keys)
        rows = [[HeadScale(layer, 0, 1 + by, kind)] for by in (STEP, -STEP)]
        up, down = (
            float(_log_softmax(one.after[0])[5]) for one in lab.without_each(rows, positions=-1)
        )
        slope = (up - down) / (2 * STEP)
        assert values[0].sum() == pytest.approx(slope, rel=0.05, abs=1e-3)
        seen = max(seen, abs(slope))
    assert seen > 1e-4
    try:
        rolled = lab.measure("chefer", lab.trace.layers_with_attention()[-1], metric=metric).values
    except UnsupportedModelError:
        return
    assert (rolled >= 0).all()


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits.astype(np.float64) - logits.max()
    found: np.ndarray = shifted - np.log(np.exp(shifted).sum())
    return found

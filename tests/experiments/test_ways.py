"""Edits reach attention in every way in which a model may compute it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import transformers
from examine_edits import examine_edits
from support.labs import TOKENIZER, close, lab_of, made
from support.models import TEXT
from support.torchs import own
from torch.nn import functional

from attention_widget import Experiment
from attention_widget.experiments import EdgeOff, HeadOff


@pytest.mark.parametrize("batch_first", [True, False])
def test_multi_head_attention_of_torch(batch_first: bool) -> None:
    lab = Experiment(own(batch_first), TEXT, tokenizer=TOKENIZER)
    without = own(batch_first)
    without.layers[1].attn.out_proj.weight.data[:, 8:16] = 0.0
    outcome = lab.without(HeadOff(1, 1))
    with torch.no_grad():
        close(outcome.after, without(lab.inputs()["input_ids"])["logits"][0].numpy())
    assert np.abs(outcome.after - outcome.before).max() > 1e-3
    masked, n = own(batch_first), len(lab.trace.tokens)
    for layer in masked.layers:
        layer.without = torch.zeros(n, n, dtype=torch.bool)
        layer.without[3, 5] = True
    outcome = lab.without(EdgeOff(query=3, key=5))
    with torch.no_grad():
        close(outcome.after, masked(lab.inputs()["input_ids"])["logits"][0].numpy())
    rows = [[HeadOff(layer, 2)] for layer in range(3)] + [[EdgeOff(key=1)]]
    for row, found in zip(rows, lab.without_each(rows), strict=True):
        np.testing.assert_allclose(found.after, lab.without(*row).after, atol=1e-5)
    assert lab._passes._batches


def registered(module: Any, query: Any, key: Any, value: Any, mask: Any, **more: Any) -> Any:
    """An attention function of a user's own, at another temperature than its arguments say."""
    groups = query.shape[1] // key.shape[1]
    key, value = key.repeat_interleave(groups, 1), value.repeat_interleave(groups, 1)
    logits = query @ key.transpose(2, 3) * 0.2
    n = logits.shape[-1]
    hidden = torch.ones(n, n, dtype=torch.bool).triu(1)
    weights = torch.softmax(logits.masked_fill(hidden, float("-inf")), -1)
    return (weights @ value).transpose(1, 2).contiguous(), None


def test_a_function_of_the_users_own() -> None:
    transformers.AttentionInterface.register("aw_own", registered)
    model = made("llama")
    model.set_attn_implementation("aw_own")
    lab = lab_of(model)
    edges = EdgeOff(layer=1, query=6, key=4), HeadOff(2, 1)
    outcome = lab.without(*edges)
    trace = outcome.trace
    np.testing.assert_allclose(trace.attention(1)[:, 6].sum(-1), 1.0, atol=1e-5)
    assert not trace.attention(1)[:, 6, 4].any()
    with torch.no_grad():
        final = model.lm_head(model.model.norm(torch.tensor(trace.hidden_states(-1))))
    close(outcome.after, final.numpy())
    rows = [[EdgeOff(layer=layer, query=6, key=4)] for layer in (0, 1, 2)] + [[HeadOff(1, 0)]] * 2
    for row, found in zip(rows, lab.without_each(rows), strict=True):
        np.testing.assert_allclose(found.after, lab.without(*row).after, atol=1e-5)


def test_a_function_in_the_place_of_torchs(monkeypatch: pytest.MonkeyPatch) -> None:
    model = made("falcon")
    plain = lab_of(model).without(EdgeOff(layer=1, query=6, key=4), HeadOff(2, 1)).after
    theirs = functional.scaled_dot_product_attention
    monkeypatch.setattr(
        functional, "scaled_dot_product_attention", lambda *args, **kwargs: theirs(*args, **kwargs)
    )
    lab = lab_of(model)
    close(lab.without(EdgeOff(layer=1, query=6, key=4), HeadOff(2, 1)).after, plain)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_other_precisions(dtype: torch.dtype) -> None:
    lab, exact = lab_of(made("llama").to(dtype)), lab_of(made("llama"))
    for edit in (HeadOff(1, 1), HeadOff(1, 1, value="mean"), EdgeOff(layer=1, query=6, key=4)):
        found, expected = lab.without(edit), exact.without(edit)
        tolerance = 1e-5 if dtype == torch.float64 else 0.3
        np.testing.assert_allclose(found.after, expected.after, atol=tolerance)
        assert found.after.dtype == np.float32
        assert lab.heads_output(1).dtype == dtype


@pytest.mark.parametrize("model_type", ["longformer", "prophetnet", "diffllama", "deepseek_v4"])
def test_types_in_which_heads_are_computed_otherwise(model_type: str) -> None:
    finding = examine_edits(model_type)
    assert finding.right, finding
    assert finding.places
    assert not finding.refusal
    assert finding.batches
    assert finding.columns is not None or finding.row is not None or finding.edge is not None

"""Half precision: what rounding does is let through, and what overflows is shown."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.models import TEXT, has, tiny
from support.practice import TOKENIZER, traced
from torch import nn

from attention_widget import Trace, capture
from attention_widget.tracing.recording.checks import Checks

HALF = (torch.bfloat16, torch.float16)
LOADED = [
    ("bert", "sdpa"),
    ("bert", "eager"),
    ("gpt2", "sdpa"),
    ("gpt2", "eager"),
    ("llama", "sdpa"),
    ("llama", "eager"),
    ("gemma2", "eager"),  # soft caps
    ("gpt_oss", "eager"),  # sinks
    ("mistral", "sdpa"),
    ("t5_encoder", "eager"),
]


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths of modules whose record was found wrong."""
    found: list[str] = []
    finish = Checks.finish

    def spy(self: Checks) -> None:
        finish(self)
        found.extend(one.path for one in self.wrong)

    monkeypatch.setattr(Checks, "finish", spy)
    return found


@pytest.mark.parametrize("dtype", HALF)
@pytest.mark.parametrize(("family", "attn_implementation"), LOADED)
def test_models_in_half_precision_pass(
    family: str, attn_implementation: str, dtype: torch.dtype, wrong: list[str]
) -> None:
    if not has(family):
        pytest.skip(f"this transformers has no {family}")
    model: Any = tiny(family, attn_implementation)
    traced(model.to(dtype))
    assert wrong == []


@pytest.mark.parametrize("dtype", [torch.float32, *HALF])
@pytest.mark.parametrize("attn_implementation", ["sdpa", "eager"])
def test_a_trained_model_passes_at_length(
    minilm: Any, dtype: torch.dtype, attn_implementation: str, wrong: list[str]
) -> None:
    model, tokenizer = copy.deepcopy(minilm[0]), minilm[1]
    model.config._attn_implementation = attn_implementation
    capture(model.to(dtype), " ".join([TEXT] * 20), tokenizer=tokenizer)
    assert wrong == []


@pytest.mark.parametrize("dtype", HALF)
@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_another_temperature_does_not(dtype: torch.dtype, factor: float) -> None:
    """By its output alone, row by row, of a head of the size that models have."""
    generator = torch.Generator().manual_seed(0)
    query, key, value = torch.randn(3, 1, 8, 256, 64, generator=generator).to(dtype)
    query = query * 3
    for made, right in ((1.0, True), (factor, False)):
        output = nn.functional.scaled_dot_product_attention(query, key, value, scale=made / 8)
        checks = Checks()
        one = a_record(query[0], key[0], value[0])
        assert checks.fits(one, output[0].transpose(0, 1)) == right


def a_record(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> Any:
    from attention_widget.trace.mask import Mask
    from attention_widget.tracing.recording.records import Record

    return Record("layer.0", query, key, value, 1 / 8, Mask.full(query.shape[1], key.shape[1]))


def overflowing(family: str, attn_implementation: str) -> Any:
    """In float16, with queries and keys of one head whose products no float16 holds."""
    model: Any = tiny(family, attn_implementation)
    model.to(torch.float16)
    with torch.no_grad():
        if family == "bert":
            attention = model.encoder.layer[1].attention.self
            first, second = attention.query, attention.key
        else:
            attention = model.model.layers[1].self_attn
            first, second = attention.q_proj, attention.k_proj
        first.weight[:8] *= 600
        second.weight[:8] *= 600
    return model


def finite_as_in(model: Any, trace: Trace) -> None:
    with torch.no_grad():
        own = model(**TOKENIZER(TEXT, return_tensors="pt"), output_attentions=True).attentions
    lost = [~weights[0].isfinite().all(-1).numpy() for weights in own]
    assert lost[1][0].any()
    for layer, rows in enumerate(lost):
        shown = trace.attention(layer)
        np.testing.assert_array_equal(~np.isfinite(shown).all(-1), rows)


@pytest.mark.parametrize("family", ["bert", "llama"])
def test_overflow_is_not_drawn_as_clean(family: str, tmp_path: Path) -> None:
    model = overflowing(family, "eager")
    trace = traced(model)
    finite_as_in(model, trace)
    trace.save(tmp_path / "trace.npz")
    finite_as_in(model, Trace.load(tmp_path / "trace.npz"))
    head = int(np.isnan(trace.attention(1)).any((1, 2)).argmax())
    assert np.isnan(trace.words().attention(1)[head]).any()
    # the other heads of the layer are as they were, and have no sink
    other = trace.attention(1)[-1]
    if np.isfinite(other).all():
        np.testing.assert_allclose(other.sum(-1), 1.0, atol=1e-5)


def test_queries_and_keys_of_what_overflows_stay() -> None:
    trace = traced(overflowing("bert", "eager"))
    assert not any(block.has_sinks for block in trace.blocks)
    assert np.isfinite(trace.queries(1)).all()
    assert np.isfinite(trace.keys(1)).all()

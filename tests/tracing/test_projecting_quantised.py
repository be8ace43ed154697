"""The steps of models with quantised weights: those that are kept give the model's own numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from support.labs import made
from support.loaded import TOKENIZER
from support.models import TEXT

from attention_widget import capture

pytestmark = [
    pytest.mark.filterwarnings(
        "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
    )
]
SIZES: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 64,
    "head_dim": 16,
}  # blocks of 64 numbers


def assert_exact_or_refused(model: Any, is_refused: bool) -> None:
    trace = capture(model, TEXT, tokenizer=TOKENIZER, keep_weights=True)
    found = trace.calculation(1, 0)
    if is_refused:
        assert found.steps[0].name == "q"
        assert "queries, keys and values are not found" in found.reason
        with pytest.raises(LookupError, match="rounding"):
            found["w_q"]
        return
    assert found.reason == ""
    values: dict[str, Any] = {step.name: step.values for step in found.steps}
    for letter in "qkv":
        plain = values["input"] @ values[f"w_{letter}"] + values.get(f"b_{letter}", 0)
        np.testing.assert_allclose(values[letter], plain, rtol=0, atol=1e-5)
    written = values["output"] @ values["w_o"]
    np.testing.assert_allclose(values["written"], written, rtol=0, atol=1e-5)
    block = sum(
        trace.calculation(1, head)["written"].values for head in range(trace.count_heads(1))
    )
    np.testing.assert_allclose(values["block"], block, rtol=0, atol=1e-5)


class Int8Weights(torch.nn.Module):
    """A linear layer whose int8 weights are made numbers again for each product."""

    def __init__(self, plain: torch.nn.Linear) -> None:
        super().__init__()
        weight = plain.weight.detach()
        self.scale = weight.abs().amax(1, keepdim=True) / 127
        self.weight = torch.nn.Parameter((weight / self.scale).round().char(), requires_grad=False)
        self.bias = plain.bias

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        weight = self.weight.to(given.dtype) * self.scale.to(given.dtype)
        return torch.nn.functional.linear(given, weight, self.bias)


def test_int8_weights_are_kept_as_the_numbers_they_are() -> None:
    model = made("llama")
    for layer in model.model.layers:
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            setattr(layer.self_attn, name, Int8Weights(getattr(layer.self_attn, name)))
    assert_exact_or_refused(model, is_refused=False)


def test_torchaos_int8_weights_are_kept_as_the_numbers_they_are() -> None:
    quantization = pytest.importorskip("torchao.quantization", exc_type=ImportError)
    model = made("llama")
    quantization.quantize_(model, quantization.Int8WeightOnlyConfig())
    assert_exact_or_refused(model, is_refused=False)


@pytest.mark.parametrize("bits", [8, 4])
def test_bitsandbytes(bits: int, tmp_path: Path) -> None:
    pytest.importorskip("bitsandbytes", exc_type=ImportError)
    made("llama", **SIZES).save_pretrained(tmp_path)
    model = transformers.AutoModelForCausalLM.from_pretrained(
        tmp_path,
        quantization_config=transformers.BitsAndBytesConfig(**{f"load_in_{bits}bit": True}),
        device_map="cpu",
        dtype=torch.float32,
    )
    assert_exact_or_refused(model, is_refused=True)  # both round in the product, on the CPU

"""Models with quantised weights: what has a gradient, what is refused, and comparison."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from support.labs import lab_of, made

from attention_widget import UnsupportedModelError, compare
from attention_widget.experiments.measuring.facts import MeasureName

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning",
    "ignore:torch.quantize_per:UserWarning",
    "ignore:quantized..linear_dynamic:UserWarning",
)
GRADIENTS: tuple[MeasureName, ...] = ("gradient_attention", "chefer")


def dynamic(model: Any) -> Any:
    """torch's int8, which rounds what each layer is given, without a gradient."""
    return torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear}, dtype=torch.qint8)


def weights_only(model: Any) -> Any:
    """torchao's int8 weights, which are made numbers again for each product."""
    quantization = pytest.importorskip("torchao.quantization", exc_type=ImportError)
    quantization.quantize_(model, quantization.Int8WeightOnlyConfig())
    return model


def known(model: Any) -> list[tuple[str, bool, bool]]:
    named = model.named_parameters()
    return [(name, one.requires_grad, one.grad is None) for name, one in named]


def test_rounding_layers_give_no_gradient_and_that_is_said() -> None:
    model = dynamic(made("llama"))
    before, lab = known(model), lab_of(model)
    for name in GRADIENTS:
        with pytest.raises(UnsupportedModelError, match="gives no gradient"):
            lab.measure(name, 1)
    with pytest.raises(UnsupportedModelError, match="gives no gradient"):
        lab.measure("integrated_gradients")
    assert np.isfinite(lab.measure("removal").values).all()
    assert known(model) == before


def test_quantised_weights_alone_have_a_gradient() -> None:
    plain = lab_of(made("llama"))
    model = weights_only(made("llama"))
    before, lab = known(model), lab_of(model)
    for name in GRADIENTS:
        found, whole = lab.measure(name, 1).values, plain.measure(name, 1).values
        assert 0 < np.abs(found - whole).max() < 0.2 * np.abs(whole).max()
    assert known(model) == before


@pytest.mark.parametrize("quantised", [dynamic, weights_only])
def test_a_model_is_compared_with_itself_quantised(quantised: Callable[[Any], Any]) -> None:
    plain, model = lab_of(made("llama")), quantised(made("llama"))
    before = known(model)
    contrast = compare(plain, lab_of(model))
    assert len(contrast.alignment) == len(plain.trace.tokens)
    assert known(model) == before


SIZES: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 64,
    "head_dim": 16,
}  # blocks of 64 numbers


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore:bitsandbytes..gemv_4bit:UserWarning")
@pytest.mark.parametrize("bits", [8, 4])
def test_bitsandbytes_gives_a_gradient_in_8_bits_and_says_that_it_has_none_in_4(
    bits: int, tmp_path: Path
) -> None:
    pytest.importorskip("bitsandbytes", exc_type=ImportError)
    made("llama", **SIZES).save_pretrained(tmp_path)
    model = transformers.AutoModelForCausalLM.from_pretrained(
        tmp_path,
        quantization_config=transformers.BitsAndBytesConfig(**{f"load_in_{bits}bit": True}),
        device_map="cpu",
        dtype=torch.float32,
    )
    plain, lab, before = lab_of(made("llama", **SIZES)), lab_of(model), known(model)
    for name in GRADIENTS:
        if bits == 4:
            with pytest.raises(UnsupportedModelError, match="gives no gradient"):
                lab.measure(name, 1)
        else:
            found, whole = lab.measure(name, 1).values, plain.measure(name, 1).values
            assert 0 < np.abs(found - whole).max() < 0.2 * np.abs(whole).max()
    assert np.isfinite(lab.measure("removal").values).all()
    assert len(compare(plain, lab).alignment) == len(plain.trace.tokens)
    assert known(model) == before

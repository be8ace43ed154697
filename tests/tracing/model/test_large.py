"""Models in half precision, quantised and offloaded are captured as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from support.models import tiny
from support.practice import TOKENIZER, assert_its_own, assert_same, traced
from transformers import BitsAndBytesConfig

from attention_widget import generate


@pytest.mark.parametrize("family", ["llama", "bert", "gpt2"])
@pytest.mark.parametrize(("dtype", "atol"), [(torch.float16, 0.02), (torch.bfloat16, 0.12)])
def test_half_precision(family: str, dtype: torch.dtype, atol: float) -> None:
    model: Any = tiny(family)
    eager: Any = tiny(family, "eager")
    trace = traced(model.to(dtype))
    assert_its_own(trace, eager.to(dtype), atol)
    assert all(state.dtype == dtype for state in trace.hidden)
    assert all(block.query.dtype == block.value.dtype == dtype for block in trace.blocks)
    assert trace.attention(1).dtype == trace.hidden_states(1).dtype == np.float32
    for tensor in (trace.hidden[0], trace.blocks[0].query, trace.blocks[0].key):
        assert tensor.device.type == "cpu"


# Quantised


@pytest.mark.filterwarnings("ignore:.*deprecated.*")  # torch's own, at each of these
@pytest.mark.parametrize("family", ["llama", "bert"])
def test_dynamic_int8(family: str) -> None:
    quantize: Any = torch.ao.quantization.quantize_dynamic
    linear = {torch.nn.Linear}
    trace = traced(quantize(tiny(family), linear, dtype=torch.qint8))
    assert_its_own(trace, quantize(tiny(family, "eager"), linear, dtype=torch.qint8))
    assert not np.allclose(trace.attention(1), traced(tiny(family)).attention(1), atol=1e-4)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch, in torchao
def test_torchao_int8() -> None:
    quantization = pytest.importorskip("torchao.quantization", exc_type=ImportError)
    models = [tiny("llama"), tiny("llama", "eager")]
    for model in models:
        quantization.quantize_(model, quantization.Int8WeightOnlyConfig())
    trace = traced(models[0])
    assert_its_own(trace, models[1])
    assert not np.allclose(trace.attention(1), traced(tiny("llama")).attention(1), atol=1e-4)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.parametrize("bits", [8, 4])
def test_bitsandbytes(bits: int, tmp_path: Path) -> None:
    pytest.importorskip("bitsandbytes", exc_type=ImportError)
    tiny("llama", hidden_size=64, intermediate_size=64, head_dim=16).save_pretrained(tmp_path)

    def load(attn_implementation: str) -> Any:
        if transformers.__version__.startswith("4.48"):
            pytest.skip("transformers 4.48 cannot load with the bitsandbytes of today")
        return transformers.AutoModelForCausalLM.from_pretrained(
            tmp_path,
            quantization_config=BitsAndBytesConfig(**{f"load_in_{bits}bit": True}),
            device_map="cpu",
            dtype=torch.float32,  # of what is not quantised; half before transformers 5
            attn_implementation=attn_implementation,
        )

    model = load("sdpa")
    assert type(model.model.layers[0].self_attn.q_proj).__name__ in ("Linear8bitLt", "Linear4bit")
    trace = traced(model)
    assert_its_own(trace, load("eager"))
    written = generate(model, "a novel", tokenizer=TOKENIZER, max_new_tokens=3, min_new_tokens=3)
    assert len(written.tokens) == 7


# Larger than a device


@pytest.mark.filterwarnings("ignore:You are calling .generate:UserWarning")
@pytest.mark.parametrize("where", ["cpu", "disk"])
@pytest.mark.parametrize("family", ["llama", "bert"])
def test_offloaded(where: str, family: str, tmp_path: Path) -> None:
    accelerate = pytest.importorskip("accelerate", exc_type=ImportError)
    expected = traced(tiny(family))
    model = tiny(family)
    if where == "cpu":
        accelerate.cpu_offload(model)
    else:
        accelerate.disk_offload(model, str(tmp_path))
    assert all(parameter.is_meta for parameter in model.parameters())
    assert_same(traced(model), expected)
    assert all(parameter.is_meta for parameter in model.parameters())


def test_a_device_map_over_processor_and_disk(tmp_path: Path) -> None:
    pytest.importorskip("accelerate", exc_type=ImportError)
    plain = tiny("llama")
    plain.save_pretrained(tmp_path)
    places = {f"model.{name}": "cpu" for name in ("embed_tokens", "norm", "rotary_emb")}
    places |= {"lm_head": "cpu", "model.layers.0": "cpu"}
    places |= {"model.layers.1": "disk", "model.layers.2": "disk"}
    model = transformers.AutoModelForCausalLM.from_pretrained(
        tmp_path, device_map=places, offload_folder=str(tmp_path / "offloaded")
    )
    assert {parameter.is_meta for parameter in model.parameters()} == {True, False}
    assert_same(traced(model), traced(plain))
    written = generate(model, "a novel", tokenizer=TOKENIZER, max_new_tokens=4)
    assert (
        written.tokens == generate(plain, "a novel", tokenizer=TOKENIZER, max_new_tokens=4).tokens
    )

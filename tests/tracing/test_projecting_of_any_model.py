"""The weights of models in half precision, quantised, offloaded, adapted or loaded in inference
mode, and of architectures without plain projections: found, or refused by name; models are left
alone."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support import torchs
from support.labs import lab_of, made
from support.loaded import TOKENIZER
from support.models import TEXT
from support.surroundings import everything
from tiny_inputs import TEXT as OTHER
from tiny_inputs import tokenizer
from tiny_models import tiny_model

from attention_widget import Trace, TraceTooLargeError, capture, compare
from attention_widget.experiments import HeadOff
from attention_widget.widget.session import Session


def kept(model: Any, **options: Any) -> Trace:
    return capture(model, TEXT, tokenizer=TOKENIZER, keep_weights=True, **options)


def names(trace: Trace, layer: int) -> list[str]:
    return [step.name for step in trace.calculation(layer, 0).steps]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("family", ["llama", "bert", "qwen3", "gpt_neox"])
def test_half_precision_is_kept_as_it_is_and_said(family: str, dtype: torch.dtype) -> None:
    whole, model = made(family), copy.deepcopy(made(family)).to(dtype)
    trace = kept(model)
    assert names(trace, 2) == names(kept(whole), 2)
    known = trace.projections[2]
    assert known.query is not None
    assert known.query.weight.dtype == dtype
    steps = trace.calculation(2, 1)
    again = [step.name for step in steps.steps if not step.is_exact]
    assert again == ["scores", "scaled", "masked", "weights", "output", "written"]
    eps = torch.finfo(dtype).eps
    q = steps["input"].values @ steps["w_q"].values
    q = q + (steps["b_q"].values if "b_q" in steps else 0.0)
    np.testing.assert_allclose(q, steps["q"].values, atol=8 * eps * abs(q).max())
    written = [trace.calculation(2, head)["written"].values for head in range(4)]
    total = np.sum(written, axis=0)
    total = total + (steps["b_o"].values if "b_o" in steps else 0.0)
    np.testing.assert_allclose(total, steps["block"].values, atol=16 * eps * abs(total).max())


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_torchs_int8_is_refused_by_name_where_it_rounds() -> None:
    model = torch.ao.quantization.quantize_dynamic(
        copy.deepcopy(made("llama")), {torch.nn.Linear}, dtype=torch.qint8
    )
    trace = kept(model)
    found = trace.calculation(1, 0)
    assert found.steps[0].name == "q"
    assert "queries, keys and values are not found" in found.reason
    assert "rounding" in found.reason
    with pytest.raises(LookupError, match="are not found to be one linear map"):
        found["w_q"]


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of transformers, in peft
def test_an_adapter_is_part_of_the_weights() -> None:
    peft = pytest.importorskip("peft")
    config = peft.LoraConfig(target_modules=["q_proj", "o_proj"], init_lora_weights=False)
    model = peft.get_peft_model(copy.deepcopy(made("llama")), config).eval()
    steps = kept(model).calculation(1, 0)
    q = steps["input"].values @ steps["w_q"].values
    np.testing.assert_allclose(q, steps["q"].values, atol=1e-5)
    plain = kept(made("llama")).calculation(1, 0)
    assert abs(steps["w_q"].values - plain["w_q"].values).max() > 1e-3
    assert "block" in steps


@pytest.mark.parametrize("where", ["cpu", "disk"])
def test_offloaded_weights(where: str, tmp_path: Path) -> None:
    accelerate = pytest.importorskip("accelerate", exc_type=ImportError)
    plain, model = made("bert"), copy.deepcopy(made("bert"))
    if where == "cpu":
        accelerate.cpu_offload(model)
    else:
        accelerate.disk_offload(model, str(tmp_path))
    found, expected = kept(model), kept(plain)
    assert all(parameter.is_meta for parameter in model.parameters())
    for one, other in zip(
        found.calculation(2, 1).steps, expected.calculation(2, 1).steps, strict=True
    ):
        assert one.name == other.name
        np.testing.assert_allclose(one.values, other.values, atol=2e-6)


def test_a_model_that_was_loaded_in_inference_mode() -> None:
    with torch.inference_mode():
        model = copy.deepcopy(made("llama"))
    assert all(parameter.is_inference() for parameter in model.parameters())
    assert names(kept(model), 0) == names(kept(made("llama")), 0)


def test_a_model_is_left_alone_also_by_a_failure() -> None:
    model = copy.deepcopy(made("llama")).train()
    before = everything(model)
    assert names(kept(model), 0)[:4] == ["hidden", "input", "w_q", "q"]
    assert everything(model) == before
    small = capture(model, TEXT, tokenizer=TOKENIZER).nbytes + 20_000
    with pytest.raises(TraceTooLargeError, match="after the weights of"):
        kept(model, memory_limit=small)
    assert everything(model) == before


@pytest.mark.parametrize(
    ("model_type", "told", "steps"),
    [
        ("deepseek_v3", "its queries, keys and values are not found", ["q", "k", "v"]),
        ("xlnet", "its queries, keys and values are not found", ["q", "k", "v"]),
        ("longformer", "its queries, keys and values are not found", ["q", "k", "v"]),
        ("qwen3_next", "no linear map is found that takes what its heads", ["hidden", "input"]),
        ("convbert", "no linear map is found that takes what its heads", ["input", "w_q"]),
    ],
)
def test_what_has_no_plain_projection_begins_later_or_ends_earlier(
    model_type: str, told: str, steps: list[str]
) -> None:
    trace = capture(tiny_model(model_type), OTHER, tokenizer=tokenizer(), keep_weights=True)
    last = trace.projections[-1]
    found = trace.calculation(last.layer, 0, last.kind)
    assert told in found.reason
    assert [step.name for step in found.steps][: len(steps)] == steps
    assert "output" in found


@pytest.mark.parametrize(
    ("model_type", "own"),
    [
        ("gptj", {"q_rotated", "k_rotated"}),  # turned in neighbouring pairs, of a part
        ("codegen", {"q_rotated", "k_rotated"}),  # queries, values and keys in four parts
        ("gpt_bigcode", {"b_q", "b_k"}),  # one head of keys, in one matrix with all queries
        ("persimmon", {"q_normed", "k_normed"}),
        ("hunyuan_v1_dense", {"q_rotated", "q_normed"}),  # in this order
        ("esm", {"q_scaled"}),
        ("squeezebert", {"b_q", "b_o"}),  # by convolutions in groups, with the tokens last
    ],
)
def test_unusual_projections_are_found(model_type: str, own: set[str]) -> None:
    trace = capture(tiny_model(model_type), OTHER, tokenizer=tokenizer(), keep_weights=True)
    for known in trace.projections:
        steps = trace.calculation(known.layer, 1, known.kind)
        assert {step.name for step in steps.steps} >= {*own, "w_q", "w_k", "w_v", "w_o", "block"}
        for name in "qkv":
            bias = steps[f"b_{name}"].values if f"b_{name}" in steps else 0.0
            vectors = steps["input"].values @ steps[f"w_{name}"].values + bias
            np.testing.assert_allclose(vectors, steps[name].values, atol=1e-5)

        written = [
            trace.calculation(known.layer, head, known.kind)["written"].values
            for head in range(trace.count_heads(known.layer, known.kind))
        ]
        total = np.sum(written, axis=0) + (steps["b_o"].values if "b_o" in steps else 0.0)
        np.testing.assert_allclose(total, steps["block"].values, atol=1e-5)


def test_groups_of_a_convolution_are_blocks_of_the_weights() -> None:
    model: Any = tiny_model("squeezebert")
    trace = capture(model, OTHER, tokenizer=tokenizer(), keep_weights=True)
    heads = trace.count_heads(0)
    weights = [trace.calculation(0, head)["w_q"].values for head in range(heads)]
    whole = np.concatenate(weights, axis=1)
    convolution = model.encoder.layers[0].attention.query
    n = convolution.groups
    assert n > 1
    inside = np.kron(np.eye(n), np.ones([size // n for size in whole.shape]))
    assert not whole[inside == 0].any()
    assert np.count_nonzero(whole) == convolution.weight.numel()


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("packed", [True, False])
def test_the_weights_of_torchs_own_attention(batch_first: bool, packed: bool) -> None:
    model = torchs.own(batch_first, packed)
    before = everything(model)
    trace = kept(model)
    assert everything(model) == before
    for layer in range(3):
        attention = model.layers[layer].attn
        every = [trace.calculation(layer, head) for head in range(4)]
        assert every[0].reason == ""
        for head, steps in enumerate(every):
            place = slice(8 * head, 8 * head + 8)
            weights = (
                attention.in_proj_weight.chunk(3)
                if packed
                else [attention.q_proj_weight, attention.k_proj_weight, attention.v_proj_weight]
            )
            for name, weight, bias in zip(
                "qkv", weights, attention.in_proj_bias.chunk(3), strict=True
            ):
                assert (weight[place].detach().numpy() == steps[f"w_{name}"].values.T).all()
                assert (steps[f"b_{name}"].values[0] == bias[place].detach().numpy()).all()
                made = steps["input"].values @ steps[f"w_{name}"].values
                made = made + steps[f"b_{name}"].values
                np.testing.assert_allclose(made, steps[name].values, atol=1e-5)
        with torch.no_grad():
            given = torch.tensor(every[0]["input"].values)[None]
            given = given if batch_first else given.transpose(0, 1)
            gave = attention(given, given, given)[0].reshape(given.shape).squeeze().numpy()
        written = np.sum([steps["written"].values for steps in every], axis=0)
        np.testing.assert_allclose(written + every[0]["b_o"].values, gave, atol=2e-5)
        np.testing.assert_allclose(every[0]["block"].values, gave, atol=1e-5)


@pytest.mark.parametrize("model_type", ["marian", "t5"])
def test_the_norm_before_a_cross_attention_is_not_given_what_enters_the_layer(
    model_type: str,
) -> None:
    from tiny_inputs import TARGET

    model = tiny_model(model_type)
    trace = capture(model, OTHER, target=TARGET, tokenizer=tokenizer(), keep_weights=True)
    for layer in range(2):
        steps = trace.calculation(layer, 1, "cross")
        assert steps.steps[0].name == "input"
        assert steps["input"].formula == "x"
        assert "key_input" in steps
        assert ("hidden" in trace.calculation(layer, 1, "decoder")) == (model_type == "t5")


def test_cross_attention_is_projected_from_two_stacks() -> None:
    from tiny_inputs import TARGET

    model = tiny_model("bart")
    trace = capture(model, OTHER, target=TARGET, tokenizer=tokenizer(), keep_weights=True)
    steps = trace.calculation(1, 0, "cross")
    assert trace.target is not None
    assert steps["input"].values.shape[0] == len(trace.target.tokens)
    assert steps["key_input"].values.shape[0] == len(trace.tokens)
    assert "value_input" not in steps
    assert steps["k"].formula == "k = x_K · W_K + b_K"
    v = steps["key_input"].values @ steps["w_v"].values + steps["b_v"].values
    np.testing.assert_allclose(v, steps["v"].values, atol=1e-5)


def test_windows_are_refused_and_passes_with_edits_begin_at_their_vectors() -> None:
    model = made("bert")
    with pytest.raises(ValueError, match="keep_weights must be left out with windows"):
        kept(model, windows=8)
    with pytest.raises(TypeError, match="keep_weights must be True or False, got str"):
        capture(model, TEXT, tokenizer=TOKENIZER, keep_weights="yes")  # type: ignore[call-overload]
    lab = lab_of(made("bert"))
    after = lab.trace_of(HeadOff(0, 1))
    assert names(after, 1)[:2] == ["q", "k"]


def answered(session: Session, **fields: Any) -> dict[str, Any]:
    steps = session.steps(session.number, {"name": "calculation", **fields})
    while True:
        try:
            next(steps)
        except StopIteration as end:
            answer: dict[str, Any] = end.value
            return answer


def test_a_widget_fetches_the_weights_once_they_are_asked_for() -> None:
    lab = lab_of(made("llama"))
    session = Session.of_pass(lab.trace, 1, TEXT, None, None, lambda: lab)
    answer = answered(session, kind="decoder", layer=2)
    assert answer["missing"] == {"before": None, "after": None}
    assert answer["reason"] == ""
    for step in answer["steps"]:
        header, _ = session.tensor(1, f"calculation/decoder/2/3/{step['name']}")
        assert header["shape"] == list(step["shape"])
    edits = [{"edit": "head_off", "layer": 0, "heads": [1]}]
    after = answered(session, kind="decoder", layer=2, edits=edits)
    assert after["missing"] == {"before": "edited", "after": "edited"}
    assert after["steps"][0]["name"] == "q"


def test_a_trace_alone_says_why_steps_are_missing() -> None:
    session = Session.of_trace(lab_of(made("llama")).trace)
    answer = answered(session, kind="decoder", layer=0)
    assert answer["missing"] == {"before": "no_model", "after": "no_model"}
    assert "keep_weights=True" in answer["reason"]
    whole = Session.of_trace(kept(made("llama")))
    assert answered(whole, kind="decoder", layer=0)["missing"] == {"before": None, "after": None}


def test_each_side_of_a_comparison_has_its_own() -> None:
    from attention_widget.widget.contrast_session import ContrastSession

    session = ContrastSession.of_contrast(compare(lab_of(made("llama")), lab_of(made("qwen2"))))
    for side in session.sides:
        steps = side.steps(side.number, {"name": "calculation", "kind": "decoder", "layer": 1})
        assert [*steps]
        shape = side.tensor(side.number, "calculation/decoder/1/0/w_q")[0]["shape"]
        assert shape == [32, 8]

"""The steps of a calculation are what the model's own modules computed, from the hidden input to
the block's output."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from support.loaded import TOKENIZER, load
from support.models import FAMILIES, TEXT

from attention_widget import Experiment, Trace, capture
from attention_widget.trace.calculation import Calculation

SENTENCE = "The colour purple is a novel idea"
CLOSE = 1e-5
"""As a share of the largest number of a step, and of 1 where that is less."""

Own = dict[str, tuple[NDArray[Any], NDArray[Any]]]


@contextmanager
def watched(model: Any, ends: Sequence[str]) -> Iterator[Own]:
    """What the modules whose paths end so are given and give out (token, dim), by path."""
    found: Own = {}

    def keep(path: str) -> Any:
        def hook(_: Any, args: Any, kwargs: Any, output: Any) -> None:
            given = args[0] if args else kwargs["hidden_states"]
            gave = output[0] if isinstance(output, tuple) else output
            found[path] = given[0].numpy().copy(), gave[0].numpy().copy()

        return hook

    hooks = [
        module.register_forward_hook(keep(path), with_kwargs=True)
        for path, module in model.named_modules()
        if path.endswith(tuple(ends))
    ]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()


def own_numbers(model: Any, tokenizer: Any, text: str, ends: Sequence[str]) -> Own:
    with watched(model, ends) as found, torch.no_grad():
        model(**tokenizer(text, return_tensors="pt"))
    return found


def assert_close(found: NDArray[Any], expected: NDArray[Any]) -> None:
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=CLOSE * max(1, abs(expected).max()))


def head_of(made: NDArray[Any], head: int, dim: int) -> NDArray[Any]:
    part: NDArray[Any] = made[:, head * dim : (head + 1) * dim]
    return part


def chained(steps: Calculation) -> dict[str, NDArray[Any]]:
    """The whole way computed anew in float64 from the input and the weights that are shown, where
    nothing stands between the projections and the product."""
    of: dict[str, Any] = {step.name: step.values.astype(np.float64) for step in steps.steps}
    x, made = of["input"], {}
    for name in "qkv":
        made[name] = x @ of[f"w_{name}"] + of.get(f"b_{name}", np.zeros((1, 1)))
    masked = made["q"] @ made["k"].T * steps.scale + of["masked"] - of["scaled"]
    weights = np.exp(masked - masked.max(1, keepdims=True))
    made["weights"] = weights / weights.sum(1, keepdims=True)
    made["output"] = made["weights"] @ made["v"]
    made["written"] = made["output"] @ of["w_o"]
    return made


def whole_block(trace: Trace, layer: int, kind: Any = None) -> NDArray[Any]:
    """What all heads write together, with the bias."""
    every = [trace.calculation(layer, head, kind) for head in range(trace.count_heads(layer, kind))]
    total: NDArray[Any] = sum(
        (one["written"].values.astype(np.float64) for one in every), np.zeros(())
    )
    return total + (every[0]["b_o"].values if "b_o" in every[0] else 0.0)


def test_every_step_of_minilm_is_its_own(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    trace = capture(model, SENTENCE, tokenizer=tokenizer, keep_weights=True)
    names = {"q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value"}
    own = own_numbers(model, tokenizer, SENTENCE, [*names.values(), "attention.output.dense"])
    for layer in range(6):
        out_given, out_gave = own[f"encoder.layer.{layer}.attention.output.dense"]
        for head in (0, 5, 11):
            steps = trace.calculation(layer, head)
            again = chained(steps)
            for name, path in names.items():
                given, gave = own[f"encoder.layer.{layer}.{path}"]
                assert (steps["input"].values == given).all()
                assert (steps["input"].values == trace.hidden_states(layer)).all()
                assert (steps[name].values == head_of(gave, head, 32)).all()
                assert_close(again[name], steps[name].values)
            assert (steps["weights"].values == trace.attention(layer)[head]).all()
            assert_close(again["weights"], steps["weights"].values)
            assert_close(again["output"], head_of(out_given, head, 32))
            assert_close(steps["output"].values, head_of(out_given, head, 32))
            assert_close(again["written"], steps["written"].values)
            assert (steps["block"].values == out_gave).all()
        assert_close(whole_block(trace, layer), out_gave)
    assert all(step.is_exact for step in trace.calculation(0, 0).steps)


def test_every_step_of_the_shape_of_gpt2_is_its_own() -> None:
    model = load("gpt2", "sdpa")
    trace = capture(model, TEXT, tokenizer=TOKENIZER, keep_weights=True)
    ends = ["attn.c_attn", "attn.c_proj", "ln_1"]
    own = own_numbers(model, TOKENIZER, TEXT, ends)
    for layer in range(3):
        at = f"transformer.h.{layer}"
        given, gave = own[f"{at}.attn.c_attn"]
        parts = np.split(gave, 3, axis=1)
        out_given, out_gave = own[f"{at}.attn.c_proj"]
        state, normed = own[f"{at}.ln_1"]
        for head in range(4):
            steps = trace.calculation(layer, head)
            again = chained(steps)
            assert (steps["hidden"].values == state).all()
            assert (steps["input"].values == normed).all()
            assert (normed == given).all()
            assert steps["input"].formula == "x = LayerNorm(h)"
            for name, part in zip("qkv", parts, strict=True):
                assert (steps[name].values == head_of(part, head, 8)).all()
                assert_close(again[name], steps[name].values)
            assert_close(again["output"], head_of(out_given, head, 8))
            assert_close(again["written"], steps["written"].values)
            assert (steps["block"].values == out_gave).all()
        assert_close(whole_block(trace, layer), out_gave)


def test_every_step_of_smollm_is_its_own(smollm: tuple[Any, Any]) -> None:
    from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

    model, tokenizer = smollm
    lab = Experiment(model, "The capital of France is", tokenizer=tokenizer)
    names = {"q": "self_attn.q_proj", "k": "self_attn.k_proj", "v": "self_attn.v_proj"}
    ends = [*names.values(), "self_attn.o_proj", "input_layernorm"]
    text = "The capital of France is"
    own = own_numbers(model, tokenizer, text, ends)
    trace = lab.with_weights()
    n = len(trace.tokens)
    cos, sin = model.model.rotary_emb(torch.zeros(1, n, 1), torch.arange(n)[None])
    for layer in (0, 1, 12, 23, 29):
        at = f"model.layers.{layer}"
        given = {name: own[f"{at}.{path}"] for name, path in names.items()}
        heads = {
            name: torch.from_numpy(made[1]).view(1, n, -1, 64).transpose(1, 2)
            for name, made in given.items()
        }
        q, k = (each[0].numpy() for each in apply_rotary_pos_emb(heads["q"], heads["k"], cos, sin))
        out_given, out_gave = own[f"{at}.self_attn.o_proj"]
        state, normed = own[f"{at}.input_layernorm"]
        for head in range(9):
            steps = trace.calculation(layer, head)
            assert [step.name for step in steps.steps][:5] == [
                *("hidden", "input", "w_q", "q", "q_rotated"),
            ]
            assert (steps["hidden"].values == state).all()
            assert (steps["input"].values == normed).all()
            for name in "qkv":
                own_head = head if name == "q" else head // 3
                assert (steps[name].values == heads[name][0, own_head].numpy()).all()
                assert_close(normed @ steps[f"w_{name}"].values, steps[name].values)
            assert_close(steps["q_rotated"].values, q[head])
            assert_close(steps["k_rotated"].values, k[head // 3])
            scores = q[head].astype(np.float64) @ k[head // 3].T
            assert_close(steps["scores"].values, scores)
            assert_close(steps["scaled"].values, scores / 8)
            assert np.isneginf(steps["masked"].values[np.triu_indices(n, 1)]).all()
            assert_close(steps["output"].values, head_of(out_given, head, 64))
            assert (steps["block"].values == out_gave).all()
        assert_close(whole_block(trace, layer), out_gave)


def normed_by(model: Any, name: str, state: NDArray[Any], near: NDArray[Any]) -> NDArray[Any]:
    """What the norms of a class make of a hidden state: of all that which is nearest."""
    given = torch.tensor(state)[None]
    width = state.shape[1]
    norms = [
        one
        for one in model.modules()
        if type(one).__name__ == name and next(one.parameters()).numel() == width
    ]
    with torch.no_grad():
        gave = [one(given)[0].numpy() for one in norms]
    return min(gave, key=lambda made: abs(made - near).max())


STEPS = {
    "albert bert distilbert electra roberta xlm_roberta": "input b_q b_k b_v b_o",
    "albert_groups bert_masked_lm": "input b_q b_k b_v b_o",
    "gpt2 gpt2_scaled_by_layer": "hidden input b_q b_k b_v b_o",
    "modernbert": "hidden input q_rotated k_rotated",
    "llama mistral mixtral phi3 gemma gemma2 granite falcon": "hidden input q_rotated k_rotated",
    "qwen2": "hidden input b_q q_rotated b_k k_rotated b_v",
    "qwen3 gemma3": "hidden input q_normed q_rotated k_normed k_rotated",
    "olmo2": "input q_normed q_rotated k_normed k_rotated",
    "gpt_neox": "hidden input b_q q_rotated b_k k_rotated b_v b_o",
    "gpt_oss": "hidden input b_q q_rotated b_k k_rotated b_v sink sunk b_o",
    "opt": "hidden input b_q q_scaled b_k b_v b_o",
    "gpt_neo": "hidden input b_o",
    "bloom": "hidden input b_q b_k b_v bias b_o",
    "mpt t5_encoder": "hidden input bias",
    "deberta_v2": "input b_q b_k k_scaled b_v bias b_o",
    "jamba": "hidden input",
}
"""Steps that not every family has, of its last layer with attention; all have the others."""

COMMON = {
    *("w_q", "q", "w_k", "k", "w_v", "v", "scores", "scaled", "masked", "weights", "output"),
    *("w_o", "written", "block"),
}


def of_family(family: str) -> set[str]:
    [own] = [steps for names, steps in STEPS.items() if family in names.split()]
    return {*own.split()} | COMMON


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_its_steps_and_they_follow_from_each_other(family: str) -> None:
    model = load(family, "eager")
    before = {name: each.clone() for name, each in model.state_dict().items()}
    trace = capture(model, TEXT, tokenizer=TOKENIZER, keep_weights=True)
    last = trace.projections[-1]
    names = [step.name for step in trace.calculation(last.layer, 1, last.kind).steps]
    assert {*names} == of_family(family)
    for known in trace.projections:
        assert known.refusal == ""
        block = trace.block(known.layer, known.kind)
        group = block.n_heads // block.n_kv_heads
        for head in range(block.n_heads):
            steps = trace.calculation(known.layer, head, known.kind)
            x = steps["input"].values.astype(np.float64)
            if "hidden" in steps:
                assert_close(normed_by(model, known.by, steps["hidden"].values, x), x)
            for name in "qkv":
                bias = steps[f"b_{name}"].values if f"b_{name}" in steps else 0.0
                assert_close(x @ steps[f"w_{name}"].values + bias, steps[name].values)
            ends = [
                step
                for step in steps.steps
                if re.match(r"[qkv](_normed|_scaled|_rotated)?$", step.name)
            ]
            entered = {step.name[0]: step.values for step in ends}
            assert (entered["q"] == block.query[head].numpy()).all()
            assert (entered["k"] == block.key[head // group].numpy()).all()
            assert (entered["v"] == block.value[head // group].numpy()).all()
        assert_close(whole_block(trace, known.layer, known.kind), steps["block"].values)
    after = model.state_dict()
    assert all(torch.equal(after[name], each) for name, each in before.items())
    assert not any(module._forward_hooks for module in model.modules())


def test_weights_are_saved_and_read_back(minilm: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = minilm
    trace = capture(model, SENTENCE, tokenizer=tokenizer, keep_weights=True, layers=[1, 4])
    assert [known.layer for known in trace.projections] == [1, 4]
    assert trace.nbytes > capture(model, SENTENCE, tokenizer=tokenizer, layers=[1, 4]).nbytes
    trace.save(tmp_path / "t")
    loaded = Trace.load(tmp_path / "t")
    for one, other in zip(
        trace.calculation(4, 3).steps, loaded.calculation(4, 3).steps, strict=True
    ):
        assert (one.name, one.formula) == (other.name, other.formula)
        assert (one.values == other.values).all()
    assert trace.words().projections == ()

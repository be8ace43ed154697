"""The angles by which queries and keys are turned are those of the model's own function."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import transformers
from support.loaded import TOKENIZER
from support.models import TEXT
from tiny_models import random_model

from attention_widget import Trace, capture
from attention_widget.demo import demo_language_model
from attention_widget.trace.rotation import Rotation
from attention_widget.widget.calculated import described

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script:DeprecationWarning")

_TINY: dict[str, Any] = {
    "vocab_size": 32,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
}
_CAUSAL = {**_TINY, "num_key_value_heads": 2, "bos_token_id": 2, "eos_token_id": 3}
_GPTJ = {"vocab_size": 32, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64}


def _scaled(kind: str, **settings: Any) -> dict[str, Any]:
    given = {"rope_type": kind, **settings}
    if hasattr(transformers.LlamaConfig(), "rope_parameters"):
        return {**_CAUSAL, "rope_parameters": {**given, "rope_theta": 10_000.0}}
    return {**_CAUSAL, "rope_scaling": given}


HALVES = [[0, 4], [1, 5], [2, 6], [3, 7]]
NEIGHBOURS = [[0, 1], [2, 3], [4, 5], [6, 7]]
_YARN = _scaled("yarn", factor=4.0, original_max_position_embeddings=16)
_LLAMA3 = _scaled(
    "llama3",
    factor=8.0,
    low_freq_factor=1.0,
    high_freq_factor=4.0,
    original_max_position_embeddings=32,
)
MODELS: dict[str, tuple[str, dict[str, Any], list[list[int]]]] = {
    "llama": ("Llama", _CAUSAL, HALVES),
    "linear": ("Llama", _scaled("linear", factor=4.0), HALVES),
    "dynamic": ("Llama", {**_scaled("dynamic", factor=2.0), "max_position_embeddings": 8}, HALVES),
    "yarn": ("Llama", _YARN, HALVES),
    "llama3": ("Llama", _LLAMA3, HALVES),
    "cohere": ("Cohere", _CAUSAL, NEIGHBOURS),  # interleaved
    "glm": ("Glm", {**_CAUSAL, "head_dim": 8}, NEIGHBOURS[:2]),  # interleaved, a part
    "phi": ("Phi", _CAUSAL, [[0, 2], [1, 3]]),  # a part
    "neox": ("GPTNeoX", _TINY, [[0, 1]]),
    "gptj": ("GPTJ", {**_GPTJ, "rotary_dim": 4}, NEIGHBOURS[:2]),
    "hunyuan": ("HunYuanDenseV1", {**_CAUSAL, "head_dim": 8}, HALVES),  # before its norm
    "nanochat": ("NanoChat", _CAUSAL, HALVES),  # the other way round
    "esm": ("Esm", {**_TINY, "position_embedding_type": "rotary", "mask_token_id": 1}, HALVES),
}


def traced(name: str) -> Trace:
    model, settings, _ = MODELS[name]
    for suffix in ("ForCausalLM", "Model"):
        if cls := getattr(transformers, model + suffix, None):
            config = getattr(transformers, f"{model}Config")(**settings)
            made = random_model(cls, config, "eager")
            return capture(made, TEXT, tokenizer=TOKENIZER, keep_weights=True)
    pytest.skip(f"this transformers has no {model}")


def _before(trace: Trace, letter: str, head: int) -> tuple[Any, Any]:
    """Vectors before the turn, and after it."""
    steps = trace.calculation(1, head).steps
    names = [step.name for step in steps]
    at = names.index(f"{letter}_rotated")  # type: ignore[arg-type]
    return steps[at - 1].values, steps[at].values


@pytest.mark.parametrize("name", MODELS)
def test_turning_by_the_angles_gives_the_models_own_vectors(name: str) -> None:
    trace = traced(name)
    rotation = trace.calculation(1, 2).rotation
    assert rotation is not None
    assert rotation.pairs.tolist() == MODELS[name][2]
    for head in range(4):
        for letter, side in (("q", "query"), ("k", "key")):
            before, after = _before(trace, letter, head)
            made = rotation.turn(before, side)  # type: ignore[arg-type]
            np.testing.assert_allclose(made, after, atol=1e-5)
            still = np.setdiff1d(np.arange(before.shape[1]), rotation.pairs)
            np.testing.assert_array_equal(after[:, still], before[:, still])


def test_yarn_and_esm_have_a_size_of_their_own() -> None:
    yarn = traced("yarn").calculation(0, 0).rotation
    assert yarn
    assert yarn.scaling[0] == yarn.scaling[1] == traced("yarn").positions[0].scaling > 1
    esm = traced("esm").calculation(0, 0).rotation
    assert esm
    assert list(esm.scaling) == pytest.approx([8**-0.5, 1.0], abs=1e-6)


@pytest.mark.slow
def test_smollms_angles_are_those_of_its_function() -> None:
    """Its own rotary module and its own function, called from here, on its own projections."""
    from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

    model, tokenizer = demo_language_model()
    text = "When Mary and John went to the store"
    trace = capture(model, text, tokenizer=tokenizer, keep_weights=True, layers=[5])
    found = trace.calculation(5, 4)
    rotation = found.rotation
    assert rotation
    own: Any = model
    n = len(trace.tokens)
    cos, sin = own.model.rotary_emb(torch.zeros(1, n, 1), torch.arange(n)[None])
    np.testing.assert_allclose(np.cos(rotation.angles), cos[0, :, :32], atol=1e-6)
    np.testing.assert_allclose(np.sin(rotation.angles), sin[0, :, :32], atol=1e-6)
    q, k = (torch.from_numpy(found[name].values)[None, None] for name in ("q", "k"))
    for side, made in zip(("query", "key"), apply_rotary_pos_emb(q, k, cos, sin), strict=True):
        letter = side[0]
        step = found[f"{letter}_rotated"].values
        np.testing.assert_allclose(step, made[0, 0], atol=1e-5)
        turned = rotation.turn(found[letter].values, side)  # type: ignore[arg-type]
        np.testing.assert_allclose(turned, made[0, 0], atol=1e-5)


def test_a_pair_is_the_two_numbers_of_the_formula() -> None:
    made = Rotation(np.array([[0, 2]]), np.array([0.5]), np.array([0.0, 3.0]))
    q = np.array([[1.0, 9.0, 2.0], [1.0, 9.0, 2.0]], dtype=np.float32)
    angle = 3 * 0.5
    first = 1 * np.cos(angle) - 2 * np.sin(angle)
    second = 2 * np.cos(angle) + 1 * np.sin(angle)
    np.testing.assert_allclose(made.turn(q, "query"), [q[0], [first, 9, second]], atol=1e-6)


def test_padding_on_the_left_has_position_0() -> None:
    model, own = demo_language_model()
    import copy

    tokenizer = copy.deepcopy(own)
    tokenizer.padding_side = "left"
    texts = ["the keys", "the keys to the old cabinet"]
    row = capture(model, texts, tokenizer=tokenizer, keep_weights=True, layers=[0])[0]
    rotation = row.calculation(0, 0).rotation
    assert rotation
    first = next(token.index for token in row.tokens if not token.padding)
    assert first > 0
    assert rotation.positions.tolist() == [0.0] * first + [*range(len(row.tokens) - first)]
    found = described(row, "decoder", 0, None)["rotation"]
    assert found["first"] == first


@pytest.mark.parametrize("name", ["bert", "gpt2", "mpt"])
def test_what_turns_nothing_has_none(name: str) -> None:
    from support.loaded import load

    trace = capture(load(name, "eager"), TEXT, tokenizer=TOKENIZER, keep_weights=True)
    assert trace.calculation(0, 0).rotation is None
    assert described(trace, trace.kinds[0], 0, None)["rotation"] is None

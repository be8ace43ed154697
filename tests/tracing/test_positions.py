"""How a model tells positions apart is read off the model itself, and equals its own functions."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from support import hearing
from support.loaded import TOKENIZER, load, traced
from support.models import FAMILIES, TEXT, has
from tiny_models import random_model, tiny_model
from transformers import PreTrainedModel

from attention_widget import Positions, Trace, UnsupportedModelError, capture, positions
from attention_widget.demo import demo_language_model, demo_model
from attention_widget.errors import InvalidTypeError, InvalidValueError, NotFoundError
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.tracer import Tracer

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script:DeprecationWarning")

LEFT = copy.deepcopy(TOKENIZER)
LEFT.padding_side = "left"

_TINY: dict[str, Any] = {
    "vocab_size": 32,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
}
_CAUSAL: dict[str, Any] = {**_TINY, "num_key_value_heads": 2, "bos_token_id": 2, "eos_token_id": 3}
_ROTARY = """
    llama qwen2 qwen3 gemma gemma2 mistral phi3 gpt_neox olmo2 granite falcon modernbert gpt_oss
"""


def made(name: str, **settings: Any) -> PreTrainedModel:
    """A tiny random model of these settings."""
    for suffix in ("ForCausalLM", "EncoderModel", "Model", "MTModel", "ForConditionalGeneration"):
        config = name.removesuffix("Encoder") + "Config"
        if cls := getattr(transformers, name + suffix, None):
            return random_model(cls, getattr(transformers, config)(**settings), "eager")
    raise LookupError(name)


def read_alike(model: Any, n: int) -> Trace:
    """What is left of a pass over tokens that are all the same: of models that turn queries and
    keys nothing but the turning tells them apart."""
    trace = capture(model, TEXT, tokenizer=TOKENIZER)
    same = tuple(trace.tokens[1] for _ in range(n))
    ids = torch.full((1, n), same[0].id or 0, dtype=torch.long)
    tracer = Tracer(model, TOKENIZER, progress=False)
    return tracer.trace(Encoded({"input_ids": ids}, same, (TEXT,)))[0]


def turned_by(vector: torch.Tensor, angles: torch.Tensor, is_split: bool) -> torch.Tensor:
    """Pairs of a vector (..., dim) turned by angles (position, pair)."""
    cos, sin = angles.cos(), angles.sin()
    half = vector.shape[-1] // 2
    a, b = (
        (vector[..., :half], vector[..., half:])
        if is_split
        else (vector[..., ::2], vector[..., 1::2])
    )
    first, second = a * cos - b * sin, b * cos + a * sin
    if is_split:
        return torch.cat([first, second], -1)
    return torch.stack([first, second], -1).flatten(-2)


def assert_turns(trace: Trace, one: Positions, atol: float) -> None:
    """Queries and keys of equal tokens are those of the first, turned by the angles."""
    angles = torch.from_numpy(one.table.copy())
    for layer in one.layers:
        block = trace.block(layer)
        if trace.block(0).has_sinks and layer:
            break  # a sink takes more from the first tokens: they differ from here on
        for vectors in (block.query.float(), block.key.float()):
            rest = vectors[..., one.turned :]
            assert torch.allclose(rest, rest[:, :1].expand_as(rest), atol=atol)
            found = vectors[..., : one.turned]
            ways = [
                torch.allclose(
                    turned_by(found[:, :1] / one.scaling, angles, split) * one.scaling,
                    found,
                    atol=atol,
                )
                for split in (True, False)
            ]
            assert any(ways), (layer, one)


def test_learned_table_is_the_models_own() -> None:
    model: Any = transformers.AutoModel.from_pretrained(demo_model())
    [found] = positions(model, 40)
    weight = model.embeddings.position_embeddings.weight
    assert found.encoding == "learned"
    np.testing.assert_array_equal(found.table, weight[:40].detach().numpy())
    rows = found.table[[3, 7]].astype(np.float64)
    cosine = rows[0] @ rows[1] / np.linalg.norm(rows[0]) / np.linalg.norm(rows[1])
    assert found.similarity[3, 7] == pytest.approx(cosine, abs=1e-6)


def test_left_of_a_padded_row_positions_count_from_its_first_token() -> None:
    model, own = demo_language_model()
    tokenizer = copy.deepcopy(own)
    tokenizer.padding_side = "left"
    row = capture(model, ["the keys", "the keys to the old cabinet"], tokenizer=tokenizer)[0]
    [found] = row.positions
    first = next(token.index for token in row.tokens if not token.padding)
    assert found.first == first > 0
    places = (torch.arange(len(row.tokens)) - first).clamp(min=0)[None]
    loaded: Any = model
    with torch.no_grad():
        cos, _ = loaded.model.rotary_emb(torch.zeros(1, places.shape[1], 1), position_ids=places)
    np.testing.assert_allclose(np.cos(found.table), cos[0, :, : found.table.shape[1]], atol=1e-5)
    alone = capture(model, "the keys", tokenizer=tokenizer).positions[0]
    np.testing.assert_array_equal(found.similarity[first:, first:], alone.similarity)
    learned = capture(load("gpt2", "eager"), ["a", "a novel idea"], tokenizer=LEFT)[0].positions[0]
    assert learned.first > 0
    np.testing.assert_array_equal(learned.table[learned.first], learned.table[0])


def test_rotation_is_the_one_that_a_trained_models_queries_show() -> None:
    model, tokenizer = demo_language_model()
    [found] = positions(model, 48)
    own: Any = model
    x = torch.zeros(1, 48, 1)
    cos, sin = own.model.rotary_emb(x, torch.arange(48)[None])
    half = cos.shape[-1] // 2
    np.testing.assert_allclose(np.cos(found.table), cos[0, :, :half], atol=1e-5)
    np.testing.assert_allclose(np.sin(found.table), sin[0, :, :half], atol=1e-5)
    assert found.layers == tuple(range(30))
    assert (found.turned, found.dim, found.scaling) == (64, 64, 1.0)
    # what is left of the product of equal vectors by distance
    vector = torch.ones(1, 64)
    turned = turned_by(vector, torch.from_numpy(found.table.copy()), True)
    product = turned @ turned.T / 64
    np.testing.assert_allclose(found.similarity, product, atol=1e-5)
    trace = capture(model, "a a a a", tokenizer=tokenizer)
    assert [one.encoding for one in trace.positions] == ["rotary"]


@pytest.mark.parametrize(
    "family", [*_ROTARY.split(), "gptj", "smollm3", "cohere2", "gemma3_layers"]
)
def test_queries_and_keys_of_equal_tokens_differ_by_the_angles_alone(family: str) -> None:
    others = {
        "gptj": (
            "GPTJ",
            {
                "vocab_size": 32,
                "n_embd": 32,
                "n_layer": 2,
                "n_head": 4,
                "n_positions": 64,
                "rotary_dim": 4,
            },
        ),
        "smollm3": ("SmolLM3", {**_CAUSAL, "num_hidden_layers": 4}),
        "cohere2": ("Cohere2", {**_CAUSAL, "num_hidden_layers": 4, "sliding_window": 5}),
        "gemma3_layers": (
            "Gemma3",
            {
                **_CAUSAL,
                "head_dim": 8,
                "sliding_window": 5,
                "layer_types": ["sliding_attention", "full_attention"] * 2,
                "num_hidden_layers": 4,
            },
        ),
    }
    if family in others:
        name, settings = others[family]
        if family == "gemma3_layers":
            kind: Any = transformers.Gemma3ForCausalLM
            model = random_model(kind, transformers.Gemma3TextConfig(**settings), "eager")
        else:
            model = made(name, **settings)
    else:
        model = load(family, "eager")
    trace = read_alike(model, 9)
    turning = [one for one in trace.positions if one.encoding == "rotary"]
    still = [one for one in trace.positions if one.encoding == "none"]
    assert turning
    assert {one.encoding for one in trace.positions} <= {"rotary", "none"}
    layers = sorted(layer for one in trace.positions for layer in one.layers)
    assert layers == list(range(trace.n_layers))
    for one in turning:
        assert_turns(trace, one, 1e-4)
    for one in still:  # layers that turn nothing
        for layer in one.layers:
            query = trace.block(layer).query
            assert torch.allclose(query, query[:, :1].expand_as(query), atol=1e-4)
    if family in ("smollm3", "cohere2"):
        assert [one.layers for one in still] == [(3,)]
    if family == "gpt_neox":
        assert (turning[0].turned, turning[0].dim) == (2, 8)


@pytest.mark.parametrize(
    "scaling",
    [
        {"rope_type": "linear", "factor": 4.0},
        {"rope_type": "dynamic", "factor": 2.0},
        {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16},
        {
            "rope_type": "llama3",
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 32,
        },
    ],
    ids=lambda scaling: scaling["rope_type"],
)
def test_scaled_frequencies_are_those_of_the_pass(scaling: dict[str, Any]) -> None:
    longer = {"max_position_embeddings": 24 if scaling["rope_type"] == "dynamic" else 64}
    name = (
        "rope_parameters"
        if hasattr(transformers.LlamaConfig(), "rope_parameters")
        else "rope_scaling"
    )
    given = {**scaling, "rope_theta": 10_000.0} if name == "rope_parameters" else scaling
    model: Any = made("Llama", **{**_CAUSAL, **longer, name: given})
    heard: list[Any] = []
    handle = model.model.rotary_emb.register_forward_hook(lambda *call: heard.append(call[-1]))
    before = {name: each.clone() for name, each in model.named_buffers()}
    n = 24 if scaling["rope_type"] == "dynamic" else 40
    [found] = positions(model, n)
    handle.remove()
    cos, sin = heard[-1]
    half = cos.shape[-1] // 2
    np.testing.assert_allclose(found.scaling * np.cos(found.table), cos[0, :, :half], atol=1e-5)
    np.testing.assert_allclose(found.scaling * np.sin(found.table), sin[0, :, :half], atol=1e-5)
    assert all(torch.equal(each, before[name]) for name, each in model.named_buffers())
    assert (found.scaling > 1.0) is (scaling["rope_type"] == "yarn")


@pytest.mark.parametrize("name", ["T5", "UMT5"])
def test_relative_bias_is_what_the_models_function_computes(name: str) -> None:
    settings = {
        "vocab_size": 32,
        "d_model": 32,
        "d_kv": 8,
        "d_ff": 48,
        "num_layers": 3,
        "num_heads": 4,
        "decoder_start_token_id": 0,
    }
    model: Any = random_model(
        getattr(transformers, f"{name}ForConditionalGeneration"),
        getattr(transformers, f"{name}Config")(**settings),
        "eager",
    )
    found = positions(model, 20)
    for kind, stack in (("encoder", model.encoder), ("decoder", model.decoder)):
        of_kind = [one for one in found if one.kind == kind]
        assert [one.encoding for one in of_kind] == ["relative"] * (1 if name == "T5" else 3)
        assert sorted(i for one in of_kind for i in one.layers) == [0, 1, 2]
        for one in of_kind:
            module = stack.block[one.layers[0]].layer[0].SelfAttention
            with torch.no_grad():
                bias = module.compute_bias(20, 20)[0].numpy()
            for head in range(4):
                ours = one.between(head)
                known = ~np.isnan(ours)
                np.testing.assert_allclose(ours[known], bias[head][known], atol=1e-6)
                seen = (
                    np.tril(np.ones((20, 20), bool))
                    if kind == "decoder"
                    else np.ones((20, 20), bool)
                )
                np.testing.assert_array_equal(known, seen)


def test_alibi_slopes_are_those_of_blooms_function() -> None:
    model: Any = load("bloom", "eager")
    [found] = positions(model, 20)
    alibi = model.transformer.build_alibi_tensor(torch.ones(1, 20), 4, torch.float32)
    slopes = (alibi[:, 0, 1] - alibi[:, 0, 0]).numpy()
    assert found.encoding == "alibi"
    np.testing.assert_allclose(found.slopes, slopes, atol=1e-6)
    steps = np.arange(20)[:, None] - np.arange(20)
    ours = found.between(2)
    np.testing.assert_allclose(ours[steps >= 0], (-slopes[2] * steps)[steps >= 0], atol=1e-5)
    assert np.isnan(ours[steps < 0]).all()


def test_alibi_slopes_are_those_of_mpts_function() -> None:
    from transformers.models.mpt.modeling_mpt import build_mpt_alibi_tensor

    [found] = positions(load("mpt", "eager"), 20)
    alibi = build_mpt_alibi_tensor(4, 20)
    np.testing.assert_allclose(found.slopes, (alibi[:, 0, 1] - alibi[:, 0, 0]), atol=1e-6)


@pytest.mark.parametrize("name", ["Marian", "M2M100"])
def test_sinusoidal_tables_are_the_models_buffers(name: str) -> None:
    settings = {
        "vocab_size": 32,
        "d_model": 32,
        "encoder_layers": 2,
        "decoder_layers": 2,
        "encoder_attention_heads": 4,
        "decoder_attention_heads": 4,
        "encoder_ffn_dim": 48,
        "decoder_ffn_dim": 48,
        "max_position_embeddings": 64,
        "pad_token_id": 0,
        "decoder_start_token_id": 2,
        "eos_token_id": 3,
        "bos_token_id": 2,
    }
    torch.manual_seed(0)
    suffix = "MTModel" if name == "Marian" else "ForConditionalGeneration"
    config = getattr(transformers, f"{name}Config")(**settings)
    model: Any = getattr(transformers, name + suffix)(config).eval()
    for one, stack in zip(
        positions(model, 20), (model.model.encoder, model.model.decoder), strict=True
    ):
        own = stack.embed_positions
        if name == "Marian":
            own.weight.data = own.create_weight()
            continue
        np.testing.assert_allclose(one.table, own.weights[1:21], atol=1e-6)
    found = positions(model, 20)
    assert [(one.kind, one.encoding) for one in found] == [
        ("encoder", "sinusoidal"),
        ("decoder", "sinusoidal"),
    ]
    if name == "Marian":
        np.testing.assert_array_equal(
            found[0].table, model.model.encoder.embed_positions.weight[:20]
        )


def test_whispers_table_of_sound_is_its_own_buffer() -> None:
    """Rows of sines, made as Vaswani et al. have them, are added to frames of sound."""
    from transformers.models.whisper.modeling_whisper import sinusoids

    model: Any = hearing.load("WhisperModel")
    own = model.embed_positions.weight
    assert not own.requires_grad
    own.copy_(sinusoids(*own.shape))  # as a model of the type begins, and a trained one has it
    sound = np.sin(np.arange(hearing.RATE) / 20).astype(np.float32)
    trace = capture(model, sound, processor=hearing.MEL, sampling_rate=hearing.RATE)
    [found] = trace.positions
    assert (found.kind, found.encoding, found.layers) == ("encoder", "sinusoidal", (0, 1))
    np.testing.assert_array_equal(found.table, own[: len(trace.tokens)].numpy())
    assert len(found.table) == 50


def test_roformers_table_turns_and_is_not_added() -> None:
    model: Any = random_model(
        transformers.RoFormerModel, transformers.RoFormerConfig(**_TINY), "eager"
    )
    own = model.encoder.embed_positions
    own.weight.data = own.create_weight()
    trace = read_alike(model, 9)
    [found] = trace.positions
    assert found.encoding == "rotary"
    assert_turns(trace, found, 1e-4)


def test_a_model_may_have_several() -> None:
    found = positions(made("MPNet", **_TINY), 12)
    assert [one.encoding for one in found] == ["learned", "relative"]


def test_falcon_with_alibi_turns_nothing() -> None:
    model = made(
        "Falcon",
        vocab_size=32,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        alibi=True,
    )
    [found] = positions(model, 12)
    assert found.encoding == "alibi"
    query = read_alike(model, 7).block(0).query
    assert torch.allclose(query, query[:, :1].expand_as(query), atol=1e-5)


def test_what_is_not_known_is_refused_by_name() -> None:
    model = tiny_model("cpmant")  # what it adds is for words of a prompt too
    with pytest.raises(UnsupportedModelError, match="CpmAnt"):
        positions(model, 8)
    assert not traced(model).positions


def test_what_depends_on_the_text_is_never_drawn_as_a_bias() -> None:
    found = traced(load("deberta_v2", "eager")).positions
    assert [one.encoding for one in found] == ["learned", "relative_table"]
    with pytest.raises(NotFoundError, match="no bias by distance"):
        _ = found[1].bias


def test_jamba_has_none() -> None:
    if not has("jamba"):
        pytest.skip("this transformers has no Jamba")
    [found] = traced(load("jamba", "eager")).positions
    assert (found.encoding, found.layers) == ("none", (1, 3))
    with pytest.raises(NotFoundError):
        _ = found.similarity


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_known_or_says_so(family: str) -> None:
    trace = traced(load(family, "eager"))
    assert trace.positions
    for one in trace.positions:
        assert one.n == len(trace.tokens)
        assert set(one.layers) <= set(trace.layers_with_attention(one.kind))


class TestAsking:
    def test_n_is_checked(self) -> None:
        model = load("bert", "eager")
        with pytest.raises(InvalidValueError, match="at most 64"):
            positions(model, 65)
        with pytest.raises(InvalidValueError, match="at least 1"):
            positions(model, 0)
        with pytest.raises(InvalidTypeError, match="whole number"):
            positions(model, 2.5)  # type: ignore[arg-type]

    def test_cross_attention_has_none(self) -> None:
        with pytest.raises(InvalidValueError, match="cross-attention has no positions"):
            positions(load("bert", "eager"), 4, kind="cross")

    def test_a_single_position(self) -> None:
        [found] = positions(load("llama", "eager"), 1)
        assert found.table.shape == (1, 4)
        assert found.similarity.shape == (1, 1)

    def test_a_trace_keeps_them_in_its_file(self, tmp_path: Any) -> None:
        for family in ("bert", "llama", "t5_encoder", "bloom"):
            trace = traced(load(family, "eager"))
            trace.save(tmp_path / "trace")
            [before], [after] = trace.positions, Trace.load(tmp_path / "trace").positions
            assert repr(after) == repr(before)
            for ours, theirs in zip(before.tensors, after.tensors, strict=True):
                assert torch.equal(ours.nan_to_num(), theirs.nan_to_num())

    def test_words_have_none(self) -> None:
        assert traced(load("bert", "eager")).words().positions == ()

"""Positions of models that keep or use them in a way of their own, against their own functions."""

from __future__ import annotations

from typing import Any
from unittest import mock

import numpy as np
import pytest
import torch
import transformers
from support.loaded import traced
from tiny_models import model_types, random_model, tiny_model

from attention_widget import capture, positions
from attention_widget.demo import demo_model
from attention_widget.errors import NotFoundError

KNOWN = model_types()
N = 12


def made(model_type: str) -> Any:
    if model_type not in KNOWN:
        pytest.skip(f"transformers does not know {model_type}")
    return tiny_model(model_type)


LEARNED: dict[str, tuple[tuple[str, int], ...]] = {
    # by stack: the module of the table, and which of its rows is of the first token
    "openai-gpt": (("positions_embed", 0),),
    "longformer": (("embeddings.position_embeddings", 2),),
    "led": (("encoder.embed_positions", 0), ("decoder.embed_positions", 0)),
    "ibert": (("embeddings.position_embeddings", 2),),
    "prophetnet": (("encoder.position_embeddings", 1), ("decoder.position_embeddings", 1)),
    "clvp_decoder": (("decoder.position_embeds_layer", 0),),
}


@pytest.mark.parametrize("model_type", LEARNED)
def test_learned_tables_are_the_models_own_by_whatever_name(model_type: str) -> None:
    model = made(model_type)
    found = [one for one in positions(model, N) if one.encoding == "learned"]
    for one, (path, first) in zip(found, LEARNED[model_type], strict=True):
        weight = model.get_submodule(path).weight.detach()
        assert one.source == path
        assert not torch.equal(weight[first], weight[first + 1])
        np.testing.assert_array_equal(one.table, weight[first : first + N].numpy())


def test_ctrls_table_is_its_buffer_and_its_function() -> None:
    from transformers.models.ctrl.modeling_ctrl import positional_encoding

    model = made("ctrl")
    [found] = positions(model, N)
    assert (found.encoding, found.source) == ("sinusoidal", "pos_encoding")
    np.testing.assert_array_equal(found.table, model.pos_encoding[:N].numpy())
    width = model.config.n_embd
    np.testing.assert_allclose(found.table, positional_encoding(N, width, torch.float32), atol=1e-5)


def test_a_table_of_sines_that_is_kept_as_a_buffer() -> None:
    model = made("videoprism_text_model")
    [found] = positions(model, N)
    assert found.encoding == "sinusoidal"
    np.testing.assert_array_equal(found.table, model.embeddings.position_embedding[:N].numpy())


class TestXLNet:
    def test_its_rows_are_those_of_its_function(self) -> None:
        model = made("xlnet")
        [found] = positions(model, N)
        assert found.encoding == "relative_sinusoidal"
        assert found.layers == tuple(range(model.config.n_layer))
        own = model.relative_positional_encoding(N, N, bsz=1)[:, 0]  # of n, n - 1, ... 1 - n
        by_distance = {N - at: row for at, row in enumerate(own)}
        expected = torch.stack([by_distance[distance] for distance in range(1 - N, N)])
        np.testing.assert_allclose(found.table, expected, atol=1e-5)
        np.testing.assert_array_equal(found.bucket, np.arange(1 - N, N))
        assert found.paper.startswith("Dai et al. 2019")
        with pytest.raises(NotFoundError, match="ask between"):
            _ = found.similarity

    def test_its_heads_make_their_keys_of_these_rows(self) -> None:
        """What each layer multiplies queries with, and adds, is what it makes of the rows."""
        from transformers.models.xlnet import modeling_xlnet

        attention: Any = modeling_xlnet.XLNetRelativeAttention
        model = made("xlnet")
        of_layers: list[tuple[torch.Tensor, torch.Tensor]] = []
        shift = attention.rel_shift_bnij

        def shifted(raw: torch.Tensor, klen: int = -1) -> torch.Tensor:
            done: torch.Tensor = shift(raw, klen)
            of_layers.append((raw, done))
            return done

        keys: list[torch.Tensor] = []
        core = attention.rel_attn_core

        def attend(self: Any, q: Any, k: Any, v: Any, of_rows: torch.Tensor, **rest: Any) -> Any:
            keys.append(of_rows)
            return core(self, q, k, v, of_rows, **rest)

        with (
            mock.patch.object(attention, "rel_shift_bnij", staticmethod(shifted)),
            mock.patch.object(attention, "rel_attn_core", attend),
        ):
            [found] = positions(model, N)
        rows = torch.from_numpy(found.table.copy())
        for layer, of_rows in enumerate(keys):
            own = model.layer[layer].rel_attn.r.detach()
            made_of = torch.einsum("dh,hna->dna", rows, own)  # by distance from 1 - n on
            theirs = of_rows[1:, 0].flip(0)
            np.testing.assert_allclose(made_of, theirs, atol=1e-5)
        places = np.arange(N)
        for raw, done in of_layers:  # that a query and a key take the row of their distance
            of_distance = raw[0, :, places[:, None], N - (places[:, None] - places)]
            np.testing.assert_array_equal(of_distance.numpy(), done[0].numpy())
        assert len(keys) == len(of_layers) == len(found.layers)


def test_roformers_table_is_its_buffer_and_turns_as_its_function_does() -> None:
    from transformers.models.roformer.modeling_roformer import RoFormerSelfAttention

    settings: dict[str, Any] = {
        "vocab_size": 32,
        "hidden_size": 32,
        "embedding_size": 32,
        "num_hidden_layers": 2,
    }
    config = transformers.RoFormerConfig(
        **settings, num_attention_heads=4, intermediate_size=48, max_position_embeddings=64
    )
    model: Any = random_model(transformers.RoFormerModel, config, "eager")
    own = model.encoder.embed_positions
    own.weight.data = own.create_weight()
    [found] = positions(model, N)
    assert (found.encoding, found.turned, found.dim) == ("rotary", 8, 8)
    angles = torch.from_numpy(found.table.copy())
    rows = torch.cat([angles.sin(), angles.cos()], 1)
    np.testing.assert_allclose(rows, own.weight[:N].detach(), atol=1e-5)
    query, key = torch.randn(2, 1, 4, N, 8, generator=torch.Generator().manual_seed(1))
    turned = RoFormerSelfAttention.apply_rotary_position_embeddings(
        own.weight[None, None, :N].detach(), query, key
    )
    for vectors, theirs in zip((query, key), turned, strict=True):
        a, b = vectors[..., ::2], vectors[..., 1::2]
        cos, sin = angles.cos(), angles.sin()
        ours = torch.stack([a * cos - b * sin, b * cos + a * sin], -1).flatten(-2)
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_paligemma_counts_from_1() -> None:
    model = made("paligemma")
    [found] = positions(model, N)
    assert (found.encoding, found.first) == ("rotary", -1)
    rotary = model.language_model.rotary_emb
    cos, sin = rotary(torch.zeros(1, N, 1), torch.arange(1, N + 1)[None])
    half = cos.shape[-1] // 2
    np.testing.assert_allclose(np.cos(found.table), cos[0, :, :half], atol=1e-5)
    np.testing.assert_allclose(np.sin(found.table), sin[0, :, :half], atol=1e-5)
    np.testing.assert_allclose(found.similarity, found.similarity.T, atol=1e-6)
    assert found.similarity[0, 0] == 1.0


def test_layers_that_name_their_rotation_have_that_one() -> None:
    model = made("deepseek_v4")
    found = positions(model, N)
    named = {each.layer_idx: each.rope_layer_type for each in model.modules() if is_named(each)}
    assert sorted(layer for one in found for layer in one.layers) == sorted(named)
    places = torch.arange(N)[None]
    for one in found:
        [label] = {named[layer] for layer in one.layers}
        cos, sin = model.rotary_emb(torch.zeros(1, N, 1), position_ids=places, layer_type=label)
        np.testing.assert_allclose(np.cos(one.table), cos[0], atol=1e-5)
        np.testing.assert_allclose(np.sin(one.table), sin[0], atol=1e-5)


def is_named(module: Any) -> bool:
    return hasattr(module, "rope_layer_type") and isinstance(
        getattr(module, "layer_idx", None), int
    )


@pytest.mark.parametrize(
    "model_type", ["nemotron_h", "zamba", "zamba2", "granitemoehybrid", "kimi_linear"]
)
def test_layers_that_are_told_nothing_turn_nothing_and_add_nothing(model_type: str) -> None:
    """Queries are what the layer's own projection gave, and nothing is added to scores."""
    model = made(model_type)
    given: dict[str, torch.Tensor] = {}
    handles = [
        module.register_forward_hook(lambda *call, path=path: given.update({path: call[-1]}))
        for path, module in model.named_modules()
        if path.rpartition(".")[2] == "q_proj"
    ]
    trace = traced(model)
    for handle in handles:
        handle.remove()
    [found] = trace.positions
    assert found.encoding == "none"
    assert found.layers == trace.layers_with_attention(found.kind)
    projected = list(given.values())
    assert projected
    for layer in found.layers:
        block = trace.block(layer)
        n_heads, n, dim = block.query.shape
        of_size = [one for one in projected if one.numel() == block.query.numel()]
        shaped = [one.reshape(-1, n, n_heads, dim)[0].transpose(0, 1) for one in of_size]
        assert any(torch.allclose(one, block.query, atol=1e-6) for one in shaped)
        assert block.bias is None


def test_a_trained_model_is_as_before() -> None:
    """Nothing of what is heard here was heard twice."""
    trace = capture(demo_model(), "Attention is a novel idea")
    assert [one.encoding for one in trace.positions] == ["learned"]

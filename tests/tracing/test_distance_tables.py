"""DeBERTa's rows for relative positions are those of its own table, in the buckets of its own
function, and what its own projections make of them is the bias of the pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from support.loaded import TOKENIZER, traced
from support.models import TEXT
from tiny_models import random_model
from transformers.models.deberta import modeling_deberta
from transformers.models.deberta_v2 import modeling_deberta_v2

from attention_widget import Positions, Trace, capture, positions
from attention_widget.errors import NotFoundError
from attention_widget.protocol.catalogue import compute
from attention_widget.trace.positions import first_of

_TINY: dict[str, Any] = {
    "vocab_size": 32,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
    "relative_attention": True,
    "pos_att_type": ["c2p", "p2c"],
    "type_vocab_size": 0,
    "max_relative_positions": -1,
}
_V2 = {**_TINY, "position_biased_input": False, "position_buckets": 8}
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "v1": ("Deberta", {**_TINY, "position_biased_input": False}),
    "v1, a short table": ("Deberta", {**_TINY, "max_relative_positions": 5}),
    "v2": ("DebertaV2", _V2),
    "v3": ("DebertaV2", {**_V2, "share_att_key": True, "norm_rel_ebd": "layer_norm"}),
    "v2, every distance": ("DebertaV2", {**_V2, "position_buckets": -1}),
    "v2, keys alone": ("DebertaV2", {**_V2, "pos_att_type": ["c2p"]}),
}


def made(name: str) -> Any:
    model, settings = MODELS[name]
    config = getattr(transformers, f"{model}Config")(**settings)
    found = random_model(getattr(transformers, f"{model}Model"), config, "eager")
    with torch.no_grad():
        for module in found.modules():  # a norm that does nothing would prove nothing
            if isinstance(module, torch.nn.LayerNorm):
                module.weight.mul_(torch.linspace(0.5, 1.5, len(module.weight)))
    return found


def table_of(trace: Trace) -> Positions:
    [found] = [one for one in trace.positions if one.encoding == "relative_table"]
    assert found.layers == (0, 1)
    return found


def own_places(model: Any, n: int) -> Any:
    """The bucket of each query and key (query, key), by the model's own function."""
    tokens = torch.zeros(1, n, 8)
    if isinstance(model, transformers.DebertaModel):
        return modeling_deberta.build_relative_position(tokens, tokens)[0]
    encoder = model.encoder
    return modeling_deberta_v2.build_relative_position(
        tokens,
        tokens,
        bucket_size=encoder.position_buckets,
        max_position=encoder.max_relative_positions,
    ).reshape(n, n)


@pytest.mark.parametrize("name", MODELS)
def test_rows_and_buckets_are_the_models_own(name: str) -> None:
    model = made(name)
    trace = traced(model)
    found = table_of(trace)
    n = len(trace.tokens)
    with torch.no_grad():
        own = model.encoder.get_rel_embedding().detach()
    half = len(own) // 2
    places = own_places(model, n).clamp(-half, half - 1)
    np.testing.assert_array_equal(found.between(), places)
    assert found.table.shape == (2 * n - 1, 32)
    for query in range(n):
        for key in range(n):
            row = found.table[query - key + n - 1]
            np.testing.assert_allclose(row, own[half + places[query, key]], atol=1e-6)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("layer", [0, 1])
def test_the_bias_is_what_the_models_maps_make_of_the_rows(name: str, layer: int) -> None:
    """Content to position and position to content, as He et al. 2021 have them."""
    model = made(name)
    trace = traced(model)
    table = torch.from_numpy(table_of(trace).table.copy())
    block, n, dim = trace.block(layer), len(trace.tokens), 8
    attention = model.encoder.layer[layer].attention.self
    ways = MODELS[name][1]["pos_att_type"]
    scale = (dim * (1 + len(ways))) ** 0.5
    distance = torch.arange(n)[:, None] - torch.arange(n) + n - 1

    def heads(vectors: torch.Tensor) -> torch.Tensor:
        return vectors.reshape(len(vectors), 4, dim).transpose(0, 1)

    if isinstance(model, transformers.DebertaModel):
        key_map, query_map = attention.pos_proj, attention.pos_q_proj
    elif attention.share_att_key:
        key_map, query_map = attention.key_proj, attention.query_proj
    else:
        key_map = attention.pos_key_proj
        query_map = getattr(attention, "pos_query_proj", None)
    # v1 divides its queries by the scale before the product, v2 its keys
    is_first = isinstance(model, transformers.DebertaModel)
    query = block.query * scale if is_first else block.query
    key = block.key if is_first else block.key * scale
    with torch.no_grad():
        of_keys = heads(key_map(table))[:, distance]  # (head, query, key, dim)
        bias = torch.einsum("hqd,hqkd->hqk", query, of_keys)
        if "p2c" in ways:
            of_queries = heads(query_map(table))[:, distance]
            bias = bias + torch.einsum("hkd,hqkd->hqk", key, of_queries)
    assert block.bias is not None
    np.testing.assert_allclose(block.bias, bias / scale, atol=1e-5)
    # as the calculation has it
    step = trace.calculation(layer, 2)["bias"].values
    np.testing.assert_allclose(step, (bias / scale)[2], atol=1e-5)


def test_far_distances_share_a_row() -> None:
    model = made("v3")
    [found] = positions(model, 40)
    near, far = found.bucket[39:44], found.bucket[-8:]
    np.testing.assert_array_equal(near, [0, 1, 2, 3, 4])
    assert len(set(far.tolist())) == 1
    np.testing.assert_array_equal(found.table[-1], found.table[-8])
    assert not np.array_equal(found.table[39], found.table[40])
    with pytest.raises(NotFoundError, match="ask between"):
        _ = found.similarity
    with pytest.raises(NotFoundError, match="no bias by distance"):
        _ = found.bias


def test_fewer_positions_have_the_same_rows() -> None:
    [whole] = positions(made("v2"), 40)
    few = first_of(whole, 7)
    np.testing.assert_array_equal(few.table, whole.table[33:46])
    np.testing.assert_array_equal(few.between(), whole.between()[:7, :7])


def test_what_is_sent_is_what_the_trace_has(tmp_path: Path) -> None:
    trace = traced(made("v3"))
    trace.save(tmp_path / "trace")
    for each in (trace, Trace.load(tmp_path / "trace")):
        found = table_of(each)
        index = each.positions.index(found)
        np.testing.assert_array_equal(compute(each, f"position_table/{index}"), found.table)
        np.testing.assert_array_equal(compute(each, f"position_pairs/{index}"), found.bucket[None])


def test_the_pass_and_the_model_stay_as_they_were() -> None:
    model = made("v3")
    ids = TOKENIZER(TEXT, return_tensors="pt").input_ids
    with torch.no_grad():
        before = model(ids).last_hidden_state
    capture(model, TEXT, tokenizer=TOKENIZER)
    with torch.no_grad():
        assert torch.equal(model(ids).last_hidden_state, before)
    assert not any(module._forward_pre_hooks for module in model.modules())

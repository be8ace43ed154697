"""Layers that attend in ways of their own are all recorded, or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from support.models import TEXT, tokenizer
from torch import nn
from transformers import PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput

from attention_widget.tracing import UnsupportedModelError, capture
from attention_widget.tracing.recording.recorded_pass import record

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script:DeprecationWarning")


class Config(PretrainedConfig):
    model_type = "for_this_test"


class Attention(nn.Module):
    """Self-attention written in one of several ways."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self.way = way
        self.qkv = nn.Linear(16, 48)
        self.weights: list[torch.Tensor] = []  # (head, query, key), for the test

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        query, key, value = self.qkv(hidden).unflatten(-1, (3, 2, 8)).permute(2, 0, 3, 1, 4)
        logits = query @ key.transpose(2, 3) / 8**0.5
        weights = logits.softmax(-1)
        if self.way == "sdpa":
            mixed = nn.functional.scaled_dot_product_attention(query, key, value)
        elif self.way == "einsum":
            logits = torch.einsum("bhqd,bhkd->bhqk", query, key) * 8**-0.5
            mixed = torch.einsum("bhqk,bhkd->bhqd", nn.functional.softmax(logits, dim=-1), value)
        elif self.way == "transposed":  # (batch, head, key, query), turned before the softmax
            logits = torch.matmul(key, query.transpose(2, 3)) / 8**0.5
            mixed = torch.matmul(logits.transpose(2, 3).softmax(dim=-1), value)
        elif self.way == "fused":  # a kernel called by itself
            kernel = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
            mixed = kernel(query, key, value)[0]
        elif self.way == "reweighted":
            weights = weights * torch.tensor([0.5, 1.0])[:, None, None]
            mixed = weights @ value
        else:  # two queries at a time, which no single product shows
            parts = query.unflatten(2, (-1, 1)).movedim(2, 0).flatten(0, 1)
            keys, values = (t.repeat(parts.shape[0], 1, 1, 1) for t in (key, value))
            mixed = ((parts @ keys.transpose(2, 3) / 8**0.5).softmax(-1) @ values).squeeze(2)
            mixed = mixed.transpose(0, 1)[None]
        self.weights.append(weights[0].detach())
        return mixed.transpose(1, 2).flatten(2)


class Layer(nn.Module):
    def __init__(self, way: str) -> None:
        super().__init__()
        self.attention = Attention(way)
        self.out = nn.Linear(16, 16)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = hidden + self.out(self.attention(hidden))
        return result


class Model(PreTrainedModel):
    """A stack in which each layer attends in a way of its own, as remote code may."""

    config_class = Config

    def __init__(self, *ways: str) -> None:
        super().__init__(Config())
        torch.manual_seed(0)
        self.embed = nn.Embedding(64, 16)
        self.layers = nn.ModuleList(Layer(way) for way in ways)

    def get_input_embeddings(self) -> nn.Embedding:
        return self.embed

    def forward(self, input_ids: torch.Tensor) -> BaseModelOutput:
        hidden = self.embed(input_ids) * 3
        for layer in self.layers:
            hidden = layer(hidden)
        return BaseModelOutput(last_hidden_state=hidden)


def test_layers_that_attend_in_different_ways_are_all_there() -> None:
    model = Model("sdpa", "einsum", "transposed", "reweighted", "sdpa")
    trace = capture(model, TEXT, tokenizer=tokenizer())
    assert sorted(one.layer for one in trace.operations) == [0, 1, 2, 3, 4]
    for index, layer in enumerate(model.layers):
        attention: Any = layer.attention
        np.testing.assert_allclose(trace.attention(index), attention.weights[-1], atol=1e-5)
    # probabilities that were changed after the softmax are kept as they are
    assert [one.layer for one in trace.maps] == [3]
    assert float(trace.attention(3)[0].sum(-1).max()) < 0.51


@pytest.mark.parametrize("way", ["chunked", "fused"])
def test_one_layer_out_of_reach_is_not_left_out_silently(way: str) -> None:
    model = Model("sdpa", way, "sdpa")
    with pytest.raises(UnsupportedModelError, match=r"'for_this_test'.*'layers\.1\.attention'"):
        capture(model, TEXT, tokenizer=tokenizer())


class Encoder(PreTrainedModel):
    """torch's own layers."""

    config_class = Config

    def __init__(self, batch_first: bool) -> None:
        super().__init__(Config())
        torch.manual_seed(0)
        self.batch_first = batch_first
        self.embed = nn.Embedding(64, 16)
        layer = nn.TransformerEncoderLayer(16, 2, 24, batch_first=batch_first, dropout=0.0)
        self.encoder = nn.TransformerEncoder(layer, 3, enable_nested_tensor=False)

    def get_input_embeddings(self) -> nn.Embedding:
        return self.embed

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None
    ) -> BaseModelOutput:
        hidden = self.embed(input_ids) * 3
        n = input_ids.shape[1]
        causal = torch.ones(n, n, dtype=torch.bool).triu(1)
        hidden = hidden if self.batch_first else hidden.transpose(0, 1)
        return BaseModelOutput(last_hidden_state=self.encoder(hidden, mask=causal))


@pytest.mark.parametrize("batch_first", [True, False])
def test_torch_layers_are_captured(batch_first: bool) -> None:
    model = Encoder(batch_first)
    trace = capture(model, TEXT, tokenizer=tokenizer())
    n = len(trace.tokens)
    assert trace.n_layers == len(trace.blocks) == 3
    for index, layer in enumerate(model.encoder.layers):
        state = torch.tensor(trace.hidden_states(index))[:, None]
        causal = torch.ones(n, n, dtype=torch.bool).triu(1)
        attend: Any = layer.self_attn
        attend.batch_first = False
        with torch.no_grad():
            _, own = attend(state, state, state, attn_mask=causal, average_attn_weights=False)
        np.testing.assert_allclose(trace.attention(index), own[0], atol=1e-5)


def test_longt5_blocks_are_put_together_right() -> None:
    """Its maps come from what it reports; their place shows in what the layer gives out."""
    from tiny_models import tiny_model

    model: Any = tiny_model("longt5", local_radius=3).get_encoder()
    trace = capture(model, TEXT, tokenizer=tokenizer())
    assert len(trace.maps) == 2
    assert len(trace.tokens) > 8  # three blocks of four tokens
    for layer, block in enumerate(model.block):
        inner = block.layer[0]
        attend = inner.LocalSelfAttention
        with torch.no_grad():
            state = inner.layer_norm(torch.tensor(trace.hidden_states(layer)))
            value = attend.v(state).unflatten(-1, (attend.n_heads, -1)).transpose(0, 1)
            mixed = torch.from_numpy(trace.attention(layer)) @ value
            own = attend.o(mixed.transpose(0, 1).flatten(1))
            after = torch.tensor(trace.hidden_states(layer)) + own
            feed = block.layer[-1](after[None])[0]
        np.testing.assert_allclose(feed, trace.hidden_states(layer + 1), atol=1e-4)


def test_a_pass_gives_what_was_found_in_it() -> None:
    model = Model("sdpa")
    ids = torch.tensor([[1, 2, 3]])
    recorded = record(model, dict(model.named_modules()), {"input_ids": ids}, {3})
    (layer,) = recorded.layers
    assert [one.path for one in layer.records] == layer.called == ["layers.0.attention"]
    assert (recorded.n_records, recorded.refusal) == (1, "")
    assert recorded.output.last_hidden_state.shape == (1, 3, 16)

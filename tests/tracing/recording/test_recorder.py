"""The self-check catches every way in which a record could be wrong, and lets right ones be."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from support.models import TEXT, has, tiny, tokenizer
from torch import nn
from transformers import PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput

from attention_widget.trace.mask import Mask
from attention_widget.tracing import UnsupportedModelError, capture
from attention_widget.tracing.recording import calls, checks, expected_output, recorder
from attention_widget.tracing.recording.checks import Checks
from attention_widget.tracing.recording.expected_output import Values, all_rows, dealt, turns
from attention_widget.tracing.recording.recorded_pass import record
from attention_widget.tracing.recording.recorder import Recorder
from attention_widget.tracing.recording.records import Record

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script:DeprecationWarning")

N, HEADS, KV_HEADS, DIM, VALUE_DIM = 11, 4, 2, 8, 6

Break = Callable[[Record], Record]


def a_record(dtype: torch.dtype = torch.float32, path: str = "layer.0") -> Record:
    """Attention with all there is: groups, a soft cap, bias, a window, sinks."""
    generator = torch.Generator().manual_seed(0)

    def random(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator).to(dtype)

    return Record(
        path=path,
        query=random(HEADS, N, DIM) * 2,
        key=random(KV_HEADS, N, DIM) * 2,
        value=random(KV_HEADS, N, VALUE_DIM),
        scale=DIM**-0.5,
        mask=Mask.causal(N, N, 6),
        softcap=4.0,
        bias=random(HEADS, N, N),
        sinks=random(HEADS),
    )


def output_of(one: Record) -> torch.Tensor:
    """What a model computes of it (query, head, dim), step by step in its own precision."""
    groups = HEADS // KV_HEADS
    key, value = one.key.repeat_interleave(groups, 0), one.value.repeat_interleave(groups, 0)
    logits = one.query @ key.transpose(1, 2) * one.scale
    if one.softcap is not None:
        logits = torch.tanh(logits / one.softcap) * one.softcap
    if one.bias is not None:
        logits = logits + one.bias
    logits = logits.masked_fill(~one.mask.visible(torch.arange(N)), float("-inf"))
    if one.sinks is not None:
        logits = torch.cat([logits, one.sinks[:, None, None].expand(-1, N, 1)], -1)
    return (logits.softmax(-1)[..., :N] @ value).transpose(0, 1)


def wrong(*given: tuple[Record, torch.Tensor]) -> list[str]:
    found = Checks()
    for one, output in given:
        found.add(one, output)
    found.finish()
    return [one.path for one in found.wrong]


BROKEN: dict[str, Break] = {
    "scale": lambda one: replace(one, scale=one.scale * 1.05),
    "swapped heads": lambda one: replace(one, query=one.query[[1, 0, 2, 3]]),
    "swapped key heads": lambda one: replace(one, key=one.key.flip(0)),
    "swapped value heads": lambda one: replace(one, value=one.value.flip(0)),
    "mask one key on": lambda one: replace(
        one, mask=Mask((one.mask.start + 1), (one.mask.stop + 1).clamp(max=N), N)
    ),
    "window one key wider": lambda one: replace(one, mask=Mask.causal(N, N, 7)),
    "no window": lambda one: replace(one, mask=Mask.causal(N, N)),
    "no mask": lambda one: replace(one, mask=Mask.full(N, N)),
    "no bias": lambda one: replace(one, bias=None),
    "another head's bias": lambda one: replace(one, bias=one.bias.roll(1, 0)),  # type: ignore
    "no soft cap": lambda one: replace(one, softcap=None),
    "no sinks": lambda one: replace(one, sinks=None),
    "queries one token on": lambda one: replace(one, query=one.query.roll(1, 1)),
    "keys one token on": lambda one: replace(one, key=one.key.roll(1, 1)),
    "values one token on": lambda one: replace(one, value=one.value.roll(1, 1)),
    "not a number": lambda one: replace(one, query=one.query * float("nan")),
}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
class TestTheCheck:
    def test_lets_what_is_right_through(self, dtype: torch.dtype) -> None:
        one = a_record(dtype)
        assert wrong((one, output_of(one))) == []

    def test_is_as_strict_as_it_says(self, dtype: torch.dtype) -> None:
        """Twice the limit is caught in every row of every head of the whole, and in those rows
        that are dealt out of what is transformers' own."""
        one, output = a_record(dtype), output_of(a_record(dtype)).float()
        made = expected_output.expected([one], [all_rows(HEADS, N)])
        sizes = output.transpose(0, 1)[None].abs()
        mixed, limits = made.mixed([Values.of(one)], sizes, torch.finfo(dtype).eps / 2)
        right = mixed[0].transpose(0, 1)
        looked_at = dealt(HEADS, N).of
        for head in range(HEADS):
            for row in range(N):
                for factor, caught in ((0.9, False), (2.5, True), (40.0, True)):
                    off = right.clone()
                    off[row, head, 2] += factor * limits[0, head, row, 2]
                    for whole in (True, False):
                        if factor == 2.5 and not whole:
                            continue  # the limit of one number for all is another
                        found = Checks()
                        found.add(replace(one), off.to(dtype), whole=whole)
                        found.finish()
                        seen = whole or row in looked_at[head]
                        assert bool(found.wrong) == (caught and seen), (head, row, factor, whole)

    @pytest.mark.parametrize("way", BROKEN)
    def test_catches_a_broken_record(self, dtype: torch.dtype, way: str) -> None:
        if dtype != torch.float32 and way == "scale":
            pytest.skip("a scale 5 % off lies within what half precision rounds")
        one = a_record(dtype)
        assert wrong((BROKEN[way](one), output_of(one))) == ["layer.0"]


@pytest.mark.parametrize(("heads", "queries"), [(1, 7), (4, 11), (12, 16), (12, 5), (3, 1)])
def test_every_row_is_dealt_out_and_every_head_has_three(heads: int, queries: int) -> None:
    rows = dealt(heads, queries).of
    assert set(rows.flatten().tolist()) == set(range(queries))
    assert all({0, queries // 2, queries - 1} <= set(row) for row in rows.tolist())


def test_rows_that_are_dealt_out_over_layers_are_all_there() -> None:
    n = turns(12, 512, 32)  # MiniLM's: to look at all in each layer would cost a twentieth
    assert n > 1
    rows = [set(dealt(12, 512, n, turn).of.flatten().tolist()) for turn in range(n)]
    assert set.union(*rows) == set(range(512))
    assert turns(32, 2048, 64) == turns(12, 128, 64) == turns(HEADS, N, DIM) == 1


def test_the_limits_are_those_of_the_documentation() -> None:
    found = re.findall(r"``(\d+) · u · ", expected_output.__doc__ or "")
    assert [int(number) for number in found] == [expected_output._FULL, expected_output._HALF]


def test_names_the_one_that_is_wrong_among_many() -> None:
    records = [a_record(path=f"layer.{index}") for index in range(5)]
    output = output_of(records[0])
    records[3] = BROKEN["no bias"](records[3])
    assert wrong(*((one, output) for one in records)) == ["layer.3"]


def test_checks_on_the_way_when_much_is_pending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_MOST_PENDING", 1)
    one = a_record()
    found = Checks()
    found.add(BROKEN["no mask"](one), output_of(one))
    assert len(found.wrong) == 1


def test_attention_that_is_not_a_number_is_let_through() -> None:
    one = a_record()
    one.key[0, 3] = float("nan")
    output = output_of(one)
    assert output.isnan().any()
    assert wrong((one, output)) == []


def test_rows_that_see_no_key_are_left_out() -> None:
    one = replace(a_record(), sinks=None)
    start = one.mask.start.clone()
    start[0] = 1  # the first query sees nothing: 0 in sdpa, uniform in eager
    one = replace(one, mask=Mask(start, one.mask.stop, N))
    for blank in (0.0, 0.7):
        output = output_of(one)
        output[0] = blank
        assert wrong((one, output)) == []


def test_another_reading_mends_scale_and_mask() -> None:
    one = a_record()
    given = BROKEN["no mask"](replace(one, scale=1.0))
    found = Checks()
    found.add(given, output_of(one), lambda: [replace(given, scale=1.0), one])
    found.finish()
    assert found.wrong == []
    assert (given.scale, given.mask) == (one.scale, one.mask)


def break_recorder(monkeypatch: pytest.MonkeyPatch, change: Break) -> None:
    """Have the recorder make records of calls wrong."""

    def make(**parts: Any) -> Record:
        return change(Record(**parts))

    for module in (recorder, calls):
        monkeypatch.setattr(module, "Record", make)


def shifted(one: Record) -> Record:
    stop = (one.mask.stop - 1).clamp(min=1)
    return replace(one, mask=Mask(one.mask.start, stop, one.mask.n_keys))


@pytest.mark.parametrize(
    ("family", "change"),
    [
        ("bert", lambda one: replace(one, scale=one.scale * 1.1)),
        ("bert", lambda one: replace(one, query=one.query.flip(0))),
        ("bert", shifted),
        ("llama", lambda one: replace(one, key=one.key.flip(0))),
        ("llama", shifted),
        ("t5_encoder", lambda one: replace(one, bias=None)),
        ("gpt_oss", lambda one: replace(one, sinks=None)),
        ("gemma2", lambda one: replace(one, softcap=None)),
    ],
)
def test_a_broken_recorder_is_caught_and_its_records_never_shown(
    monkeypatch: pytest.MonkeyPatch, family: str, change: Break
) -> None:
    if not has(family):
        pytest.skip(f"this transformers has no {family}")
    eager = family in ("gpt_oss", "gemma2")
    try:
        model = tiny(family, "eager" if eager else "sdpa")
    except ValueError:
        pytest.skip(f"{family} has no sdpa in this transformers")
    expected = capture(model, TEXT, tokenizer=tokenizer())
    break_recorder(monkeypatch, change)
    caught: list[Record] = []
    finish = Checks.finish

    def spy(self: Checks) -> None:
        finish(self)
        caught.extend(self.wrong)

    monkeypatch.setattr(Checks, "finish", spy)
    with suppress(UnsupportedModelError):
        trace = capture(model, TEXT, tokenizer=tokenizer())
        for one in expected.blocks:  # found in another way, and right
            np.testing.assert_allclose(trace.attention(one.layer), one.attention(), atol=1e-5)
    assert len(caught) >= len(expected.blocks)


def test_what_no_way_gives_right_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny("bert", "sdpa")
    break_recorder(monkeypatch, lambda one: replace(one, scale=one.scale * 1.1))
    monkeypatch.setattr(model.config, "return_dict", False)  # nothing is reported by name
    with pytest.raises(UnsupportedModelError, match=r"layer\.0.*what was recorded does not give"):
        capture(model, TEXT, tokenizer=tokenizer())


def test_a_model_whose_weights_are_not_numbers_is_captured() -> None:
    for family in ("llama", "bloom"):
        model = tiny(family, "eager")
        with torch.no_grad():
            next(p for name, p in model.named_parameters() if "embed" in name)[7] = float("nan")
        attention = capture(model, TEXT, tokenizer=tokenizer()).attention(0)
        assert np.isnan(attention).any()


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


def test_a_recorder_is_told_what_it_needs_to_know() -> None:
    model = Model("sdpa")
    ids = torch.tensor([[1, 2, 3]])
    found: Recorder = record(model, dict(model.named_modules()), {"input_ids": ids}, {3})
    assert found.called == found.heard == {"layers.0.attention"}
    assert found.refusal is None
    assert found.output.last_hidden_state.shape == (1, 3, 16)

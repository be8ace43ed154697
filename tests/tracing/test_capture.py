"""Capture: a trace holds what the model computed, for every architecture and implementation."""

from __future__ import annotations

import copy
import importlib
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from support.models import FAMILIES, TEXT, has, tiny, tokenizer
from transformers import PreTrainedModel

from attention_widget import Trace
from attention_widget.tracing import UnsupportedModelError, capture

# transformers before 5.2 scripts functions of ModernBERT and DeBERTa as it imports them
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script:DeprecationWarning")

TOKENIZER = tokenizer()


def load(family: str, attn_implementation: str, **settings: Any) -> PreTrainedModel:
    if not has(family):
        pytest.skip(f"transformers {transformers.__version__} has no {family}")
    try:
        return tiny(family, attn_implementation, **settings)
    except ValueError as error:
        if "does not support an attention implementation" not in str(error):
            raise
        pytest.skip(f"{family} has no {attn_implementation} in {transformers.__version__}")


def run(model: PreTrainedModel, **options: Any) -> Any:
    """The model's own pass, on a copy: output_hidden_states leaves hooks behind."""
    inputs = TOKENIZER(TEXT, return_tensors="pt")
    with torch.no_grad():
        return copy.deepcopy(model)(**inputs, **options)


def traced(model: PreTrainedModel) -> Trace:
    return capture(model, TEXT, tokenizer=TOKENIZER)


@pytest.mark.parametrize("attn_implementation", ["sdpa", "eager"])
@pytest.mark.parametrize("family", FAMILIES)
class TestEveryFamily:
    def test_attention_is_the_models_own(self, family: str, attn_implementation: str) -> None:
        model = load(family, attn_implementation)
        own = run(load(family, "eager"), output_attentions=True)
        if not torch.allclose(run(model)[0], own[0], atol=1e-3):
            # sdpa left out soft caps until transformers 5.1 and GPT-2's scaling by layer until
            # 5.1: nothing in the model reports its weights, but the next test holds there too
            pytest.skip(f"{family} computes something else under sdpa in this transformers")
        reported = [weights for weights in own.attentions if weights is not None]
        trace = traced(model)
        assert len(trace.blocks) == len(reported) > 0
        for block, weights in zip(trace.blocks, reported, strict=True):
            attention = trace.attention(block.layer)
            assert attention.dtype == np.float32
            np.testing.assert_allclose(attention, weights[0], atol=1e-5)

    def test_attention_times_values_is_what_the_layer_went_on_with(
        self, family: str, attn_implementation: str
    ) -> None:
        model = load(family, attn_implementation)
        entered: list[torch.Tensor] = []  # the inputs of all projections, in order

        def keep(module: torch.nn.Module, args: tuple[torch.Tensor, ...]) -> None:
            entered.append(args[0].detach().flatten(0, -2).clone())

        projections = (torch.nn.Linear, transformers.pytorch_utils.Conv1D)
        for module in model.modules():
            if isinstance(module, projections):
                module.register_forward_pre_hook(keep)
        trace = traced(model)
        for block in trace.blocks:
            groups = block.n_heads // block.n_kv_heads
            value = trace.values(block.layer).repeat(groups, 0)  # (head, key, dim)
            mixed = trace.attention(block.layer) @ value
            expected = torch.from_numpy(mixed).transpose(0, 1).flatten(1)  # (query, head * dim)
            assert any(
                found.shape == expected.shape and torch.allclose(found, expected, atol=1e-4)
                for found in entered
            )

    def test_scores_and_logits_come_from_queries_and_keys(
        self, family: str, attn_implementation: str
    ) -> None:
        trace = traced(load(family, attn_implementation))
        for block in trace.blocks:
            key = trace.keys(block.layer).repeat(block.n_heads // block.n_kv_heads, 0)
            product = trace.queries(block.layer) @ key.transpose(0, 2, 1) * block.scale
            np.testing.assert_allclose(block.scores(), product, atol=1e-4)
            assert block.sinks is not None or np.allclose(
                torch.from_numpy(block.logits()).softmax(-1), block.attention(), atol=1e-6
            )
            np.testing.assert_allclose(
                block.attention([1], [3, 0]), block.attention()[[1]][:, [3, 0]], atol=1e-6
            )

    def test_hidden_states_are_the_models_own(self, family: str, attn_implementation: str) -> None:
        model = load(family, attn_implementation)
        own = run(model, output_hidden_states=True).hidden_states
        trace = traced(model)
        assert trace.n_layers == len(own) - 1
        for layer, states in enumerate(own[:-1]):
            np.testing.assert_array_equal(trace.hidden_states(layer), states[0])
        # models report the last ones after their final norm, if they have one
        last = torch.tensor(trace.hidden_states(trace.n_layers))
        norms = [module for module in model.modules() if "Norm" in type(module).__name__]
        with torch.no_grad():
            candidates = [last, *(norm(last) for norm in norms if _fits(norm, last))]
        assert any(torch.allclose(found, own[-1][0], atol=1e-5) for found in candidates)

    def test_recording_changes_no_output(self, family: str, attn_implementation: str) -> None:
        model = load(family, attn_implementation)
        expected = run(model, **_without_cache(model))[0]
        outputs: list[torch.Tensor] = []
        model.register_forward_hook(lambda module, args, output: outputs.append(output[0]))
        traced(model)
        assert torch.equal(outputs[-1], expected)

    def test_nothing_of_the_size_of_a_map_is_kept(
        self, family: str, attn_implementation: str
    ) -> None:
        if family in ("deberta_v2", "t5_encoder"):
            pytest.skip(f"{family} adds a bias that differs for every pair of tokens")
        model = load(family, attn_implementation)
        n = len(TOKENIZER(TEXT)["input_ids"])
        trace = traced(model)
        states = sum(state.numel() for state in trace.hidden)
        vectors = sum(b.query.numel() + b.key.numel() + b.value.numel() for b in trace.blocks)
        small = sum(b.n_heads * (n + 1) + 2 * n for b in trace.blocks)
        assert trace.nbytes <= 4 * (states + vectors + small)
        assert all(block.mask.explicit is None for block in trace.blocks)


def _fits(norm: torch.nn.Module, state: torch.Tensor) -> bool:
    weight = getattr(norm, "weight", None)
    return weight is not None and weight.shape == state.shape[-1:]


def _without_cache(model: PreTrainedModel) -> dict[str, Any]:
    known = inspect.signature(model.forward).parameters
    return {"use_cache": False} if "use_cache" in known else {}


@pytest.mark.parametrize("attn_implementation", ["sdpa", "eager"])
def test_a_trained_model(minilm_path: Any, minilm: Any, attn_implementation: str) -> None:
    model = transformers.AutoModel.from_pretrained(
        minilm_path, attn_implementation=attn_implementation
    )
    eager = transformers.AutoModel.from_pretrained(minilm_path, attn_implementation="eager")
    inputs = minilm[1]("I read a good novel.", "Attention is a novel idea", return_tensors="pt")
    with torch.no_grad():
        own = eager(**inputs, output_attentions=True, output_hidden_states=True)
    trace = capture(model, "I read a good novel.", text_pair="Attention is a novel idea")
    assert [token.id for token in trace.tokens] == inputs["input_ids"][0].tolist()
    assert [token.segment for token in trace.tokens].count(1) == 5
    assert trace.texts == ("I read a good novel.", "Attention is a novel idea")
    assert (trace.n_layers, trace.block(0).n_heads) == (6, 12)
    for layer in range(6):
        np.testing.assert_allclose(trace.attention(layer), own.attentions[layer][0], atol=1e-5)
    for layer in range(7):
        np.testing.assert_allclose(
            trace.hidden_states(layer), own.hidden_states[layer][0], atol=1e-5
        )


def test_pipelines_and_folders_bring_their_tokenizer(minilm_path: Any, minilm: Any) -> None:
    expected = capture(minilm[0], "a novel idea", tokenizer=minilm[1])
    pipe = transformers.pipeline("feature-extraction", model=minilm[0], tokenizer=minilm[1])
    for given in (pipe, str(minilm_path)):
        found = capture(given, "a novel idea")
        np.testing.assert_array_equal(found.attention(3), expected.attention(3))
        assert found.tokens == expected.tokens


def test_grouped_heads_keep_keys_and_values_once() -> None:
    trace = traced(load("llama", "sdpa"))
    n = len(trace.tokens)
    assert trace.queries(0).shape == (4, n, 8)
    assert trace.keys(0).shape == trace.values(0).shape == (2, n, 8)


@pytest.mark.parametrize("family", ["mistral", "gemma3", "modernbert"])
def test_windows_hide_what_is_far(family: str) -> None:
    trace = traced(load(family, "sdpa"))
    far = [float(trace.attention(block.layer)[:, -1, 0].max()) for block in trace.blocks]
    assert min(far) == 0.0


def test_sinks_take_their_share() -> None:
    block = traced(load("gpt_oss", "eager")).block(0)
    logits = torch.from_numpy(block.logits())
    assert block.sinks is not None
    share = (block.sinks[:, None] - logits.logsumexp(-1)).sigmoid()  # (head, query)
    assert float(share.max()) > 0.1
    np.testing.assert_allclose(block.attention().sum(-1), 1 - share, atol=1e-5)


def test_soft_caps_are_applied() -> None:
    block = traced(load("gemma2", "eager")).block(0)
    assert block.softcap == 0.5
    logits = block.logits()
    assert float(np.abs(logits[np.isfinite(logits)]).max()) <= 0.5 < block.scores().max()


def test_layers_without_attention_have_hidden_states() -> None:
    trace = traced(load("jamba", "sdpa"))
    assert [block.layer for block in trace.blocks] == [1, 3]
    assert trace.n_layers == 4
    with pytest.raises(LookupError, match=r"layer 0 of .* has no \w+ attention; .* have: 1, 3"):
        trace.attention(0)


def test_layers_that_share_a_mask_share_its_conversion() -> None:
    blocks = traced(load("mistral", "sdpa")).blocks
    assert blocks[0].mask is blocks[1].mask


def test_encoders_and_decoders_are_told_apart() -> None:
    assert {block.kind for block in traced(load("bert", "sdpa")).blocks} == {"encoder"}
    assert {block.kind for block in traced(load("gpt2", "sdpa")).blocks} == {"decoder"}
    assert {block.kind for block in traced(load("llama", "eager")).blocks} == {"decoder"}


@pytest.mark.parametrize("attn_implementation", ["sdpa", "eager"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(dtype: torch.dtype, attn_implementation: str) -> None:
    trace = traced(_in(dtype, load("llama", attn_implementation)))
    block = trace.block(0)
    assert block.query.dtype == trace.hidden[0].dtype == dtype
    assert trace.attention(0).dtype == trace.hidden_states(0).dtype == np.float32
    own = run(_in(dtype, load("llama", "eager")), output_attentions=True).attentions
    np.testing.assert_allclose(trace.attention(0), own[0][0].float(), atol=0.05)


def _in(dtype: torch.dtype, model: Any) -> PreTrainedModel:
    converted: PreTrainedModel = model.to(dtype)
    return converted


@pytest.mark.slow
def test_flex_attention() -> None:
    own = run(load("mistral", "eager"), output_attentions=True).attentions
    with pytest.warns(DeprecationWarning, match="_compile"):  # transformers', at the first mask
        trace = traced(load("mistral", "flex_attention"))
    for layer, weights in enumerate(own):
        np.testing.assert_allclose(trace.attention(layer), weights[0], atol=1e-5)


@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")  # dynamo's
@pytest.mark.parametrize("way", ["module", "wrapper", "layers"])
def test_compiled_models_are_captured_and_stay_compiled(way: str) -> None:
    model = load("llama", "sdpa")
    expected = traced(model)
    graphs: list[object] = []

    def backend(graph: torch.fx.GraphModule, inputs: Any) -> Callable[..., Any]:
        graphs.append(graph)
        return graph.forward

    compiled: Any = model
    if way == "module":
        model.compile(backend=backend)
    elif way == "wrapper":
        compiled = torch.compile(model, backend=backend)
    else:
        for layer in model.model.layers:
            layer.compile(backend=backend)
    ids = TOKENIZER(TEXT, return_tensors="pt")["input_ids"]
    with torch.no_grad():
        compiled(ids, use_cache=False)
    n_graphs = len(graphs)
    assert n_graphs > 0
    trace = capture(compiled, TEXT, tokenizer=TOKENIZER)
    np.testing.assert_array_equal(trace.attention(2), expected.attention(2))
    with torch.no_grad():
        compiled(ids, use_cache=False)
    assert len(graphs) == n_graphs
    torch._dynamo.reset()


def _attend(
    module: Any, query: Any, key: Any, value: Any, mask: Any, visible: Any = None, **kwargs: Any
) -> tuple[torch.Tensor, None]:
    """Attention in plain torch, as a function of the interface returns it."""
    groups = query.shape[1] // key.shape[1]
    key, value = key.repeat_interleave(groups, 1), value.repeat_interleave(groups, 1)
    logits = query @ key.transpose(2, 3) * kwargs["scaling"]
    if visible is not None:
        logits = logits.masked_fill(~visible, float("-inf"))
    return (logits.softmax(-1) @ value).transpose(1, 2), None


@pytest.fixture
def registered() -> Any:
    """Registers an attention function under a name, for one test."""
    interface: Any = transformers.modeling_utils.ALL_ATTENTION_FUNCTIONS
    if isinstance(interface, dict):
        pytest.skip("functions can be registered from transformers 4.49 on")
    names: list[str] = []

    def register(name: str, function: Callable[..., Any]) -> None:
        names.append(name)
        type(interface).register(name, function)

    yield register
    for name in names:
        type(interface)._global_mapping.pop(name)


@pytest.mark.parametrize("causal", [True, False])
def test_registered_functions_are_read_by_what_they_do(registered: Any, causal: bool) -> None:
    def attend(
        module: Any, query: Any, key: Any, value: Any, mask: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, None]:
        visible = torch.ones(query.shape[2], key.shape[2], dtype=torch.bool)
        shown = visible.tril() if causal else visible
        return _attend(module, query, key, value, mask, shown, **kwargs)

    registered("mine", attend)
    model = load("llama", "sdpa")
    model.config._attn_implementation = "mine"
    attention = traced(model).attention(0)
    assert (float(np.triu(attention, 1).max()) == 0.0) == causal
    np.testing.assert_allclose(attention.sum(-1), 1.0, atol=1e-5)


def test_attention_that_cannot_be_followed_is_refused(registered: Any) -> None:
    def attend(*args: Any, **kwargs: Any) -> Any:
        output, _ = _attend(*args, **kwargs)
        return output * 2, None

    registered("doubled", attend)
    model = load("llama", "sdpa")
    model.config._attn_implementation = "doubled"
    with pytest.raises(UnsupportedModelError, match=r"LlamaForCausalLM \(model_type 'llama'\)"):
        traced(model)


@pytest.mark.parametrize("extra", [0, 1])
def test_flash_attention_windows_of_every_release(
    registered: Any, monkeypatch: pytest.MonkeyPatch, extra: int
) -> None:
    """Needs a GPU to run: here, a function of its module and meaning stands in for it."""

    def flash(
        module: Any, query: Any, key: Any, value: Any, mask: Any, sliding_window: Any, **kwargs: Any
    ) -> Any:
        assert mask is None or mask.ndim == 2
        index = torch.arange(query.shape[2])
        distance = index[:, None] - index
        visible = (distance >= 0) & (distance < sliding_window + extra)
        return _attend(module, query, key, value, None, visible, **kwargs)

    monkeypatch.setattr(flash, "__module__", "transformers.integrations.flash_attention")
    registered("flash_like", flash)
    model = load("mistral", "sdpa")
    model.config._attn_implementation = "flash_like"
    attention = traced(model).attention(0)
    assert (attention[0, 10] > 0).nonzero()[0].tolist() == list(range(6 - extra, 11))


def test_a_model_without_attention_is_named() -> None:
    config = transformers.MambaConfig(vocab_size=32, hidden_size=32, num_hidden_layers=2)
    model = transformers.MambaModel(config)
    with pytest.raises(
        UnsupportedModelError, match=r"MambaModel \(model_type 'mamba'\) has no att"
    ):
        traced(model)


def test_attention_in_code_of_its_own_is_named() -> None:
    config = transformers.YosoConfig(
        vocab_size=32,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=48,
        max_position_embeddings=64,
    )
    model = transformers.YosoModel(config)
    with pytest.raises(UnsupportedModelError, match=r"'yoso'.*YosoSelfAttention"):
        traced(model)


def test_the_encoder_of_an_encoder_decoder_is_captured_alone() -> None:
    config = transformers.BartConfig(
        vocab_size=32,
        d_model=32,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=48,
        decoder_ffn_dim=48,
    )
    trace = traced(transformers.BartModel(config).get_encoder())
    assert (trace.n_layers, {block.kind for block in trace.blocks}) == (2, {"encoder"})


def test_a_model_without_weights_is_refused() -> None:
    with torch.device("meta"):
        model = transformers.BertModel(transformers.BertConfig(num_hidden_layers=1))
    with pytest.raises(ValueError, match="meta device"):
        traced(model)


def test_the_door() -> None:
    door = importlib.import_module("attention_widget.tracing")
    assert door.__all__ == ["TraceTooLargeError", "UnsupportedModelError", "capture", "generate"]
    assert issubclass(UnsupportedModelError, ValueError)

"""Attention by other functions: registered, compiled, in half precision; or refused by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from support.loaded import TOKENIZER, load, run, traced
from support.models import TEXT
from transformers import PreTrainedModel

from attention_widget.tracing import UnsupportedModelError, capture

# transformers before 5.2 scripts functions of ModernBERT and DeBERTa as it imports them
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script:DeprecationWarning")


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
    errors = ["TraceTooLargeError", "UnsupportedModelError"]
    assert door.__all__ == ["Batch", *errors, "capture", "generate", "positions"]
    assert issubclass(UnsupportedModelError, ValueError)

"""Capture leaves the model, and everything else, as it was: when it succeeds and when not."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from support.models import TEXT, tiny, tokenizer
from support.surroundings import everything
from transformers import PreTrainedModel

from attention_widget import Trace
from attention_widget.tracing import capture

TOKENIZER = tokenizer()
OTHER = "a good novel idea"


def traced(model: PreTrainedModel, text: str = TEXT) -> Trace:
    return capture(model, text, tokenizer=TOKENIZER)


def dynamic_rope(attn_implementation: str) -> PreTrainedModel:
    """A LLaMA that replaces a buffer in every pass longer than 8 tokens."""
    given = {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 10000.0}
    name = "rope_parameters" if int(transformers.__version__[0]) >= 5 else "rope_scaling"
    return tiny("llama", attn_implementation, max_position_embeddings=8, **{name: given})


MODELS: dict[str, Callable[[], PreTrainedModel]] = {
    "bert_sdpa": lambda: tiny("bert", "sdpa"),
    "bert_eager": lambda: tiny("bert", "eager"),
    "gpt2_sdpa": lambda: tiny("gpt2", "sdpa"),
    "gpt2_eager": lambda: tiny("gpt2", "eager"),
    "llama_sdpa": lambda: tiny("llama", "sdpa"),
    "dynamic_rope": lambda: dynamic_rope("sdpa"),
    "falcon_sdpa": lambda: tiny("falcon", "sdpa"),
    "falcon_eager": lambda: tiny("falcon", "eager"),
}


class Interrupted(BaseException):
    """Neither an Exception nor anything a library would catch."""


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> PreTrainedModel:
    """In training mode but for one part, with frozen and trained weights and user's hooks."""
    model = MODELS[request.param]()
    model.train()
    layer = next(m for m in model.modules() if isinstance(m, torch.nn.ModuleList))[1]
    layer.eval()
    for index, parameter in enumerate(model.parameters()):
        parameter.requires_grad_(index % 2 == 0)
        if index % 4 == 0:
            parameter.grad = torch.ones_like(parameter)
    layer.register_forward_hook(lambda module, args, output: None)
    layer.register_forward_pre_hook(lambda module, args: None)
    return model


def test_success_leaves_no_trace_of_itself(model: PreTrainedModel) -> None:
    before = everything(model)
    traced(model)
    assert everything(model) == before


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, Interrupted])
def test_nor_does_an_error_in_the_middle(
    model: PreTrainedModel, error: type[BaseException]
) -> None:
    def fail(module: torch.nn.Module, args: Any) -> None:
        raise error("in the middle")

    layers = next(m for m in model.modules() if isinstance(m, torch.nn.ModuleList))
    last = [module for module in layers[2].modules() if not list(module.children())][-1]
    handle = last.register_forward_pre_hook(fail)
    before = everything(model)
    with pytest.raises(error, match="in the middle"):
        traced(model)
    assert everything(model) == before
    handle.remove()
    assert traced(model).n_layers > 0


def test_nor_does_an_attention_function_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("no kernel")

    model = tiny("llama").train()
    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", fail)
    before = everything(model)
    with pytest.raises(RuntimeError, match="no kernel"):
        traced(model)
    assert everything(model) == before


def test_what_the_pass_itself_changes_is_put_back() -> None:
    model = dynamic_rope("sdpa")
    buffers = dict(model.named_buffers())
    with torch.no_grad():  # an ordinary pass does change it, or this test would show nothing
        dynamic = dynamic_rope("sdpa")
        held = dict(dynamic.named_buffers())
        dynamic(**TOKENIZER(TEXT, return_tensors="pt"))
    assert any(held[name] is not buffer for name, buffer in dynamic.named_buffers())
    traced(model)
    assert all(buffers[name] is buffer for name, buffer in model.named_buffers())


def test_training_mode_neither_drops_out_nor_draws() -> None:
    settings: dict[str, Any] = {"attention_probs_dropout_prob": 0.5, "hidden_dropout_prob": 0.5}
    evaluated = traced(tiny("bert", **settings))
    trained = traced(tiny("bert", **settings).train())
    for layer in range(evaluated.n_layers):
        np.testing.assert_array_equal(trained.attention(layer), evaluated.attention(layer))


def test_a_pass_that_draws_leaves_the_generators() -> None:
    model: Any = tiny("bert")
    model.encoder.layer[0].register_forward_hook(
        lambda module, args, output: (torch.rand(3), random.random(), np.random.rand(3))[3:] or None
    )
    before = everything(model)
    traced(model)
    assert everything(model) == before


def test_training_goes_on_after_a_capture() -> None:
    model = tiny("llama").train()
    traced(model)
    ids = TOKENIZER(TEXT, return_tensors="pt")["input_ids"]
    model(ids, labels=ids).loss.backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_the_trace_is_its_own_memory() -> None:
    model = tiny("bert")
    trace = traced(model)
    attention, hidden = trace.attention(1), trace.hidden_states(0).copy()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    traced(model, OTHER)
    np.testing.assert_array_equal(trace.attention(1), attention)
    np.testing.assert_array_equal(trace.hidden_states(0), hidden)
    assert not any(state.requires_grad for state in trace.hidden)


def test_two_threads_on_one_model() -> None:
    model = tiny("llama").train()
    before = everything(model)
    texts = [TEXT, OTHER] * 8
    expected = {text: traced(model, text) for text in (TEXT, OTHER)}
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: traced(model, text), texts))
    for text, trace in zip(texts, found, strict=True):
        assert len(trace.blocks) == 3
        for layer in range(3):
            np.testing.assert_array_equal(trace.attention(layer), expected[text].attention(layer))
    assert everything(model) == before


def test_passes_of_other_threads_are_not_recorded() -> None:
    model = tiny("llama")
    expected = traced(model)
    inside, finished = threading.Event(), threading.Event()

    def other() -> None:
        inside.wait(10)
        with torch.no_grad():
            model(**TOKENIZER(OTHER, return_tensors="pt"))
        finished.set()

    def wait(module: torch.nn.Module, args: Any) -> None:
        if threading.current_thread() is threading.main_thread() and not inside.is_set():
            inside.set()
            assert finished.wait(10)

    model.model.layers[1].register_forward_pre_hook(wait)
    thread = threading.Thread(target=other)
    thread.start()
    trace = traced(model)
    thread.join()
    assert finished.is_set()
    assert len(trace.blocks) == 3
    np.testing.assert_array_equal(trace.attention(2), expected.attention(2))


def test_a_capture_within_a_capture() -> None:
    model, inner = tiny("llama").train(), tiny("bert").train()
    expected = traced(model), traced(inner, OTHER)
    found: list[Trace] = []
    model.model.layers[1].register_forward_hook(
        lambda module, args, output: found.append(traced(inner, OTHER))
    )
    before = everything(inner)
    outer = traced(model)
    for trace, right in zip((outer, found[0]), expected, strict=True):
        assert len(trace.blocks) == 3
        np.testing.assert_array_equal(trace.attention(2), right.attention(2))
    assert everything(inner) == before

"""A user's hooks run while a model is captured, and what they compute is not taken for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from support.models import TEXT, tiny
from support.practice import TOKENIZER, assert_same, traced
from torch import nn
from torch.nn.modules import module as torch_module

from attention_widget import Trace

Hook = Callable[..., Any]
IDS = TOKENIZER(TEXT, return_tensors="pt")["input_ids"]


class Busy:
    """A hook that computes what looks like a layer, and runs the model, or a part of it."""

    def __init__(self, model: nn.Module, what: str) -> None:
        self.model, self.what, self.calls = model, what, 0
        self._inside = False

    def __call__(self, *args: Any) -> None:
        if self._inside:  # its own runs of the model call it too
            return
        self.calls += 1
        self._inside = True
        try:
            self._work()
        finally:
            self._inside = False

    def _work(self) -> None:
        n = IDS.shape[1]
        q, k, v = torch.randn(3, 1, 4, n, 8, generator=torch.Generator().manual_seed(1))
        if self.what == "product":
            (q @ k.transpose(2, 3)).softmax(-1) @ v
        elif self.what == "sdpa":
            nn.functional.scaled_dot_product_attention(q, k, v)
        else:
            self.model(IDS)


def a_module(model: Any, kind: str) -> Any:
    for path, module in model.named_modules():
        if (kind == "model" and not path) or (kind == "list" and isinstance(module, nn.ModuleList)):
            return module
        names = path.split(".")
        if kind == "layer" and len(names) > 1 and names[-2:-1] != [] and names[-1] == "1":
            return module
        if kind == "attention" and "att" in path and "1" in names:
            return module
        if kind == "linear" and isinstance(module, nn.Linear) and "1" in names:
            return module
    raise LookupError(kind)


def load(family: str) -> Any:
    return tiny(family, "eager" if family == "gpt_neo" else "sdpa")  # the one that it has


def expected(family: str) -> Trace:
    return traced(load(family))


@pytest.mark.parametrize("family", ["llama", "gpt_neo"])  # on the interface, and written out
@pytest.mark.parametrize("kind", ["model", "layer", "attention", "linear"])
@pytest.mark.parametrize("what", ["product", "sdpa", "model"])
def test_a_hook_that_computes(family: str, kind: str, what: str) -> None:
    model = load(family)
    module = a_module(model, kind)
    hooks = Busy(model, what), Busy(model, what)
    module.register_forward_pre_hook(hooks[0])
    module.register_forward_hook(hooks[1])
    before = [dict(one) for one in (module._forward_pre_hooks, module._forward_hooks)]
    assert_same(traced(model), expected(family))
    assert [hook.calls > 0 for hook in hooks] == [True, True]
    after = [dict(one) for one in (module._forward_pre_hooks, module._forward_hooks)]
    assert before == after
    assert all(one is hook for one, hook in zip(after[0].values(), [hooks[0]], strict=True))


def test_a_hook_on_all_modules() -> None:
    model = tiny("llama")
    hook = Busy(model, "model")
    handle = torch_module.register_module_forward_hook(hook)
    try:
        assert_same(traced(model), expected("llama"))
    finally:
        handle.remove()
    assert hook.calls > 0


def test_what_a_hook_gives_back_is_part_of_the_model() -> None:
    model: Any = tiny("llama")

    def half(module: Any, args: Any, output: Any) -> Any:
        nn.functional.scaled_dot_product_attention(*torch.randn(3, 1, 4, IDS.shape[1], 8))
        return output / 2

    model.model.layers[0].mlp.register_forward_hook(half)
    trace = traced(model)
    with torch.no_grad():
        states = model(IDS, output_hidden_states=True).hidden_states
    np.testing.assert_allclose(trace.hidden_states(1), states[1][0], atol=1e-5)
    assert not np.allclose(trace.hidden_states(1), expected("llama").hidden_states(1), atol=1e-3)


def test_a_hook_that_fails_is_the_users_own_error() -> None:
    model: Any = tiny("llama")

    def fail(*_: Any) -> None:
        raise RuntimeError("mine")

    handle = model.model.layers[1].register_forward_hook(fail)
    with pytest.raises(RuntimeError, match="mine"):
        traced(model)
    handle.remove()
    assert_same(traced(model), expected("llama"))


@contextmanager
def replaced(module: nn.Module, make: Callable[[Hook], Hook]) -> Iterator[None]:
    module.forward = make(module.forward)
    try:
        yield
    finally:
        del module.forward


@pytest.mark.parametrize("family", ["llama", "gpt_neo"])
def test_a_model_that_runs_in_its_own_run(family: str) -> None:
    model: Any = load(family)
    runs: list[int] = []

    def make(forward: Hook) -> Hook:
        def twice(*args: Any, **kwargs: Any) -> Any:
            if not runs:
                runs.append(1)
                model(IDS)
            return forward(*args, **kwargs)

        return twice

    with replaced(a_module(model, "layer"), make):
        assert_same(traced(model), expected(family))
    assert runs == [1]


def test_a_capture_in_a_hook_of_a_capture() -> None:
    model = load("llama")
    inner: list[Trace] = []

    def look(*_: Any) -> None:
        if not inner:
            inner.append(expected("llama"))  # a place, lest the inner one looks again
            inner[0] = traced(model)

    a_module(model, "attention").register_forward_hook(look)
    assert_same(traced(model), expected("llama"))
    assert_same(inner[0], expected("llama"))

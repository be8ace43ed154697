"""Gradient × attention and Chefer's relevance are those of the model itself."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
from support.labs import close, lab_of, made
from torch.overrides import TorchFunctionMode

from attention_widget import Experiment, UnsupportedModelError
from attention_widget.experiments import Logit, LogProbability, StateChange, TextLoss
from attention_widget.experiments.metric import Metric

FAMILIES = [
    *("bert_masked_lm", "gpt2", "llama", "gemma", "gemma2", "T5ForConditionalGeneration"),
    "BartForConditionalGeneration",
]


def built(family: str) -> Any:
    return made(family, "eager" if family == "gemma2" else "sdpa")


def eager(lab: Experiment, double: bool = False) -> Any:
    model = copy.deepcopy(lab.model)
    model.set_attn_implementation("eager")
    model = model.double() if double else model
    return model.requires_grad_(False)


def order(lab: Experiment) -> list[tuple[Any, int]]:
    """Places in the order in which a model computes its attention."""
    trace = lab.trace
    first = [("encoder", layer) for layer in trace.layers_with_attention("encoder")]
    if "decoder" not in trace.kinds:
        return first
    kinds = [kind for kind in ("decoder", "cross") if kind in trace.kinds]
    layers = trace.layers_with_attention("decoder")
    first = first if "encoder" in trace.kinds else []
    return first + [(kind, layer) for layer in layers for kind in kinds]


def places(lab: Experiment) -> list[tuple[Any, int]]:
    return [place for place in order(lab) if place[0] in lab.trace.kinds]


class Nudging(TorchFunctionMode):
    """Adds something to what the softmax of attention with a number gives, or to none; or puts a
    leaf there."""

    def __init__(self, number: int = -1, at: tuple[int, ...] = (), by: float = 0.0) -> None:
        super().__init__()
        self._number, self._at, self._by = number, at, by
        self.leaves: list[torch.Tensor] = []
        self.maps: list[torch.Tensor] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        if getattr(func, "__name__", "") != "softmax" or found.ndim != 4:
            return found
        leaf = torch.zeros_like(found)
        if self._number == len(self.leaves):
            leaf[0][self._at] = self._by
        self.leaves.append(leaf.requires_grad_(torch.is_grad_enabled()))
        self.maps.append(found.detach()[0])
        return found + leaf


def autograd(lab: Experiment, position: int, token: int) -> dict[Any, tuple[Any, Any]]:
    """Attention and its gradient by place, by plain autograd in eager attention."""
    model, mode = eager(lab), Nudging()
    with mode:
        value = model(**lab.inputs()).logits[0, position, token]
    gradients = torch.autograd.grad(value, mode.leaves)
    pairs = zip(mode.maps, gradients, strict=True)
    found = [(a.numpy(), g[0].numpy()) for a, g in pairs]
    return dict(zip(places(lab), found, strict=True))


@pytest.mark.parametrize("family", FAMILIES)
def test_gradient_times_attention_is_that_of_eager_autograd(family: str) -> None:
    lab = lab_of(built(family))
    expected = autograd(lab, -1, 5)
    largest = 0.0
    for (kind, layer), (attention, gradient) in expected.items():
        found = lab.measure("gradient_attention", layer, kind, metric=Logit(5))
        close(found.values, attention * gradient)
        assert not found.is_exact
        largest = max(largest, float(np.abs(found.values).max()))
    assert largest > 1e-3


@pytest.mark.parametrize("family", FAMILIES)
def test_the_gradient_is_that_of_finite_differences(family: str) -> None:
    lab = lab_of(built(family))
    model = eager(lab, double=True)
    given = lab.inputs()

    def metric(mode: Nudging) -> float:
        with torch.no_grad(), mode:
            return float(model(**given).logits[0, -1, 5])

    chosen = np.random.default_rng(3)
    seen = 0.0
    for number, (kind, layer) in enumerate(places(lab)):
        found = lab.measure("gradient_attention", layer, kind, metric=Logit(5)).values
        attention = lab.trace.operation(layer, kind).attention()
        for head in range(2):
            query = found.shape[1] - 1 - int(chosen.integers(0, 3))
            key = int(chosen.integers(0, min(query + 1, found.shape[2])))
            at = (head, query, key)
            up, down = (metric(Nudging(number, at, by)) for by in (5e-3, -5e-3))
            slope = (up - down) / 1e-2  # norms compute in float32
            assert found[at] == pytest.approx(attention[at] * slope, rel=5e-3, abs=2e-5)
            seen = max(seen, abs(slope))
    assert seen > 1e-3


def rolled(expected: dict[Any, tuple[Any, Any]], sizes: dict[Any, int]) -> dict[Any, Any]:
    """Chefer et al. 2021, rules 5 to 10, in plain NumPy, a row and a column at a time."""

    def mean(place: Any) -> Any:
        attention, gradient = expected[place]
        return np.mean([np.maximum(a * g, 0) for a, g in zip(attention, gradient, strict=True)], 0)

    def spread(relevance: Any) -> Any:
        out = np.eye(len(relevance))
        for row in range(len(relevance)):
            rest = relevance[row] - np.eye(len(relevance))[row]
            if rest.sum() > 0:
                out[row] += rest / rest.sum()
        return out

    own = {side: np.eye(size) for side, size in sizes.items()}
    cross = np.zeros((sizes.get("decoder", 0), sizes.get("encoder", 0)))
    found: dict[Any, Any] = {}
    for kind, layer in expected:
        step = mean((kind, layer))
        if kind == "cross":
            cross = cross + spread(own["decoder"]).T @ step @ spread(own["encoder"])
            found[kind, layer] = cross
            continue
        if kind == "decoder" and "encoder" in sizes:
            cross = cross + step @ cross
        own[kind] = own[kind] + step @ own[kind]
        found[kind, layer] = own[kind]
    return found


@pytest.mark.parametrize("family", FAMILIES)
def test_relevance_is_that_of_the_papers_rules(family: str) -> None:
    lab = lab_of(built(family))
    expected = autograd(lab, -1, 5)
    sizes: dict[Any, int] = {
        kind: len(lab.trace.sides(kind)[0])
        for kind in ("encoder", "decoder")
        if kind in lab.trace.kinds
    }
    for (kind, layer), relevance in rolled(expected, sizes).items():
        found = lab.measure("chefer", layer, kind, metric=Logit(5))
        assert found.values.shape == relevance.shape
        close(found.values, relevance)


def test_all_layers_come_from_one_backward_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = lab_of(made("llama"))
    _ = lab.trace
    ran: list[int] = []
    lab.model.model.layers[0].register_forward_hook(lambda *_: ran.append(1))
    for layer in range(3):
        lab.measure("chefer", layer, metric=Logit(5))
        lab.measure("gradient_attention", layer, metric=Logit(5))
    assert len(ran) <= 2  # it and the check that the model can be run so
    first = lab.measure("gradient_attention", 1, metric=Logit(5)).values
    other = lab.measure("gradient_attention", 1, metric=Logit(6)).values
    assert np.abs(first - other).max() > 1e-5
    assert len(ran) <= 3


@pytest.mark.parametrize("metric", [LogProbability(5, position=3), TextLoss(), None])
def test_any_metric_of_logits_will_do(metric: Metric | None) -> None:
    lab = lab_of(made("gpt2"))
    found = lab.measure("gradient_attention", 1, metric=metric).values
    model = eager(lab)
    mode = Nudging()
    with mode:
        logits = model(**lab.inputs()).logits[0].log_softmax(-1)
        ids = lab.inputs()["input_ids"][0]
        if metric is None:
            value = model(**lab.inputs()).logits[0, -1].max()
        elif isinstance(metric, TextLoss):
            value = -logits[torch.arange(len(ids) - 1), ids[1:]].mean()
        else:
            value = logits[3, 5]
    half = len(mode.leaves) // 2 if metric is None else 0
    gradients = torch.autograd.grad(value, mode.leaves[half:])
    close(found, (gradients[1][0] * mode.maps[1]).numpy())


@pytest.mark.parametrize("name", ["gradient_attention", "chefer"])
def test_a_model_without_gradients_says_so(name: Any) -> None:
    model = made("gpt2")
    inner = model.transformer.forward
    model.transformer.forward = torch.no_grad()(inner)
    with pytest.raises(UnsupportedModelError, match=r"GPT2LMHeadModel .* gives no gradient"):
        lab_of(model).measure(name, 1, metric=Logit(5))


def test_a_part_without_gradients_is_no_zero() -> None:
    model = made("gpt2")
    block = model.transformer.h[1]
    block.forward = torch.no_grad()(block.forward)
    with pytest.raises(UnsupportedModelError, match="gives no gradient in decoder layer 0"):
        lab_of(model).measure("chefer", 2, metric=Logit(5))


def test_weights_of_inference_mode_are_named() -> None:
    with torch.inference_mode():
        model = copy.deepcopy(made("gpt2"))
    with pytest.raises(UnsupportedModelError, match=r"made under torch.inference_mode\(\)"):
        lab_of(model).measure("chefer", 1, metric=Logit(5))
    found = lab_of(model).removal(Logit(5)).values
    np.testing.assert_allclose(found, lab_of(made("gpt2")).removal(Logit(5)).values, atol=1e-6)


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("not enough memory: 9")]
)
@pytest.mark.parametrize("name", ["gradient_attention", "integrated_gradients"])
def test_a_lack_of_memory_is_told_as_such(name: Any, error: RuntimeError) -> None:
    model = made("gpt2")

    def hook(*_: Any) -> None:
        if torch.is_grad_enabled():
            raise error

    model.transformer.h[1].register_forward_hook(hook)
    layer = 1 if name == "gradient_attention" else None
    with pytest.raises(type(error), match="memory") as raised:
        lab_of(model).measure(name, layer, metric=Logit(5))
    assert raised.value is error


def test_states_have_no_gradient() -> None:
    lab = Experiment(made("bert"), "a good novel", tokenizer=lab_of(made("bert")).tracer.tokenizer)
    with pytest.raises(UnsupportedModelError, match=r"BertModel .* has no output head"):
        lab.measure("chefer", 1)
    with pytest.raises(ValueError, match="got StateChange, which is flat"):
        lab.measure("gradient_attention", 1, metric=StateChange())

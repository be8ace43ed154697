"""A measure leaves the model as it was, whatever ends it, and costs one pass for all layers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.interrupts import Calls, from_another_thread
from support.labs import close, lab_of, made
from support.surroundings import assert_equal, deep, surroundings

from attention_widget import Experiment, UnsupportedModelError
from attention_widget.experiments.measuring.facts import MeasureName

SWEPT: tuple[MeasureName, ...] = ("norm", "norm_residual", "alti")
ALL: tuple[MeasureName, ...] = ("attention", "value_weighted", "rollout", *SWEPT)


@pytest.mark.parametrize("family", ["llama", "bloom", "bert_masked_lm"])
@pytest.mark.parametrize("name", ALL)
def test_after_a_success(name: Any, family: str) -> None:
    model = made(family, "eager").train()
    model.requires_grad_(True)
    before, around = deep(model), surroundings()
    lab = lab_of(model)
    first = lab.measure(name, 2).values
    assert_equal(deep(model), before)
    assert surroundings() == around
    first[:] = 7.0  # what was handed out is not what is kept
    assert (lab.measure(name, 2).values != 7.0).all()
    assert not [hook for module in model.modules() for hook in module._forward_hooks]


@pytest.mark.parametrize("error", [RuntimeError("out of memory"), KeyboardInterrupt()])
@pytest.mark.parametrize("name", SWEPT)
def test_after_an_error_in_the_middle(name: Any, error: BaseException) -> None:
    model = made("llama").train()
    expected = lab_of(model).measure(name, 2).values
    lab, raising = lab_of(model), False

    def hook(*_: Any) -> None:
        if raising:
            raise error

    model.model.layers[1].mlp.register_forward_pre_hook(hook)
    lab.heads_output(0)
    before, around = deep(model), surroundings()
    raising = True
    with pytest.raises(type(error)):
        lab.measure(name, 2)
    assert_equal(deep(model), before)
    assert surroundings() == around
    raising = False
    found = from_another_thread(lambda: lab.measure(name, 2).values)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", SWEPT)
def test_interrupted_everywhere(name: Any) -> None:
    model = made("bert_masked_lm").train()
    expected = lab_of(model).measure(name, 2).values
    before, around = deep(model), surroundings()

    def ready() -> Experiment:
        lab = lab_of(model)
        lab.heads_output(0)  # what comes before is interrupted elsewhere
        return lab

    lab = ready()
    with Calls() as calls:
        lab.measure(name, 2)
    mine = {code: where for code, where in calls.seen.items() if ".measuring." in where}
    assert len(mine) > 10
    for code, where in mine.items():
        vars(lab).pop("_kept_measures", None)
        interrupted = Calls(code)
        with pytest.raises(KeyboardInterrupt), interrupted:
            lab.measure(name, 2)
        assert interrupted.raised, where
        assert_equal(deep(model), before, where)
        assert surroundings() == around, where
        np.testing.assert_array_equal(lab.measure(name, 2).values, expected, err_msg=where)


@pytest.mark.parametrize("name", ALL)
def test_all_layers_cost_one_pass(name: Any) -> None:
    model = made("gpt2")
    lab = lab_of(model)
    lab.heads_output(0)
    counted = []
    handle = model.transformer.register_forward_hook(lambda *_: counted.append(1))
    try:
        every = [lab.measure(name, layer).values for layer in (2, 0, 1, 2)]
    finally:
        handle.remove()
    assert len(counted) == (name in SWEPT)
    np.testing.assert_array_equal(every[0], every[3])
    alone = lab_of(model).measure(name, 1).values
    np.testing.assert_allclose(every[2], alone, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", ["rollout", "norm_residual", "alti"])
def test_nothing_is_kept_beyond_the_memory_limit(
    name: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab, plain = lab_of(made("gpt2")), lab_of(made("gpt2"))
    lab.heads_output(0)
    monkeypatch.setattr(lab.tracer, "memory_left", lambda taken: 1200 - lab._kept_measures.nbytes)
    for layer in (2, 1, 0, 2):
        found = lab.measure(name, layer).values
        np.testing.assert_allclose(found, plain.measure(name, layer).values, rtol=0, atol=1e-6)
    assert lab._kept_measures.nbytes <= 1200  # one map of 17 × 17


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("family", ["llama", "bert_masked_lm"])
def test_half_precision_is_computed_in_float32(family: str, name: Any) -> None:
    model = made(family).to(torch.bfloat16)
    found = lab_of(model).measure(name, 2).values
    whole = lab_of(model.float()).measure(name, 2).values
    assert found.dtype == np.float32
    assert 0 < np.abs(found - whole).max() < 0.05 * np.abs(whole).max()


@pytest.mark.filterwarnings("ignore:You are calling .generate:UserWarning")
@pytest.mark.parametrize("where", ["cpu", "disk"])
def test_offloaded_weights(where: str, tmp_path: Path) -> None:
    accelerate = pytest.importorskip("accelerate", exc_type=ImportError)
    plain, model = made("bert_masked_lm"), made("bert_masked_lm")
    if where == "cpu":
        accelerate.cpu_offload(model)
    else:
        accelerate.disk_offload(model, str(tmp_path))
    assert all(parameter.is_meta for parameter in model.parameters())
    lab, expected = lab_of(model), lab_of(plain)
    for name in ALL:
        close(lab.measure(name, 2).values, expected.measure(name, 2).values)
    assert all(parameter.is_meta for parameter in model.parameters())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch, in torchao
def test_quantised_weights() -> None:
    quantization = pytest.importorskip("torchao.quantization", exc_type=ImportError)
    model = made("llama")
    whole = lab_of(model).measure("norm", 2).values
    quantization.quantize_(model, quantization.Int8WeightOnlyConfig())
    lab = lab_of(model)
    found = lab.measure("norm", 2).values
    assert 0 < np.abs(found - whole).max() < 0.1 * whole.max()
    assert lab.measure("norm_residual", 2).values.shape == (17, 17)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:torch.quantize_per:UserWarning")
def test_a_projection_that_rounds_what_it_is_given_is_refused() -> None:
    model = torch.ao.quantization.quantize_dynamic(
        made("bert_masked_lm"), {torch.nn.Linear}, dtype=torch.qint8
    )
    lab = lab_of(model)
    assert np.isfinite(lab.measure("value_weighted", 1).values).all()
    for name in SWEPT:
        with pytest.raises(UnsupportedModelError, match="encoder layer"):
            lab.measure(name, 1)


def test_weights_that_are_known_by_calls_alone() -> None:
    """A projection of a class of its own, such as an adapter's, is asked for what it does."""

    class Doubled(torch.nn.Module):
        def __init__(self, inner: torch.nn.Module) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, states: torch.Tensor) -> torch.Tensor:
            found: torch.Tensor = 2.0 * self.inner(states)
            return found

    model = made("opt")
    lab = lab_of(model)
    once = lab.measure("norm", 0).values
    attention = model.model.decoder.layers[0].self_attn
    attention.out_proj = Doubled(attention.out_proj)
    close(lab_of(model).measure("norm", 0).values, 2.0 * once)


def test_a_projection_that_is_not_linear_is_refused() -> None:
    class Squashed(torch.nn.Linear):
        def forward(self, states: torch.Tensor) -> torch.Tensor:
            return torch.tanh(super().forward(states))

    model = made("opt")
    model.model.decoder.layers[1].self_attn.out_proj.__class__ = Squashed
    lab = lab_of(model)
    assert np.isfinite(lab.measure("norm", 0).values).all()
    for name in ("norm", "norm_residual", "alti"):
        with pytest.raises(UnsupportedModelError, match=r"OPTForCausalLM.* decoder layer 1"):
            lab.measure(name, 1)


def test_rows_with_a_sink_are_filled_up() -> None:
    lab = lab_of(made("gpt_oss", "eager"))
    assert lab.trace.block(1).has_sinks
    assert lab.trace.attention(1).sum(-1).min() < 0.99
    np.testing.assert_allclose(lab.measure("rollout", 1).values.sum(1), 1.0, atol=1e-6)


def test_a_window_hides_what_it_hides() -> None:
    lab = lab_of(made("mistral", sliding_window=4))
    for name in ("norm", "norm_residual"):
        values = lab.measure(name, 1).values
        assert (values[..., 10, :7] == 0.0).all()
        assert (values[..., 10, 7:11] > 0.0).all()
    assert lab.measure("rollout", 1).values[10, 4:7].min() > 0.0  # through layer 0

"""Integrated gradients sum to what they are shares of, and are captum's own."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
import torch
from support.labs import lab_of, made

from attention_widget import Experiment, UnsupportedModelError
from attention_widget.errors import NotInstalledError
from attention_widget.experiments import IntegrationInterruptedError, Logit, TextLoss
from attention_widget.experiments.measuring import integrating as module

FAMILIES = [
    *("bert_masked_lm", "gpt2", "llama", "gemma", "gemma2", "T5ForConditionalGeneration"),
    "BartForConditionalGeneration",
]


def built(family: str) -> Any:
    return made(family, "eager" if family == "gemma2" else "sdpa")


@pytest.mark.parametrize("family", FAMILIES)
def test_the_shares_sum_to_the_difference_of_both_ends(family: str) -> None:
    lab = lab_of(built(family))
    found = lab.integrated_gradients(Logit(5))
    outcome = lab.without(positions=-1)
    assert found.before == pytest.approx(float(outcome.before[0, 5]), abs=1e-5)
    assert found.baseline is not None
    assert found.gap is not None
    whole = found.before - found.baseline
    assert abs(whole) > 1e-3
    assert found.gap <= 0.01
    assert abs(found.values.sum() - whole) <= (found.gap + 1e-4) * abs(whole)
    assert found.values[0] == 0  # the same in the baseline
    assert not found.is_exact
    assert f"misses the difference of both ends by {found.gap:.1%}" in found.note
    np.testing.assert_array_equal(
        lab.measure("integrated_gradients", metric=Logit(5)).values, found.values
    )


@pytest.mark.parametrize("family", ["bert_masked_lm", "gpt2", "llama"])
def test_the_baseline_is_the_first_token_and_mean_embeddings(family: str) -> None:
    lab = lab_of(made(family))
    found = lab.integrated_gradients(Logit(5))
    table = lab.model.get_input_embeddings().weight.detach()
    rows = table.mean(0).expand(1, len(found.values), -1).clone()
    rows[0, 0] = table[lab.encoded.tokens[0].id]
    given = {name: each for name, each in lab.inputs().items() if name != "input_ids"}
    with torch.no_grad():
        logits = lab.model(inputs_embeds=rows, **given).logits
    assert found.baseline == pytest.approx(float(logits[0, -1, 5]), abs=1e-5)


@pytest.mark.parametrize("family", ["bert_masked_lm", "gpt2", "llama"])
def test_captum_gives_the_same_when_it_is_called_plainly(family: str) -> None:
    from captum.attr import LayerIntegratedGradients

    model = made(family)
    table = model.get_input_embeddings()
    unused = 31
    with torch.no_grad():  # an id whose embedding is the mean of all, its own among them
        others = torch.arange(31)
        table.weight[unused] = table.weight[others].mean(0)
    lab = lab_of(model)
    found = lab.integrated_gradients(Logit(5))
    ids = lab.inputs()["input_ids"]
    assert unused not in ids
    baseline = torch.full_like(ids, unused)
    baseline[0, 0] = ids[0, 0]
    given = {name: each for name, each in lab.inputs().items() if name != "input_ids"}

    def metric(ids: torch.Tensor) -> torch.Tensor:
        several = {
            name: each.expand(len(ids), -1) if isinstance(each, torch.Tensor) else each
            for name, each in given.items()
        }
        logits: torch.Tensor = model(input_ids=ids, **several).logits
        return logits[:, -1, 5]

    plain = LayerIntegratedGradients(metric, table)
    expected = plain.attribute(ids, baseline, n_steps=256)[0].sum(-1).detach().numpy()
    assert np.abs(expected).max() > 1e-2
    np.testing.assert_allclose(found.values, expected, atol=0.01 * np.abs(expected).max())


def test_words_have_the_sum_of_their_tokens() -> None:
    lab = lab_of(made("gpt2"))
    tokens, words = (lab.integrated_gradients(Logit(5), rows=each) for each in ("tokens", "words"))
    sums = [tokens.values[list(group)].sum() for group in words.groups]
    np.testing.assert_allclose(words.values, sums, atol=1e-6)


def test_the_target_has_its_own() -> None:
    lab = lab_of(made("BartForConditionalGeneration"))
    found = lab.integrated_gradients(Logit(5), kind="decoder")
    assert lab.decoder is not None
    assert found.labels == tuple(token.label for token in lab.decoder.tokens)
    assert np.abs(found.values).max() > 1e-3


def test_each_result_is_nearer_until_it_is_near() -> None:
    lab = lab_of(made("T5ForConditionalGeneration"))
    found = list(lab.integrating(Logit(5)))
    assert [one.steps for one in found[:4]] == [8, 16, 24, 32]
    assert [one.gap is None for one in found[:4]] == [True, True, True, False]
    assert found[-1].gap is not None
    assert found[-1].gap <= 0.01


def test_a_gap_that_does_not_close_is_refused() -> None:
    model = made("gpt2")

    def steps(_: Any, args: Any, output: torch.Tensor) -> torch.Tensor:
        return (output * 4).round() / 4 + output * 0.01  # flat but for jumps, which no slope sees

    model.transformer.h[1].mlp.register_forward_hook(steps)
    lab = lab_of(model)
    with pytest.raises(UnsupportedModelError, match=r"misses the difference .*removal, which is"):
        lab.integrated_gradients(Logit(5))


def test_a_model_without_gradients_says_so() -> None:
    model = made("gpt2")
    inner = model.transformer.forward
    model.transformer.forward = torch.no_grad()(inner)
    with pytest.raises(UnsupportedModelError, match=r"GPT2LMHeadModel .* gives no gradient"):
        lab_of(model).integrated_gradients(Logit(5))
    with torch.inference_mode():
        model = made("gpt2")
    with pytest.raises(UnsupportedModelError, match=r"torch.inference_mode\(\)"):
        lab_of(model).integrated_gradients(Logit(5))


def test_without_captum_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = lab_of(made("gpt2"))
    monkeypatch.setitem(sys.modules, "captum", None)
    monkeypatch.setitem(sys.modules, "captum.attr", None)
    with pytest.raises(NotInstalledError, match=r'pip install "attention-widget\[gradients\]"'):
        lab.integrated_gradients(Logit(5))


def test_an_interrupt_loses_nothing() -> None:
    lab = lab_of(made("T5ForConditionalGeneration"))
    expected = lab.integrated_gradients(Logit(5))
    calls = [0]

    def hook(*_: Any) -> None:
        calls[0] += torch.is_grad_enabled()
        if calls[0] == 4:
            raise KeyboardInterrupt

    handle = lab.model.decoder.block[-1].register_forward_hook(hook)
    with pytest.raises(IntegrationInterruptedError, match="after 24 steps") as raised:
        lab.integrated_gradients(Logit(5))
    handle.remove()
    integrating = raised.value.integrating
    assert 0 < integrating.result.steps < expected.steps
    again = integrating.run()
    np.testing.assert_array_equal(again.values, expected.values)
    assert again.steps == expected.steps


def test_other_metrics_have_them_too() -> None:
    lab = lab_of(made("gpt2"))
    found = lab.integrated_gradients(TextLoss())
    assert found.unit == "nats"
    assert found.gap is not None
    assert found.gap <= 0.01


def test_the_gap_is_shown_where_it_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_STEPS", 1)
    monkeypatch.setattr(module, "_MOST_STEPS", 4)
    with pytest.raises(UnsupportedModelError, match=r"after 4 steps .* more than 5%"):
        lab_of(made("llama")).integrated_gradients(Logit(5))


@pytest.mark.slow
def test_they_are_complete_on_a_trained_model(smollm: Any) -> None:
    model, tokenizer = smollm
    lab = Experiment(model, "The capital of France is", tokenizer=tokenizer)
    found = lab.integrated_gradients(Logit(" Paris"))
    assert found.gap is not None
    assert found.gap <= 0.01
    assert found.labels[int(found.values.argmax())] == "France"

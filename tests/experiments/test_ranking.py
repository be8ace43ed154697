"""The effect of every head is that of switching it off by itself, whatever comes in between."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
from support.labs import lab_of, made

from attention_widget import Experiment
from attention_widget.experiments import (
    HeadEffects,
    HeadOff,
    Logit,
    RankingInterruptedError,
    TextLoss,
)

MADE = [
    *(("bert_masked_lm", "sdpa"), ("gpt2", "sdpa"), ("llama", "sdpa"), ("mixtral", "sdpa")),
    *(("gpt_neox", "sdpa"), ("jamba", "sdpa"), ("bloom", "eager"), ("gemma2", "eager")),
    *(("gpt_oss", "eager"), ("albert", "sdpa"), ("T5ForConditionalGeneration", "sdpa")),
    ("BartForConditionalGeneration", "sdpa"),
]


@pytest.mark.parametrize("edit", ["zero", "mean"])
@pytest.mark.parametrize(("family", "attn_implementation"), MADE)
def test_effects_are_those_of_single_passes(
    family: str, attn_implementation: str, edit: Any
) -> None:
    lab, slow = (lab_of(made(family, attn_implementation)) for _ in range(2))
    found = lab.rank_heads(Logit(5), edit=edit)
    trace = lab.trace
    assert found.kinds == trace.kinds
    assert found.n_done == found.n_heads == len(found.table())
    for kind in trace.kinds:
        of_kind = found.of(kind)
        for layer in trace.layers_with_attention(kind):
            for head in (0, trace.count_heads(layer, kind) - 1):
                off = HeadOff(layer, head, kind, tokens=found.tokens[kind], value=edit)
                outcome = slow.without(off, positions=-1)
                expected = outcome.after[0, 5] - outcome.before[0, 5]
                assert of_kind.effects[layer, head] == pytest.approx(expected, abs=2e-5)
    assert max(abs(row["effect"]) for row in found.table()) > 1e-3
    for kind, order in found.order_by_kind.items():
        assert not np.isnan(order[~np.isnan(found.effects_by_kind[kind])]).any()


def test_the_order_is_the_share_in_the_gradient() -> None:
    lab = lab_of(made("llama"))
    found = lab.rank_heads(Logit(5))
    model: Any = copy.deepcopy(lab.model).double()
    seen: list[torch.Tensor] = []

    def hook(module: Any, args: Any) -> Any:
        seen.append(args[0].detach().clone().requires_grad_())
        return (seen[-1],)

    model.model.layers[1].self_attn.o_proj.register_forward_pre_hook(hook)
    model(**lab.inputs()).logits[0, -1, 5].backward()
    assert seen[0].grad is not None
    shares = (seen[0].grad * seen[0].detach())[0].abs().unflatten(-1, (4, -1))
    np.testing.assert_allclose(found.order[1], shares[1:].sum((0, 2)), rtol=1e-4)


def test_the_first_token_is_left_alone_where_attention_is_causal() -> None:
    lab = lab_of(made("gpt2"))
    n_tokens = len(lab.read_tokens)
    left, whole = lab.rank_heads(Logit(5)), lab.rank_heads(Logit(5), leave_first=False)
    assert left.first_left_alone == ("decoder",)
    assert left.tokens == {"decoder": tuple(range(1, n_tokens))}
    assert "The first token keeps" in left.note
    assert whole.tokens == {"decoder": tuple(range(n_tokens))}
    assert whole.first_left_alone == ()
    assert "first token" not in whole.note
    assert np.abs(left.effects - whole.effects).max() > 1e-4
    encoder = lab_of(made("bert_masked_lm")).rank_heads(Logit(5), first=0)
    assert encoder.first_left_alone == ()
    named = lab.rank_heads(Logit(5), tokens=[0, -1])
    assert named.tokens == {"decoder": (0, n_tokens - 1)}


def test_partial_results_grow_and_begin_with_the_order() -> None:
    lab = lab_of(made("gpt2"))
    partial = list(lab.ranking(Logit(5)))
    counts = [one.n_done for one in partial]
    assert counts[0] == 0
    assert counts == sorted(set(counts))
    assert counts[-1] == partial[-1].n_heads == 12
    assert np.isnan(partial[0].effects).all()
    assert not np.isnan(partial[0].order).any()
    assert "0 of 12 heads" in repr(partial[0])
    first = partial[1]
    best = np.unravel_index(first.order.argmax(), first.order.shape)
    assert not np.isnan(first.effects[best])
    for one in partial:
        done = ~np.isnan(one.effects)
        np.testing.assert_array_equal(one.effects[done], partial[-1].effects[done])


def test_only_the_first_candidates_are_tried() -> None:
    found = lab_of(made("gpt2")).rank_heads(Logit(5), first=3)
    done = ~np.isnan(found.effects)
    assert found.n_done == done.sum() == 3
    assert found.order[done].min() >= found.order[~done].max()
    rows = found.table()
    assert [row["effect"] is None for row in rows] == [False] * 3 + [True] * 9
    assert rows[3]["order"] == pytest.approx(found.order[~done].max())
    assert rows[0]["after"] == pytest.approx(found.before + rows[0]["effect"])


def state_of(model: Any) -> list[Any]:
    return [
        (name, parameter.requires_grad, parameter.grad, parameter.data_ptr())
        for name, parameter in model.named_parameters()
    ] + [(name, dict(vars(module))) for name, module in model.named_modules()]


@pytest.mark.parametrize("family", ["gpt2", "llama", "BartForConditionalGeneration"])
def test_the_model_is_left_as_it_was(family: str) -> None:
    model = made(family)
    next(model.parameters()).requires_grad_(False)
    weights = copy.deepcopy(model.state_dict())
    lab = lab_of(model)
    _ = lab.trace
    before = state_of(model)
    for _ in lab.ranking(TextLoss()):
        assert str(state_of(model)) == str(before)
        assert torch.is_grad_enabled()
    assert all(torch.equal(weights[name], each) for name, each in model.state_dict().items())


def interrupting(lab: Experiment, after: int) -> Any:
    """Have the last layer interrupt its so many-th call from now on."""
    calls = [0]

    def hook(*_: Any) -> None:
        calls[0] += 1
        if calls[0] == after:
            raise KeyboardInterrupt

    return lab.model.transformer.h[-1].mlp.register_forward_hook(hook)


def test_an_interrupt_loses_nothing() -> None:
    lab = lab_of(made("gpt2"))
    expected = lab_of(made("gpt2")).rank_heads(Logit(5))
    partial = list(lab.ranking(Logit(5)))  # all checks are made
    before = state_of(lab.model)
    handle = interrupting(lab, after=len(partial) - 1)
    with pytest.raises(KeyboardInterrupt) as raised:
        lab.rank_heads(Logit(5))
    handle.remove()
    assert str(state_of(lab.model)) == str(before)
    assert isinstance(raised.value, RankingInterruptedError)
    ranking = raised.value.ranking
    kept: HeadEffects = ranking.result
    assert 0 < kept.n_done < kept.n_heads
    done = ~np.isnan(kept.effects)
    np.testing.assert_allclose(kept.effects[done], expected.effects[done], atol=1e-6)
    assert f"{kept.n_done} of 12 heads" in str(raised.value)
    np.testing.assert_allclose(ranking.run().effects, expected.effects, atol=1e-6)


def test_ranking_goes_on_where_it_was_left() -> None:
    lab = lab_of(made("gpt2"))
    ranking = lab.ranking(Logit(5))
    for partial in ranking:
        if partial.n_done >= 2:
            break
    done = ranking.result.n_done
    ran: list[int] = []
    handle = lab.model.transformer.h[-1].register_forward_hook(lambda *_: ran.append(1))
    counts = [partial.n_done for partial in ranking]
    handle.remove()
    assert counts[0] == done
    assert counts[-1] == 12
    assert 0 < len(ran) <= 12 - done + 6  # some more for checks of places that are new


def test_a_model_without_gradients_is_ranked_all_the_same() -> None:
    model = made("gpt2")
    inner = model.transformer.forward
    model.transformer.forward = torch.no_grad()(inner)
    found = lab_of(model).rank_heads(Logit(5))
    expected = lab_of(made("gpt2")).rank_heads(Logit(5))
    np.testing.assert_allclose(found.effects, expected.effects, atol=1e-6)
    assert np.isnan(found.order).all()
    assert not np.isnan(expected.order).any()


def test_kinds_are_kept_apart() -> None:
    lab = lab_of(made("T5ForConditionalGeneration"))
    found = lab.rank_heads(Logit(5), first=0)
    assert found.kinds == lab.trace.kinds
    with pytest.raises(LookupError, match=r"several kinds .*of\('encoder'\).effects"):
        _ = found.effects
    cross = lab.rank_heads(Logit(5), kind="cross")
    assert cross.kinds == ("cross",)
    assert cross.n_done == cross.effects.size
    np.testing.assert_allclose(
        cross.effects, lab.rank_heads(Logit(5)).of("cross").effects, atol=1e-5
    )


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ({"edit": "patch"}, ValueError, 'edit must be "zero" or "mean", got \'patch\''),
        ({"leave_first": 1}, TypeError, "leave_first must be True, False or None, got 1"),
        ({"first": -1}, ValueError, "or more, got -1"),
        ({"first": 2.5}, TypeError, "whole number or None, got 2.5"),
        ({"tokens": [99]}, IndexError, "token must be in"),
        ({"tokens": []}, ValueError, "one token or more, got none"),
        ({"kind": "cross"}, ValueError, "kind must be decoder, got 'cross'"),
        ({"kind": "self"}, ValueError, "kind must be encoder, decoder or cross"),
    ],
)
def test_bad_requests_are_refused_before_an_edited_pass(
    wrong: Any, error: type[Exception], words: str
) -> None:
    lab = lab_of(made("gpt2"))
    with pytest.raises(error, match=words):
        lab.ranking(Logit(5), **wrong)
    assert "_base" not in vars(lab._passes)


class Sharing(torch.nn.Module):
    """A layer that leaves something beside what it gives out, or takes what another left."""

    def __init__(self, inner: Any, left: list[torch.Tensor], takes: bool) -> None:
        super().__init__()
        self.inner, self.left, self.takes = inner, left, takes

    def forward(self, hidden: torch.Tensor, **kwargs: Any) -> Any:
        if self.takes:
            return self.inner(hidden, **kwargs) + (self.left.pop() if self.left else 0.0)
        self.left[:] = [hidden * 0.3]
        return self.inner(hidden, **kwargs)


def test_a_middle_layer_that_needs_more_than_its_input_is_not_resumed_at() -> None:
    model = made("llama", num_hidden_layers=4)
    left: list[torch.Tensor] = []
    for index, takes in ((0, False), (2, True)):
        model.model.layers[index] = Sharing(model.model.layers[index], left, takes)
    lab, slow = lab_of(model), lab_of(model)
    slow._passes._resumed = dict.fromkeys(range(100), False)
    vars(slow._passes)["_batches"] = False
    found, expected = lab.rank_heads(Logit(5)), slow.rank_heads(Logit(5))
    assert lab._passes._resumed == {3: True, 2: False, 1: False}
    np.testing.assert_allclose(found.effects, expected.effects, atol=1e-5)

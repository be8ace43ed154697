"""A logit, and a score, are the sum of what was written into the residual stream."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
from support.headed import CAUSAL, SEQ2SEQ, headed, lab
from support.labs import lab_of, made

from attention_widget import Experiment, UnsupportedModelError
from attention_widget.experiments import Logit, LogitDifference, LogProbability
from attention_widget.experiments.frozen_norm import frozen

# model type -> what refuses the logit, and what the score; None where the terms sum to it
AFTER = "does not add what its heads write"
UNKNOWN = "no module that takes what the heads"
MORE = "more than a norm and a linear output head"
BENT = "does not make queries and keys"
TYPES: dict[tuple[str, str], tuple[str | None, str | None]] = {
    (CAUSAL, "bloom"): (None, None),  # writes its attention out
    (CAUSAL, "cohere"): (None, None),  # scales its logits
    (CAUSAL, "ctrl"): (None, None),
    (CAUSAL, "deepseek_v3"): (None, None),  # norms within its queries and keys
    (CAUSAL, "diffllama"): (UNKNOWN, UNKNOWN),
    (CAUSAL, "electra"): (AFTER, AFTER),
    (CAUSAL, "falcon"): (None, None),
    (CAUSAL, "gemma3_text"): (None, None),  # a norm between heads and sum; norms of queries
    (CAUSAL, "gpt2"): (None, None),
    (CAUSAL, "gpt_neox"): (None, None),  # heads and MLP beside each other
    (CAUSAL, "granite"): (None, None),  # adds by a factor
    (CAUSAL, "jamba"): (None, None),  # has layers without attention
    (CAUSAL, "llama"): (None, None),
    (CAUSAL, "mixtral"): (None, None),
    (CAUSAL, "opt"): (None, None),
    (CAUSAL, "olmo2"): (None, BENT),  # no norm before its attention
    (CAUSAL, "qwen3"): (None, None),
    (CAUSAL, "qwen3_next"): (UNKNOWN, UNKNOWN),
    (CAUSAL, "xlnet"): ("one hidden state for each token", "one hidden state for each token"),
    (SEQ2SEQ, "pegasus"): (None, None),
    (SEQ2SEQ, "t5"): (None, None),  # scales its last states
    (SEQ2SEQ, "bart"): (AFTER, AFTER),
    (SEQ2SEQ, "prophetnet"): (UNKNOWN, UNKNOWN),
}
ALL = [(*key, *refused) for key, refused in TYPES.items()]
IDS = [model_type for _, model_type in TYPES]


@pytest.mark.parametrize(("names", "model_type", "refusal", "_"), ALL, ids=IDS)
def test_terms_sum_to_the_logit(
    names: str, model_type: str, refusal: str | None, _: str | None
) -> None:
    found = lab(headed(model_type, names))
    experiment, metric = found.experiment, Logit(5, position=-2)
    if refusal:
        with pytest.raises(UnsupportedModelError, match=refusal):
            experiment.direct_attribution(metric)
        return
    split = experiment.direct_attribution(metric)
    own = float(found.logits[-2, 5])
    assert split.logit == pytest.approx(own, rel=1e-5)
    size = max(1.0, float(abs(split.values).max()))
    assert split.values.sum() == pytest.approx(own, abs=1e-5 * size)
    assert abs(split.gap) <= 1e-5 * size
    for kind, heads in split.heads_by_kind.items():
        layers = experiment.trace.layers_with_attention(kind)
        assert np.isfinite(heads[list(layers)]).all()
        assert (np.abs(heads[list(layers)]) > 0).all()  # the trap: sums that hold without heads


@pytest.mark.parametrize(("names", "model_type", "_", "refusal"), ALL, ids=IDS)
def test_terms_sum_to_the_score(
    names: str, model_type: str, _: str | None, refusal: str | None
) -> None:
    experiment = lab(headed(model_type, names)).experiment
    kind = [one for one in experiment.trace.kinds if one != "cross"][-1]
    layer = experiment.trace.layers_with_attention(kind)[-1]
    if refusal:
        with pytest.raises(UnsupportedModelError, match=refusal):
            experiment.explain_score(layer, 1, 3, 2, kind=kind)
        return
    split = experiment.explain_score(layer, 1, 3, 2, kind=kind)
    block: Any = experiment.trace.block(layer, kind)
    own = float(block.scores(1, 3)[0, 0, 2])
    size = max(1.0, float(abs(split.query_side).max()), float(abs(split.key_side).max()))
    assert split.score == pytest.approx(own)
    assert split.values.sum() == pytest.approx(own, abs=1e-5 * size)
    assert split.terms[0].what == "embeddings"
    assert split.terms[-1].what == "bias"
    assert all(term.layer is None or term.layer < layer for term in split.terms)
    assert (np.abs(split.values).max(0) > 0)[:-1].all()


def test_a_heads_part_is_what_its_columns_write() -> None:
    """What the frozen norm and the head make of W_O z, by hand, in a LLaMA."""
    experiment = lab_of(made("llama"))
    model: Any = experiment.model
    split = experiment.direct_attribution(Logit(7))
    with torch.no_grad():
        states = model.model(**experiment.inputs(), output_hidden_states=True)
        last: list[torch.Tensor] = []
        hook = model.model.norm.register_forward_pre_hook(lambda _, args: last.append(args[0]))
        model(**experiment.inputs())
        hook.remove()
    size = (last[0][0, -1].pow(2).mean() + model.config.rms_norm_eps).rsqrt()
    reading = (model.lm_head.weight[7] * model.model.norm.weight * size).detach()
    for layer in range(3):
        weight = model.model.layers[layer].self_attn.o_proj.weight.detach()
        z = experiment.heads_output(layer)[-1]
        for head in range(4):
            written = weight[:, head * 8 : head * 8 + 8] @ z[head]
            assert split.heads[layer, head] == pytest.approx(float(written @ reading), rel=1e-4)
    start = states.hidden_states[0][0, -1]
    assert split.values[0] == pytest.approx(float(start @ reading), rel=1e-4)
    assert split.terms[0].label == "embeddings"


def test_a_part_of_a_normed_query_is_what_its_vector_makes() -> None:
    """Of the embeddings in a Qwen3, by hand: norm, projection, norm of the query, rotation."""
    experiment = lab(headed("qwen3")).experiment
    model: Any = experiment.model
    found = experiment.explain_score(1, 1, query=4, key=2)
    layer = model.model.layers[1]
    attention, before = layer.self_attn, layer.input_layernorm
    with torch.no_grad():
        whole = model.model(**experiment.inputs(), output_hidden_states=True)
        start, state = whole.hidden_states[0][0, 4], whole.hidden_states[1][0, 4]
        size = (state.pow(2).mean() + before.variance_epsilon).rsqrt()
        dim = attention.head_dim

        def query(vector: torch.Tensor) -> torch.Tensor:
            made: torch.Tensor = attention.q_proj(before.weight * vector * size)
            return made[dim : 2 * dim]

        own = (query(state).pow(2).mean() + attention.q_norm.variance_epsilon).rsqrt()
        part = attention.q_norm.weight * query(start) * own
        cos, sin = model.model.rotary_emb(state[None, None], torch.tensor([[4]]))
        turned = torch.cat([-part[dim // 2 :], part[: dim // 2]])
        rotated = part * cos[0, 0] + turned * sin[0, 0]
        block: Any = experiment.trace.block(1)
        key = block.key[1 // (block.n_heads // block.n_kv_heads), 2]
        expected = float(rotated @ key) * block.scale
    assert found.terms[0].label == "embeddings"
    assert found.query_side[0] == pytest.approx(expected, rel=1e-4)


def test_a_capped_logit_says_what_the_terms_sum_to() -> None:
    experiment = lab(headed("gemma2")).experiment
    split = experiment.direct_attribution(Logit(5))
    cap = experiment.model.config.final_logit_softcapping
    total = float(split.values.sum())
    assert split.capped
    assert cap * np.tanh(total / cap) == pytest.approx(split.logit, rel=1e-4)
    assert split.gap == pytest.approx(split.logit - total, abs=1e-5)
    assert "a soft cap" in split.note


def test_differences_are_those_of_the_parts() -> None:
    experiment = lab_of(made("gpt2"))
    one, other, both = (
        experiment.direct_attribution(metric)
        for metric in (Logit(5), Logit(7), LogitDifference(5, 7))
    )
    np.testing.assert_allclose(both.heads, one.heads - other.heads, atol=1e-5)
    np.testing.assert_allclose(both.mlps, one.mlps - other.mlps, atol=1e-5)
    assert both.logit == pytest.approx(one.logit - other.logit, abs=1e-5)
    rows = one.table()
    assert abs(rows[0]["value"]) == pytest.approx(float(abs(one.values).max()))
    assert {row["label"] for row in rows} >= {"embeddings", "layer 2, head 3", "layer 1, MLP"}


def with_module(model: Any, path: str, module: torch.nn.Module) -> Experiment:
    changed = copy.deepcopy(model)
    parent, _, name = path.rpartition(".")
    setattr(changed.get_submodule(parent), name, module)
    return lab_of(changed)


class Gated(torch.nn.Module):
    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.inner(given * given.mean(-1, keepdim=True).sigmoid())
        return found


class Squaring(Gated):
    def forward(self, given: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.inner(given)
        return found + found**2


def test_what_breaks_the_sum_refuses_by_name() -> None:
    model = made("llama")
    projection = model.model.layers[1].self_attn.o_proj
    gated = with_module(model, "model.layers.1.self_attn.o_proj", Gated(projection))
    with pytest.raises(UnsupportedModelError, match=UNKNOWN):
        gated.direct_attribution(Logit(5))
    bent = with_module(model, "model.norm", Squaring(model.model.norm))
    with pytest.raises(UnsupportedModelError, match=MORE):
        bent.direct_attribution(Logit(5))
    assert np.isfinite(bent.explain_score(2, 1, 3, 2).values).all()
    query = model.model.layers[2].self_attn.q_proj
    curved = with_module(model, "model.layers.2.self_attn.q_proj", Squaring(query))
    with pytest.raises(UnsupportedModelError, match=f"{BENT} of decoder layer 2"):
        curved.explain_score(2, 1, 3, 2)
    assert np.isfinite(curved.explain_score(1, 1, 3, 2).values).all()


def test_the_score_does_not_know_what_comes_later() -> None:
    experiment = lab_of(made("gpt2"))
    first = experiment.explain_score(0, 2, 4, 4)
    assert [term.what for term in first.terms] == ["embeddings", "bias"]
    later = experiment.explain_score(2, 2, -1, 1)
    assert later.query == len(experiment.read_tokens) - 1
    [best] = later.table(1)
    assert abs(best["value"]) == pytest.approx(float(abs(later.values).max()))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda lab: lab.direct_attribution(LogProbability(5)), TypeError, "only a logit is a sum"),
        (lambda lab: lab.direct_attribution(Logit(5, 99)), IndexError, "position must be in"),
        (lambda lab: lab.explain_score(9, 0, 1, 0), IndexError, "layer must be in 0–2"),
        (lambda lab: lab.explain_score(0, 9, 1, 0), IndexError, "head must be in 0–3"),
        (lambda lab: lab.explain_score(0, 0, 99, 0), IndexError, "query must be in"),
        (lambda lab: lab.explain_score(0, 0, 1, 99), IndexError, "key must be in"),
    ],
)
def test_bad_requests_are_refused(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call(lab_of(made("gpt2")))


def test_the_model_is_left_as_it_was() -> None:
    model = made("llama")
    experiment = lab_of(model)
    before = [(name, each.requires_grad, each.grad) for name, each in model.named_parameters()]
    hooks = [(dict(each._forward_hooks), dict(each._forward_pre_hooks)) for each in model.modules()]
    experiment.direct_attribution(Logit(5))
    experiment.explain_score(2, 1, 3, 2)
    after = [(name, each.requires_grad, each.grad) for name, each in model.named_parameters()]
    assert after == before
    assert hooks == [
        (dict(each._forward_hooks), dict(each._forward_pre_hooks)) for each in model.modules()
    ]
    assert torch.is_grad_enabled()


def test_cross_attention_has_no_split_score() -> None:
    experiment = lab(headed("t5", SEQ2SEQ)).experiment
    with pytest.raises(ValueError, match="self-attention, got 'cross'"):
        experiment.explain_score(0, 0, 1, 0, kind="cross")


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_sums_hold_in_the_precision_of_the_model(dtype: torch.dtype) -> None:
    """Within eight units in the last place of the largest term."""
    experiment = lab_of(made("llama").to(dtype))
    allowed = max(1e-5, 8 * torch.finfo(dtype).eps)
    split = experiment.direct_attribution(Logit(5))
    assert abs(split.gap) <= allowed * max(abs(split.logit), float(abs(split.values).max()))
    score = experiment.explain_score(2, 1, 3, 2)
    size = max(float(abs(score.query_side).max()), float(abs(score.key_side).max()))
    assert abs(score.gap) <= allowed * max(abs(score.score), size)


def test_norms_are_found_out_by_calling_them() -> None:
    given = torch.Generator().manual_seed(0)
    states = torch.randn(3, 9, generator=given) * torch.tensor([[1.0], [40.0], [0.01]])
    layer_norm = torch.nn.LayerNorm(9)
    root = torch.nn.RMSNorm(9, eps=1e-6)
    with torch.no_grad():
        for parameter in (*layer_norm.parameters(), *root.parameters()):
            parameter.normal_(generator=given)
        for norm in (layer_norm, root):
            found = frozen(norm, states, norm(states))
            assert found is not None
            assert found.centred is (norm is layer_norm)
            again = found.linear(states) + found.bias
            torch.testing.assert_close(again, norm(states), atol=1e-5, rtol=1e-4)
            parts = found.linear(torch.stack([states * 0.3, states * 0.7])).sum(0) + found.bias
            torch.testing.assert_close(parts, norm(states), atol=1e-5, rtol=1e-4)
        for other in (torch.nn.Tanh(), torch.nn.Linear(9, 9), torch.nn.Softmax(-1)):
            assert frozen(other, states, other(states)) is None

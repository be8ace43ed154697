"""An edit in a pass is the same as the same change made in another way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from support.labs import Blocking, close, lab_of, logits_of, made, projection, without_columns
from support.models import TEXT

from attention_widget.experiments import EdgeOff, HeadOff, HeadPatch, HeadScale
from attention_widget.experiments.editing import Edited
from attention_widget.experiments.placing import placed

ONE_STACK = [
    *("bert", "bert_masked_lm", "roberta", "modernbert", "distilbert", "gpt2", "llama"),
    *("gemma2", "mixtral", "qwen3", "opt", "gpt_neox", "phi3", "gpt_oss", "bloom", "falcon", "mpt"),
    *("gpt_neo", "deberta_v2", "t5_encoder", "olmo2"),
]
OTHER = "the colour purple is a good idea"
EAGER_ALONE = {"deberta_v2", "gemma2", "gpt_oss", "bloom", "mpt", "gpt_neo"}
ATTENDING = [
    (family, way)
    for family in ONE_STACK
    for way in ("sdpa", "eager")
    if way == "eager" or family not in EAGER_ALONE
]
SEQ2SEQ = ["T5ForConditionalGeneration", "BartForConditionalGeneration"]


@pytest.mark.parametrize(("family", "attn_implementation"), ATTENDING)
def test_a_head_off_is_a_model_without_its_columns(family: str, attn_implementation: str) -> None:
    lab = lab_of(made(family, attn_implementation))
    layer = lab.trace.layers_with_attention()[-1]
    dim = lab.heads_output(layer).shape[2]
    without = without_columns(lab, [projection(lab, layer)], [1], dim)
    outcome = lab.without(HeadOff(layer, 1))
    np.testing.assert_array_equal(outcome.after, logits_of(lab, without))
    np.testing.assert_array_equal(outcome.before, logits_of(lab, lab.model))
    assert np.abs(outcome.after - outcome.before).max() > 1e-4
    if lab.trace.hidden:
        states = outcome.trace.hidden_states(layer + 1)
        assert np.abs(states - lab.trace.hidden_states(layer + 1)).max() > 1e-5
    same = HeadScale(layer, 1, 0.0)
    np.testing.assert_array_equal(lab.without(same).after, outcome.after)


@pytest.mark.parametrize("attn_implementation", ["sdpa", "eager"])
@pytest.mark.parametrize("kind", ["encoder", "decoder", "cross"])
@pytest.mark.parametrize("family", SEQ2SEQ)
def test_each_kind_has_heads_of_its_own(family: str, kind: Any, attn_implementation: str) -> None:
    lab = lab_of(made(family, attn_implementation))
    path = projection(lab, 1, kind)
    without = without_columns(lab, [path], [0, 3], lab.heads_output(1, kind).shape[2])
    outcome = lab.without(HeadOff(1, [3, 0], kind=kind))
    close(outcome.after, logits_of(lab, without))
    assert np.abs(outcome.after - outcome.before).max() > 1e-5
    assert outcome.trace.edits == ("Layer 1, heads 3 and 0 are switched off: they give out zero.",)


@pytest.mark.parametrize("family", ["albert", "albert_groups"])
def test_a_module_that_is_called_for_several_layers(family: str) -> None:
    lab = lab_of(made(family))
    layers = lab.trace.layers_with_attention()
    paths = {projection(lab, layer) for layer in layers}
    without = without_columns(lab, [*paths], [2], lab.heads_output(0).shape[2])
    outcome = lab.without(*[HeadOff(layer, 2) for layer in layers])
    close(outcome.after, logits_of(lab, without))
    each = [lab.without(HeadOff(layer, 2)).after for layer in layers]
    for index, one in enumerate(each):
        assert all(np.abs(one - other).max() > 1e-6 for other in each[:index])


@pytest.mark.parametrize(("family", "attn_implementation"), ATTENDING)
def test_a_blocked_edge_is_a_mask_that_lacks_it(family: str, attn_implementation: str) -> None:
    lab = lab_of(made(family, attn_implementation))
    n_tokens, layers = len(lab.trace.tokens), lab.trace.layers_with_attention()
    eager = made(family, "eager")
    mode = Blocking((n_tokens, n_tokens), 6, 4)
    outcome = lab.without(EdgeOff(query=6, key=4))
    close(outcome.after, logits_of(lab, eager, mode))
    assert mode.seen == len(layers)
    assert np.abs(outcome.after - outcome.before).max() > 1e-5
    for layer in layers:
        assert not outcome.trace.attention(layer)[:, 6, 4].any()
        assert lab.trace.attention(layer)[:, 6, 4].all()
    mode = Blocking((n_tokens, n_tokens), slice(None), 0, [2], only=[len(layers) - 1])
    outcome = lab.without(EdgeOff(layer=layers[-1], heads=2, key=0))
    expected = logits_of(lab, eager, mode)
    first = 1 if lab.trace.kinds == ("decoder",) else 0  # a row that sees nothing gives out zero
    close(outcome.after[first:], expected[first:])


@pytest.mark.parametrize(
    ("kind", "sizes"), [("encoder", (17, 17)), ("decoder", (7, 7)), ("cross", (7, 17))]
)
@pytest.mark.parametrize("family", SEQ2SEQ)
def test_edges_of_each_kind(family: str, kind: Any, sizes: tuple[int, int]) -> None:
    lab = lab_of(made(family))
    trace = lab.trace
    assert trace.target is not None
    sizes = tuple(map(len, trace.sides(kind)))  # type: ignore[assignment]
    mode = Blocking(sizes, 3, 2)
    outcome = lab.without(EdgeOff(query=3, key=2, kind=kind))
    close(outcome.after, logits_of(lab, made(family, "eager"), mode))
    assert mode.seen == len(trace.layers_with_attention(kind))
    assert np.abs(outcome.after - outcome.before).max() > 1e-6


@pytest.mark.parametrize("family", ["bert", "gpt2", "llama", "bloom", "T5ForConditionalGeneration"])
def test_values_of_heads(family: str) -> None:
    """Mean, scale and patch, held against the next layer's input computed by hand."""
    way = "eager" if family in EAGER_ALONE else "sdpa"
    lab, other = (lab_of(made(family, way), text) for text in (TEXT, OTHER))
    kind: Any = lab.trace.kinds[-1]
    layer = lab.trace.layers_with_attention(kind)[-1]
    z = lab.heads_output(layer, kind)
    n = len(z)

    def given_out(*edits: Any) -> torch.Tensor:
        changes = Edited(lab._passes._sites, [placed(edits, lab.trace)])
        site = lab._traced.sites[kind, layer]
        return changes.changed(site.path, site.calls[0], z[None], lambda _: None)[0]

    mean = given_out(HeadOff(layer, [1, 2], kind, value="mean"))
    torch.testing.assert_close(mean[:, 1:3], z[:, 1:3].mean(0).expand(n, -1, -1))
    assert torch.equal(mean[:, [0, 3]], z[:, [0, 3]])
    half = given_out(HeadScale(layer, -1, 0.5, kind, tokens=[0, -1]))
    assert torch.equal(half[[0, -1], 3], z[[0, -1], 3] * 0.5)
    assert torch.equal(half[1:-1], z[1:-1])
    theirs = other.heads_output(layer, kind)
    patch = given_out(HeadPatch(layer, 0, other, tokens=[1, 2], source_tokens=[3, 1], kind=kind))
    assert torch.equal(patch[[1, 2], 0], theirs[[3, 1], 0])
    assert torch.equal(patch[:, 1:], z[:, 1:])
    both = given_out(HeadScale(layer, 0, 2.0, kind), HeadOff(layer, 0, kind, tokens=0))
    assert not both[0, 0].any()
    assert torch.equal(both[1:, 0], z[1:, 0] * 2.0)


@pytest.mark.parametrize("family", ["bert", "gpt2", "llama", "mixtral", "deberta_v2", "bloom"])
def test_an_edit_that_changes_nothing_changes_nothing(family: str) -> None:
    model = made(family, "eager" if family in EAGER_ALONE else "sdpa")
    lab = lab_of(model)
    layer = lab.trace.layers_with_attention()[0]
    edits: list[Any] = [
        HeadScale(layer, [0, 1], 1.0),
        HeadPatch(layer, 2, lab),
        HeadPatch(layer, 1, lab_of(model)),
    ]
    for chosen in ([edits[0]], [edits[1]], [edits[2]], edits):
        outcome = lab.without(*chosen)
        np.testing.assert_array_equal(outcome.after, outcome.before)
        np.testing.assert_array_equal(
            outcome.trace.attention(layer + 1), lab.trace.attention(layer + 1)
        )


def test_a_query_that_sees_nothing_gets_nothing() -> None:
    lab = lab_of(made("llama"))
    trace = lab.trace_of(EdgeOff(layer=1, query=0, key=0))
    assert not trace.attention(1)[:, 0].any()
    off = lab.trace_of(HeadOff(1, range(4), tokens=0))
    np.testing.assert_allclose(trace.hidden_states(2), off.hidden_states(2), atol=1e-6)


@pytest.mark.parametrize("family", ["gpt2", "bert_masked_lm"])
def test_a_probability_after_edits_is_of_the_models_own_logits(family: str) -> None:
    lab = lab_of(made(family))
    last = len(lab.read_tokens) - 1
    layer = lab.trace.layers_with_attention()[-1]
    dim = lab.heads_output(layer).shape[2]
    outcome = lab.without(HeadOff(layer, 1))
    without = without_columns(lab, [projection(lab, layer)], [1], dim)
    for position in (None, -1, 2):
        row = last if position is None else position
        for model, found in (
            (lab.model, lab.probability(7, -1 if position is None else position)),
            (without, outcome.probability(7, position)),
        ):
            logits = logits_of(lab, model)[row].astype(np.float64)
            expected = np.exp(logits[7] - np.logaddexp.reduce(logits))
            assert found == pytest.approx(expected, rel=1e-5)
    assert outcome.probability(7) != lab.probability(7)

    some = lab.without(HeadOff(layer, 1), positions=[2, 1])
    assert some.probability(7) == pytest.approx(outcome.probability(7, 1), rel=1e-6)
    assert some.probability(7, 2 - last - 1) == pytest.approx(outcome.probability(7, 2), rel=1e-6)
    np.testing.assert_allclose(
        some.predictions(3, follow=[7]).followed_probabilities[:, 0],
        [outcome.probability(7, 2), outcome.probability(7, 1)],
        rtol=1e-6,
    )
    with pytest.raises(IndexError, match=rf"asked for \(2, 1\), got {last}; ask for it too"):
        some.probability(7, last)
    with pytest.raises(IndexError, match="position must be in"):
        some.probability(7, 99)


def test_edges_are_blocked_before_heads_are_changed() -> None:
    lab = lab_of(made("gpt2"))
    edits: list[Any] = [HeadOff(1, 0), EdgeOff(layer=1, query=6, key=4)]
    one, other = lab.without(*edits).after, lab.without(*reversed(edits)).after
    np.testing.assert_array_equal(one, other)
    assert np.abs(one - lab.without(edits[0]).after).max() > 1e-6


def test_the_trace_of_a_changed_pass_says_so() -> None:
    lab = lab_of(made("gpt2"))
    outcome = lab.without(HeadOff(1, 0, tokens=2), EdgeOff(layer=2, query=-1, key=[1, 2]))
    label = lab.trace.tokens[2].label
    assert outcome.trace.edits == outcome.sentences
    assert outcome.sentences == (
        f"Layer 1, head 0 is switched off at token 2 {label!r}: it gives out zero.",
        f"In layer 2, token 16 {lab.trace.tokens[16].label!r} may not see tokens 1 "
        f"{lab.trace.tokens[1].label!r} and 2 {label!r}.",
    )
    assert ", 2 edits, " in repr(outcome.trace)
    assert lab.trace.edits == ()
    assert outcome.trace.tokens == lab.trace.tokens
    assert TEXT.split()[1] == label

"""Two passes beside each other."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from support import models
from support.traces import encoder_decoder, windowed

from attention_widget import Contrast, Experiment, capture, compare, from_attentions
from attention_widget.experiments import HeadOff

NAMES = ("novel", "old")


def lab(model: Any, text: str, tokenizer: Any) -> Experiment:
    return Experiment(model, text, tokenizer=tokenizer, head=torch.nn.Identity())


@pytest.fixture(scope="module")
def longer(minilm: tuple[Any, Any]) -> Contrast:
    model, tokenizer = minilm
    texts = ("Attention is a novel idea", "Attention is a very old novel idea")
    one, other = (capture(model, text, tokenizer=tokenizer) for text in texts)
    return compare(one, other, NAMES)


def test_sides_have_their_own_attention(longer: Contrast) -> None:
    for side, trace in enumerate(longer.traces):
        assert np.array_equal(longer.attention(side, 2), trace.attention(2))
        assert np.array_equal(longer.attention(NAMES[side], 2), trace.attention(2))
    with pytest.raises(ValueError, match="which must be 'novel', 'old' or 'difference'"):
        longer.attention("base", 2)


def test_sides_are_named_by_what_differs(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    one, other = (capture(model, text, tokenizer=tokenizer) for text in ("a novel", "an old novel"))
    assert compare(one, other).names == ("first", "second")
    changed = replace(one, edits=("Layer 0, head 1 is switched off.",))
    assert compare(one, changed).names == ("before", "after")
    assert compare(one, one).names == ("base", "tuned")
    with pytest.raises(TypeError, match="names must be two texts"):
        compare(one, other, names="base")  # type: ignore[arg-type]


def test_the_difference_is_of_what_both_have(longer: Contrast) -> None:
    assert [token.label for token in longer.tokens] == [
        *("[CLS]", "Attention", "is", "a", "very", "old", "novel", "idea", "[SEP]")
    ]
    assert longer.alone == ((), (4, 5))
    found = longer.attention("difference", 2)
    both = [i for i, slot in enumerate(longer.aligned.slots) if None not in slot]
    one, other = (trace.attention(2) for trace in longer.traces)
    a, b = np.array(longer.alignment).T
    expected = other[:, b][:, :, b] - one[:, a][:, :, a]
    assert np.array_equal(found[:, both][:, :, both], expected)
    lost = np.isnan(found[0])
    assert lost[[4, 5]].all()
    assert lost[:, [4, 5]].all()
    assert not lost[np.ix_(both, both)].any()


def test_heads_are_ranked_by_how_much_they_changed(longer: Contrast) -> None:
    ranked = longer.heads_by_change()
    assert len(ranked) == 72
    assert [each.divergence for each in ranked] == sorted(
        (each.divergence for each in ranked), reverse=True
    )
    first = ranked[0]
    assert first.divergence == pytest.approx(float(longer.divergence(first.layer)[first.head]))
    table = longer.table()
    assert (table["layer"][0], table["head"][0]) == (first.layer, first.head)


def test_the_same_pass_twice_has_not_changed(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    trace = capture(model, "Attention is a novel idea", tokenizer=tokenizer)
    contrast = compare(trace, trace)
    assert contrast.is_whole
    assert max(contrast.table()["divergence"]) < 1e-6
    assert not contrast.attention("difference", 1).any()


def test_two_models_read_one_text(smollm: tuple[Any, Any]) -> None:
    model, tokenizer = smollm
    other = copy.deepcopy(model)
    with torch.no_grad():
        other.model.layers[3].self_attn.q_proj.weight[:64] = 0  # head 0
    text = "The capital of France is"
    contrast = compare((model, text, tokenizer), (other, text, tokenizer))
    assert contrast.heads_by_change()[0].layer >= 3
    assert max(contrast.divergence(2)) < 1e-6
    assert int(np.argmax(contrast.divergence(3))) == 0
    both = contrast.predictions(5)
    alone = contrast.experiments[1].predictions(5)
    np.testing.assert_allclose(both.other.probabilities, alone.probabilities, atol=1e-6)
    assert both.kept is not None
    mine = both.one.ids[-1].tolist()
    followed = contrast.experiments[1].predictions(5, follow=mine)
    np.testing.assert_allclose(both.kept[-1], followed.followed_probabilities[-1], atol=1e-6)


def test_predictions_stand_beside_each_other_where_tokens_do(smollm: tuple[Any, Any]) -> None:
    model, tokenizer = smollm
    one, other = (
        Experiment(model, text, tokenizer=tokenizer)
        for text in ("The capital of France is", "The capital of big old France is")
    )
    contrast = compare(one, other)
    both = contrast.predictions(3)
    assert both.one.positions == (0, 1, 2, 3, 4)
    assert both.other.positions == (0, 1, 2, 5, 6)
    last = other.predictions(3, 6)
    assert both.other.ids[-1].tolist() == last.ids[0].tolist()
    with pytest.raises(ValueError, match="must be of tokens that have a partner, got"):
        compare(other, one).predictions(3, [3])


def test_before_and_after_an_edit(smollm: tuple[Any, Any]) -> None:
    model, tokenizer = smollm
    before = Experiment(model, "The capital of France is", tokenizer=tokenizer)
    outcome = before.without(HeadOff(23, 4))
    for sides, expected in (
        ((before, outcome), (0.773, 0.141)),
        ((outcome, before), (0.141, 0.773)),
    ):
        both = compare(*sides).predictions(1, [4])
        assert both.one.probabilities[0, 0] == pytest.approx(expected[0], abs=2e-3)
        assert both.other.probabilities[0, 0] == pytest.approx(expected[1], abs=2e-3)
    contrast = compare(before, outcome)
    assert max(contrast.divergence(22)) < 1e-6
    assert min(each.layer for each in contrast.heads_by_change()[:3]) > 23
    assert contrast.attention(1, 25).tobytes() == outcome.trace.attention(25).tobytes()


def test_quantised_and_not(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    quantised = copy.deepcopy(model)
    with torch.no_grad():  # weights rounded to 8 bits, row by row
        for module in quantised.modules():
            if isinstance(module, torch.nn.Linear):
                step = module.weight.abs().amax(1, keepdim=True) / 127
                module.weight.copy_((module.weight / step).round() * step)
    text = "I read a good novel about the colour purple"
    contrast = compare((model, text, tokenizer), (quantised, text, tokenizer), ("full", "int8"))
    assert contrast.is_whole
    assert 0 < max(contrast.table()["divergence"]) < 0.05


def test_encoder_decoders_are_aligned_on_both_sides() -> None:
    trace = encoder_decoder()
    contrast = compare(trace, trace)
    for kind in trace.kinds:
        assert not np.nan_to_num(contrast.attention("difference", 0, kind)).any()
        assert max(contrast.divergence(0, kind)) < 1e-6


def test_traces_alone_predict_nothing(longer: Contrast) -> None:
    assert not longer.has_models
    with pytest.raises(ValueError, match="novel must have a model for this, got a trace alone"):
        longer.predictions()


def test_models_of_other_shapes_are_refused(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    one = capture(model, "a novel idea", tokenizer=tokenizer)
    other = capture(models.tiny("bert"), "a novel idea", tokenizer=models.tokenizer())
    with pytest.raises(ValueError, match="same kinds of attention, layers and heads, got Trace"):
        compare(one, other)


def test_texts_without_anything_in_common_are_refused(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    one, other = (capture(model, text, tokenizer=tokenizer) for text in ("purple", "green algae"))
    with pytest.raises(ValueError, match="must have a token in common"):
        compare(one, other)
    assert compare(one, other, alignment=[(0, 0), (1, 2), (2, 3)]).alone == ((), (1,))


@pytest.mark.parametrize("given", ["a text", None, 3, ("a", "b", "c", "d")])
def test_what_is_no_side_is_refused(given: Any, longer: Contrast) -> None:
    with pytest.raises(TypeError, match="b must be a Trace, an Experiment, an Outcome"):
        compare(longer.traces[0], given)


@pytest.mark.parametrize("names", ["ab", ("a",), ("a", ""), ("a", 2)])
def test_names_are_two_texts(names: Any, longer: Contrast) -> None:
    with pytest.raises(TypeError, match="names must be two texts"):
        compare(*longer.traces, names)


@pytest.mark.parametrize("names", [("a", "a"), ("a", "difference")])
def test_names_differ(names: Any, longer: Contrast) -> None:
    with pytest.raises(ValueError, match="names must differ"):
        compare(*longer.traces, names)


def test_windows_are_refused() -> None:
    with pytest.raises(ValueError, match="must be read in one pass, got"):
        compare(windowed(), windowed())


def test_arrays_can_be_compared() -> None:
    one = from_attentions([[[[1, 0], [0.5, 0.5]]]], ["a", "novel"])
    other = from_attentions([[[[1, 0], [1, 0]]]], ["a", "novel"])
    contrast = compare(one, other)
    assert contrast.attention("difference", 0).tolist() == [[[0, 0], [0.5, -0.5]]]
    assert contrast.heads_by_change()[0].divergence == pytest.approx(0.15564, abs=1e-4)

"""What heads take from keys sums to what the model's own output projection gives out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from support.labs import Array, close, lab_of, made
from support.models import FAMILIES
from support.seq2seq import SEQ2SEQ
from transformers.pytorch_utils import Conv1D

from attention_widget import Experiment, UnsupportedModelError

MEASURES_OF_BLOCKS = ("norm_residual", "alti")
OTHERS = {"BartForSequenceClassification", "T5ForSequenceClassification", "EncoderDecoderModel"}
ALL = [name for name in (*FAMILIES, *SEQ2SEQ) if name not in OTHERS]  # they read in other ways

# a block whose states have the tokens first, or whose decoder has streams
NO_BLOCK = {
    ("FSMTForConditionalGeneration", "encoder"),
    ("FSMTForConditionalGeneration", "decoder"),
}
NO_BLOCK |= {("ProphetNetForConditionalGeneration", "decoder")}
SOME_ATTEND = {"jamba"}  # and its other layers do not


def projected(lab: Experiment, layer: int, kind: Any) -> tuple[torch.nn.Module, Array]:
    """The linear module that is given what the heads of a layer give out, in a plain pass, and
    what it then gives out (query, hidden)."""
    z = lab.heads_output(layer, kind).flatten()
    found: list[Any] = []

    def hook(module: Any, args: Any, output: Any) -> None:
        if args and args[0].numel() == z.numel() and torch.equal(args[0].flatten(), z):
            found.append((module, output.detach().float()))

    linear = ("Linear", "Conv1D", "FalconLinear")
    modules = [module for module in lab.model.modules() if type(module).__name__ in linear]
    handles = [module.register_forward_hook(hook) for module in modules]
    try:
        with torch.no_grad():
            lab.model(**lab.inputs())
    finally:
        for handle in handles:
            handle.remove()
    module, output = found[0]
    array: Array = output.reshape(-1, output.shape[-1]).numpy()
    return module, array


def weights(module: Any) -> tuple[Array, Array]:
    """(width, hidden) and (hidden,) of a linear module, as its class defines it."""
    weight = module.weight.detach().float().numpy()
    bias = getattr(module, "bias", None)
    matrix = weight if isinstance(module, Conv1D) else weight.T
    added = np.zeros(matrix.shape[1]) if bias is None else bias.detach().float().numpy()
    return matrix, added


def taken(lab: Experiment, layer: int, kind: Any, matrix: Array) -> Array:
    """f(x) of every head and key: (head, key, hidden)."""
    values = lab.trace.values(layer, kind)
    n_heads = lab.trace.count_heads(layer, kind)
    values = values.repeat(n_heads // len(values), 0)
    found: Array = values @ matrix.reshape(n_heads, values.shape[2], -1)
    return found


@pytest.mark.parametrize("family", ALL)
def test_parts_sum_to_the_output(family: str) -> None:
    lab = lab_of(made(family, "eager"))
    for kind in lab.trace.kinds:
        for layer in lab.trace.layers_with_attention(kind)[-2:]:
            module, gave = projected(lab, layer, kind)
            matrix, bias = weights(module)
            parts = taken(lab, layer, kind, matrix)
            attention = lab.trace.attention(layer, kind)
            whole = np.einsum("hqk,hke->qe", attention, parts) + bias
            close(whole, gave[: len(whole)])  # the rest is of streams (ProphetNet)
            lengths = attention * np.linalg.norm(parts, axis=-1)[:, None]
            close(lab.measure("norm", layer, kind).values, lengths)
            values = np.linalg.norm(lab.trace.values(layer, kind), axis=-1)
            values = values.repeat(len(attention) // len(values), 0)
            found = lab.measure("value_weighted", layer, kind)
            np.testing.assert_allclose(found.values, attention * values[:, None], rtol=1e-5)


@pytest.mark.parametrize("family", ALL)
def test_rows_of_rollouts_sum_to_1(family: str) -> None:
    lab = lab_of(made(family, "eager"))
    for kind in lab.trace.kinds:
        last = lab.trace.layers_with_attention(kind)[-1]
        if kind == "cross" or family in SOME_ATTEND:
            with pytest.raises(UnsupportedModelError, match="'rollout'"):
                lab.measure("rollout", last, kind)
            continue
        for layer in (last, 0):
            found = lab.measure("rollout", layer, kind).values
            np.testing.assert_allclose(found.sum(1), 1.0, rtol=0, atol=1e-5)
            assert (found >= 0).all()


@pytest.mark.parametrize("name", MEASURES_OF_BLOCKS)
@pytest.mark.parametrize("family", ALL)
def test_blocks_are_known_or_refused(family: str, name: Any) -> None:
    lab = lab_of(made(family, "eager"))
    for kind in lab.trace.kinds:
        last = lab.trace.layers_with_attention(kind)[-1]
        decoder = name == "alti" and (lab.trace.target is not None and kind == "decoder")
        hybrid = name == "alti" and family in SOME_ATTEND
        if kind == "cross" or decoder or hybrid or (family, kind) in NO_BLOCK:
            with pytest.raises(UnsupportedModelError, match=f"{name!r}"):
                lab.measure(name, last, kind)
            continue
        found = lab.measure(name, last, kind).values
        n_tokens = len(lab.trace.sides(kind)[0])
        assert found.shape == (n_tokens, n_tokens)
        assert np.isfinite(found).all()
        if name == "alti":
            np.testing.assert_allclose(found.sum(1), 1.0, rtol=0, atol=1e-5)


@pytest.mark.parametrize("family", ["gpt2", "gemma", "gpt_oss", "BartModel"])
def test_a_value_that_is_taken_away_leaves_what_was_measured(family: str) -> None:
    """Zero the value of one key in the model itself: each head's output loses α f(x)."""
    model = made(family, "eager")
    lab = lab_of(model)
    kind, key = lab.trace.kinds[-1], 2
    layer = lab.trace.layers_with_attention(kind)[-1]
    matrix, _ = weights(projected(lab, layer, kind)[0])
    dims = lab.trace.values(layer, kind).shape[2]
    path = {
        "gpt2": f"transformer.h.{layer}.attn.c_attn",
        "BartModel": f"decoder.layers.{layer}.encoder_attn.v_proj",
    }.get(family, f"model.layers.{layer}.self_attn.v_proj")
    module = dict(model.named_modules())[path]

    def zeroed(_: Any, __: Any, output: torch.Tensor) -> torch.Tensor:
        changed = output.clone()
        changed[0, key, -output.shape[-1] // (3 if family == "gpt2" else 1) :] = 0.0
        return changed

    handle = module.register_forward_hook(zeroed)
    try:
        without = lab_of(model)
        lost = (lab.heads_output(layer, kind) - without.heads_output(layer, kind)).float().numpy()
    finally:
        handle.remove()
    parts = np.einsum("qhd,hde->hqe", lost, matrix.reshape(-1, dims, matrix.shape[1]))
    found = lab.measure("norm", layer, kind).values[:, :, key]
    close(found, np.linalg.norm(parts, axis=-1))
    assert found.max() > 0.05  # it is far from nothing


def test_heads_that_share_values_have_parts_of_their_own() -> None:
    lab = lab_of(made("llama"))
    found = lab.measure("norm", 1).values / lab.trace.attention(1).clip(1e-9)
    assert lab.trace.values(1).shape[0] == 2 < len(found)
    assert not np.allclose(found[0, -1], found[1, -1], rtol=1e-2)

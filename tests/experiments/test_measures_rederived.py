"""Measures derived again in plain NumPy, from a model's weights and hidden states alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from support.labs import lab_of, made

from attention_widget import Experiment
from attention_widget.experiments.measuring.block_parts import KeyVectors, nearness
from attention_widget.experiments.measuring.facts import MeasureName

Array = NDArray[np.float64]
TOLERANCE = 2e-5  # of the largest value: float32 against float64

TEXT = (
    "The colour purple has been many things: the robe of emperors, the ink of bishops. I read a "
    "good novel about it."
)


@dataclass(frozen=True)
class Layer:
    """What one layer is, in float64: ``given`` is what its values are made of, ``x`` the residual,
    ``norm`` (weight, bias, eps) what follows the sum, if anything."""

    x: Array
    given: Array
    w_v: Array
    b_v: Array
    w_o: Array
    b_o: Array
    attention: Array
    norm: tuple[Array, Array, float] | None

    def parts(self, times: float = 1.0) -> Array:
        """f(x) = (x W_V + b_V) W_O of each head: (head, key, hidden)."""
        n_heads = len(self.attention)
        values = self.given @ self.w_v + times * self.b_v
        dims = values.shape[1] // n_heads
        return np.stack(
            [
                values[:, h * dims : (h + 1) * dims] @ self.w_o[h * dims : (h + 1) * dims]
                for h in range(n_heads)
            ]
        )

    def vectors(self) -> tuple[Array, Array]:
        """What each query takes from each key (query, key, hidden), and the block's output."""
        taken = np.einsum("hqk,hke->qke", self.attention, self.parts())
        taken[np.diag_indices(len(taken))] += self.x
        whole = taken.sum(1) + self.b_o
        if self.norm is None:
            return taken, whole
        weight, bias, eps = self.norm
        size = np.sqrt(whole.var(-1) + eps)[:, None]
        taken = (taken - taken.mean(-1, keepdims=True)) / size[:, None] * weight
        return taken, (whole - whole.mean(-1, keepdims=True)) / size * weight + bias


def layer_norm(x: Array, weight: Array, bias: Array, eps: float) -> Array:
    centred = x - x.mean(-1, keepdims=True)
    found: Array = centred / np.sqrt(centred.var(-1, keepdims=True) + eps) * weight + bias
    return found


def number(tensor: Any) -> Array:
    found: Array = tensor.detach().double().numpy()
    return found


def of_bert(lab: Experiment, index: int) -> Layer:
    layer = lab.model.encoder.layer[index].attention
    x = lab.trace.hidden_states(index).astype(np.float64)
    dense, norm = layer.output.dense, layer.output.LayerNorm
    return Layer(
        x,
        x,
        number(layer.self.value.weight).T,
        number(layer.self.value.bias),
        number(dense.weight).T,
        number(dense.bias),
        lab.trace.attention(index).astype(np.float64),
        (number(norm.weight), number(norm.bias), norm.eps),
    )


def of_gpt2(lab: Experiment, index: int) -> Layer:
    layer = lab.model.transformer.h[index]
    x = lab.trace.hidden_states(index).astype(np.float64)
    norm, attn, n = layer.ln_1, layer.attn, x.shape[1]
    given = layer_norm(x, number(norm.weight), number(norm.bias), norm.eps)
    w, b = number(attn.c_attn.weight)[:, 2 * n :], number(attn.c_attn.bias)[2 * n :]
    w_o, b_o = number(attn.c_proj.weight), number(attn.c_proj.bias)
    return Layer(x, given, w, b, w_o, b_o, lab.trace.attention(index).astype(np.float64), None)


@pytest.fixture(params=["MiniLM", "gpt2"])
def case(request: pytest.FixtureRequest) -> tuple[Experiment, list[Layer]]:
    if request.param == "gpt2":
        lab = lab_of(made("gpt2"))
        return lab, [of_gpt2(lab, index) for index in range(lab.trace.n_layers)]
    model, tokenizer = request.getfixturevalue("minilm")
    lab = Experiment(model, TEXT, tokenizer=tokenizer, progress=False)
    return lab, [of_bert(lab, index) for index in range(lab.trace.n_layers)]


def agree(found: Any, expected: Array) -> None:
    assert found.dtype == np.float32
    size = float(np.abs(expected).max())
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE * size)


def test_value_weighted(case: tuple[Experiment, list[Layer]]) -> None:
    lab, layers = case
    for index, one in enumerate(layers):
        values = (one.given @ one.w_v + one.b_v).reshape(len(one.x), len(one.attention), -1)
        expected = one.attention * np.linalg.norm(values, axis=-1).T[:, None]
        agree(lab.measure("value_weighted", index).values, expected)


def test_norm(case: tuple[Experiment, list[Layer]]) -> None:
    lab, layers = case
    for index, one in enumerate(layers):
        expected = one.attention * np.linalg.norm(one.parts(), axis=-1)[:, None]
        agree(lab.measure("norm", index).values, expected)


def test_the_bias_of_the_values_is_counted_once() -> None:
    """Added twice, or left out, it would be told by these models: their biases are not zero."""
    lab = lab_of(made("gpt2"))
    one = of_gpt2(lab, 1)
    found = lab.measure("norm", 1).values
    for times in (0.0, 2.0):
        wrong = one.attention * np.linalg.norm(one.parts(times), axis=-1)[:, None]
        assert np.abs(found - wrong).max() > 1000 * TOLERANCE * np.abs(found).max()


def test_norm_residual(case: tuple[Experiment, list[Layer]]) -> None:
    lab, layers = case
    for index, one in enumerate(layers):
        expected = np.linalg.norm(one.vectors()[0], axis=-1)
        agree(lab.measure("norm_residual", index).values, expected)


def test_rollout(case: tuple[Experiment, list[Layer]]) -> None:
    lab, layers = case
    whole = np.eye(len(layers[0].x))
    for index, one in enumerate(layers):
        mixed = 0.5 * one.attention.mean(0) + 0.5 * np.eye(len(one.x))
        whole = mixed / mixed.sum(1, keepdims=True) @ whole
        agree(lab.measure("rollout", index).values, whole)


def test_alti(case: tuple[Experiment, list[Layer]]) -> None:
    lab, layers = case
    whole = np.eye(len(layers[0].x))
    for index, one in enumerate(layers):
        vectors, gave = one.vectors()
        off = np.abs(gave[:, None] - vectors).sum(-1)
        near = np.maximum(0.0, np.abs(gave).sum(-1)[:, None] - off)
        whole = near / near.sum(1, keepdims=True) @ whole
        agree(lab.measure("alti", index).values, whole)


def test_special_tokens_get_attention_and_give_little(minilm: tuple[Any, Any]) -> None:
    """Kobayashi et al. 2020, section 4.2, on BERT: what is given to [CLS] and [SEP] is taken back
    by the lengths of their vectors."""
    model, tokenizer = minilm
    lab = Experiment(model, TEXT, tokenizer=tokenizer, progress=False)
    special = [index for index, token in enumerate(lab.trace.tokens) if token.special]
    shares = []
    names: tuple[MeasureName, ...] = ("attention", "norm")
    for name in names:
        for layer in range(lab.trace.n_layers):
            values = lab.measure(name, layer).values
            shares.append(float(values[:, :, special].sum() / values.sum()))
    attention, weighted = shares[:6], shares[6:]
    assert 0.16 < min(attention) < max(attention) < 0.50
    assert 0.04 < min(weighted) < max(weighted) < 0.07


def test_what_is_near_is_told_to_the_last_digits() -> None:
    """A key among many changes the length of an output by less than that is rounded by."""
    given = torch.Generator().manual_seed(3)
    n_heads, n_tokens, n_hidden = 12, 96, 384

    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=given, dtype=torch.float32, device="cpu")

    weights = drawn(n_heads, n_tokens, n_tokens).softmax(1)  # over keys
    parts, own = drawn(n_heads, n_tokens, n_hidden) * 0.05, drawn(n_tokens, n_hidden)
    sizes = torch.ones(n_tokens, dtype=torch.float32, device="cpu")
    gave = torch.einsum("hkq,hke->qe", weights, parts) + own
    made = KeyVectors(weights, parts, sizes, own, gave * 0, gave)
    terms = torch.einsum("hkq,hke->qke", weights.double(), parts.double())
    terms[range(n_tokens), range(n_tokens)] += own.double()
    whole = gave.double()[:, None]
    near = (whole.abs() - (whole - terms).abs()).sum(-1).clamp(min=0.0)
    expected = (near / near.sum(1, keepdim=True)).numpy()
    np.testing.assert_allclose(nearness(made), expected, rtol=1e-3, atol=1e-7)

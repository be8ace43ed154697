"""Attention that something else computed: taken exactly, copied, and refused where it cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support import models
from support.arrays import LABELS, LAYERS, TARGET, Jax, M, N, vectors, weights

from attention_widget import Token
from attention_widget.arrays import from_arrays, from_attentions
from attention_widget.trace.block import Maps


class OnDevice:
    """An array that speaks DLPack alone, as CuPy's."""

    def __init__(self, values: torch.Tensor) -> None:
        self._values = values

    def __dlpack__(self, **options: Any) -> Any:
        return self._values.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self._values.__dlpack_device__()


class Cache:
    """TransformerLens' ActivationCache: it has keys, but is no mapping."""

    def __init__(self, held: dict[str, torch.Tensor]) -> None:
        self._held = held

    def keys(self) -> Any:
        return self._held.keys()

    def __getitem__(self, name: str) -> torch.Tensor:
        return self._held[name]

    def __iter__(self) -> Any:
        return iter(self._held.items())  # not the names


FORMS: dict[str, Callable[[], Any]] = {
    "as transformers returns them": lambda: tuple(LAYERS),
    "a list without batch": lambda: [layer[0] for layer in LAYERS],
    "stacked with batch": lambda: torch.stack(LAYERS),
    "numpy": lambda: [layer.numpy() for layer in LAYERS],
    "numpy stacked": lambda: np.stack(LAYERS),
    "the layers of a stack": lambda: list(np.stack([layer[0] for layer in LAYERS])),
    "float64": lambda: np.stack(LAYERS).astype(np.float64),
    "big-endian": lambda: np.stack(LAYERS).astype(">f4"),
    "not contiguous": lambda: [layer.numpy()[..., ::1].transpose(0, 1, 2, 3) for layer in LAYERS],
    "jax": lambda: tuple(Jax(layer.numpy()) for layer in LAYERS),
    "dlpack": lambda: tuple(OnDevice(layer) for layer in LAYERS),
    "nested lists": lambda: [layer.tolist() for layer in LAYERS],
    "with gradients": lambda: [layer.clone().requires_grad_() for layer in LAYERS],
    "a model output": lambda: {"logits": torch.zeros(1), "attentions": tuple(LAYERS)},
    "a cache": lambda: Cache(
        {f"blocks.{i}.attn.hook_pattern": layer for i, layer in enumerate(LAYERS)}
    ),
    "a cache without batch": lambda: {
        "hook_embed": torch.zeros(1),
        **{f"blocks.{i}.attn.hook_pattern": layer[0] for i, layer in enumerate(LAYERS)},
    },
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_attentions_come_as_they_are(form: Callable[[], Any]) -> None:
    made = from_attentions(form(), LABELS)
    for layer, expected in enumerate(LAYERS):
        np.testing.assert_array_equal(made.attention(layer), expected[0].numpy())
    assert made.n_layers == 2
    assert [token.label for token in made.tokens] == LABELS
    assert made.texts == ("the red house .",)


def test_real_jax_arrays_are_taken() -> None:
    made = from_attentions([jnp.asarray(layer.numpy()) for layer in LAYERS], LABELS)
    np.testing.assert_array_equal(made.attention(1), LAYERS[1][0].numpy())
    half = from_attentions([jnp.asarray(LAYERS[0].numpy(), dtype=jnp.bfloat16)], LABELS)
    np.testing.assert_allclose(half.attention(0), LAYERS[0][0].numpy(), atol=2e-3)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_floats_are_kept_as_they_are(dtype: torch.dtype) -> None:
    made = from_attentions([layer.to(dtype) for layer in LAYERS], LABELS)
    assert isinstance(made.maps[0], Maps)
    assert made.maps[0].probabilities.dtype == dtype
    np.testing.assert_array_equal(made.attention(0), LAYERS[0][0].to(dtype).float().numpy())


def test_what_a_model_of_transformers_returns_is_taken() -> None:
    model = models.tiny("bert", "eager")
    with torch.no_grad():
        output = model(input_ids=torch.tensor([[1, 2, 3, 4]]), output_attentions=True)
    made = from_attentions(output, LABELS)
    assert made.n_layers == len(output.attentions)
    for layer, expected in enumerate(output.attentions):
        np.testing.assert_array_equal(made.attention(layer), expected[0].numpy())
    assert made.maps[0].kind == "encoder"


def test_an_item_of_a_batch_is_chosen() -> None:
    batch = [weights(4, 3, N, N, seed=seed) for seed in range(2)]
    made = from_attentions(batch, LABELS, item=2)
    np.testing.assert_array_equal(made.attention(1), batch[1][2].numpy())
    assert made.nbytes == 2 * 3 * N * N * 4  # and not the whole batch


@pytest.mark.parametrize(
    "form",
    [
        lambda maps: maps,
        lambda maps: maps.numpy(),
        lambda maps: maps.tolist(),
        lambda maps: [maps],
        lambda maps: (maps.numpy(),),
        lambda maps: maps[None, None],
    ],
    ids=["tensor", "numpy", "lists", "a list", "a tuple", "with batch and head"],
)
def test_a_matrix_is_one_head(form: Callable[[torch.Tensor], Any]) -> None:
    maps = weights(N, N)
    made = from_attentions(form(maps), LABELS)
    assert made.n_layers == 1
    np.testing.assert_array_equal(made.attention(0), maps[None].numpy())


def test_a_list_of_matrices_is_layers_of_one_head() -> None:
    maps = [weights(N, N), None, weights(N, N, seed=1)]
    made = from_attentions(maps, LABELS)
    assert made.n_layers == 3
    np.testing.assert_array_equal(made.attention(2), maps[2][None].numpy())  # type: ignore[index]


def test_a_batch_is_not_taken_for_layers() -> None:
    batch = weights(2, 3, N, N)
    with pytest.raises(ValueError, match=r"its first axis is layers or a batch of texts") as c:
        from_attentions(batch, LABELS)
    assert "list(attentions) for layers, an array each, or item=0 for a text" in str(c.value)
    for item in (0, 1):
        made = from_attentions(batch, LABELS, item=item)
        assert made.n_layers == 1
        np.testing.assert_array_equal(made.attention(0), batch[item].numpy())
    assert from_attentions(list(batch), LABELS).n_layers == 2


def test_a_layer_without_attention_stays_empty() -> None:
    made = from_attentions([None, LAYERS[0], None], LABELS)
    np.testing.assert_array_equal(made.attention(1), LAYERS[0][0].numpy())
    with pytest.raises(LookupError, match="layer 0 of attentions has no encoder attention"):
        made.attention(0)
    cache = {"blocks.2.attn.hook_pattern": LAYERS[0]}
    np.testing.assert_array_equal(from_attentions(cache, LABELS).attention(2), made.attention(1))


def test_an_encoder_decoder_has_all_three() -> None:
    encoder, decoder, cross = weights(1, 4, N, N), weights(1, 2, M, M), weights(1, 2, M, N)
    output = {
        "encoder_attentions": (encoder,),
        "decoder_attentions": (decoder, decoder),
        "cross_attentions": (None, cross),
    }
    by_name = from_attentions(
        (encoder,),
        LABELS,
        target_tokens=TARGET,
        decoder_attentions=(decoder, decoder),
        cross_attentions=(None, cross),
    )
    for made in (from_attentions(output, LABELS, target_tokens=TARGET), by_name):
        np.testing.assert_array_equal(made.attention(0), encoder[0].numpy())
        np.testing.assert_array_equal(made.attention(1, "decoder"), decoder[0].numpy())
        np.testing.assert_array_equal(made.attention(1, "cross"), cross[0].numpy())
        assert made.target is not None
        assert [token.label for token in made.target.tokens] == TARGET
    alone = from_attentions(None, LABELS, target_tokens=TARGET, cross_attentions=[cross])
    np.testing.assert_array_equal(alone.attention(0, "cross"), cross[0].numpy())


def test_a_causal_model_is_a_decoder() -> None:
    causal = torch.tril(torch.ones(1, 1, N, N))
    causal /= causal.sum(-1, keepdim=True)
    assert from_attentions([causal], LABELS).maps[0].kind == "decoder"
    assert from_attentions([causal, LAYERS[0]], LABELS).maps[0].kind == "encoder"


def test_nan_and_sinks_are_kept() -> None:
    maps = LAYERS[0].clone()
    maps[0, 1, 2] = torch.nan
    maps[0, 0] *= 0.6
    made = from_attentions([maps], LABELS)
    np.testing.assert_array_equal(made.attention(0), maps[0].numpy())


@pytest.mark.parametrize("form", [torch.clone, lambda maps: maps.numpy().copy()])
def test_what_was_given_is_neither_changed_nor_shared(form: Callable[..., Any]) -> None:
    given_, labels = form(LAYERS[0]), list(LABELS)
    layers = [given_]
    for made in (from_attentions(layers, labels), from_attentions(given_, labels)):
        given_[0, 0, 0, 0] = 0.5
        assert made.attention(0)[0, 0, 0] == LAYERS[0][0, 0, 0, 0]
        assert isinstance(made.maps[0], Maps)
        made.maps[0].probabilities[0, 1, 1] = 7
        assert given_[0, 0, 1, 1] == LAYERS[0][0, 0, 1, 1]
        given_[0, 0, 0, 0] = LAYERS[0][0, 0, 0, 0]
    assert (layers, labels) == ([given_], LABELS)


def test_tokens_may_be_tokens() -> None:
    tokens = [Token(9, 5, label, text=label, special=label == ".") for label in LABELS]
    made = from_attentions(LAYERS, tokens)
    assert [token.index for token in made.tokens] == [0, 1, 2, 3]
    assert [token.special for token in made.tokens] == [False] * 3 + [True]
    assert [token.index for token in tokens] == [9] * 4


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_label_can_be_seen(labels: list[str]) -> None:
    made = from_attentions(weights(1, len(labels), len(labels)), labels)
    assert [token.index for token in made.tokens] == list(range(len(labels)))
    assert all(token.label.strip() for token in made.tokens)


@pytest.mark.parametrize(
    ("strings", "labels", "text"),
    [
        (["[CLS]", "la", "##bel", "[SEP]"], ["[CLS]", "la", "…bel", "[SEP]"], "label"),
        (["the", "Ġnov", "el", "</s>"], ["the", "nov", "…el", "</s>"], "the novel"),
        (["▁the", "▁nov", "el", "</s>"], ["the", "nov", "…el", "</s>"], "the novel"),
        (["<|endoftext|>", "a", " nov", "el"], ["<|endoftext|>", "a", "nov", "…el"], "a novel"),
    ],
    ids=["WordPiece", "byte-level", "SentencePiece", "to_str_tokens"],
)
def test_strings_of_a_tokenizer_are_read(strings: list[str], labels: list[str], text: str) -> None:
    made = from_attentions(LAYERS, strings)
    assert [token.label for token in made.tokens] == labels
    assert made.texts == (text,)
    assert len(made.words().tokens) == 3
    specials = ("[CLS]", "[SEP]", "</s>", "<|endoftext|>")
    assert [token.special for token in made.tokens] == [one in specials for one in strings]
    vectors_ = from_arrays(vectors(N, 6), vectors(N, 6), tokens=strings)
    assert [token.label for token in vectors_.tokens] == labels

"""Attention that something else computed: taken exactly, copied, and refused where it cannot be."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from support import models

from attention_widget import Token, Trace
from attention_widget.arrays import from_arrays, from_attentions
from attention_widget.trace.block import Maps

LABELS = ["the", "red", "house", "."]
TARGET = ["<s>", "das", "rote", "Haus", "."]
N, M = len(LABELS), len(TARGET)


def weights(*shape: int, seed: int = 0) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=random).softmax(-1)


class Jax:
    """An array as JAX's: read-only, with ``__array__`` and little else."""

    def __init__(self, values: Any) -> None:
        self._values = np.asarray(values)
        self._values.setflags(write=False)
        self.shape = self._values.shape

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self._values.astype(dtype) if dtype is not None else self._values


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


LAYERS = [weights(1, 3, N, N, seed=seed) for seed in range(2)]

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
    with pytest.raises(ValueError, match=r"its first axis may be layers or a batch of texts") as c:
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


BAD_ATTENTIONS: list[tuple[Any, dict[str, Any], str]] = [
    (LAYERS[0][0, 0, 0], {}, "attentions of layer 0 has shape (4,); allowed: (query, key) of one"),
    (
        [LAYERS[0][0, 0, 0]],
        {},
        "attentions of layer 0 has shape (4,); allowed: (query, key) of one head, (head, query,",
    ),
    (
        [weights(1, 3, N, N), weights(1, 3, N, 5)],
        {},
        "attentions of layer 1 has shape (3, 4, 5); a",
    ),
    (
        [weights(3, M, M)],
        {},
        "attentions of layer 0 has shape (3, 5, 5); allowed: (head, query = 4,",
    ),
    (
        [weights(2, 3, N, N)],
        {},
        "attentions of layer 0 has shape (2, 3, 4, 4) (batch, head, query",
    ),
    ([weights(2, 3, N, N)], {"item": 2}, "item is 2, of a batch of 2; allowed: 0 to 1"),
    ([weights(2, 3, N, N)], {"item": -1}, "item is -1, of a batch of 2; allowed: 0 to 1"),
    ([-LAYERS[0]], {}, "attentions of layer 0 hold -0."),
    ([LAYERS[0] + torch.inf], {}, "attentions of layer 0 hold"),
    ([None], {}, "no layer has attention"),
    ([], {}, "no layer has attention"),
    (None, {}, "no layer has attention"),
    ([weights(0, N, N)], {}, "attentions of layer 0 has shape (0, 4, 4); allowed: no axis of leng"),
    ({"logits": 1}, {}, "there is no attention in logits; allowed: a model output with attentions"),
    ({"attentions": ()}, {}, "attentions of this output hold nothing; allowed: a model output wi"),
    (
        {"encoder_attentions": (), "decoder_attentions": (), "cross_attentions": None},
        {"target_tokens": TARGET},
        "encoder_attentions, decoder_attentions, cross_attentions of this output hold nothing",
    ),
    (LAYERS, {"cross_attentions": LAYERS}, "attention of a decoder is given without target_token"),
    (
        {"decoder_attentions": LAYERS, "encoder_attentions": LAYERS},
        {},
        "attention of a decoder is given without target_tokens",
    ),
    (
        LAYERS,
        {"target_tokens": TARGET, "cross_attentions": [weights(2, N, M)]},
        "cross_attentions of layer 0 has shape (2, 4, 5); allowed: (head, query = 5, key = 4)",
    ),
    (LAYERS, {"tokens": []}, "tokens is empty; allowed: a label or a Token for each position"),
]


@pytest.mark.parametrize(("attentions", "given_", "message"), BAD_ATTENTIONS)
def test_attentions_that_cannot_be_are_refused(
    attentions: Any, given_: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match="allowed") as caught:
        from_attentions(attentions, **{"tokens": LABELS, **given_})
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("attentions", "given_", "message"),
    [
        ((tuple(LAYERS), tuple(LAYERS)), {}, "attentions[0] is a tuple of arrays, as model.gen"),
        (((None, None),), {}, "attentions[0] is a tuple of arrays, as model.generate() returns"),
        ("attention", {}, "attentions is a str that makes no array of numbers"),
        ([object()], {}, "attentions[0] is a object that makes no array of numbers"),
        ([[[0.5], [0.5, 0.5]]], {}, "attentions[0] is a list that makes no array of numbers"),
        ([LAYERS[0].numpy() * 1j], {}, "attentions[0] is complex; allowed: real numbers"),
        (LAYERS, {"tokens": "abcd"}, "tokens is a single string; allowed: a list of strings"),
        (LAYERS, {"tokens": ["a", 2, "b", "c"]}, "tokens[1] is a int; allowed: str or Token (tok"),
        (
            {"attentions": LAYERS},
            {"cross_attentions": LAYERS},
            "attentions is a whole model output",
        ),
    ],
)
def test_what_is_no_attention_is_refused(
    attentions: Any, given_: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match="allowed") as caught:
        from_attentions(attentions, **{"tokens": LABELS, **given_})
    assert str(caught.value).startswith(message)


ROWS_OVER_1: list[tuple[Callable[[], torch.Tensor], str]] = [
    (
        lambda: 12 * LAYERS[0],
        "sums to 12; allowed: probabilities, of which each row (query) sums to",
    ),
    (
        lambda: 12 * LAYERS[0],
        "here all rows sum to 12: divide by it (a sum over heads, or per cent?",
    ),
    (lambda: LAYERS[0].mT, "here the columns do, so the axes are (key, query): swap the last two"),
    (lambda: 9 * vectors(1, 3, N, N).abs(), "these may be scores: take the softmax over the keys"),
    (
        lambda: LAYERS[0] * torch.tensor([1.1, 1, 1, 0.9])[:, None],
        "dropout makes rows like these: call model.eval()",
    ),
]


@pytest.mark.parametrize(("maps", "said"), ROWS_OVER_1)
def test_rows_of_more_than_1_are_refused(maps: Callable[[], torch.Tensor], said: str) -> None:
    with pytest.raises(ValueError, match="allowed: probabilities") as caught:
        from_attentions([LAYERS[0], maps()], LABELS)
    assert str(caught.value).startswith("attentions of layer 1: row ")
    assert said in str(caught.value)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("size", [3, 50, 1000])
def test_rounded_rows_are_no_rows_of_more_than_1(dtype: torch.dtype, size: int) -> None:
    maps = torch.full((1, size, size), 1 / size)
    assert from_attentions(maps.to(dtype), ["x"] * size).n_layers == 1
    assert from_attentions(weights(1, size, size).to(dtype).float(), ["x"] * size).n_layers == 1


def test_what_a_model_loaded_by_default_reports() -> None:
    """Nothing, and the error says what to do instead of what was done."""
    model = models.tiny("bert", "sdpa")
    with torch.no_grad():
        output = model(input_ids=torch.tensor([[1, 2, 3, 4]]), output_attentions=True)
    forms: list[Any] = [output, output.attentions, (), (None, None), [None], ((), ()), [[]]]
    for given_ in forms:
        with pytest.raises(ValueError, match=r"AttentionWidget\(model, text\) shows it") as caught:
            from_attentions(given_, LABELS)
        assert 'load the model with attn_implementation="eager"' in str(caught.value)


# ---------------------------------------------------------------- queries, keys and values


def vectors(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def plain(q: Any, k: Any, scale: float, mask: Any = None) -> NDArray[np.float32]:
    """Attention written out by hand: (head, query, key)."""
    q, k = torch.as_tensor(q).double(), torch.as_tensor(k).double()
    scores = q @ k.repeat_interleave(len(q) // len(k), 0).transpose(1, 2) * scale
    if mask is not None:
        mask = torch.as_tensor(mask)
        scores = (
            scores + mask if mask.is_floating_point() else scores.masked_fill(mask == 0, -torch.inf)
        )
    result: NDArray[np.float32] = scores.softmax(-1).float().numpy()
    return result


CAUSAL = torch.ones(N, N, dtype=torch.bool).tril()
HOLES = torch.tensor([[1, 0, 1, 1], [0, 1, 0, 1], [1, 1, 1, 1], [1, 0, 0, 1]], dtype=torch.bool)
MASKS: dict[str, Any] = {
    "none": None,
    "causal": CAUSAL,
    "holes": HOLES,
    "of each head": torch.stack([CAUSAL, HOLES, CAUSAL.T, HOLES]),
    "of one head": HOLES[None],
    "integers": HOLES.long(),
    "integers of numpy": HOLES.numpy().astype(np.uint16),
    "a list of integers": HOLES.int().tolist(),
    "of all queries, as a tokenizer's": torch.tensor([[1, 1, 1, 0]]),
    "additive": torch.zeros(N, N).masked_fill(~CAUSAL, -torch.inf),
    "lowest": torch.zeros(N, N).masked_fill(~HOLES, torch.finfo(torch.float32).min),
    "a bias": vectors(4, N, N, seed=5),
    "a bias and a mask": vectors(4, N, N, seed=5).masked_fill(~CAUSAL, -torch.inf),
    "numpy": HOLES.numpy(),
    "a list": HOLES.tolist(),
}


@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
@pytest.mark.parametrize("scale", [None, 0.3])
@pytest.mark.parametrize("kv_heads", [4, 2, 1])
def test_attention_is_that_of_the_formula(mask: Any, scale: float | None, kv_heads: int) -> None:
    q, k = vectors(4, N, 6, seed=1), vectors(kv_heads, N, 6, seed=2)
    v = vectors(kv_heads, N, 3, seed=3)
    made = from_arrays(q.numpy(), k, v, tokens=LABELS, mask=mask, scale=scale)
    expected = plain(q, k, 6**-0.5 if scale is None else scale, mask)
    np.testing.assert_allclose(made.attention(0), expected, atol=1e-6)
    np.testing.assert_array_equal(made.queries(0), q.numpy())
    np.testing.assert_array_equal(made.keys(0), k.numpy())
    np.testing.assert_array_equal(made.values(0), v.numpy())
    assert made.blocks[0].kind == ("decoder" if made.blocks[0].mask.is_causal else "encoder")


def test_layers_are_stacked_or_listed() -> None:
    q, k = vectors(3, 4, N, 6, seed=1), vectors(3, 2, N, 6, seed=2)
    masks = torch.stack([CAUSAL, HOLES, CAUSAL])[:, None]
    stacked = from_arrays(q[:, None], k[:, None], tokens=LABELS, mask=masks)
    listed = from_arrays([*q], tuple(k.numpy()), tokens=LABELS, mask=masks.numpy())
    for layer in range(3):
        expected = plain(q[layer], k[layer], 6**-0.5, masks[layer])
        np.testing.assert_allclose(stacked.attention(layer), expected, atol=1e-6)
        np.testing.assert_array_equal(stacked.attention(layer), listed.attention(layer))
    holes = from_arrays([None, q[1]], [None, k[1]], tokens=LABELS)
    assert [block.layer for block in holes.blocks] == [1]


def test_matrices_are_one_head() -> None:
    q, k, v = vectors(N, 6, seed=1), vectors(N, 6, seed=2), vectors(N, 3, seed=3)
    expected = plain(q[None], k[None], 6**-0.5)
    for form in (lambda x: x, lambda x: [x], lambda x: x.tolist(), lambda x: x.numpy()[None, None]):
        made = from_arrays(form(q), form(k), form(v), tokens=LABELS)
        assert made.n_layers == 1
        np.testing.assert_allclose(made.attention(0), expected, atol=1e-6)
        np.testing.assert_array_equal(made.values(0), v[None].numpy())
    layers = from_arrays([q, k], [k, q], tokens=LABELS)
    assert layers.n_layers == 2


def test_a_batch_of_vectors_is_not_taken_for_layers() -> None:
    q, k = vectors(2, 3, N, 6, seed=1), vectors(2, 3, N, 6, seed=2)
    with pytest.raises(ValueError, match=r"its first axis may be layers or a batch") as caught:
        from_arrays(q, k, tokens=LABELS)
    assert "list(q) for layers, an array each, or q[0] for one text" in str(caught.value)
    assert from_arrays(list(q), list(k), tokens=LABELS).n_layers == 2
    assert from_arrays(q[1], k[1], tokens=LABELS).n_layers == 1
    with pytest.raises(ValueError, match=r"a batch of 2; allowed: a batch of one, or one text"):
        from_arrays([q], [k], tokens=LABELS)


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (HOLES.float(), "mask holds 0.0 and 1.0, floats that are added to the scores and would"),
        (torch.ones(N, N), "mask holds 0.0 and 1.0, floats"),
        (HOLES.long() * 2, "mask holds integers from 0 to 2; allowed: 0 (hidden) and 1 (visible)"),
        (HOLES.long() - 1, "mask holds integers from -1 to 0; allowed"),
    ],
)
def test_a_mask_that_would_hide_nothing_is_refused(mask: torch.Tensor, said: str) -> None:
    with pytest.raises(ValueError, match="allowed") as caught:
        from_arrays(Q, K, tokens=LABELS, mask=mask)
    assert str(caught.value).startswith(said)


def test_values_that_were_not_given_are_said_to_be_missing() -> None:
    made = from_arrays(vectors(2, N, 6), vectors(2, N, 6), tokens=LABELS)
    with pytest.raises(LookupError, match="the values of layer 0 of arrays were not given"):
        made.values(0)


def test_other_queries_make_cross_attention() -> None:
    q, k = vectors(4, M, 6, seed=1), vectors(4, N, 6, seed=2)
    made = from_arrays(q, k, tokens=LABELS, target_tokens=TARGET)
    np.testing.assert_allclose(made.attention(0, "cross"), plain(q, k, 6**-0.5), atol=1e-6)
    queries, keys = made.sides()
    assert [token.label for token in queries] == TARGET
    assert [token.label for token in keys] == LABELS


def test_vectors_are_neither_changed_nor_shared() -> None:
    q, k = vectors(1, 2, N, 6), vectors(1, 2, N, 6)
    mask = HOLES.clone()
    made = from_arrays(q, k, tokens=LABELS, mask=mask)
    before = made.attention(0)
    for part in (q, k):
        part.zero_()
    mask.fill_(True)
    np.testing.assert_array_equal(made.attention(0), before)


def test_vectors_that_are_nan_are_kept() -> None:
    q = vectors(2, N, 6)
    q[0, 1] = torch.nan
    made = from_arrays(q, vectors(2, N, 6), tokens=LABELS, mask=CAUSAL)
    assert np.isnan(made.attention(0)).any(-1).tolist() == [
        [False, True, False, False],
        [False] * 4,
    ]


Q, K = vectors(4, N, 6), vectors(4, N, 6)


@pytest.mark.parametrize(
    ("q", "k", "given_", "message"),
    [
        (
            Q[0, 0],
            K,
            {},
            "q of layer 0 has shape (6,); allowed: (query, dim) of one head, (head, q",
        ),
        (
            vectors(4, M, 6),
            K,
            {},
            "q of layer 0 has shape (4, 5, 6); allowed: (head, query = 4, di",
        ),
        (
            Q,
            vectors(3, N, 6),
            {},
            "k of layer 0 has shape (3, 4, 6); allowed: (kv_head, key = 4, d",
        ),
        (
            Q,
            vectors(4, N, 5),
            {},
            "k of layer 0 has shape (4, 4, 5); allowed: (kv_head, key = 4, di",
        ),
        (
            Q,
            vectors(4, M, 6),
            {},
            "k of layer 0 has shape (4, 5, 6); allowed: (kv_head, key = 4, d",
        ),
        (Q, K, {"v": vectors(2, N, 6)}, "v of layer 0 has shape (2, 4, 6); allowed: (kv_head = 4"),
        (
            [Q],
            [K, K],
            {},
            "q, k and v differ in their layers: q has 1, k ha",
        ),
        ([Q, None], [K, K], {}, "layer 1 has some of q, k and v alone; allowed: all or none"),
        ([None], [None], {}, "no layer has attention; allowed: q and k for one layer at least"),
        (
            Q,
            K,
            {"mask": torch.ones(N, M) > 0},
            "mask of layer 0 has shape (1, 4, 5); allowed: (head = 4",
        ),
        (
            Q,
            K,
            {"mask": torch.zeros(3, N, N)},
            "mask of layer 0 has shape (3, 4, 4); allowed: (hea",
        ),
        (
            Q,
            K,
            {"mask": torch.zeros(2, 1, N, N)},
            "mask has shape (2, 1, 4, 4); allowed: (query, ke",
        ),
        (Q, K, {"mask": torch.zeros(N)}, "mask has shape (4,); allowed: (query, key), (head or 1"),
    ],
)
def test_vectors_of_other_shapes_are_refused(
    q: Any, k: Any, given_: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match="allowed") as caught:
        from_arrays(q, k, **{"tokens": LABELS, **given_})
    assert str(caught.value).startswith(message)


def test_nothing_is_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made: Trace = from_attentions([Jax(LAYERS[0].numpy())], LABELS)
    assert made.n_layers == 1

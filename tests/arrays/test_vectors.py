"""Queries, keys and values that something else computed."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from support.arrays import LABELS, LAYERS, TARGET, Jax, M, N, vectors

from attention_widget import Trace
from attention_widget.arrays import from_arrays, from_attentions


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
    with pytest.raises(
        ValueError, match=r"its first axis is layers or a batch of texts, got"
    ) as caught:
        from_arrays(q, k, tokens=LABELS)
    assert "list(q) for layers, an array each, or q[0] for a text" in str(caught.value)
    assert from_arrays(list(q), list(k), tokens=LABELS).n_layers == 2
    assert from_arrays(q[1], k[1], tokens=LABELS).n_layers == 1
    with pytest.raises(
        ValueError, match=r"must be a batch of one, got a batch of 2 .* pass one text"
    ):
        from_arrays([q], [k], tokens=LABELS)


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (HOLES.float(), "floats in mask are added to the scores, got 0.0 and 1.0, which would hid"),
        (torch.ones(N, N), "floats in mask are added to the scores, got 0.0 and 1.0"),
        (HOLES.long() * 2, "mask must hold 0 (hidden) and 1 (visible), booleans, or floats that"),
        (HOLES.long() - 1, "mask must hold 0 (hidden) and 1 (visible)"),
    ],
)
def test_a_mask_that_would_hide_nothing_is_refused(mask: torch.Tensor, said: str) -> None:
    with pytest.raises(
        ValueError, match=r"got (0\.0 and 1\.0|integers from (0 to 2|-1 to 0))"
    ) as caught:
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
            "q of layer 0 must have shape (query, dim) of one head, (head, query, dim), or (batch ",
        ),
        (
            vectors(4, M, 6),
            K,
            {},
            "q of layer 0 must have shape (head, query = 4, dim), got (4, 5, 6)",
        ),
        (
            Q,
            vectors(3, N, 6),
            {},
            "k of layer 0 must have shape (kv_head, key = 4, dim = 6), kv_head a divisor of 4, got",
        ),
        (
            Q,
            vectors(4, N, 5),
            {},
            "k of layer 0 must have shape (kv_head, key = 4, dim = 6), kv_head a divisor of 4, got",
        ),
        (
            Q,
            vectors(4, M, 6),
            {},
            "k of layer 0 must have shape (kv_head, key = 4, dim = 6), kv_head a divisor of 4, got",
        ),
        (Q, K, {"v": vectors(2, N, 6)}, "v of layer 0 must have shape (kv_head = 4, key = 4, d"),
        (
            [Q],
            [K, K],
            {},
            "q, k and v must have as many layers each, got 1 of q, 2 of k",
        ),
        ([Q, None], [K, K], {}, "layer 1 must have all of q, k and v, or none; got some"),
        ([None], [None], {}, "q and k must hold an array for one layer at least, got none"),
        (
            Q,
            K,
            {"mask": torch.ones(N, M) > 0},
            "mask of layer 0 must have shape (head = 4 or 1, query = 4, key = 4), got (1, 4, 5)",
        ),
        (
            Q,
            K,
            {"mask": torch.zeros(3, N, N)},
            "mask of layer 0 must have shape (head = 4 or 1, query = 4, key = 4), got (3, 4, 4)",
        ),
        (
            Q,
            K,
            {"mask": torch.zeros(2, 1, N, N)},
            "mask must have shape (query, key), (head or 1, query, key) or (layer = 1, head or 1, ",
        ),
        (
            Q,
            K,
            {"mask": torch.zeros(N)},
            "mask must have shape (query, key), (head or 1, query, key",
        ),
    ],
)
def test_vectors_of_other_shapes_are_refused(
    q: Any, k: Any, given_: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=r"must (have|hold) ") as caught:
        from_arrays(q, k, **{"tokens": LABELS, **given_})
    assert str(caught.value).startswith(message)


def test_nothing_is_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made: Trace = from_attentions([Jax(LAYERS[0].numpy())], LABELS)
    assert made.n_layers == 1

"""Masks: visible keys per query, as runs where they are runs."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attention_widget.trace.mask import Mask
from attention_widget.tracing.recording.masks import Masks

LEAST = torch.finfo(torch.float32).min


def grid(mask: Mask) -> torch.Tensor:
    return mask.visible(torch.arange(mask.start.shape[0]))


@given(
    st.integers(1, 3), st.integers(1, 7), st.integers(1, 7), st.integers(0, 2**32), st.booleans()
)
def test_any_map_is_kept(
    n_heads: int, n_queries: int, n_keys: int, seed: int, shared: bool
) -> None:
    random = torch.Generator().manual_seed(seed)
    visible = torch.rand(n_heads, n_queries, n_keys, generator=random) < 0.6
    if shared:
        visible = visible[:1].expand(n_heads, -1, -1)
    kept = grid(Mask.from_visible(visible))
    assert torch.equal(kept.expand(n_heads, -1, -1), visible)
    assert kept.shape[0] == (1 if bool((visible == visible[:1]).all()) else n_heads)


@given(st.integers(1, 9), st.integers(0, 4), st.integers(1, 12))
def test_windows_and_causality_need_no_map(n_queries: int, ahead: int, window: int) -> None:
    n_keys = n_queries + ahead
    query = torch.arange(n_queries)[:, None] + ahead
    key = torch.arange(n_keys)
    visible = (key <= query) & (key > query - window)
    mask = Mask.from_visible(visible[None])
    assert mask.explicit is None
    assert mask.is_causal
    assert torch.equal(grid(mask)[0], visible)
    assert torch.equal(grid(Mask.causal(n_queries, n_keys, window))[0], visible)


def test_causality_is_read_from_any_map() -> None:
    holes = torch.ones(1, 4, 4, dtype=torch.bool).tril()
    holes[0, 3, 1] = False
    assert Mask.from_visible(holes).explicit is not None
    assert Mask.from_visible(holes).is_causal
    holes[0, 0, 1] = True
    assert not Mask.from_visible(holes).is_causal
    assert not Mask.full(3, 3).is_causal


def test_rows_without_a_key_stay_empty() -> None:
    visible = torch.zeros(1, 3, 3, dtype=torch.bool)
    visible[0, 0, 1] = True
    mask = Mask.from_visible(visible)
    assert mask.explicit is None
    assert grid(mask)[0].sum(-1).tolist() == [1, 0, 0]


@pytest.mark.parametrize("hidden", [LEAST, float("-inf"), LEAST / 2])
def test_additive_masks_hide_what_they_make_least(hidden: float) -> None:
    visible = torch.ones(4, 4, dtype=torch.bool).tril()
    given_mask = torch.zeros(1, 1, 4, 4).masked_fill(~visible, hidden)
    mask, bias = Masks().convert(given_mask, 4, 4)
    assert bias is None
    assert torch.equal(grid(mask)[0], visible)


def test_what_an_additive_mask_adds_to_visible_keys_is_bias() -> None:
    slopes = torch.tensor([0.5, 0.25])[:, None, None] * torch.arange(4)  # (head, 1, key)
    given_mask = slopes.masked_fill(torch.arange(4) == 3, LEAST)[None]
    mask, bias = Masks().convert(given_mask, 4, 4)
    assert bias is not None
    assert bias.shape == (2, 1, 4)
    assert torch.equal(bias[..., :3], slopes[..., :3])
    assert grid(mask)[0].tolist() == [[True, True, True, False]] * 4


def test_a_mask_that_layers_share_is_converted_once() -> None:
    masks = Masks()
    given_mask = torch.ones(1, 1, 4, 6, dtype=torch.bool)
    first, _ = masks.convert(given_mask[:, :, :, :4], 4, 4)
    assert masks.convert(given_mask[:, :, :, :4], 4, 4)[0] is first
    given_mask[..., 0] = False
    assert masks.convert(given_mask[:, :, :, :4], 4, 4)[0] is not first


def test_padding_causality_and_windows_add_up() -> None:
    padding = torch.tensor([[0, 1, 1, 1, 1]])
    mask, _ = Masks().convert(padding, 5, 5, causal=True, window=2)
    assert grid(mask)[0].int().tolist() == [
        [0, 0, 0, 0, 0],
        [0, 1, 0, 0, 0],
        [0, 1, 1, 0, 0],
        [0, 0, 1, 1, 0],
        [0, 0, 0, 1, 1],
    ]
    both_sides, _ = Masks().convert(None, 4, 4, window=2)
    assert grid(both_sides)[0].int().tolist() == [
        [1, 1, 0, 0],
        [1, 1, 1, 0],
        [0, 1, 1, 1],
        [0, 0, 1, 1],
    ]


def test_block_masks_of_flex_attention() -> None:
    from torch.nn.attention.flex_attention import create_block_mask

    block_mask = create_block_mask(
        lambda batch, head, query, key: (key <= query) & (key + head >= query),
        B=1,
        H=2,
        Q_LEN=6,
        KV_LEN=6,
        device="cpu",
    )
    mask, bias = Masks().convert(block_mask, 6, 6)
    assert bias is None
    diagonal = torch.eye(6, dtype=torch.bool)
    assert torch.equal(grid(mask)[0], diagonal)
    assert torch.equal(grid(mask)[1], diagonal | diagonal.roll(1, 0).tril())

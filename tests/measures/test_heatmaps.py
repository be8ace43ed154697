"""Pictures of attention: tiles and margins are those of the whole map, however it is read."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.traces import as_maps, encoder_decoder, trace, windowed

from attention_widget.measures import chunks, heatmaps
from attention_widget.measures.heatmaps import Scale, Together, map_margins, map_tile
from attention_widget.protocol.catalogue import compute
from attention_widget.trace.block import Array

TOGETHER = get_args(Together)
SCALES = get_args(Scale)


def whole(attention: Array, together: str, scale: str = "weight") -> Array:
    """Of all heads, in plain NumPy."""
    of_heads: Array = attention.max(0) if together == "maximum" else attention.mean(0)
    return of_heads / np.nanmax(of_heads, 1, keepdims=True) if scale == "share" else of_heads


def pooled(weights: Array, pooling: int) -> NDArray[np.float32]:
    rows, columns = (-(-size // pooling) for size in weights.shape)
    blocks = [
        [
            weights[y * pooling : (y + 1) * pooling, x * pooling : (x + 1) * pooling].max()
            for x in range(columns)
        ]
        for y in range(rows)
    ]
    return np.array(blocks, np.float32)


@given(
    together=st.sampled_from(TOGETHER),
    scale=st.sampled_from(SCALES),
    heads=st.sampled_from([(0,), (3, 1), (0, 1, 2, 3)]),
    pooling=st.integers(1, 7),
    tile=st.integers(1, 4),
    chunk=st.sampled_from([1, 200, 10**6]),
    causal=st.booleans(),
)
def test_tiles_make_up_the_map(
    together: Together,
    scale: Scale,
    heads: tuple[int, ...],
    pooling: int,
    tile: int,
    chunk: int,
    causal: bool,
) -> None:
    made = trace(labels=[f"t{i}" for i in range(11)], causal=causal)
    expected = pooled(whole(made.attention(1)[list(heads)], together, scale), pooling)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(heatmaps, "TILE", tile)
        patch.setattr(chunks, "CHUNK_BYTES", chunk)
        count = -(-11 // (tile * pooling))
        rows = [
            np.concatenate(
                [
                    map_tile(made, 1, heads, together, scale, pooling, row, column)
                    for column in range(count)
                ],
                axis=1,
            )
            for row in range(count)
        ]
        with pytest.raises(LookupError, match=f"row of tiles must be .*{count - 1}, got {count}"):
            map_tile(made, 1, heads, together, scale, pooling, count, 0)
    np.testing.assert_allclose(np.concatenate(rows), expected, atol=1e-6)


@given(
    together=st.sampled_from(TOGETHER),
    chunk=st.sampled_from([1, 500, 10**6]),
    causal=st.booleans(),
)
def test_margins_are_those_of_the_map(together: Together, chunk: int, causal: bool) -> None:
    made = trace(labels=[f"t{i}" for i in range(9)], causal=causal)
    weights = whole(made.attention(0), together)
    positive = np.where(weights > 0, weights, np.nan)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "CHUNK_BYTES", chunk)
        margins = map_margins(made, 0, range(4), together)
    for axis, of_axis in ((1, margins[:9]), (0, margins[9:])):
        np.testing.assert_allclose(of_axis[:, 0], weights.sum(axis), atol=1e-6)
        np.testing.assert_allclose(of_axis[:, 1], weights.min(axis), atol=1e-7)
        np.testing.assert_allclose(of_axis[:, 2], np.nanmin(positive, axis), atol=1e-7)
        np.testing.assert_allclose(of_axis[:, 3], weights.max(axis), atol=1e-7)


def test_nan_is_seen_wherever_it_is_and_scales_nothing() -> None:
    made = trace(labels=[f"t{i}" for i in range(8)])
    made.blocks[0].key[1, 5] = float("nan")  # of head 1, key 5: every weight of the head
    with np.errstate(all="ignore"):
        assert np.isnan(map_tile(made, 0, [1], "mean", "weight", 4, 0, 0)).all()
        assert np.isnan(map_tile(made, 0, [0, 1], "maximum", "share", 1, 0, 0)).all()
    maps = as_maps(trace(labels=[f"t{i}" for i in range(8)]))
    maps.maps[0].tensors[0][2, 3, 6] = float("nan")
    tile = map_tile(maps, 0, [2], "mean", "weight", 4, 0, 0)
    assert np.isnan(tile).tolist() == [[False, True], [False, False]]
    shares = map_tile(maps, 0, [2], "mean", "share", 1, 0, 0)
    assert np.argwhere(np.isnan(shares)).tolist() == [[3, 6]]
    assert np.nanmax(shares, 1) == pytest.approx(np.ones(8))
    margins = map_margins(maps, 0, [2], "mean")
    assert np.flatnonzero(np.isnan(margins[:, 0])).tolist() == [3, 8 + 6]
    assert np.isfinite(margins[:, 1:]).all()


def test_a_row_that_sees_no_key_is_zero() -> None:
    made = trace()
    made.blocks[0].mask.stop[2] = 0
    for scale in SCALES:
        assert (map_tile(made, 0, [0], "mean", scale, 1, 0, 0)[2] == 0).all()
    np.testing.assert_array_equal(map_margins(made, 0, [0], "mean")[2], [0, 0, np.nan, 0])


def test_a_text_of_special_tokens_alone_has_an_empty_map_without_them() -> None:
    made = trace(labels=["[CLS]", "[SEP]"])
    key = "grouped/tokens/hide/map_{}/encoder/0/mean/0"
    assert compute(made, key.format("tile") + "/weight/1/0/0").shape == (0, 0)
    assert compute(made, key.format("margins")).shape == (0, 4)


def test_maps_come_by_key_of_every_kind_of_attention() -> None:
    made = encoder_decoder()
    weights = made.attention(2, "cross")
    tile = compute(made, "map_tile/cross/2/maximum/0,1/weight/2/0/0")
    np.testing.assert_allclose(tile, pooled(weights.max(0), 2), atol=1e-7)
    margins = compute(made, "map_margins/cross/2/mean/1")
    np.testing.assert_allclose(margins[:6, 3], weights[1].max(1), atol=1e-7)
    np.testing.assert_allclose(margins[6:, 0], weights[1].sum(0), atol=1e-6)
    inner = windowed().windows[1].trace.attention(0)
    tile = compute(windowed(), "window/1/map_tile/encoder/0/mean/1/weight/1/0/0")
    np.testing.assert_allclose(tile, inner[1], atol=1e-7)


def test_words_have_maps_too() -> None:
    made = trace()
    expected = made.words().attention(1)[2]
    tile = compute(made, "grouped/words/show/map_tile/encoder/1/mean/2/weight/1/0/0")
    np.testing.assert_allclose(tile, expected, atol=1e-7)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("map_tile/encoder/0/sum/0/weight/1/0/0", "{together} mean or maximum, got"),
        ("map_tile/encoder/0/mean/0/logit/1/0/0", "{scale} weight or share, got"),
        ("map_tile/encoder/0/mean/0/weight/0/0/0", "pooling must be 1 or more, got 0"),
        ("map_tile/encoder/0/mean/0/weight/1/0/1", "column of tiles must be 0, got 1"),
        ("map_tile/encoder/0/mean/7/weight/1/0/0", "head must be in 0–3, got 7"),
        ("map_margins/encoder/0/mean/0,7", "head must be in 0–3, got 7"),
    ],
)
def test_what_does_not_exist_is_refused(key: str, message: str) -> None:
    with pytest.raises((ValueError, LookupError), match=message):
        compute(trace(), key)


def test_no_heads_have_no_map() -> None:
    with pytest.raises(ValueError, match="a map of no heads is not defined"):
        map_margins(trace(), 0, [], "mean")


def test_a_long_text_is_never_held_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    made = trace(heads=(2,), labels=["t"] * 300)
    asked: list[int] = []
    block = made.blocks[0]
    attention = type(block).attention

    def counting(self: object, heads: object, queries: list[int]) -> Array:
        weights: Array = attention(block, [0, 1], queries)
        asked.append(weights.nbytes)
        return weights

    monkeypatch.setattr(type(block), "attention", counting)
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 100_000)
    map_tile(made, 0, [0, 1], "mean", "weight", 4, 0, 0)
    map_margins(made, 0, [0, 1], "mean")
    assert sum(asked) == 2 * 4 * 2 * 300 * 300
    assert max(asked) <= 100_000

"""Edges are those of their definition, written out plainly here."""

from __future__ import annotations

from typing import Any, get_args

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.traces import as_maps, encoder_decoder, trace, trace_of

from attention_widget.measures import chunks
from attention_widget.measures.edges import Combine, nucleus, strongest_edges
from attention_widget.trace.block import Array

Lines = list[tuple[float, float, float, float]]


def combined(maps: Array, combine: str) -> Array:
    if combine == "mean":
        mean: Array = maps.astype(np.float64).mean(0, keepdims=True).astype(np.float32)
        return mean
    return maps.max(0, keepdims=True) if combine == "maximum" else maps


def plain_edges(
    maps: Array,
    heads: list[int],
    top_p: float,
    threshold: float,
    may: Any,
    most: int,
) -> tuple[Lines, Lines]:
    """The edges that stay and those left out, as the docstring has them, without any speed."""
    found = []
    for slot, head in enumerate(heads):
        for query, row in enumerate(maps[slot].tolist()):
            total, reached = sum(sorted((w for w in row if w > 0), reverse=True)), 0.0
            for weight, key in sorted((-w, key) for key, w in enumerate(row) if w > 0):
                if reached >= top_p * total and reached > 0 and top_p < 1:
                    break
                reached -= weight
                if -weight >= threshold and may(query, key):
                    found.append((weight, slot, query, key, head))
    found.sort()

    def lines(part: list[tuple[float, int, int, int, int]]) -> Lines:
        return [(h, query, key, -weight) for weight, _, query, key, h in sorted(part, key=order)]

    return lines(found[:most]), lines(found[most:])


def order(edge: tuple[float, int, int, int, int]) -> tuple[int, int, int]:
    return edge[1:4]


# Few different weights, so that many are equal and many are zero; eighths add up exactly.
MAPS = st.integers(1, 6).flatmap(
    lambda keys: hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 3), st.just(keys), st.just(keys)),
        elements=st.sampled_from([0.0, 0.125, 0.25, 0.5, 1.0, np.nan]),
    )
)


@settings(deadline=None, max_examples=300)
@given(
    MAPS,
    st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0]),
    st.sampled_from([0.0, 0.125, 0.3, 1.0]),
    st.integers(1, 40),
    st.sampled_from([8, 100, 10**6]),
    st.data(),
)
def test_edges_are_those_of_the_plain_definition(
    maps: Array, top_p: float, threshold: float, most: int, held: int, data: st.DataObject
) -> None:
    heads = data.draw(st.permutations(range(len(maps))))
    heads = heads[: data.draw(st.integers(1, len(heads)))]
    combine: Combine = data.draw(st.sampled_from(get_args(Combine)))
    named = st.sampled_from([None, 0, 1])
    parts = data.draw(st.lists(named, min_size=maps.shape[2], max_size=maps.shape[2]))
    segments = data.draw(st.sampled_from(["all", "a_a", "a_b", "b_a", "b_b"]))
    pair = ["ab".index(letter) for letter in segments.split("_")] if segments != "all" else []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "CHUNK_BYTES", held)
        found = strongest_edges(
            trace_of(maps, parts),
            0,
            heads,
            combine=combine,
            top_p=top_p,
            threshold=threshold,
            segments=segments,
            most=most,
        )
    kept, rest = plain_edges(
        combined(maps[heads], combine),
        heads if combine == "each" else [-1],
        top_p,
        threshold,
        lambda query, key: not pair or [parts[query], parts[key]] == pair,
        most,
    )
    assert found.lines.dtype == np.float32
    assert [tuple(row) for row in found.lines.tolist()] == kept
    assert found.left_out == len(rest)
    assert found.left_out_mass == pytest.approx(sum(edge[3] for edge in rest))
    sums = np.fmax(combined(maps[heads], combine), 0).sum(-1, dtype=np.float64)
    assert found.attention == pytest.approx(np.maximum(sums, 1)[sums > 0].sum())


@given(st.sampled_from([0.1, 0.5, 0.9, 0.95, 0.99]))
def test_a_nucleus_reaches_its_share_and_is_the_smallest_that_does(top_p: float) -> None:
    attention = trace(labels=["a"] * 40).attention(0).astype(np.float64)
    kept = nucleus(attention.astype(np.float32), top_p)
    held = np.where(kept, attention, 0).sum(-1)
    weakest = np.where(kept, attention, 2).min(-1)
    assert (held >= top_p * attention.sum(-1)).all()
    assert (held - weakest < top_p * attention.sum(-1)).all()
    assert (np.where(kept, 0, attention).max(-1) <= weakest).all()


def test_what_the_mask_hides_has_no_edge() -> None:
    lines = strongest_edges(trace(causal=True), 0).lines
    assert len(lines) == 4 * 6 * 7 / 2
    assert (lines[:, 2] <= lines[:, 1]).all()


def test_a_row_of_nothing_has_no_edge_and_a_row_with_a_sink_is_measured_by_itself() -> None:
    maps = np.zeros((1, 3, 3), np.float32)
    maps[0, 1] = [0.02, 0.01, 0.0]  # the rest went to a sink
    lines = strongest_edges(trace_of(maps), 0, top_p=0.6).lines
    np.testing.assert_array_equal(lines, np.array([[0, 1, 0, 0.02]], np.float32))


def test_a_weight_that_is_the_threshold_is_kept_and_one_just_below_is_not() -> None:
    weight = np.float32(0.1)
    maps = np.full((1, 1, 1), weight)
    assert len(strongest_edges(trace_of(maps), 0, threshold=float(weight)).lines) == 1
    above = float(np.nextafter(float(weight), 1))
    assert len(strongest_edges(trace_of(maps), 0, threshold=above).lines) == 0


@pytest.mark.parametrize("maps", [False, True])
def test_edges_are_of_the_kind_that_is_asked_for(maps: bool) -> None:
    made = encoder_decoder()
    given = as_maps(made) if maps else made
    cross = made.attention(2, "cross")
    lines = strongest_edges(given, 2, kind="cross").lines
    assert len(lines) == cross.size
    head, query, key = lines[:, :3].astype(int).T
    np.testing.assert_allclose(lines[:, 3], cross[head, query, key], rtol=1e-6)


def test_no_heads_have_no_edges() -> None:
    assert strongest_edges(trace(), 0, []).lines.shape == (0, 4)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"layer": 3}, IndexError, "layer must be in 0–2, got 3"),
        ({"layer": 0, "heads": [4]}, IndexError, "head must be in 0–3, got 4"),
        ({"layer": 0, "heads": [], "combine": "mean"}, ValueError, "name at least one head"),
        ({"layer": 0, "most": 0}, ValueError, "most must be 1 or more, got 0"),
    ],
)
def test_edges_that_cannot_be_are_refused(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        strongest_edges(trace(), **arguments)

"""Attention is worked on in chunks: whole maps of a long text are never held."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attention_widget import Block, Maps, Token, Trace
from attention_widget.measures import attention_received, chunks, count_nan, head_summaries
from attention_widget.measures.chunks import in_chunks
from attention_widget.measures.edges import strongest_edges
from attention_widget.measures.heatmaps import map_margins, map_tile
from attention_widget.measures.summaries import thumbnails
from attention_widget.trace.block import Array
from attention_widget.trace.mask import Mask

HEADS = 3


def trace(n_tokens: int) -> Trace:
    draw = torch.Generator().manual_seed(0)
    maps = torch.rand(HEADS, n_tokens, n_tokens, generator=draw).softmax(-1)
    tokens = tuple(Token(index, index, "a", "a", word=index) for index in range(n_tokens))
    return Trace(tokens, (), (), ("",), "by hand", maps=(Maps(0, "encoder", maps),))


@given(
    heads=st.lists(st.integers(0, HEADS - 1), unique=True),
    queries=st.lists(st.integers(0, 6), unique=True),
    held=st.sampled_from([1, 60, 200, 10**6]),
    all_heads=st.booleans(),
    multiple=st.integers(1, 3),
)
def test_chunks_make_up_the_attention(
    heads: list[int], queries: list[int], held: int, all_heads: bool, multiple: int
) -> None:
    operation = trace(7).operation(0)
    whole = operation.attention()
    seen = np.full(whole.shape, np.nan, np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "CHUNK_BYTES", held)
        parts = list(in_chunks(operation, heads, queries, all_heads=all_heads, multiple=multiple))
    order = [(head, query) for part in parts for head in part.heads for query in part.queries]
    assert len(set(order)) == len(order) == len(heads) * len(queries)
    for part in parts:
        seen[np.ix_(np.array(part.heads), part.queries)] = part.weights
        n_heads = len(part.heads)
        assert n_heads == len(heads) or not all_heads
        assert len(part.queries) % multiple == 0 or part.queries[-1] == queries[-1]
        least = 4 * 7 * multiple * (len(heads) if all_heads else 1)
        assert part.weights.nbytes <= max(held, least)
    expected = np.full(whole.shape, np.nan, np.float32)
    wanted = np.ix_(np.array(heads, np.intp), np.array(queries, np.intp))
    expected[wanted] = whole[wanted]
    np.testing.assert_array_equal(seen, expected)


@pytest.mark.parametrize(
    "measure",
    [
        lambda made: attention_received(made, 0),
        lambda made: count_nan(made, 0),
        lambda made: head_summaries(made, 0),
        lambda made: thumbnails(made, 0),
        lambda made: strongest_edges(made, 0).lines,
        lambda made: map_margins(made, 0, range(HEADS), "mean"),
        lambda made: map_tile(made, 0, range(HEADS), "maximum", "weight", 4, 0, 0),
    ],
    ids=["received", "nan", "summaries", "thumbnails", "edges", "margins", "tile"],
)
def test_no_measure_holds_the_map_of_a_head(
    measure: Callable[[Trace], Array], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = trace(150)
    expected = measure(made)
    asked: list[int] = []
    attention = Maps.attention

    def counted(self: Maps, heads: Sequence[int], queries: Sequence[int] | None = None) -> Array:
        weights = attention(self, heads, queries)
        asked.append(weights.nbytes)
        return weights

    monkeypatch.setattr(Maps, "attention", counted)
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 30_000)
    found = measure(made)
    assert max(asked) <= 30_000 < 4 * 150 * 150
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_hidden_keys_leave_rows_without_weights() -> None:
    part = torch.zeros(2, 3, 4)
    empty = Block(0, "encoder", part, part[:, :0], part[:, :0], 1.0, Mask.full(3, 0))
    (chunk,) = in_chunks(empty)
    assert chunk.weights.shape == (2, 3, 0)

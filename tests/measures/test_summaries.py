"""Head summaries and thumbnails agree with their formulas, written out plainly here."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.traces import as_maps, encoder_decoder, tokens, trace, windowed

from attention_widget.measures import (
    HEAD_SUMMARIES,
    chunks,
    head_summaries,
    head_table,
    summaries,
    thumbnails,
)
from attention_widget.measures.key_sets import key_sets
from attention_widget.measures.own_tokens import evenly
from attention_widget.measures.summaries import SAMPLED_QUERIES, summary_sums
from attention_widget.protocol.catalogue import compute
from attention_widget.trace.block import Array, Maps
from attention_widget.trace.grouping import Grouped
from attention_widget.trace.kind import KINDS, Kind
from attention_widget.trace.trace import Trace

MAPS = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 3), st.integers(1, 6)).map(lambda s: (s[0], s[1], s[1])),
    elements=st.sampled_from([0.0, 0.0, 0.125, 0.5, 1.0, np.nan]),
)

CASES = ("duplicate", "induction", "same_word")
REPEATING = [
    *("[CLS]", "a", ".", "nov", "##el", "##ty", "a", "b", "a", "a", "b", "nov", "##el", "."),
    *("[SEP]", "b", "a", "[SEP]"),
]
"""A text with repeated tokens, special ones among them, and words of several tokens."""


def trace_of(maps: Array, kind: Kind = "encoder") -> Trace:
    """A trace of finished maps; its first and last tokens are special ones."""
    count = maps.shape[2]
    labels = ["[CLS]", *["a"] * (count - 2), "[SEP]"] if count > 2 else ["a"] * count
    held = Maps(0, kind, torch.from_numpy(maps))
    return Trace(tokens(labels), (), (), ("",), "by hand", maps=(held,))


def plain_cases(made: Trace, kind: Kind, query: int) -> dict[str, list[int]]:
    """The keys of a query that duplicate, induction and same_word are about."""
    tokens = made.sides(kind)[0]
    if kind == "cross":
        return {}
    same = [
        key
        for key, token in enumerate(tokens)
        if (key < query if kind == "decoder" else key != query)
        and not token.special
        and not tokens[query].special
        and token.id == tokens[query].id
    ]
    after = [key + 1 for key in same if key + 1 < len(tokens)]
    word = tokens[query].word
    return {
        "duplicate": [key for key in same if key > 0],
        "induction": [key for key in after if key != query and not tokens[key].special],
        "same_word": [
            key
            for key, token in enumerate(tokens)
            if (key < query if kind == "decoder" else key != query)
            and token.word == word is not None
        ],
    }


def plain_summaries(made: Trace, maps: Array, kind: Kind = "encoder") -> list[list[float]]:
    """head_summaries as its docstring has it, without any speed."""
    found: list[list[float]] = []
    keys = made.sides(kind)[1]
    special = [token.special for token in keys]
    marks = [index for index, token in enumerate(keys) if token.text in (".", ",")]
    cross = kind == "cross"
    for attention in maps.astype(float).tolist():
        of_rows: list[list[float]] = [[] for _ in HEAD_SUMMARIES]
        for query, row in enumerate(attention):
            total = math.fsum(row)
            if not total > 0:  # masked, or NaN
                continue
            shares = [weight / total for weight in row]
            entropy = -sum(share * math.log(share) for share in shares if share)
            distance = sum(share * abs(query - key) for key, share in enumerate(shares))
            variance = sum(
                share * (abs(query - key) - distance) ** 2 for key, share in enumerate(shares)
            )
            near = [
                row[query + step] if 0 <= query + step < len(row) else None for step in (-1, 1, 0)
            ]
            if cross:
                distance, variance, near = math.nan, math.nan, [None] * 3
            cases = plain_cases(made, kind, query)
            alike = [
                sum(row[key] for key in cases[name]) if cases.get(name) else None
                for name in ("duplicate", "induction", "same_word")
            ]
            rest = 1 - total
            of_row = [
                entropy,
                distance,
                variance,
                *near,
                *alike,
                row[0],
                sum(row[key] for key in marks) if marks else None,
                sum(weight for weight, is_special in zip(row, special, strict=True) if is_special),
                rest if rest > 0.01 else 0,
            ]
            for values, value in zip(of_rows, of_row, strict=True):
                if value is not None:
                    values.append(value)
        least = [3 if name in CASES else 1 for name in HEAD_SUMMARIES]
        found.append(
            [
                sum(values) / len(values) if len(values) >= fewest else math.nan
                for values, fewest in zip(of_rows, least, strict=True)
            ]
        )
    return [list(of_summary) for of_summary in zip(*found, strict=True)]


def plain_thumbnails(maps: Array, side: int = 32) -> Array:
    """thumbnails as its docstring has it: the largest weight of each cell."""
    heads, queries, keys = maps.shape
    height, width = min(side, queries), min(side, keys)
    cells = np.full((heads, height, width), np.nan)
    for head, y, x in np.ndindex(heads, height, width):
        rows = slice(y * queries // height, (y + 1) * queries // height)
        columns = slice(x * keys // width, (x + 1) * keys // width)
        weights = maps[head, rows, columns].ravel()
        known = weights[~np.isnan(weights)]
        cells[head, y, x] = np.round(254 * math.sqrt(known.max())) if known.size else 255
    return cells


@settings(deadline=None)
@given(MAPS, st.sampled_from(KINDS), st.sampled_from([16, 100, 2**24]))
def test_summaries_are_those_of_the_plain_definition(maps: Array, kind: Kind, held: int) -> None:
    made = trace_of(maps, kind)
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("error")
        patch.setattr(chunks, "CHUNK_BYTES", held)
        found = head_summaries(made, 0, kind)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, plain_summaries(made, maps, kind), atol=1e-6)


def repeating(maps: Array, kind: Kind, with_ids: bool = True) -> Trace:
    made = tuple(
        replace(token, id=REPEATING.index(token.label) if with_ids else None)
        for token in tokens(REPEATING)
    )
    held = Maps(0, kind, torch.from_numpy(maps))
    return Trace(made, (), (), ("",), "by hand", maps=(held,))


@pytest.mark.parametrize("with_ids", [True, False])
@pytest.mark.parametrize("kind", KINDS[:2])
@pytest.mark.parametrize("held", [100, 2**24])
def test_repeats_and_words_are_those_of_the_plain_definition(
    kind: Kind, with_ids: bool, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", held)
    maps = np.random.default_rng(4).dirichlet(np.ones(18), (3, 18)).astype(np.float32)
    if kind == "decoder":
        maps = np.tril(maps)
    maps[1, 8], maps[2, 9] = np.nan, 0
    found = head_summaries(repeating(maps, kind, with_ids), 0)
    expected = plain_summaries(repeating(maps, kind), maps, kind)
    assert not np.isnan(found[:-1]).any()
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS[:2])
def test_a_head_that_does_one_thing_scores_1(kind: Kind) -> None:
    """Each query attends to one key of the sort that a detector is about, else to the first."""
    n = len(REPEATING)
    for name in CASES:
        maps = np.zeros((1, n, n), np.float32)
        maps[0, :, 0] = 1
        made = repeating(maps, kind)
        with_case = [query for query in range(n) if plain_cases(made, kind, query)[name]]
        for query in with_case:
            maps[0, query] = 0
            maps[0, query, plain_cases(made, kind, query)[name][-1]] = 1
        made = repeating(maps, kind)
        scores = dict(zip(HEAD_SUMMARIES, head_summaries(made, 0)[:, 0].tolist(), strict=True))
        assert scores[name] == 1
        assert [scores[other] for other in CASES if other != name] < [1, 1]
        assert len(with_case) >= 3
        assert scores["first"] == pytest.approx(1 - len(with_case) / n)


def test_of_a_text_that_repeats_too_little_nothing_is_known() -> None:
    made = trace(heads=(2,), labels=["[CLS]", "a", "nov", "##el", "b", "c", "[SEP]", "[SEP]"])
    found = dict(zip(HEAD_SUMMARIES, head_summaries(made, 0), strict=True))
    assert all(np.isnan(found[name]).all() for name in (*CASES, "delimiter"))


@settings(deadline=None)
@given(MAPS, st.integers(1, 8), st.sampled_from([16, 100, 2**24]))
def test_thumbnails_are_those_of_the_plain_definition(maps: Array, side: int, held: int) -> None:
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("error")
        patch.setattr(chunks, "CHUNK_BYTES", held)
        patch.setattr(summaries, "THUMBNAIL_SIDE", side)
        found = thumbnails(trace_of(maps), 0)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, plain_thumbnails(maps, side))


def test_thumbnails_of_few_tokens_are_the_weights() -> None:
    made = trace(heads=(3,), labels=["a"] * 32)
    levels = 254 * np.sqrt(made.attention(0).astype(float))
    np.testing.assert_allclose(thumbnails(made, 0), levels, rtol=0, atol=0.501)


def test_a_diagonal_and_a_column_stay_in_sight_in_a_long_text() -> None:
    maps = np.zeros((2, 400, 400), np.float32)
    maps[0, np.arange(1, 400), np.arange(399)] = 1  # to the previous token
    maps[1, :, 0] = 1
    made = trace_of(maps)
    found = thumbnails(made, 0)
    assert found.shape == (2, 32, 32)
    assert (np.diagonal(found[0]) == 254).all()
    assert np.count_nonzero(found[0]) <= 2 * 32
    assert (found[1, :, 0] == 254).all()
    assert not found[1, :, 1:].any()
    summary = dict(zip(HEAD_SUMMARIES, head_summaries(made, 0).T.tolist()[0], strict=True))
    assert summary["previous"] == summary["distance"] == 1
    assert summary["self"] == summary["next"] == summary["entropy"] == 0


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([0.25] * 4, {"entropy": math.log(4), "first": 0.25, "special": 0.5, "sink": 0}),
        ([0, 0, 0, 1], {"entropy": 0, "first": 0, "special": 1, "sink": 0}),
        ([0, 0.5, 0, 0], {"entropy": 0, "first": 0, "special": 0, "sink": 0.5}),
    ],
)
def test_numbers_that_are_known_without_computing(
    row: list[float], expected: dict[str, float]
) -> None:
    maps = np.tile(np.array(row, np.float32), (1, 4, 1))
    found = dict(zip(HEAD_SUMMARIES, head_summaries(trace_of(maps), 0)[:, 0], strict=True))
    assert {name: float(found[name]) for name in expected} == pytest.approx(expected, abs=1e-6)


def test_what_goes_to_the_models_own_sink_is_exact() -> None:
    made = trace(heads=(2,))
    object.__setattr__(made.blocks[0], "sinks", torch.tensor([0.5, -30.0]))
    found = head_summaries(made, 0)[HEAD_SUMMARIES.index("sink")]
    expected = 1 - made.attention(0).sum(-1).mean(-1)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found[0] > 0.1
    plain = head_summaries(trace(heads=(2,)), 0)[HEAD_SUMMARIES.index("sink")]
    assert plain.tolist() == [0, 0]  # no rounding is taken for a sink


@pytest.mark.parametrize("maps", [False, True])
def test_hidden_tokens_are_no_sink(maps: bool) -> None:
    made = as_maps(trace()) if maps else trace()
    sink = HEAD_SUMMARIES.index("sink")
    assert head_summaries(made.without_special(), 0)[sink].tolist() == [0] * 4
    assert head_summaries(made.without_special(renormalise=True), 0)[sink].tolist() == [0] * 4
    lossy = as_maps(trace())
    lossy.maps[0].tensors[0].mul_(0.75)
    for grouped in (lossy.words(), lossy.without_special(), lossy.without_special().words()):
        np.testing.assert_allclose(head_summaries(grouped, 0)[sink], 0.25, atol=1e-6)
    assert not head_summaries(lossy.without_special(renormalise=True), 0)[sink].any()


@pytest.mark.parametrize(
    "group",
    [Trace.words, Trace.without_special, lambda made: made.without_special(True).words()],
)
def test_words_and_hidden_special_tokens_are_summarised_as_they_are_shown(
    group: Callable[[Trace], Trace],
) -> None:
    made = group(trace(labels=["[CLS]", "a", "nov", "##el", "##ty", "b", "[SEP]"]))
    maps = made.attention(0)
    expected = plain_summaries(made, maps)
    expected[-1] = [0.0] * 4
    np.testing.assert_allclose(head_summaries(made, 0), expected, atol=1e-5)
    np.testing.assert_array_equal(thumbnails(made, 0), plain_thumbnails(maps))


def test_where_every_token_is_hidden_nothing_is_known() -> None:
    made = as_maps(trace(heads=(2,), labels=["[CLS]", "[SEP]"])).without_special()
    assert np.isnan(head_summaries(made, 0)).all()
    assert thumbnails(made, 0).shape == (2, 0, 0)


def test_each_kind_of_an_encoder_decoder_has_its_own() -> None:
    made = encoder_decoder()
    cross = head_summaries(made, 2, "cross")
    unknown = [name for name, of in zip(HEAD_SUMMARIES, cross, strict=True) if np.isnan(of).all()]
    compared = ["distance", "distance_variance", "previous", "next", "self", *CASES]
    assert unknown == [*compared, "delimiter"]  # of which this text has none
    expected = np.array(plain_summaries(made, made.attention(2, "cross"), "cross"))
    expected[-1] = 0
    np.testing.assert_allclose(cross, expected, atol=1e-6)
    assert thumbnails(made, 2, "cross").shape == (2, 6, 4)
    decoder = compute(made, "summaries/decoder/1")
    np.testing.assert_array_equal(decoder, head_summaries(made, 1, "decoder"))
    assert compute(made, "thumbnails/decoder/1").shape == (2, 6, 6)


def test_they_come_by_layer_of_words_and_of_windows() -> None:
    made = trace(heads=(4, 0, 2))
    np.testing.assert_array_equal(compute(made, "thumbnails/encoder/2"), thumbnails(made, 2))
    np.testing.assert_array_equal(compute(made, "summaries/encoder/2"), head_summaries(made, 2))
    words = compute(made, "grouped/words/show/summaries/encoder/2")
    np.testing.assert_array_equal(words, head_summaries(made.words(), 2))
    long = windowed()
    inner = long.windows[1].trace
    found = compute(long, "window/1/thumbnails/encoder/1")
    np.testing.assert_array_equal(found, thumbnails(inner, 1))
    with pytest.raises(LookupError, match="layer 1 of tiny has no encoder attention"):
        compute(made, "thumbnails/encoder/1")


@given(st.integers(1, 3000), st.integers(1, 600))
def test_queries_are_sampled_evenly(size: int, most: int) -> None:
    chosen = evenly(size, most)
    assert len(chosen) == min(size, most)
    assert chosen[0] == 0
    steps = np.diff([*chosen, size])
    assert steps.max() - steps.min() <= 1
    assert chosen == sorted(set(chosen))


def test_of_a_long_text_the_browser_gets_a_sample() -> None:
    count = 3 * SAMPLED_QUERIES
    made = trace(heads=(2,), labels=["a"] * count)
    rows = range(0, count, 3)
    maps = made.attention(0, queries=list(rows))
    largest = maps.reshape(2, 32, 16, 32, -1).max((2, 4))
    levels = np.round(254 * np.sqrt(largest))
    np.testing.assert_array_equal(compute(made, "thumbnails/encoder/0"), levels)
    found = dict(zip(HEAD_SUMMARIES, compute(made, "summaries/encoder/0"), strict=True))
    np.testing.assert_allclose(found["first"], maps[:, :, 0].mean(1), rtol=1e-4)
    np.testing.assert_allclose(found["self"], [m[range(512), rows].mean() for m in maps], rtol=1e-4)
    distance = (maps * np.abs(np.array(rows)[:, None] - np.arange(count))).sum(-1).mean(-1)
    np.testing.assert_allclose(found["distance"], distance, rtol=1e-4)


@pytest.mark.parametrize("measure", [head_summaries, thumbnails])
def test_what_does_not_exist_is_refused(measure: Callable[..., Any]) -> None:
    with pytest.raises(LookupError, match="layer must be in 0–2, got 3"):
        measure(trace(), 3)
    with pytest.raises(LookupError, match="query must be in 0–5, got 6"):
        measure(trace(), 0, queries=[0, 6])


def test_the_trained_model_has_its_known_heads(minilm: tuple[Any, Any]) -> None:
    from attention_widget import capture

    model, tokenizer = minilm
    made = capture(model, "Attention is a novel idea.", tokenizer=tokenizer)
    for layer in range(6):
        found = head_summaries(made, layer)
        expected = plain_summaries(made, made.attention(layer))
        expected[-1] = [0.0] * 12
        np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("made", "layers"),
    [
        (trace(heads=(4, 0, 2)), [("encoder", 0, 4), ("encoder", 2, 2)]),
        (as_maps(trace(heads=(1, 3))), [("encoder", 0, 1), ("encoder", 1, 3)]),
        (encoder_decoder(), None),
    ],
)
def test_the_table_has_every_head_once(made: Trace, layers: list[tuple[str, int, int]]) -> None:
    table = head_table(made)
    assert list(table) == ["kind", "layer", "head", *HEAD_SUMMARIES, "label"]
    places = list(zip(*(table[name].tolist() for name in ("kind", "layer", "head")), strict=True))
    if layers is not None:
        assert places == [(kind, at, head) for kind, at, n in layers for head in range(n)]
    assert len(set(places)) == len(places) == sum(one.n_heads for one in made.operations)
    for one in made.operations:
        rows = [row for row, place in enumerate(places) if place[:2] == (one.kind, one.layer)]
        numbers = head_summaries(made, one.layer, one.kind)
        for name, expected in zip(HEAD_SUMMARIES, numbers, strict=True):
            np.testing.assert_array_equal(table[name][rows], expected)


def test_the_table_of_windows_says_where_to_look() -> None:
    with pytest.raises(LookupError, match=r"head_table\(trace\.window\(token\)\.trace\)"):
        head_table(windowed())
    assert len(head_table(windowed().window(0).trace)["layer"])


def test_a_group_without_tokens_has_no_share_in_the_sink() -> None:
    """As the file of a trace may have one."""
    maps = Maps(0, "encoder", torch.tensor([[[0.25, 0.25], [0.25, 0.25]]], dtype=torch.float32))
    block = Grouped(maps, query_groups=((0, 1), ()), key_groups=((0,), (1,)))
    total, count = summary_sums(block, key_sets(tokens(["a", "novel"]), "encoder"), np.arange(2))
    sink = HEAD_SUMMARIES.index("sink")
    assert (total[sink].tolist(), count[sink].tolist()) == ([0.5], [1])

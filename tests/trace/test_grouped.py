"""Attention between words and without special tokens, against plain NumPy of the tokens' own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.front_end import Browser
from support.traces import SOURCE, TARGET, as_maps, encoder_decoder, picture, trace, windowed

from attention_widget import AttentionWidget, capture
from attention_widget.protocol.catalogue import compute
from attention_widget.trace.block import Maps
from attention_widget.trace.grouping import Grouped, Groups
from attention_widget.trace.trace import Trace

WORDS = [[0], [1], [2, 3], [4], [5]]
"""Tokens of the words of ``trace()``: [CLS] a nov|##el idea [SEP]."""

Exact = NDArray[np.float64]


def by_hand(
    weights: NDArray[Any],
    queries: Sequence[Sequence[int]],
    keys: Sequence[Sequence[int]],
    renormalise: bool = False,
) -> Exact:
    """Clark et al. 2019, section 4.1, said the long way."""
    exact = weights.astype(np.float64)
    made = np.zeros((len(exact), len(queries), len(keys)))
    for head, rows in enumerate(exact):
        for q, query_group in enumerate(queries):
            total = np.zeros(len(keys))
            for query in query_group:
                sums = np.array([sum(rows[query, key] for key in group) for group in keys])
                if renormalise and sums.sum() != 0:
                    sums = sums / sums.sum()
                total += sums
            made[head, q] = total / max(1, len(query_group))
    return made


def assert_close(found: NDArray[Any], expected: Exact) -> None:
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=2e-6)


# ---------------------------------------------------------------- words


@pytest.mark.parametrize("of_maps", [False, True])
def test_words_are_sums_over_keys_and_means_over_queries(of_maps: bool) -> None:
    made = as_maps(trace()) if of_maps else trace(causal=True)
    words = made.words()
    assert [token.label for token in words.tokens] == ["[CLS]", "a", "novel", "idea", "[SEP]"]
    assert [token.index for token in words.tokens] == list(range(5))
    assert [token.special for token in words.tokens] == [True, False, False, False, True]
    for layer in range(3):
        assert_close(words.attention(layer), by_hand(made.attention(layer), WORDS, WORDS))


def test_rows_sum_to_what_they_did() -> None:
    words = trace(heads=(4,)).words()
    np.testing.assert_allclose(words.attention(0).sum(2), 1, atol=1e-6)
    sinks = replace(trace(heads=(4,)).blocks[0], sinks=torch.tensor([0.5, 1.0, 2.0, 3.0]))
    made = replace(trace(heads=(4,)), blocks=(sinks,))
    sums = made.attention(0).sum(2)
    assert sums.max() < 0.99  # the rest goes to the sink
    expected = np.stack([sums[:, group].mean(1) for group in WORDS], axis=1)
    np.testing.assert_allclose(made.words().attention(0).sum(2), expected, atol=1e-6)


def test_some_heads_and_queries_are_those_of_the_whole() -> None:
    words = trace(kv_heads=2).words()
    whole = words.attention(1)
    part = words.attention(1, heads=[3, 0], queries=[4, 2])
    np.testing.assert_allclose(part, whole[[3, 0]][:, [4, 2]], atol=1e-7)
    with pytest.raises(IndexError, match="query must be in 0–4, got 5"):
        words.attention(1, queries=[5])


def test_hidden_states_are_means() -> None:
    made = trace()
    words = made.words()
    for index in range(4):
        hidden = made.hidden_states(index).astype(np.float64)
        expected = np.stack([hidden[group].mean(0) for group in WORDS])
        np.testing.assert_allclose(words.hidden_states(index), expected, atol=1e-6)
    kept = words.without_special().hidden_states(2)
    np.testing.assert_array_equal(kept, words.hidden_states(2)[1:4])


def test_of_an_encoder_decoder_each_side_has_its_words() -> None:
    made = encoder_decoder()
    words = made.words()
    assert words.target is not None
    assert [token.text for token in words.target.tokens] == ["", "das", "rote", "Haus", ""]
    source = [[0], [1], [2], [3]]
    target = [[0], [1], [2, 3], [4], [5]]
    for kind, queries, keys in (
        ("encoder", source, source),
        ("decoder", target, target),
        ("cross", target, source),
    ):
        place: Any = (0, kind)
        assert_close(words.attention(*place), by_hand(made.attention(*place), queries, keys))
    hidden = made.hidden_states(1, "decoder").astype(np.float64)
    expected = np.stack([hidden[group].mean(0) for group in target])
    np.testing.assert_allclose(words.hidden_states(1, "decoder"), expected, atol=1e-6)
    shown = words.without_special()
    assert shown.target is not None
    assert [token.text for token in shown.tokens] == list(SOURCE[:3])
    assert len(shown.target.tokens) == len(TARGET) - 3
    assert_close(
        shown.attention(2, "cross"),
        by_hand(made.attention(2, "cross"), target[1:4], source[:3]),
    )


def test_what_is_nan_stays_nan_and_spoils_nothing_else() -> None:
    made = trace()
    made.blocks[0].query[1, 2] = torch.nan  # one token of the word "novel"
    words = made.words().attention(0)
    assert np.isnan(words[1, 2]).all()
    assert np.isnan(words).sum() == 5
    for renormalise in (False, True):
        left = made.without_special(renormalise).attention(0)
        assert np.isnan(left[1, 1]).all()
        assert np.isnan(left).sum() == 4


def test_patches_are_no_words() -> None:
    made = picture()
    np.testing.assert_array_equal(made.words().attention(0), made.attention(0))
    assert made.words().tokens == made.tokens


# ---------------------------------------------------------------- special tokens


@pytest.mark.parametrize("renormalise", [False, True])
@pytest.mark.parametrize("words", [False, True])
def test_without_special_tokens(renormalise: bool, words: bool) -> None:
    made = trace(causal=True)
    left = made.without_special(renormalise)
    groups = [[1], [2], [3], [4]]
    if words:
        left, groups = left.words(), [[1], [2, 3], [4]]
    assert not any(token.special for token in left.tokens)
    found = left.attention(0)
    assert_close(found, by_hand(made.attention(0), groups, groups, renormalise))
    sums = found.sum(2)
    if renormalise:
        np.testing.assert_allclose(sums, 1, atol=1e-6)
    else:
        assert sums.max() < 1


def test_a_row_that_only_special_tokens_had_is_empty() -> None:
    weights = np.zeros((1, 6, 6), np.float32)
    weights[:, :, 0] = 1
    made = replace(
        trace(heads=(1,)), blocks=(), maps=(Maps(0, "encoder", torch.from_numpy(weights)),)
    )
    for renormalise in (False, True):
        assert not made.without_special(renormalise).attention(0).any()


# ---------------------------------------------------------------- any groups

BLOCK = trace(heads=(3,), labels=[f"w{i}" for i in range(9)]).blocks[0]


@st.composite
def groups(draw: st.DrawFn) -> Groups:
    """Tokens in any order, some in no group, some groups without tokens."""
    count = draw(st.integers(1, 5))
    places = draw(st.lists(st.integers(-1, count - 1), min_size=9, max_size=9))
    order = draw(st.permutations(range(9)))
    return tuple(tuple(i for i in order if places[i] == group) for group in range(count))


@settings(deadline=None)
@given(groups(), groups(), st.booleans())
def test_any_groups_are_summed_as_by_hand(queries: Groups, keys: Groups, renormalise: bool) -> None:
    grouped = Grouped(BLOCK, queries, keys, renormalise)
    assert (grouped.n_heads, grouped.n_queries, grouped.n_keys) == (3, len(queries), len(keys))
    expected = by_hand(BLOCK.attention(), queries, keys, renormalise)
    assert_close(grouped.attention(), expected)
    rows = list(range(len(queries)))[::-1]
    assert_close(grouped.attention([2], rows), expected[[2]][:, rows])
    assert_close(grouped.attention(queries=[]), expected[:, []])


# ---------------------------------------------------------------- what cannot be


def test_queries_and_keys_of_words_are_not_known() -> None:
    words = trace().words()
    for ask in (words.queries, words.keys, words.values, words.block):
        with pytest.raises(LookupError, match="layer 0"):
            ask(0)


def test_a_text_in_windows_has_no_words_of_the_whole() -> None:
    made = windowed()
    for method in (made.words, made.without_special):
        name = method.__name__
        with pytest.raises(
            LookupError, match=rf"in 3 windows; ask trace.window\(token\).trace.{name}"
        ):
            method()
    inner = made.windows[1].trace
    assert len(inner.without_special().tokens) == len(inner.tokens) - 2


# ---------------------------------------------------------------- in the widget


@pytest.mark.parametrize(
    ("prefix", "change"),
    [
        ("grouped/words/show", lambda made: made.words()),
        ("grouped/tokens/hide", lambda made: made.without_special()),
        ("grouped/tokens/renormalise", lambda made: made.without_special(renormalise=True)),
        ("grouped/words/hide", lambda made: made.without_special().words()),
    ],
)
def test_the_browser_is_answered_as_python_is(prefix: str, change: Any) -> None:
    made = encoder_decoder()
    browser = Browser(AttentionWidget.from_trace(made))
    expected: Trace = change(made)
    np.testing.assert_array_equal(
        browser.tensor(f"{prefix}/attention/cross/0"), expected.attention(0, "cross")
    )
    np.testing.assert_allclose(
        browser.tensor(f"{prefix}/attention_row/decoder/1/1,2"),
        expected.attention(1, "decoder", queries=[1, 2]).mean(1),
        atol=1e-7,
    )
    received = browser.tensor(f"{prefix}/attention_received/encoder/1")
    np.testing.assert_allclose(received, expected.attention(1, "encoder").mean(1), atol=1e-6)
    refused = browser.tensor(f"{prefix}/query/encoder/0/0")
    assert refused.startswith("layer 0 of tiny-translator is known by its attention alone")


def test_within_a_window_the_words_are_its_own() -> None:
    made = windowed()
    found = compute(made, "window/2/grouped/words/hide/attention/encoder/1")
    expected = made.windows[2].trace.without_special().words().attention(1)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "key", ["grouped/letters/show/edges/encoder/0", "grouped/words/drop/edges/encoder/0"]
)
def test_another_grouping_is_refused(key: str) -> None:
    with pytest.raises(
        ValueError, match=r"must be grouped/\{tokens, words or passages\}/\{show, hide or re"
    ):
        compute(trace(), key)


def test_of_a_trained_model(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    text = "Blackberries stain unbelievably purple fingers."
    made = capture(model, text, tokenizer=tokenizer)
    words = made.words()
    assert [token.text for token in words.tokens if not token.special] == [
        "Blackberries",
        "stain",
        "unbelievably",
        "purple",
        "fingers",
        ".",
    ]
    assert len(made.tokens) > len(words.tokens)
    spans = [
        [t.index for t in made.tokens if t.start is not None and token.start <= t.start < token.end]
        if token.start is not None and token.end is not None
        else [0 if token.index == 0 else len(made.tokens) - 1]
        for token in words.tokens
    ]
    for layer in range(6):
        assert_close(words.attention(layer), by_hand(made.attention(layer), spans, spans))
    assert_close(
        made.without_special(renormalise=True).words().attention(3),
        by_hand(made.attention(3), spans[1:-1], spans[1:-1], renormalise=True),
    )

"""The first picture: specificity agrees with its formula, and tells links from columns."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.traces import as_maps, encoder_decoder, picture, sound, tokens, trace, windowed

from attention_widget import AttentionWidgetError, Trace, capture
from attention_widget.measures import (
    chunks,
    head_specificity,
    head_table,
    specificity,
    suggest_heads,
    suggestions,
)
from attention_widget.measures.content_words import content_tokens, word_tokens
from attention_widget.trace.block import Array, Maps
from attention_widget.trace.kind import Kind
from attention_widget.trace.mask import Mask

WORDS = ["[CLS]", "Some", "novel", "of", "ideas", "became", "known", "[SEP]"]
CONTENT = [1, 2, 4, 5, 6]
MAPS = hnp.arrays(
    np.float32,
    st.just((2, len(WORDS), len(WORDS))),
    elements=st.sampled_from([0.0, 0.0, 0.125, 0.25, 0.5, 1.0, np.nan]),
)


def trace_of(maps: Array, labels: Sequence[str] = WORDS, kind: Kind = "encoder") -> Trace:
    held = Maps(0, kind, torch.from_numpy(maps))
    return Trace(tokens(labels), (), (), ("",), "by hand", maps=(held,))


def sharp(links: dict[int, int], labels: Sequence[str] = WORDS) -> Array:
    """A head in which each query attends to one key, and to the first where none is named."""
    maps = np.zeros((1, len(labels), len(labels)), np.float32)
    for query in range(len(labels)):
        maps[0, query, links.get(query, 0)] = 1
    return maps


def plain_specificity(attention: Array, causal: bool) -> float:
    """head_specificity as its docstring has it, without any speed."""
    rows = [q for q in CONTENT if attention[q].sum() > 0]  # not of NaN
    found = []
    for query in rows:
        best = None
        for key in CONTENT:
            if abs(query - key) <= 1 or (causal and key > query):
                continue
            seeing = [row for row in rows if not causal or row >= key]
            more = attention[query, key] - sum(attention[row, key] for row in seeing) / len(seeing)
            best = more if best is None else max(best, more)
        if best is not None:
            found.append(max(best, 0))
    return float(np.mean(found)) if found else float("nan")


@settings(max_examples=200)
@given(MAPS, st.booleans())
def test_it_is_its_formula(maps: Array, causal: bool) -> None:
    if causal:
        maps = np.tril(maps)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = head_specificity(trace_of(maps, kind="decoder" if causal else "encoder"), 0)
    expected = [plain_specificity(head.astype(float), causal) for head in maps]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found.dtype == np.float32


def test_columns_sinks_diagonals_and_uniform_attention_come_to_nothing() -> None:
    n = len(WORDS)
    column, previous, same = np.zeros((3, n, n), np.float32)
    column[:, 4] = 1
    previous[np.arange(1, n), np.arange(n - 1)] = 1
    np.fill_diagonal(same, 1)
    to_first = sharp({})[0]
    uniform = np.full((n, n), 1 / n, np.float32)
    maps = np.stack([column, previous, same, to_first, uniform])
    np.testing.assert_allclose(head_specificity(trace_of(maps), 0), 0, atol=1e-6)
    assert suggest_heads(trace_of(maps)) == []


def test_the_pair_that_stands_out_is_suggested_with_its_weight() -> None:
    maps = np.full((2, len(WORDS), len(WORDS)), 0.05, np.float32)
    maps[1, 6, 2] = 0.625
    best, *_ = suggest_heads(trace_of(maps))
    assert (best.kind, best.layer, best.head) == ("encoder", 0, 1)
    assert (best.query, best.key, best.weight) == (6, 2, 0.625)
    assert best.specificity == pytest.approx((0.625 - (0.625 + 4 * 0.05) / 5) / 5, abs=1e-5)


@pytest.mark.parametrize("labels", [["novel", "of", "Novel"], ["nov", "##elti", "##es"]])
def test_words_written_alike_and_pieces_of_a_word_are_no_pair(labels: list[str]) -> None:
    assert suggest_heads(trace_of(sharp({2: 0, 0: 2}, labels), labels)) == []


def test_the_first_token_is_no_key() -> None:
    labels = ["novel", "of", "ideas", "known"]
    assert suggest_heads(trace_of(sharp({3: 0, 2: 0}, labels), labels)) == []


def test_neighbours_are_a_pair_where_there_is_no_other_one_and_then_short_words_are() -> None:
    labels = ["of", "a", "novel", "ideas"]
    [one] = suggest_heads(trace_of(sharp({3: 2}, labels), labels))
    assert (one.query, one.key) == (3, 2)
    short = ["it", "is", "an", "ox"]
    [one] = suggest_heads(trace_of(sharp({3: 1}, short), short))
    assert (one.query, one.key) == (3, 1)


def test_a_decoder_averages_over_the_queries_that_see_a_key() -> None:
    """The last keys are seen by few: over all queries they would look as if few attended there."""
    labels = ["[BOS]", "some", "novel", "ideas", "became", "known"]
    maps = np.zeros((1, 6, 6), np.float32)
    maps[0, 3:, 3] = 1  # a column, from the key on
    maps[0, :3, 0] = 1
    assert suggest_heads(trace_of(maps, labels, "decoder")) == []
    assert suggest_heads(trace_of(maps, labels, "encoder")) != []


def test_equals_come_in_the_order_of_layers_and_heads() -> None:
    maps = np.concatenate([sharp({6: 2, 5: 1, 4: 1})] * 3)
    held = tuple(Maps(layer, "encoder", torch.from_numpy(maps)) for layer in (2, 0))
    found = suggest_heads(replace(trace_of(maps), maps=held), count=5)
    assert [(one.layer, one.head) for one in found] == [(0, 0), (0, 1), (0, 2), (2, 0), (2, 1)]
    assert suggest_heads(replace(trace_of(maps), maps=held), count=0) == []


def test_a_sink_and_a_diagonal_are_never_suggested_whatever_their_pair() -> None:
    """One link among much else: specific, but not what the head does."""
    n = len(WORDS)
    resting, previous, linking = sharp({6: 2}), sharp({6: 2}), sharp({6: 2, 5: 1, 4: 1})
    previous[0, np.arange(1, 6), np.arange(5)] = 1
    previous[0, 2:6, 0] = 0
    made = trace_of(np.concatenate([resting, previous, linking]))
    assert (head_specificity(made, 0) > suggestions.LEAST).all()
    assert head_table(made)["label"].tolist() == ["first", "previous", ""]
    [one] = suggest_heads(made)
    assert (one.head, one.label, one.score) == (2, "", 0)
    assert n == 8


def test_a_suggestion_says_what_its_head_does() -> None:
    labels = ["novel", "of", "ideas", "known", "novel", "of", "ideas", "known", "novel", "ideas"]
    made = replace(
        trace_of(sharp({4: 1, 5: 2, 6: 3, 7: 4, 8: 5, 9: 7}, labels), labels, "decoder"),
        tokens=tuple(replace(one, id=labels.index(one.label)) for one in tokens(labels)),
    )
    [one] = suggest_heads(made)
    assert (one.label, one.score) == ("induction", 1)


@pytest.mark.parametrize("count", [-1, "all", 1.5])
def test_a_count_that_is_none_is_refused(count: Any) -> None:
    with pytest.raises(AttentionWidgetError, match=r"^count must be a number of heads, got "):
        suggest_heads(trace(), count)


def test_rows_of_nan_and_rows_that_see_nothing_are_left_out() -> None:
    maps = sharp({6: 2, 5: 1})
    maps[0, 4] = np.nan
    maps[0, 2] = 0
    [one] = suggest_heads(trace_of(maps))
    assert (one.query, one.key) in ((6, 2), (5, 1))
    assert one.specificity == pytest.approx((2 / 3 + 2 / 3 + 0) / 3, abs=1e-5)
    assert suggest_heads(trace_of(np.full_like(maps, np.nan))) == []
    assert suggest_heads(trace_of(np.zeros_like(maps))) == []


def test_an_encoder_decoder_suggests_cross_attention_first() -> None:
    made = encoder_decoder()
    found = suggest_heads(made, 4)
    kinds = [one.kind for one in found]
    assert kinds[:2] == ["cross", "cross"]
    assert "cross" not in kinds[2:]
    for one in found:
        queries, keys = made.sides(one.kind)
        assert not queries[one.query].special
        assert not keys[one.key].special
        weight = made.attention(one.layer, one.kind)[one.head, one.query, one.key]
        assert one.weight == pytest.approx(weight, rel=1e-5)


def test_a_long_text_is_known_by_its_first_window_and_indices_are_those_of_the_whole() -> None:
    made = windowed(count=400, length=160, stride=120)
    found = suggest_heads(made)
    assert found
    window = made.windows[0]
    for one in found:
        assert made.window(one.query) is window  # that is shown when the word is selected
        at = window.positions.index
        maps = window.trace.attention(one.layer)
        weight = maps[one.head, at(one.query), at(one.key)]
        assert one.weight == pytest.approx(weight, rel=1e-5)
    with pytest.raises(LookupError, match="windows"):
        head_specificity(made, 0)


def test_patches_that_touch_are_neighbours() -> None:
    made = picture()  # [CLS], then 2 rows of 3
    maps = np.zeros((2, 7, 7), np.float32)
    maps[:, :, 0] = 0.5
    maps[0, 1, 4] = maps[0, 2, 4] = 0.5  # below, and below to the left
    maps[1, 1, 3] = 0.5
    block = Maps(0, "encoder", torch.from_numpy(maps))
    [one] = suggest_heads(replace(made, blocks=(), maps=(block,)))
    assert (one.head, one.query, one.key) == (1, 1, 3)


def test_frames_of_a_sound_are_its_words() -> None:
    assert content_tokens(sound().tokens).tolist() == list(range(8))
    assert suggest_heads(sound())


@pytest.mark.parametrize(
    ("labels", "content"),
    [
        (["[CLS]", "a", "novel", "idea", "."], [2, 3]),
        (["in", "2026", "x1"], [1]),
        (["novel", "ideas", "huckle", "##berries"], [0, 1]),  # most words are whole
        (["novel", "un", "##believable", "huckle", "##berries"], [0, 1, 2, 3, 4]),
        (["新", "的", "想", "法", "。"], [0, 1, 2, 3]),
        (["บ", "้", "าน"], [0, 2]),
        (["カメラ", "と"], [0, 1]),
        (["좋은", "책"], [0]),  # five letters, and three
        (["идея", "и", "кот"], [0]),
    ],
)
def test_content_words(labels: list[str], content: list[int]) -> None:
    assert content_tokens(tokens(labels)).tolist() == content
    assert set(content) <= set(word_tokens(tokens(labels)).tolist())


@pytest.mark.parametrize(
    "made",
    [
        trace(labels=["novel"]),
        trace(labels=["[CLS]", "[SEP]"]),
        trace(labels=[".", ",", ";"]),
        trace(heads=(0, 2), labels=["some", "novel", "ideas", "became", "known"], causal=True),
        Trace((), (), (), (), "nothing"),
        trace().words(),
        trace().without_special(),
    ],
    ids=["one", "special", "marks", "part", "none", "words", "without_special"],
)
def test_any_trace_has_a_list(made: Trace) -> None:
    for one in suggest_heads(made):
        weight = made.attention(one.layer)[one.head, one.query, one.key]
        assert one.weight == pytest.approx(weight, rel=1e-5)


def test_what_a_padded_batch_hides_is_no_pair() -> None:
    made = trace(labels=WORDS)
    shown = torch.ones(1, len(WORDS), len(WORDS), dtype=torch.bool)
    shown[..., 5:] = False
    blocks = tuple(replace(one, mask=Mask.from_visible(shown)) for one in made.blocks)
    assert {one.key for one in suggest_heads(replace(made, blocks=blocks))} <= {1, 2, 4}


def test_it_is_the_same_in_any_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    made = trace(heads=(4, 4), labels=WORDS * 4)
    expected = suggest_heads(made)
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 4 * 32 * 32)  # of one head
    assert suggest_heads(made) == expected
    assert suggest_heads(as_maps(made)) == expected


def test_of_a_long_text_some_queries_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    made = trace(heads=(2, 2), labels=[f"word{at}" for at in range(1000)], causal=True)
    asked: list[int] = []
    in_chunks = chunks.in_chunks

    def counting(operation: Any, **chosen: Any) -> Any:
        for chunk in in_chunks(operation, **chosen):
            asked.append(chunk.weights.size)
            yield chunk

    monkeypatch.setattr(specificity, "in_chunks", counting)
    monkeypatch.setattr(suggestions, "WEIGHTS_LOOKED_AT", 80_000)
    assert suggest_heads(made)
    assert sum(asked) == 80_000
    asked.clear()
    monkeypatch.setattr(suggestions, "WEIGHTS_LOOKED_AT", 1)
    suggest_heads(made)
    assert sum(asked) == 4 * 1000 * suggestions.FEWEST_QUERIES


def test_the_trained_model_links_words(minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    text = "The committee praised the engineer because she had repaired the old bridge"
    made = capture(model, text, tokenizer=tokenizer)
    found = suggest_heads(made)
    assert len(found) == 8
    assert [one.specificity for one in found] == sorted(
        (one.specificity for one in found), reverse=True
    )
    for one in found:
        words = made.tokens[one.query].text, made.tokens[one.key].text
        assert min(map(len, words)) >= 4
        column = made.attention(one.layer)[one.head, content_tokens(made.tokens), one.key]
        assert one.weight - column.mean() >= one.specificity - 1e-5

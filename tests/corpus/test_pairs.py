"""Single pairs of tokens, of which three summaries are made: those of the rows, however many."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from support.models import TEXT, tiny, tokenizer

from attention_widget import HeadAtlas, Trace, capture, measures, scan
from attention_widget.corpus import pairs, places
from attention_widget.corpus.chunk import Chunk
from attention_widget.measures.detectors import CASES
from attention_widget.measures.key_sets import key_sets
from attention_widget.trace.kind import Kind
from attention_widget.trace.token import Token

TEXTS = [f"{TEXT} and {TEXT}", "novel novel novel and a novel", "a b", "read a good novel", "idea"]


def tokens_of(ids: list[int]) -> list[Token]:
    last = len(ids) - 1
    return [
        Token(at, one, str(one), text=str(one), word=at // 3, special=at in (0, last))
        for at, one in enumerate(ids)
    ]


def assert_near(atlas: HeadAtlas, trace: Trace, names: Sequence[str], near: float) -> None:
    layers = [measures.head_summaries(trace, layer) for layer in range(trace.n_layers)]
    wanted = np.concatenate(layers, 1)
    for name in names:
        np.testing.assert_allclose(
            atlas.columns[name],
            wanted[measures.HEAD_SUMMARIES.index(name)],
            rtol=near,
            atol=near / 10,
            err_msg=name,
        )


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_pairs_are_those_of_all_rows(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_AT_ONCE", 130)  # three rows at a time
    tokens = tokens_of(np.random.default_rng(0).integers(0, 6, 40).tolist())
    found = places.places_of(tokens, kind)
    assert found.pairs is not None
    queries, keys, members = found.pairs
    flat = queries.astype(int) * 40 + keys
    assert (np.diff(flat) > 0).all()  # as they lie in memory, and none twice
    rows = key_sets(tokens, kind).of_rows(np.arange(40))
    for name, which, member in zip(CASES, rows, members, strict=True):
        assert which.sum() == member.sum() > 0
        assert which[queries[member], keys[member]].all()
        assert found.counts[measures.HEAD_SUMMARIES.index(name)] == which.any(1).sum()


@pytest.mark.parametrize("batch_tokens", [30, 4096], ids=["alone", "together"])
@pytest.mark.parametrize("family", ["bert", "llama"])
def test_too_many_to_name_give_the_same(
    family: str, batch_tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    model: Any = tiny(family)
    settings: Any = {"batch_tokens": batch_tokens, "progress": False}
    named = scan(model, TEXTS, tokenizer(), **settings)
    asked: list[int] = []
    plain = pairs.Repeating.add

    def add(one: pairs.Repeating, *given: torch.Tensor) -> None:
        asked.append(one.text)
        plain(one, *given)

    monkeypatch.setattr(pairs.Repeating, "add", add)
    monkeypatch.setattr(places, "_MOST", 8)  # the first two have more
    unnamed = scan(model, TEXTS, tokenizer(), **settings)
    assert asked
    for name in CASES:
        # no word is of several tokens there
        assert np.isfinite(named.columns[name]).all() == (name != "same_word")
        np.testing.assert_allclose(unnamed.columns[name], named.columns[name], rtol=1e-6)


def test_a_text_of_one_token_takes_little_memory() -> None:
    n = 6_000
    tokens = tokens_of([7] * n)
    tracemalloc.start()
    try:
        found = places.places_of(tokens, "decoder")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.pairs is None
    assert found.counts[measures.HEAD_SUMMARIES.index("duplicate")] == n - 3
    assert peak < 64e6  # 18 million pairs would take 140 MB as numbers of 32 bits


def test_a_text_that_repeats_one_token_is_as_it_is_alone() -> None:
    model, tokens = tiny("gpt2", n_positions=700), tokenizer()
    text = " ".join(["novel"] * 600)
    found = scan(model, [text], tokens, progress=False)
    trace = capture(model, text, tokenizer=tokens, progress=False)
    assert places.places_of(trace.tokens, "decoder").pairs is None
    assert_near(found, trace, CASES, 2e-6)


def test_high_logits_are_shifted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where 2 to the power of a logit is more than single precision holds."""
    model: Any = tiny("bert")
    block = capture(model, TEXTS[0], tokenizer=tokenizer(), progress=False).block(1)
    highest = (block.query @ block.key.mT).abs().max() * block.scale
    with torch.no_grad():
        query = model.encoder.layer[1].attention.self.query
        query.weight *= 150 / highest
        query.bias *= 150 / highest
    shifted: list[bool] = []
    plain = Chunk.weigh

    def weigh(chunk: Chunk, *, shift: bool) -> None:
        shifted.append(shift)
        plain(chunk, shift=shift)
        if shift:
            assert chunk.logits.min() < -130

    monkeypatch.setattr(Chunk, "weigh", weigh)
    found = scan(model, TEXTS[:1], tokenizer(), progress=False)
    assert set(shifted) == {False, True}
    trace = capture(model, TEXTS[0], tokenizer=tokenizer(), progress=False)
    assert_near(found, trace, ("entropy", "distance", "self", "duplicate", "induction"), 2e-4)

"""Where a head attends as it does here: edges whose query and key are alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support import models
from transformers import GPTJConfig, GPTJModel

from attention_widget import capture
from attention_widget.corpus import Index
from attention_widget.errors import AttentionWidgetError
from attention_widget.tracing.tracer import Tracer

REPEATED = (
    "apple river clock seven garden paper music stone window horse "
    "apple river clock seven garden paper music stone window horse"
)
PROSE = (
    "The capital of France is Paris and the capital of Italy is Rome.",
    "A dictionary maps keys to values, and each key of a dictionary may occur once.",
    "Trains leave at noon, and the last of them arrives when all the lamps are lit.",
    "She wrote a long letter to her sister about the summer that they spent at sea.",
)
HERE = "bread lamp queen bottle seven forest bread lamp queen bottle seven forest"


@pytest.mark.slow
def test_likes_of_an_induction_head_are_induction_pairs(
    smollm: tuple[Any, Any], tmp_path: Path
) -> None:
    model, tokenizer = smollm
    index = Index(tmp_path / "index", of=("edges", 18, 6))
    index.add(model, [*PROSE, REPEATED], tokenizer)
    trace = capture(model, HERE, tokenizer=tokenizer)
    found = index.like(trace, 8, n=8)  # the second "queen", at what followed the first

    def is_induction(query: int, key: int, ids: tuple[int, ...]) -> bool:
        return ids[key - 1] == ids[query]

    held = index._read()
    pairs = []
    for text in held.each_text():
        rows = held.rows[held.texts["vector"][text.number] :][: len(text.ids)]
        pairs += [
            is_induction(int(row["query"]), int(row["key"]), text.ids)
            for row in rows[: np.count_nonzero(rows["query"][1:] > rows["query"][:-1]) + 1]
        ]
    by_chance = np.mean(pairs)
    hits = np.mean([is_induction(m.query, m.key or 0, m.token_ids) for m in found])
    assert hits >= 0.75 > 2 * by_chance
    assert is_induction(found[0].query, found[0].key or 0, found[0].token_ids)
    assert all(match.weight is not None and match.weight >= 0.4 for match in found)


@pytest.mark.slow
def test_the_score_is_the_formula_on_what_entered_the_product(
    smollm: tuple[Any, Any], tmp_path: Path
) -> None:
    model, tokenizer = smollm
    index = Index(tmp_path / "index", of=("edges", 18, 6)).add(model, [REPEATED], tokenizer)
    trace = capture(model, HERE, tokenizer=tokenizer)
    other = capture(model, REPEATED, tokenizer=tokenizer)
    frequencies = trace.positions[0].frequencies
    assert frequencies is not None

    def back(vector: Any, position: int) -> Any:
        """By LLaMA's own formula: dimensions i and i + half are a pair."""
        half = len(vector) // 2
        turn = np.exp(-1j * position * frequencies.numpy().astype(np.float64))
        pairs = (vector[:half] + 1j * vector[half:]) * turn
        return np.concatenate([pairs.real, pairs.imag])

    def cosine(one: Any, two: Any) -> float:
        return float(one @ two / np.linalg.norm(one) / np.linalg.norm(two))

    for match in index.like(trace, 8, key=3, n=5):
        assert match.key is not None
        queries = (
            back(trace.queries(18)[6, 8], 8),
            back(other.queries(18)[6, match.query], match.query),
        )
        keys = back(trace.keys(18)[2, 3], 8), back(other.keys(18)[2, match.key], match.query)
        expected = cosine(*queries) / 2 + cosine(*keys) / 2
        assert match.score == pytest.approx(expected, abs=index.error + 1e-5)
        weight = other.attention(18, heads=6, queries=match.query)[0, 0]
        assert match.weight == pytest.approx(float(weight[match.key]), abs=1e-6)
        allowed = weight.copy()
        allowed[[0, match.query]] = 0
        assert match.key == int(allowed.argmax())


def gptj() -> Any:
    """Turns neighbouring dimensions, four of eight."""
    return GPTJModel(
        GPTJConfig(vocab_size=32, n_positions=64, n_embd=32, n_layer=3, n_head=4, rotary_dim=4)
    ).eval()


@pytest.mark.parametrize("name", ["llama", "qwen3", "gemma3", "gpt_neox", "gptj"])
def test_positions_are_taken_out(name: str, tmp_path: Path) -> None:
    """The queries of one token repeated differ by their position alone."""
    model, tokenizer = gptj() if name == "gptj" else models.tiny(name), models.tokenizer()
    index = Index(tmp_path / "index", of=("queries", 1, 1))
    index.add(model, [[5] * 9, [7, 8, 9]], tokenizer)
    assert index._content.turn is not None, index
    vectors = index._read()
    rows = vectors.content.coding.decoded(vectors.vectors[:9])
    np.testing.assert_allclose(rows, np.broadcast_to(rows[:1], rows.shape), atol=1e-3)
    raw = capture(model, [[5] * 9], tokenizer=tokenizer)[0].queries(1)[1]
    assert np.abs(raw - raw[:1]).max() > 1e-3 * np.abs(raw).max()  # they were turned


def test_models_that_turn_nothing_keep_their_vectors(tmp_path: Path) -> None:
    model, tokenizer = models.tiny("gpt2"), models.tokenizer()
    index = Index(tmp_path / "index", of=("keys", 1, 2)).add(
        model, ["a good novel idea"], tokenizer
    )
    assert index._content.turn is None
    trace = capture(model, "a good novel idea", tokenizer=tokenizer)
    own = [token.index for token in trace.tokens if not token.special]
    keys = trace.keys(1)[2][own]
    held = index._read()
    expected = keys / np.linalg.norm(keys, axis=1, keepdims=True)
    np.testing.assert_allclose(held.content.coding.decoded(held.vectors), expected, atol=1e-3)


def test_the_weight_of_an_edge_must_be_enough(tmp_path: Path) -> None:
    model, tokenizer = models.tiny("gpt2"), models.tokenizer()
    index = Index(tmp_path / "index", of=("edges", 1, 2)).add(model, [models.TEXT], tokenizer)
    trace = capture(model, models.TEXT, tokenizer=tokenizer)
    all_of_them = index.like(trace, 5, n=100, min_weight=0)
    weights = sorted(match.weight or 0 for match in all_of_them)
    assert len(all_of_them) == index.n_vectors
    middle = weights[len(weights) // 2]
    found = index.like(trace, 5, n=100, min_weight=middle)
    assert sorted(match.weight or 0 for match in found) == [w for w in weights if w >= middle]
    own = next(match for match in all_of_them if match.query == 5)
    assert index.like(trace, 5, n=1)[0].score == pytest.approx(1, abs=index.error + 1e-6)
    assert "at least" in index.like(trace, 5).asked
    assert own.key is not None
    assert own.key not in (0, 5)


def test_what_has_no_edge_is_said(minilm: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = minilm
    index = Index(tmp_path / "index", of=("edges", 2, 3)).add(model, ["A good novel."], tokenizer)
    trace = capture(model, "A novel", tokenizer=tokenizer)
    with pytest.raises(AttentionWidgetError, match="attends to no other token of the text but"):
        index.like(trace, 0)
    with pytest.raises(AttentionWidgetError, match=r"searched by like\(trace, query\)"):
        index.nearest(trace, 1)
    with pytest.raises(AttentionWidgetError, match="key must be in 0–3, got 9"):
        index.like(trace, 1, key=9)


def test_the_model_is_left_as_it_was(tmp_path: Path) -> None:
    model, tokenizer = models.tiny("llama"), models.tokenizer()
    model.train()
    before = {name: each.detach().clone() for name, each in model.state_dict().items()}
    Index(tmp_path / "index", of=("edges", 1, 1)).add(model, ["a good novel idea"], tokenizer)
    assert model.training
    assert all(torch.equal(each, before[name]) for name, each in model.state_dict().items())
    assert not any(len(module._forward_hooks) for module in model.modules())
    assert Tracer(model, tokenizer).model is model

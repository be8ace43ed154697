"""The approximate index says how much it finds, and that is what it finds."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from support import models

from attention_widget import capture
from attention_widget.corpus import Index
from attention_widget.errors import AttentionWidgetError

faiss = pytest.importorskip("faiss")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    rng = np.random.default_rng(3)
    texts = [rng.integers(5, 20, 40).tolist() for _ in range(60)]
    path = tmp_path_factory.mktemp("large") / "index"
    return Index(path, of=("hidden", 2)).add(models.tiny("gpt2"), texts, models.tokenizer())


def test_its_recall_is_what_it_says(index: Index) -> None:
    recall = index.speed_up(recall=0.9)
    assert 0.9 <= recall <= 1
    held = index._read()
    vectors = held.content.coding.decoded(held.vectors)
    rng = np.random.default_rng(11)
    chosen = rng.choice(len(vectors), 100, replace=False)
    hits = 0
    for row in chosen:
        exact = {(m.number, m.token) for m in index.nearest(vectors[row], n=10)}
        found = index.nearest(vectors[row], n=10, approximately=True)
        hits += len(exact & {(m.number, m.token) for m in found})
        assert f"an estimate: recall {recall:.0%}" in found.how
        scores = [m.score for m in found]
        assert scores == sorted(scores, reverse=True)
    assert hits / 1000 == pytest.approx(recall, abs=0.07)  # of other vectors


def test_what_is_added_later_is_found_too(index: Index) -> None:
    model, tokenizer = models.tiny("gpt2"), models.tokenizer()
    index.speed_up()
    later = Index(index._folder, corpus="later").add(model, ["a good novel idea"], tokenizer)
    trace = capture(model, "a good novel idea", tokenizer=tokenizer)
    own = next(token.index for token in trace.tokens if token.text == "novel")
    best = later.nearest(trace, own, n=1, approximately=True)[0]
    assert (best.corpus, best.token) == ("later", own)


@pytest.mark.parametrize("change", [{"n_vectors": 3}, {"n_probe": "x"}])
def test_a_damaged_one_is_refused(index: Index, change: dict[str, Any]) -> None:
    index.speed_up()
    place = index._folder / "approximate.json"
    place.write_text(json.dumps(json.loads(place.read_text()) | change))
    trace = capture(models.tiny("gpt2"), "a good novel idea", tokenizer=models.tokenizer())
    with pytest.raises(AttentionWidgetError, match="is damaged; make it anew"):
        index.nearest(trace, 2, approximately=True)

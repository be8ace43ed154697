"""Of an encoder-decoder the encoder reads a corpus, whichever of the two is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.models import TEXT, tiny, tokenizer
from support.seq2seq import tiny_seq2seq

from attention_widget import HeadAtlas, capture, scan
from attention_widget.corpus import Index

TEXTS = [TEXT, f"{TEXT} {TEXT}"]


@pytest.fixture(scope="module", params=["T5Model", "BartModel"])
def model(request: pytest.FixtureRequest) -> Any:
    torch.manual_seed(5)
    return tiny_seq2seq(request.param)


@pytest.fixture(scope="module")
def atlas(model: Any) -> HeadAtlas:
    return scan(model, TEXTS, tokenizer(), progress=False)


def test_an_example_opens_with_the_whole_model_and_with_its_encoder(
    model: Any, atlas: HeadAtlas
) -> None:
    example = atlas.examples(1, 0)[0]
    for given in (model, model.get_encoder()):
        trace = example.open(given, tokenizer())
        assert tuple(trace.kinds) == ("encoder",)
        weights = trace.attention(1, heads=0)[0]
        np.testing.assert_allclose(weights[example.query], example.row, atol=1e-6)


@pytest.mark.parametrize("of", [("hidden", 1), ("queries", 1, 0), ("edges", 1, 0)])
def test_an_index_is_of_the_encoder(model: Any, of: Any, tmp_path: Path) -> None:
    added = Index(tmp_path / "added", of=of).add(model, TEXTS, tokenizer())
    beside = Index(tmp_path / "scanned", of=of)
    scan(model, TEXTS, tokenizer(), index=beside, progress=False)
    encoder = model.get_encoder()
    more = Index(tmp_path / "added", corpus="more")
    assert more.add(encoder, TEXTS[:1], tokenizer()).n_texts == 3  # it is the same model
    whole = capture(model, TEXT, target=TEXT, tokenizer=tokenizer())
    for index in (added, beside):
        if of[0] == "edges":
            query = _query(whole)
            [same, *_] = [one for one in index.like(whole, query) if one.number == 0]
            assert same.query == query
            assert same.score == pytest.approx(1, abs=1e-3)
            continue
        best = index.nearest(whole, 2, n=1)[0]
        assert best.score == pytest.approx(1, abs=1e-3)
        assert whole.tokens[2].label == best.tokens[best.token]
        for given in (model, encoder):
            trace = best.open(given, tokenizer())
            assert tuple(trace.kinds) == ("encoder",)
            np.testing.assert_allclose(
                trace.hidden_states(1)[best.token],
                capture(encoder, best.text, tokenizer=tokenizer()).hidden_states(1)[best.token],
                atol=1e-6,
            )
    found = added.word(whole.tokens[1].text)[0]
    with pytest.raises(ValueError, match="that the index was built with, got"):
        found.open(tiny("bert"), tokenizer())


def _query(trace: Any) -> int:
    """One that attends to another token than the first and special ones."""
    for query, row in enumerate(trace.attention(1, "encoder", heads=0)[0]):
        if not trace.tokens[query].special and row[1:-1].max() > 0:
            return query
    raise AssertionError

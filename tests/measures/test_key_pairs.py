"""The pairs of a query and a key that detectors ask for are those of the rows."""

from __future__ import annotations

import numpy as np
import pytest

from attention_widget.measures.key_sets import key_sets
from attention_widget.trace.kind import Kind
from attention_widget.trace.token import Token


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_pairs_are_those_of_all_rows(kind: Kind) -> None:
    ids = np.random.default_rng(0).integers(0, 6, 40).tolist()
    tokens = [
        Token(at, one, str(one), text=str(one), word=at // 3, special=at in (0, 39))
        for at, one in enumerate(ids)
    ]
    sets = key_sets(tokens, kind)
    for which, (queries, keys) in zip(
        sets.of_rows(np.arange(len(tokens))), sets.pairs(), strict=True
    ):
        assert len(queries) == which.sum() > 0
        assert which[queries, keys].all()
        assert len(set(zip(queries.tolist(), keys.tolist(), strict=True))) == len(queries)

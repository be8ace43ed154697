"""The quickstart runs from top to bottom, wherever its kernel is started."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from executed_notebooks import EXAMPLES, executed
from support.notebooks import outputs, printed

from attention_widget import capture

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def quickstart() -> Any:
    return executed(EXAMPLES / "quickstart.ipynb")


def test_the_quickstart_shows_its_widgets(quickstart: Any) -> None:
    assert not [output for output in outputs(quickstart) if output.output_type == "error"]
    shown = [output.data for output in outputs(quickstart) if "data" in output]
    views = [data for data in shown if "AttentionWidget" in data["text/plain"]]
    assert len(views) == 3
    for data in views:  # nbclient has nobody to show a live widget to
        assert sorted(data) == ["text/html", "text/plain"]
        assert data["text/html"].startswith("<iframe srcdoc=")


def test_what_the_quickstart_prints_is_true(quickstart: Any, minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    said = printed(quickstart)

    # How alike the two novels are, layer by layer.
    traces = [
        capture(model, text, tokenizer=tokenizer)
        for text in ("I read a good novel.", "Attention is a novel idea")
    ]
    places = [[token.text for token in trace.tokens].index("novel") for trace in traces]
    cosines = re.findall(r"(?:token embeddings|after layer \d): (-?\d\.\d{3})", said)
    assert len(cosines) == 7
    for layer, cosine in enumerate(cosines):
        a, b = (
            trace.hidden_states(layer)[place].astype(np.float64)
            for trace, place in zip(traces, places, strict=True)
        )
        exact = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
        assert float(cosine) == pytest.approx(exact, abs=0.6e-3)
    assert min(map(float, cosines)) < float(cosines[0]) - 0.05  # the contexts tell

    # Rows of the attention.
    count = len(traces[0].tokens)
    assert f"(head, query, key): (12, {count}, {count})" in said
    sums = re.search(r"rows sum to (\S+) … (\S+)", said)
    assert sums is not None
    assert [float(end) for end in sums.groups()] == pytest.approx([1, 1], abs=2e-6)

    # The neighbours of purple.
    table = said.partition("nearest to purple\n")[2]
    nearest = [line.split(maxsplit=1) for line in table.splitlines()]
    scores = [float(score) for score, *_ in nearest]
    assert len(scores) >= 5
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1
    assert nearest[0][1] == "purple"
    assert all(0 < score < 1 for score in scores[1:])

"""Padding has no part in what is said of heads: a padded row tells what its text alone tells."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from attention_widget import Trace, capture, measures
from attention_widget.demo import demo_model
from attention_widget.measures.edges import strongest_edges
from attention_widget.measures.heatmaps import map_margins
from attention_widget.measures.own_tokens import own_queries
from attention_widget.protocol.catalogue import compute

TEXT = "The river flooded the old city because the river rose above the old city walls."
LONGER = f"{TEXT} {TEXT} That was long ago."


@pytest.fixture(scope="module", params=["encoder", "decoder"])
def both(request: Any, smollm: tuple[Any, Any]) -> tuple[Trace, Trace]:
    """A row padded on the right by MiniLM, or on the left by SmolLM2, and its text alone."""
    if request.param == "encoder":
        return capture(demo_model(), [TEXT, LONGER])[0], capture(demo_model(), TEXT)
    model, tokenizer = smollm
    padding = copy.deepcopy(tokenizer)
    padding.padding_side = "left"
    row = capture(model, [TEXT, LONGER], tokenizer=padding)[0]
    return row, capture(model, TEXT, tokenizer=tokenizer)


def shift(row: Trace) -> int:
    return own_queries(row, 0)[0]


def test_the_table_of_heads_is_that_of_the_text_alone(both: tuple[Trace, Trace]) -> None:
    row, alone = both
    assert len(row.tokens) > len(alone.tokens)
    found, expected = measures.head_table(row), measures.head_table(alone)
    assert found["label"].tolist() == expected["label"].tolist()
    for name in measures.HEAD_SUMMARIES:
        np.testing.assert_allclose(found[name], expected[name], atol=2e-3, err_msg=name)


def test_suggestions_are_those_of_the_text_alone(both: tuple[Trace, Trace]) -> None:
    row, alone = both
    at = shift(row)
    found = [(s.layer, s.head, s.query - at, s.key - at) for s in measures.suggest_heads(row, 4)]
    assert found == [(s.layer, s.head, s.query, s.key) for s in measures.suggest_heads(alone, 4)]


def test_pictures_and_means_are_those_of_the_text_alone(both: tuple[Trace, Trace]) -> None:
    row, alone = both
    at, n = shift(row), len(alone.tokens)
    pictures, expected = measures.thumbnails(row, 3), measures.thumbnails(alone, 3)
    assert pictures.shape == expected.shape
    assert np.abs(pictures.astype(int) - expected).max() <= 1
    received = measures.attention_received(row, 3)
    np.testing.assert_allclose(
        received[:, at : at + n], measures.attention_received(alone, 3), atol=1e-4
    )
    assert received.sum(1) == pytest.approx(1, abs=1e-4)
    margins = map_margins(row, 3, [0], "mean")[len(row.tokens) :]
    np.testing.assert_allclose(
        margins[at : at + n], map_margins(alone, 3, [0], "mean")[n:], atol=1e-3
    )


def test_padding_draws_no_lines(both: tuple[Trace, Trace]) -> None:
    row, alone = both
    edges = strongest_edges(row, 3, [0], top_p=0.9)
    assert {row.tokens[int(query)].padding for query in edges.lines[:, 1]} == {False}
    assert edges.attention == pytest.approx(strongest_edges(alone, 3, [0]).attention, abs=1e-3)


def test_an_answer_is_predicted_at_the_last_token_of_its_own(both: tuple[Trace, Trace]) -> None:
    row, alone = both
    at = shift(row)
    assert [query - at for query in measures.answer_queries(row)] == measures.answer_queries(alone)


def test_what_the_browser_gets_leaves_padding_out(both: tuple[Trace, Trace]) -> None:
    row, alone = both
    kind = row.kinds[0]
    summaries, expected = (compute(each, f"summaries/{kind}/2") for each in both)
    np.testing.assert_allclose(summaries, expected, atol=2e-3)
    assert "padding" in row.describe()
    assert "padding" not in alone.describe()

"""A trace described in words says what is true of it, in as much room as it is given."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from support import traces
from support.hostile import hostile_trace, invisible

from attention_widget import Trace, capture, from_arrays, from_attentions, measures
from attention_widget.errors import InvalidValueError

LINES = re.compile(r"^- (?:(\w+) )?(\d+)\.(\d+)(?: \((\w+)\))?: (.*)$")
EDGE = re.compile(r'(\d+) (".*?") → (\d+) (".*?") (\d\.\d{3})')


@pytest.fixture(scope="module")
def novel(minilm: tuple[Any, Any]) -> Trace:
    model, tokenizer = minilm
    return capture(model, "Attention is a novel idea", tokenizer=tokenizer)


def edges_of(text: str) -> list[tuple[int, int, int, int, float]]:
    """Layer, head, query, key and weight of each edge that is told."""
    found = []
    for line in text.splitlines():
        if head := LINES.match(line):
            for query, _, key, _, weight in EDGE.findall(head[5]):
                found.append((int(head[2]), int(head[3]), int(query), int(key), float(weight)))
    return found


def test_every_edge_is_a_weight_of_the_trace(novel: Trace) -> None:
    edges = edges_of(novel.describe())
    assert len(edges) == 3 * len(measures.suggest_heads(novel))
    for layer, head, query, key, weight in edges:
        assert weight == pytest.approx(novel.attention(layer)[head, query, key], abs=0.51e-3)
        assert not novel.tokens[query].special
        assert not novel.tokens[key].special


def test_the_others_are_the_strongest_of_their_head(novel: Trace) -> None:
    for one, line in zip(measures.suggest_heads(novel), _suggested(novel), strict=True):
        told = [float(weight) for *_, weight in EDGE.findall(line)]
        maps = novel.attention(one.layer)[one.head, 1:-1, 1:-1].copy()
        maps[one.query - 1, one.key - 1] = 0
        assert told[0] == pytest.approx(one.weight, abs=0.51e-3)
        assert told[1:] == pytest.approx(np.sort(maps, axis=None)[-2:][::-1], abs=0.51e-3)


def _suggested(trace: Trace) -> list[str]:
    return [line for line in trace.describe().splitlines() if EDGE.search(line)]


def test_labels_are_those_of_the_table(novel: Trace) -> None:
    table = measures.head_table(novel)
    said = novel.describe()
    named = dict(re.findall(r"^- (\w+), from [\d.]+ on: (.*)$", said, re.MULTILINE))
    assert named.keys() == set(table["label"].tolist()) - {""}
    for name, heads in named.items():
        of_it = table["label"] == name
        more = re.search(r"and (\d+) more", heads)
        told = re.findall(r"(\d+)\.(\d+) \((\d\.\d\d)\)", heads)
        assert len(told) + int(more[1] if more else 0) == of_it.sum()
        for layer, head, score in told:
            row = (table["layer"] == int(layer)) & (table["head"] == int(head))
            assert of_it[row].all()
            assert float(score) == pytest.approx(table[name][row].item(), abs=0.51e-2)
    assert f"({(table['label'] != '').sum()} of 72 are called something)" in said


@pytest.mark.parametrize("most", [500, 700, 1500])
def test_it_is_as_long_as_it_may_be(novel: Trace, most: int) -> None:
    said = novel.describe(most)
    whole = novel.describe()
    assert len(said) <= most < len(whole)
    kept = said.splitlines()[:-1]
    left = re.fullmatch(r"\((\d+) more lines; .*\)", said.splitlines()[-1])
    assert left is not None
    assert len(kept) + int(left[1]) == len(whole.splitlines())


def test_a_long_text_says_that_labels_are_of_some_queries() -> None:
    labels = ["[CLS]", *(f"w{at % 7}" for at in range(600)), "[SEP]"]
    said = traces.trace((2,), labels).describe()
    assert "from 256 queries evenly spaced" in said
    assert len(said) <= 4000
    assert '..., 601 "[SEP]"*' in said


def test_it_says_what_is_exact_and_what_the_pass_was() -> None:
    given = from_attentions([[[[1, 0], [0.5, 0.5]]]], ["a", "novel"]).describe()
    assert "Exact as given: finished attention maps" in given
    assert "queries and keys that the model used" not in given
    rows = np.eye(2)
    arrays = from_arrays(rows, rows, rows, tokens=["a", "novel"]).describe()
    assert arrays.startswith('Arrays that were given, "arrays"; encoder: 1 layer × 1 head.')
    assert "from the queries and keys that were given." in arrays
    assert "What heads do: none of 1 is called anything." in arrays
    assert "model" not in arrays.replace("does not mean that a token matters", "")
    both = traces.encoder_decoder().describe()
    assert "encoder: " in both
    assert "cross: " in both
    assert "tokens of the target" in both
    assert "- cross 0." in both or "- cross 1." in both
    windows = traces.windowed().describe()
    assert re.search(r"Read in \d+ windows", windows)
    edited = replace(traces.trace(), edits=("Head 3 of layer 0 is off",)).describe()
    assert 'The pass was edited: "Head 3 of layer 0 is off".' in edited
    assert "averaged over queries" in traces.trace().words().describe()


def test_what_a_model_wrote_stays_in_its_line() -> None:
    said = hostile_trace().describe(10**6)
    ours = "One forward|Arrays that|Layers, |Text: |Exact: |Not exact: |\\d+ tokens: |"
    ours += "What heads do|Heads worth"
    for line in said.splitlines():  # also those that a terminal or an editor begins anew
        assert re.match(rf"(?:{ours}|- )", line), line
    assert len(edges_of(said)) > 3
    assert invisible(said) <= {"\u200c", "\u200d"}  # joiners, which scripts and emoji need
    said.encode()  # no lone surrogate


@pytest.mark.parametrize("wrong", [499, -1, "many", None, 600.5])
def test_a_length_that_is_none_is_refused(novel: Trace, wrong: Any) -> None:
    with pytest.raises(InvalidValueError, match="max_characters must be a number of at least 500"):
        novel.describe(wrong)

"""What a head is called: the rule of labels, and the one table of their thresholds."""

from __future__ import annotations

import re

import numpy as np
import pytest
from support.repository import ROOT
from support.traces import encoder_decoder, trace

from attention_widget.measures import (
    DETECTORS,
    HEAD_SUMMARIES,
    LABELS,
    head_labels,
    head_table,
)
from attention_widget.measures.detectors import FEWEST_QUERIES


def label(**scores: float) -> str:
    columns = {name: np.array([scores.get(name, np.nan)]) for name in HEAD_SUMMARIES}
    return str(head_labels(columns, FEWEST_QUERIES)[0])


@pytest.mark.parametrize("name", LABELS)
def test_a_head_is_called_from_its_threshold_on(name: str) -> None:
    threshold = DETECTORS[name].threshold
    assert threshold is not None
    assert label(**{name: threshold}) == name
    assert label(**{name: threshold - 0.01}) == ""


def test_the_highest_pattern_goes_before_all_and_of_shares_the_narrower_one() -> None:
    assert label(previous=0.6, induction=0.7, first=0.9) == "induction"
    assert label(previous=0.7, induction=0.6, special=1) == "previous"
    assert label(previous=0.6, duplicate=0.6) == "previous"
    assert label(first=0.85, special=0.95) == "first"
    assert label(delimiter=0.9, special=0.95) == "delimiter"
    assert label(sink=0.9, first=0.9) == "sink"
    assert label(entropy=9, distance=9, distance_variance=9) == ""


def test_of_a_short_text_nothing_is_said() -> None:
    columns = {"previous": np.array([1.0, 0.2])}
    assert head_labels(columns, FEWEST_QUERIES).tolist() == ["previous", ""]
    assert head_labels(columns, FEWEST_QUERIES - 1).tolist() == ["", ""]
    assert head_labels({}, 9).tolist() == []
    assert set(head_table(trace())["label"]) == {""}  # of six tokens


def test_cross_attention_is_not_called_anything() -> None:
    table = head_table(encoder_decoder())
    assert set(table["label"][table["kind"] == "cross"]) == {""}


def test_the_table_of_detectors_is_documented_whole() -> None:
    text = (ROOT / "docs" / "measures.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \| (.+) \|$", text, re.M)
    documented = {name: (definition, paper, at) for name, definition, paper, at in rows}
    for name, one in DETECTORS.items():
        named, address = re.fullmatch(r"(.+) \((.+)\)", one.paper).groups()  # type: ignore[union-attr]
        threshold = "" if one.threshold is None else f"{one.threshold:g}"
        assert documented[name] == (
            f"`{one.definition}`",
            f"[{named}]({address})",
            threshold or "–",
        )

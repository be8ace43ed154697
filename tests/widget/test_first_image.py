"""What a widget of an image shows first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from support.traces import picture, trace

from attention_widget import AttentionWidget, Trace
from attention_widget.trace.block import Maps


def test_an_image_alone_opens_on_itself_and_the_grid() -> None:
    made = AttentionWidget.from_trace(picture())
    assert made.views == ("text", "grid")
    assert (made.measure, made.token) == ("attention_from", 0)
    assert len(made.heads) == 1


def test_a_text_opens_as_ever() -> None:
    made = AttentionWidget.from_trace(trace(heads=(2,), labels=["a", "b"]))
    assert made.views == ("lines", "grid", "text")


def test_a_text_beside_an_image_is_no_image_alone() -> None:
    seen = picture()
    word = replace(seen.tokens[0], special=False, text="caption", label="caption")
    made = AttentionWidget.from_trace(replace(seen, tokens=(word, *seen.tokens[1:])))
    assert made.views == ("lines", "grid", "text")


@pytest.mark.parametrize(
    "named",
    [{"heads": 0}, {"layer": 0}, {"token": 3}, {"pinned": 2}, {"combine": "mean"}],
    ids=lambda named: next(iter(named)),
)
def test_who_names_a_selection_gets_it_alone(named: dict[str, Any]) -> None:
    made = AttentionWidget.from_trace(picture(), **named)
    assert made.measure == "norm"
    assert made.views == ("text", "grid")


def test_views_and_measure_that_are_named_stay() -> None:
    made = AttentionWidget.from_trace(picture(), views="lines", measure="attention_received")
    assert (made.views, made.measure, made.token) == (("lines",), "attention_received", 0)


def seeing(heads: list[dict[int, int]], cls: bool = True) -> Trace:
    """An image, whose heads are uniform but for queries that look at one key alone."""
    seen = picture()
    tokens = seen.tokens if cls else seen.tokens[1:]
    tokens = tuple(replace(one, index=at) for at, one in enumerate(tokens))
    weights = torch.full((len(heads), len(tokens), len(tokens)), 1 / len(tokens))
    for head, rows in enumerate(heads):
        for query, key in rows.items():
            weights[head, query] = torch.eye(len(tokens))[key]
    return Trace(tokens, (), (), (), "tiny", maps=(Maps(0, "encoder", weights),), image=seen.image)


def test_a_patch_that_takes_from_all_counts_for_nothing() -> None:
    n = len(picture().tokens)
    everyone = dict.fromkeys(range(n), 3)
    of_cls = {0: 4}
    made = AttentionWidget.from_trace(seeing([everyone, of_cls, {}]))
    assert (made.heads, made.token) == ((1,), 0)


def test_without_cls_the_patch_in_the_middle_looks() -> None:
    seen = seeing([{}, {1: 5}], cls=False)
    made = AttentionWidget.from_trace(seen)
    assert made.token == 1  # of 3 × 2 patches the first that is nearest to the middle
    assert made.heads == (1,)

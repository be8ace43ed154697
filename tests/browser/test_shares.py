"""Shares and sums on the screen are those of the attention that Python computes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Page
from support.traces import as_maps, trace

from attention_widget.measures.edges import MOST_EDGES, nucleus
from attention_widget.trace.block import Maps
from attention_widget.trace.trace import Trace
from browser.page_host import PageHost
from browser.reading import lines

pytestmark = pytest.mark.browser

HEADS = 5
LABELS = ["[CLS]", "un", "##believ", "##able", "idea", "is", "here", "[SEP]"]


def plain() -> Trace:
    return trace(heads=(HEADS,), labels=LABELS, seed=3)


def with_sinks() -> Trace:
    made = plain()
    sinks = torch.tensor([0.5, 1.0, -1.0, 3.0, 0.0])
    return replace(made, blocks=(replace(made.blocks[0], sinks=sinks),))


def with_nan() -> Trace:
    """A query of which nothing is known in any head, and one in a single head."""
    made = plain()
    query = made.blocks[0].query.clone()
    query[:, 5] = torch.nan
    query[2, 3] = torch.nan
    return replace(made, blocks=(replace(made.blocks[0], query=query),))


def sharp() -> Trace:
    """Each head looks elsewhere: their maximum holds several times what a row has."""
    made = plain()
    block = made.blocks[0]
    return replace(made, blocks=(replace(block, query=4 * block.query),))


TRACES = {"plain": plain, "sinks": with_sinks, "nan": with_nan, "sharp": sharp}


def drawn_maps(made: Trace, combine: str, words: bool, special: str) -> NDArray[np.float64]:
    """(slot, query, key), by the methods of the trace."""
    if special != "show":
        made = made.without_special(renormalise=special == "renormalise")
    if words:
        made = made.words()
    maps: NDArray[np.float64] = made.attention(0).astype(np.float64)
    if combine == "mean":
        maps = np.mean(maps, 0, keepdims=True)
    if combine == "maximum":
        maps = np.max(maps, 0, keepdims=True)
    return maps


def note(page: Page) -> str:
    return lines(page).locator(".aw-note").text_content() or ""


@pytest.mark.parametrize("kind", TRACES)
def test_the_share_of_the_lines_is_that_of_the_attention(
    open_trace: Callable[..., PageHost], kind: str
) -> None:
    made = TRACES[kind]()
    host = open_trace(made, views=("lines",), heads=range(HEADS))
    for combine, words, special, top_p in itertools.product(
        ("overlay", "columns", "mean", "maximum"),
        (False, True),
        ("show", "hide", "renormalise"),
        (0.3, 0.95, 1.0),
    ):
        host.select(combine=combine, words=words, special_tokens=special, top_p=top_p)
        maps = drawn_maps(made, combine, words, special)
        sums = np.nansum(maps, -1)
        worthy = nucleus(maps.astype(np.float32), top_p)
        share = 100 * np.nansum(maps[worthy]) / np.maximum(sums, 1)[sums > 0].sum()
        said = note(host.page)
        assert said.startswith(f"{worthy.sum()} lines")
        if combine == "maximum":
            assert said == f"{worthy.sum()} lines (maximum of heads 0–{HEADS - 1})"
            continue
        found = re.search(r": ([\d.]+) % of the attention \(", said)
        assert found, said
        assert share <= 100 + 1e-4
        assert float(found[1]) <= 100
        assert float(found[1]) == pytest.approx(share, abs=0.0501), (words, special, top_p)


@pytest.mark.parametrize("kind", TRACES)
def test_what_a_key_receives_is_no_more_than_there_is(
    open_trace: Callable[..., PageHost], kind: str
) -> None:
    made = TRACES[kind]()
    host = open_trace(made, views=("lines",), heads=range(HEADS))
    for combine, words, special in itertools.product(
        ("overlay", "mean", "maximum"), (False, True), ("show", "hide", "renormalise")
    ):
        host.select(combine=combine, words=words, special_tokens=special, token=None, key_token=4)
        maps = drawn_maps(made, combine, words, special)
        row = {(False, "show"): 4, (True, "show"): 2}.get((words, special), 1 if words else 3)
        given = maps[:, :, row].mean(0)
        known = ~np.isnan(given)
        said = note(host.page)
        total = re.search(r"(?:receives|add up to) (\d+\.\d{3})", said)
        queries = re.search(r"from (\d+) quer", said)
        assert total, said
        assert queries, said
        assert float(total[1]) == pytest.approx(given[known].sum(), abs=0.00051)
        assert int(queries[1]) == known.sum() >= float(total[1])


@pytest.mark.parametrize("combine", ["overlay", "mean", "maximum"])
def test_of_a_layer_that_python_draws_the_share_is_the_same(
    open_trace: Callable[..., PageHost], combine: str
) -> None:
    made = trace(heads=(4,), labels=["[CLS]", *["a"] * 700], seed=2)
    query = made.blocks[0].query.clone()
    query[:, 50:300] = torch.nan
    made = replace(made, blocks=(replace(made.blocks[0], query=query),))
    host = open_trace(made, views=("lines",), combine=combine, heads=range(4), top_p=0.6)
    assert any(key.startswith("edges") for key in host.asked)
    maps = drawn_maps(made, combine, False, "show")
    worthy = nucleus(maps.astype(np.float32), 0.6)
    kept = np.sort(maps[worthy])[::-1][:MOST_EDGES]
    rows = (np.nansum(maps, -1) > 0).sum()
    said = note(host.page)
    if combine == "maximum":
        assert "%" not in said
        return
    found = re.search(r": ([\d.]+) % of the attention", said)
    assert found, said
    assert float(found[1]) == pytest.approx(100 * kept.sum() / rows, abs=0.0501)


def test_maps_of_less_precision_are_never_more_than_all(
    open_trace: Callable[..., PageHost],
) -> None:
    made = as_maps(plain())
    [maps] = made.maps
    assert isinstance(maps, Maps)
    rounded = replace(maps, probabilities=(1.004 * maps.probabilities).half().float())
    made = replace(made, maps=(rounded,))
    host = open_trace(made, views=("lines",), heads=range(HEADS), top_p=1.0)
    assert "lines: 100 % of the attention" in note(host.page)

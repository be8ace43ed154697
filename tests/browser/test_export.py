"""A saved page in Chromium: from disk, with the network refused, without a kernel."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import expect
from support.traces import encoder_decoder, picture, trace, windowed

from attention_widget import AttentionWidget
from attention_widget.export import gather
from attention_widget.protocol.option_values import VIEWS
from attention_widget.trace.trace import Trace
from browser.export_pages import Opened, settle
from browser.picking import choose_layer
from browser.reading import (
    is_within,
    key_weights,
    neuron_row,
    number,
    query_row,
    scores,
    softmax,
)

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("assets", ["inline", "beside"])
@pytest.mark.parametrize(
    "made",
    [trace, encoder_decoder, windowed, picture],
    ids=["plain", "encoder_decoder", "windows", "picture"],
)
def test_every_view_is_drawn(made: Callable[[], Trace], assets: str, save: Opened) -> None:
    page = save(made(), options={"assets": assets}, views=VIEWS)
    regions = page.get_by_role("region").count()
    assert regions >= len(VIEWS)
    for name in VIEWS:
        box = page.locator(f".aw-view-{name}").bounding_box()
        assert box is not None
        assert box["height"] > 50


def test_the_numbers_are_the_trace_s(save: Opened, minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    widget = AttentionWidget(
        model, "Attention is a novel idea.", tokenizer=tokenizer, views=VIEWS, layer=3, heads=5
    )
    page = save(widget)
    for layer in (3, 1):
        choose_layer(page, layer)
        query_row(page, 4).hover()
        settle(page)
        weights = widget.trace.attention(layer)[5, 4]
        for key, weight in key_weights(page).items():
            assert len(weight.removeprefix("<")) == len("0.000"), weight
            assert is_within(weight, weights[key], 1e-3), (weight, weights[key])
        for key, weight in softmax(page).items():
            assert is_within(weight, weights[key], 0), (weight, weights[key])
        exact = widget.trace.block(layer).scores([5], [4])[0, 0]
        ours = [number(score) for _, score in sorted(scores(page).items())]
        np.testing.assert_allclose(ours, exact, atol=1e-3)


SMALL = [0.00267, 0.0012, 0.0014, 0.00213]


@pytest.mark.parametrize("number_format", ["standard", "full"])
@pytest.mark.parametrize("precision", ["standard", "high"])
def test_no_digit_is_printed_that_the_page_has_not(
    precision: str, number_format: str, save: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four words with small weights that differ, beside logits that differ."""
    monkeypatch.setattr(gather, "EXACT_WEIGHTS", 0)  # as a larger page
    n = 12
    weights = np.full((n, n), 0.02)
    weights[:, 2:6] = SMALL
    weights[:, 9] += 1 - weights.sum(1)
    made = trace(heads=(1,), labels=["[CLS]", *(f"w{i}" for i in range(n - 2)), "[SEP]"])
    logits = torch.from_numpy(np.log(weights).astype(np.float32))[None]
    block = replace(made.blocks[0], query=logits, key=torch.eye(n)[None], scale=1.0)
    made = replace(made, blocks=(block,))
    exact = made.attention(0)[0, 4]
    np.testing.assert_allclose(exact[2:6], SMALL, rtol=1e-4)

    options: dict[str, Any] = {"views": VIEWS, "token": 4, "number_format": number_format}
    page = save(made, options={"precision": precision}, **options)
    error = 1e-3 if precision == "standard" else 0
    shown = key_weights(page)
    for key, weight in shown.items():
        assert is_within(weight, exact[key], error), (weight, exact[key])
    three_decimals = error > 0 or number_format == "standard"
    assert (max(map(len, shown.values())) == len("0.003")) == three_decimals, shown
    printed = softmax(page)  # from the scores, which are more exact than the weights
    small = [printed[key] for key in range(2, 6)]
    if number_format == "standard":
        assert small == ["0.003", "0.001", "0.001", "0.002"]
    else:
        np.testing.assert_allclose([*map(number, small)], SMALL, rtol=1e-2)
    seen = {}
    for key in range(2, 6):
        neuron_row(page, key).hover()
        lines = page.locator(".aw-tooltip:visible").inner_text().splitlines()
        found = {name.strip(): value for name, _, value in (line.rpartition("=") for line in lines)}
        seen[key] = {name: value.strip() for name, value in found.items()}
    for key, numbers in seen.items():
        assert is_within(numbers["softmax"], exact[key], 0), (numbers, exact[key])
        score = float(logits[0, 4, key])
        assert is_within(numbers["q · k · scale"], score, 0 if error else 1e-6), (numbers, score)


PRINTED = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.querySelector("#aw-page"), 4);
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    if (data.trim() && parentElement.checkVisibility()) found.push(data);
  }
  return found;
}"""

NUMBER = re.compile(r"<?[−-]?(?<![\w.])\d+\.\d+(?:e[+−-]?\d+)?")

SETTINGS = [
    "",
    "words=true&measure=attention_from",
    "special_tokens=renormalise&words=true&heads=5&measure=norm",
    "special_tokens=renormalise&normalise_rows=true&heads=1,5,7&measure=norm",
    "special_tokens=hide&log_colour=true&combine=maximum&heads=1,5,7&measure=previous_cosine",
    "special_tokens=hide&words=true&combine=mean&measure=attention_received",
    "token=&key_token=3&measure=pinned_cosine&pinned=2,4",
]


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_is_printed_is_what_the_numbers_are(
    setting: str, disk: Opened, tmp_path: Path, minilm: tuple[Any, Any]
) -> None:
    """Every text of every view, beside that of a page that keeps every number."""
    model, tokenizer = minilm
    text = "Unbelievably, porphyrogenitus is a novel idea."
    widget = AttentionWidget(
        model, text, tokenizer=tokenizer, views=VIEWS, layer=3, heads=5, token=4
    )
    printed = {}
    for precision in ("standard", "high"):
        path = tmp_path / f"{precision}.html"
        widget.export_html(path, precision=precision)
        page = disk(path, f"#{setting}")
        page.wait_for_function("() => document.querySelector('.aw-live').textContent")
        settle(page)
        expect(page.locator(".aw-view-grid .aw-note")).not_to_contain_text("Loading")
        printed[precision] = page.evaluate(PRINTED)
    assert len(printed["standard"]) == len(printed["high"])
    compared = 0
    for ours, exact in zip(printed["standard"], printed["high"], strict=True):
        if NUMBER.sub("#", ours) != NUMBER.sub("#", exact):
            assert " %" in ours, (ours, exact)  # of the lines that are drawn
            continue
        for one, other in zip(NUMBER.findall(ours), NUMBER.findall(exact), strict=True):
            compared += 1
            assert len(one.removeprefix("<")) <= len(other), (ours, exact)
            low = 0 if other.startswith("<") else number(other)
            half = 0.5 * 10.0 ** -len(other.partition(".")[2].partition("e")[0])
            near = 1e-3 + (0 if "e" in other else half) + 2e-6 * abs(low)
            assert is_within(one, low, near), (ours, exact)
    assert compared > 40

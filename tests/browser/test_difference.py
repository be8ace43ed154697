"""The difference that edits make: what every view draws is after minus before, with its sign."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from attention_widget import AttentionWidget, Experiment
from attention_widget.experiments import HeadOff
from attention_widget.measures import head_summaries
from attention_widget.trace.block import Array
from browser import matrix_reading, reading
from browser.page_host import PageHost

pytestmark = pytest.mark.browser

Show = Callable[..., PageHost]

TEXT = "Attention is a novel idea"
EDIT = HeadOff(1, 3)
LAYER, HEAD, TOKEN = 3, 5, 2


@pytest.fixture(scope="module")
def lab(minilm: tuple[Any, Any]) -> Experiment:
    return Experiment(minilm[0], TEXT, tokenizer=minilm[1])


@pytest.fixture(scope="module")
def passes(lab: Experiment) -> tuple[Array, Array]:
    """Before and after, of the layer (head, query, key)."""
    return lab.trace.attention(LAYER), lab.trace_of(EDIT).attention(LAYER)


@pytest.fixture
def open_(show: Show, minilm: tuple[Any, Any]) -> Callable[..., PageHost]:
    def opened(**options: Any) -> PageHost:
        shown = {"layer": LAYER, "heads": HEAD, "edits": EDIT, "shown_pass": "difference"}
        widget = AttentionWidget(minilm[0], TEXT, tokenizer=minilm[1], **{**shown, **options})
        host = show(widget)
        host.settle()
        return host

    return opened


def as_change(change: float) -> str:
    """A difference as every view writes it by default."""
    if change == 0:
        return "0"
    if abs(change) < 0.0005:
        return "<0.001"
    return f"{change:+.3f}".replace("-", "−")


def signs(pixels: NDArray[Any]) -> NDArray[Any]:
    """1 for orange, -1 for blue, 0 for what has hardly any colour (..., rgba)."""
    red, blue = pixels[..., 0].astype(int), pixels[..., 2].astype(int)
    return np.where(abs(red - blue) < 24, 0, np.sign(red - blue))


def note(page: Page, view: str) -> str:
    return page.locator(f".aw-view-{view} .aw-note").inner_text()


def test_lines_are_the_differences(
    open_: Callable[..., PageHost], passes: tuple[Array, Array]
) -> None:
    change = (passes[1] - passes[0])[HEAD]
    host = open_(views="lines", token=TOKEN, top_p=1.0)
    page = host.page
    for key, shown in reading.key_weights(page).items():
        assert shown == as_change(change[TOKEN, key])
    key = int(np.abs(change[TOKEN]).argmax())
    reading.key_row(page, key).hover()
    before, after = (one[HEAD, TOKEN, key] for one in passes)
    said = f"before {before:.3f}, after {after:.3f}: {as_change(change[TOKEN, key])}"
    expect(reading.tooltip(reading.lines(page))).to_contain_text(said)
    reading.leave(page)
    host.select(token=None)
    assert note(page, "lines").startswith(
        f"After minus before: {np.count_nonzero(change)} lines: 100"
    )
    host.select(combine="mean", heads=(2, 5, 7), token=TOKEN)
    heads = [one[[2, 5, 7], TOKEN].mean(0) for one in passes]
    for key, shown in reading.key_weights(page).items():
        assert reading.agrees(shown.replace("+", ""), abs_small(heads, key))


def abs_small(heads: list[Array], key: int) -> float:
    """What a number beside a key stands for: below what is written, its size counts."""
    change = float(heads[1][key] - heads[0][key])
    return abs(change) if abs(change) < 0.0005 else change


def test_cells_of_the_matrix_are_the_differences(
    open_: Callable[..., PageHost], passes: tuple[Array, Array]
) -> None:
    change = (passes[1] - passes[0])[HEAD]
    host = open_(views="matrix")
    page = host.page
    found = signs(matrix_reading.colours(page, change.shape))
    strong = np.abs(change) > 0.004
    assert strong.sum() > 3
    np.testing.assert_array_equal(found[strong], np.sign(change[strong]))
    query, key = np.unravel_index(np.abs(change).argmax(), change.shape)
    said = matrix_reading.read(page, int(query), int(key), change.shape)
    before, after = (one[HEAD, query, key] for one in passes)
    assert f"before {before:.3f}, after {after:.3f}: {as_change(change[query, key])}" in said
    reading.leave(page)
    ends = f"from {as_change(change.min())} to {as_change(change.max())}"
    expect(page.locator(".aw-view-matrix .aw-note")).to_contain_text(ends)


def test_one_scale_ends_all_views(open_: Callable[..., PageHost], lab: Experiment) -> None:
    after = lab.trace_of(EDIT)
    largest = max(
        np.abs(after.attention(layer) - lab.trace.attention(layer)).max() for layer in range(6)
    )
    page = open_(views=("lines", "matrix", "grid", "text"), measure="attention_received").page
    ends = {
        reading.legend(page.locator(f".aw-view-{view}"))
        for view in ("lines", "matrix", "grid", "text")
    }
    ((low, high),) = ends
    assert low.replace("−", "-") == f"-{high.removeprefix('+')}"
    top = float(high)
    assert largest <= top <= 2.5 * largest


def test_pictures_of_heads_are_the_differences(
    open_: Callable[..., PageHost], passes: tuple[Array, Array], lab: Experiment
) -> None:
    host = open_(views="grid")
    page = host.page
    box = page.evaluate(
        """() => {
             const frames = [...document.querySelectorAll(".aw-grid-marks rect[stroke]")];
             const box = frames.at(-1).getBoundingClientRect();
             const canvas = document.querySelector(".aw-grid .aw-canvas").getBoundingClientRect();
             return [box.x - canvas.x, box.y - canvas.y, box.width, box.height];
           }"""
    )
    change = (passes[1] - passes[0])[HEAD]
    image = reading.pixels(page.locator(".aw-grid .aw-canvas"))
    x, y, width, height = box
    n = len(change)
    rows = (y + 1 + (np.arange(n) + 0.5) * (height - 2) / n).astype(int)
    columns = (x + 1 + (np.arange(n) + 0.5) * (width - 2) / n).astype(int)
    found = signs(image[rows][:, columns])
    strong = np.abs(change) > 0.004
    np.testing.assert_array_equal(found[strong], np.sign(change[strong]))
    host.select(summary="entropy")
    entropy = head_summaries(lab.trace_of(EDIT), LAYER) - head_summaries(lab.trace, LAYER)
    cell = page.locator(".aw-grid-active [role=gridcell]")
    size = f"{abs(entropy[0, HEAD]):.2f}"
    sign = "" if size == "0.00" else "−" if entropy[0, HEAD] < 0 else "+"
    expect(cell).to_contain_text(f"entropy: {sign}{size} nats")


def test_the_text_is_coloured_by_the_difference(
    open_: Callable[..., PageHost], passes: tuple[Array, Array]
) -> None:
    change = (passes[1] - passes[0])[HEAD]
    host = open_(views="text", measure="attention_from", token=TOKEN)
    page = host.page
    heats = reading.heats(page)
    assert len(heats) == len(change)
    for unit in range(1, len(change) - 1):  # special tokens have numbers in place of colours
        step = heats[unit]
        assert step is not None
        if abs(change[TOKEN, unit]) > 0.001:
            assert np.sign(step - 15) == np.sign(change[TOKEN, unit])
    key = 1 + int(np.abs(change[TOKEN, 1:-1]).argmax())
    reading.unit(page, key).hover()
    said = f": {as_change(change[TOKEN, key])}"
    expect(reading.tooltip(reading.text(page))).to_contain_text(said)


def test_nothing_changed_is_said_and_the_way_is_one_button(
    open_: Callable[..., PageHost],
) -> None:
    host = open_(views=("lines", "matrix", "neuron"), layer=1, heads=3, shown_pass="before")
    page = host.page
    page.get_by_role("button", name="difference", exact=True).press("Enter")
    host.expect(shown_pass="difference")
    host.settle()
    for view in ("lines", "matrix"):
        expect(page.locator(f".aw-view-{view} .aw-note")).to_contain_text("Nothing changed here")
    assert page.locator(".aw-lines-middle .aw-canvas").get_attribute("data-lines") == "0"
    expect(page.locator(".aw-view-neuron .aw-note")).to_contain_text("the pass after the edits")
    page.locator(".aw-put-back").press("Enter")
    host.expect(shown_pass="before", edits=())
    expect(page.locator(".aw-view-lines .aw-note")).not_to_contain_text("changed")


def test_a_page_shows_the_same(
    open_: Callable[..., PageHost], save: Callable[..., Page], lab: Experiment
) -> None:
    host = open_(views=("lines", "grid", "matrix", "heads"), token=TOKEN)
    live = host.page
    page = save(host.widget, options={"precision": "high"})
    for place in (".aw-legend", ".aw-lines .aw-weight", ".aw-head-rows [role=gridcell]"):
        here = [text for text in live.locator(place).all_inner_texts() if text]
        assert any("−" in text for text in here)
        assert [text for text in page.locator(place).all_inner_texts() if text] == here

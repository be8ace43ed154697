"""The second step of the neuron view: values, weights times values, and what the head gives out."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from support.traces import as_maps, trace

from attention_widget import from_arrays
from browser.page_host import PageHost
from browser.reading import agrees, neurons, panel_action, panel_options, tooltip

pytestmark = pytest.mark.browser

TEXT = "The colour purple is a novel idea"
DIM = 32


def strip(page: Page, name: str) -> Locator:
    return neurons(page).locator(f'canvas[data-strip="{name}"]')


def point(page: Page, name: str, row: int, i: int, dim: int = DIM) -> list[str]:
    """What is said of a cell."""
    canvas = strip(page, name)
    width = canvas.evaluate("canvas => canvas.getBoundingClientRect().width")
    canvas.hover(position={"x": (i + 0.5) * width / dim, "y": 22 * row + 10})
    expect(tooltip(neurons(page))).to_be_visible()
    return tooltip(neurons(page)).inner_text().splitlines()


def last_number(line: str) -> str:
    return re.split(r"[ =]", line)[-1]


def test_a_click_goes_on_to_the_values_and_back(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(TEXT, views="neuron", layer=3, heads=5, token="idea")
    button = neurons(host.page).get_by_role("button", name="values →")
    button.click()
    host.expect(neuron_step="values")
    expect(strip(host.page, "output")).to_be_visible()
    expect(neurons(host.page).locator(".aw-note")).to_contain_text("before the output projection")
    expect(neurons(host.page).locator(".aw-score").first).to_be_hidden()
    neurons(host.page).get_by_role("button", name="← q · k").click()
    host.expect(neuron_step="scores")
    expect(strip(host.page, "query")).to_be_visible()
    with panel_options(neurons(host.page)) as options:
        options.get_by_label("Step").select_option("values")
    host.expect(neuron_step="values")
    expect(strip(host.page, "weighted")).to_be_visible()


def test_the_cells_are_the_traces_numbers(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(TEXT, views="neuron", layer=3, heads=5, token="idea", neuron_step="values")
    made, token = host.widget.trace, host.widget.token
    assert token is not None
    weights = made.attention(3)[5, token]
    values = made.values(3)[5]
    output = (made.attention(3) @ made.values(3))[5, token]
    for row, i in ((0, 0), (2, 17), (7, 31)):
        [value] = point(host.page, "value", row, i)
        assert agrees(last_number(value), values[row, i]), (value, values[row, i])
        share, value, product = point(host.page, "weighted", row, i)
        assert agrees(last_number(value), values[row, i])
        assert agrees(last_number(product), weights[row] * values[row, i]), product
        assert share.startswith("softmax = ")
    for i in (0, 9, 31):
        [said] = point(host.page, "output", 0, i)
        assert agrees(last_number(said), output[i]), (said, output[i])


def painted(canvas: Locator) -> Any:
    return canvas.evaluate(
        """canvas => {
          const {width, height} = canvas;
          const {data} = canvas.getContext("2d").getImageData(0, 0, width, height);
          const colours = new Set();
          for (let i = 0; i < data.length; i += 4) colours.add(data.slice(i, i + 3).join());
          return colours.size;
        }"""
    )


@pytest.mark.parametrize("step", ["scores", "values"])
def test_numbers_stand_in_the_cells_where_there_is_room(
    open_trace: Callable[..., PageHost], step: str
) -> None:
    vectors = np.array([[0.5, -1.25], [1.0, 0.25], [-0.75, 2.0]])
    made = from_arrays(vectors, vectors, vectors, tokens=["a", "good", "novel"])
    host = open_trace(made, views="neuron", token=2, neuron_step=step)
    with host.page.expect_download() as saved:
        panel_action(neurons(host.page), "svg").click()
    figure = saved.value.path().read_text(encoding="utf-8")
    for number in vectors.ravel():
        assert f">{number:.3f}".replace("-", "−") in figure
    name = "key" if step == "scores" else "value"
    assert painted(strip(host.page, name)) > 8  # the digits on the six colours


def test_wide_vectors_show_their_numbers_on_hover_alone(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(TEXT, views="neuron", layer=3, heads=5, neuron_step="values")
    rows = len(host.widget.trace.tokens)
    assert painted(strip(host.page, "value")) <= rows * DIM + 1


def test_what_has_no_values_says_so(open_trace: Callable[..., PageHost]) -> None:
    bare = from_arrays(np.eye(3), np.eye(3), tokens=["a", "good", "novel"])
    host = open_trace(bare, views="neuron", neuron_step="values")
    panel = neurons(host.page)
    expect(panel).to_contain_text("The values of this attention are not known")
    expect(panel.locator('canvas[data-strip="output"]')).to_be_hidden()
    panel.get_by_role("button", name="← q · k").click()
    expect(strip(host.page, "query")).to_be_visible()


def test_maps_alone_have_neither_step(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(as_maps(trace((2,))), views="neuron")
    panel = neurons(host.page)
    expect(panel).to_contain_text("The queries and keys of this attention are not known")
    expect(panel.get_by_role("button", name="values →")).to_be_hidden()


def test_a_saved_page_has_the_values(
    save: Callable[..., Page],
) -> None:
    made = trace((4, 2), causal=True)
    page = save(made, views="neuron", neuron_step="values", layer=0, heads=1, token=4)
    expect(strip(page, "output")).to_be_visible()
    output = (made.attention(0) @ made.values(0))[1, 4]
    [said] = point(page, "output", 0, 3, dim=8)
    assert agrees(last_number(said), output[3]), (said, output[3])

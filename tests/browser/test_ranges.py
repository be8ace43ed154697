"""One value far beyond all others takes the colours from none of them: it is set aside, said in
the legend and marked in the picture, on screen and in the figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, expect
from support import traces

from attention_widget.measures import HEAD_SUMMARIES, head_summaries
from attention_widget.trace.trace import Trace
from browser.matrix_reading import colours, matrix, read
from browser.page_host import PageHost
from browser.reading import (
    agrees,
    as_weight,
    leave,
    neurons,
    panel_action,
    pixels,
    text,
    tooltip,
    unit,
    view,
)

pytestmark = pytest.mark.browser

N = 24
LABELS = [f"w{index}" for index in range(N)]
FAR = (1, 2)
"""Layer and head that look at the first token alone."""

SVG = "{http://www.w3.org/2000/svg}"


def planted() -> Trace:
    """Of the first token the vector is 150 times as long as the others; one head attends to it
    alone, and one of its queries' numbers is 40 times as large as all others of another head."""
    made = traces.trace((4, 4, 4), LABELS, dim=8)
    hidden = tuple(torch.as_tensor(each).clone() for each in made.hidden)
    for each in hidden:
        each[0] *= 150
    blocks = list(made.blocks)
    layer, head = FAR
    query, key = blocks[layer].query.clone(), blocks[layer].key.clone()
    query[head], key[head] = 0.05 * query[head], 0.05 * key[head]
    query[head, :, 0] = 8
    key[head, 0, 0] = 2
    blocks[layer] = replace(blocks[layer], query=query, key=key)
    query = blocks[0].query.clone()
    query[1, 5, 3] = -120
    blocks[0] = replace(blocks[0], query=query)
    return replace(made, blocks=tuple(blocks), hidden=hidden)


def legend(region: Locator) -> str:
    return " ".join(region.locator(".aw-legend").inner_text().split())


def figure(host: PageHost, name: str) -> ElementTree.Element:
    with host.page.expect_download() as saving:
        panel_action(host.page.locator(f".aw-view-{name}"), "svg").click()
    return ElementTree.parse(Path(saving.value.path())).getroot()


def said(root: ElementTree.Element) -> str:
    return " ".join(each.text or "" for each in root.iter(f"{SVG}text"))


def test_norms_keep_their_colours_beside_an_outlier(open_trace: Callable[..., PageHost]) -> None:
    made = planted()
    host = open_trace(made, views="text", words=False, layer=0, measure="norm")
    norms = np.linalg.norm(np.asarray(made.hidden_states(1)), axis=1)
    others = norms[1:]
    assert norms[0] > 100 * np.median(others)
    region = text(host.page)
    low, high = region.locator(".aw-legend-low, .aw-legend-high").all_text_contents()
    assert agrees(low, others.min())
    assert agrees(high, others.max())
    beyond = region.locator(".aw-legend-beyond").text_content() or ""
    assert beyond.startswith("▲ 1 above: ")
    assert agrees(beyond.rpartition(" ")[2], float(norms[0]))
    expect(region.locator(".aw-above")).to_have_count(1)
    first = unit(host.page, 0)
    expect(first).to_contain_class("aw-above")
    grounds = [
        unit(host.page, index).evaluate("(node) => getComputedStyle(node).backgroundColor")
        for index in range(N)
    ]
    assert len(set(grounds[1:])) > 8
    assert grounds[0] == grounds[1 + int(others.argmax())]
    first.hover()
    assert f"{norms[0]:.7g}"[:5] in " ".join(tooltip(region).locator("div").all_text_contents())
    leave(host.page)
    region.locator('[role="group"][tabindex="0"]').focus()
    host.page.keyboard.press("Home")  # it is reached like any other
    host.expect(token=0)
    drawn = said(figure(host, "text"))
    assert beyond in drawn
    assert drawn.count("▲") == 2  # beside the scale, and at the word


def test_a_head_far_beyond_the_others_is_marked(open_trace: Callable[..., PageHost]) -> None:
    made = planted()
    host = open_trace(made, views="grid", summary="first", heads=0)
    row = HEAD_SUMMARIES.index("first")
    numbers = np.stack([head_summaries(made, layer)[row] for layer in range(3)])
    others = np.delete(numbers.ravel(), 4 * FAR[0] + FAR[1])
    assert numbers[FAR] > 10 * others.max()
    region = view(host.page, "Grid of heads")
    expect(region.locator(".aw-legend")).to_contain_text(
        f"{others.max():.3f} ▲ 1 above: {numbers[FAR]:.3f}"
    )
    expect(region.locator("path[data-beyond]")).to_have_count(1)
    root = figure(host, "grid")
    assert f"▲ 1 above: {numbers[FAR]:.3f}" in said(root)
    assert (
        len([path for path in root.iter(f"{SVG}path") if path.get("data-beyond") is not None]) == 1
    )
    host.select(summary="entropy")
    expect(region.locator("path[data-beyond]")).to_have_count(0)
    assert "▲" not in legend(region)


def test_a_key_far_beyond_the_others_is_on_the_same_scale(
    open_trace: Callable[..., PageHost],
) -> None:
    made = planted()
    query, key = made.blocks[FAR[0]].query.clone(), made.blocks[FAR[0]].key.clone()
    key[FAR[1], 0, 0] = 1.4  # the others get enough to be seen
    block = replace(made.blocks[FAR[0]], query=query, key=key)
    made = replace(made, blocks=(made.blocks[0], block, made.blocks[2]))
    host = open_trace(made, views="matrix", layer=FAR[0], heads=FAR[1])
    weights = made.attention(FAR[0])[FAR[1]]
    others = weights[:, 1:].max()
    assert weights[:, 0].max() > 10 * others
    region = matrix(host.page)
    expect(region.locator(".aw-legend-high")).to_have_text("1")
    darkness = 255 - colours(host.page, (N, N)) @ [0.299, 0.587, 0.114]
    assert darkness[:, 0].min() > darkness[:, 1:].max()
    assert darkness[:, 1:].max() - darkness[:, 1:].min() > 4  # the root of them can be seen
    assert f"with weight {as_weight(weights[4, 0])}" in read(host.page, 4, 0, (N, N))


def test_a_number_far_beyond_the_others_is_told_by_its_colour(
    open_trace: Callable[..., PageHost],
) -> None:
    made = planted()
    host = open_trace(made, views="neuron", layer=0, heads=1, token=5, words=False)
    block = made.blocks[0]
    numbers = torch.cat([block.query[1].ravel(), block.key[1].ravel()]).numpy()
    others = np.delete(np.abs(numbers), np.abs(numbers).argmax())
    region = neurons(host.page)
    high = f"{others.max():.3f}"
    assert f"q, k −{high} +{high} ▼ 1 below: −120.00" in legend(region)
    strip = pixels(region.locator('canvas[data-strip="query"]'))
    middle = strip[strip.shape[0] // 2]
    far = middle[int(3.5 * strip.shape[1] / 8), :3].astype(int)
    assert far.sum() < 100  # darker than any end of the scale
    assert "▼ 1 below: −120.00" in said(figure(host, "neuron"))


def test_what_is_alike_has_no_contrast(open_trace: Callable[..., PageHost]) -> None:
    made = traces.trace((2, 2), LABELS)
    random = torch.Generator().manual_seed(4)
    vectors = torch.randn(N, 16, generator=random)
    even = 13.86 * vectors / vectors.norm(dim=1, keepdim=True)
    even *= 1 + 1e-5 * torch.rand(N, 1, generator=random)
    hidden = (made.hidden[0], even, *made.hidden[2:])
    host = open_trace(replace(made, hidden=hidden), views="text", words=False, measure="norm")
    region = text(host.page)
    assert legend(region) == "L2 norm all 13.86"
    grounds = {
        unit(host.page, index).evaluate("(node) => getComputedStyle(node).backgroundColor")
        for index in range(N)
    }
    assert len(grounds) == 1
    assert "all 13.86" in said(figure(host, "text"))

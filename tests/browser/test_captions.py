"""What a figure says that it is of is what is drawn: each caption is read, and the picture's
numbers must be those of the heads that it names."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from browser.matrix_reading import maps, point
from browser.page_host import PageHost
from browser.picking import expect_head, head_chip
from browser.reading import (
    as_weight,
    key_weights,
    leave,
    neurons,
    panel_action,
    panel_options,
    softmax,
    text,
    tooltip,
    view,
)
from browser.test_lines import shown

pytestmark = pytest.mark.browser

LAYER, TOKEN, KEY = 2, 4, 6
HEADS = [(3,), (1, 4), (0, 1, 2, 7), tuple(range(12))]
COMBINATIONS = ("overlay", "columns", "mean", "maximum")
MEASURES = ("norm", "previous_cosine", "pinned_cosine", "attention_from", "attention_received")

Heads = tuple[str, tuple[int, ...]]


def read(said: str) -> Heads | None:
    """How many heads are together, and which, of "mean of heads 0–3, 7"; None for no head."""
    found = re.search(r"(mean of |maximum of )?heads? ([\d–, ]*\d)", said)
    if not found:
        return None
    heads: list[int] = []
    for part in found[2].split(", "):
        first, _, last = part.partition("–")
        heads += range(int(first), int(last or first) + 1)
    return (found[1] or "each ").split()[0], tuple(heads)


# Chromium drops the eleventh download of a second, so that files are taken before they are one.
TAKE = """() => {
  const { prototype } = HTMLAnchorElement;
  prototype.click = function () {
    fetch(this.href).then((file) => file.text()).then((text) => {
      window.taken = [this.download, text];
    });
  };
}"""


def saved(host: PageHost, name: str) -> tuple[str, str, str]:
    """Caption, note and file name of a view's figure."""
    host.page.evaluate("window.taken = null")
    host.page.evaluate(TAKE)
    panel_action(host.page.locator(f".aw-view-{name}"), "svg").click()
    host.page.wait_for_function("window.taken")
    file, text = host.page.evaluate("window.taken")
    root = ElementTree.fromstring(text)
    said = root.findtext("{http://www.w3.org/2000/svg}desc") or ""
    caption, _, note = said.partition("\n")
    return caption, note, file


def together(attention: NDArray[np.float32], how: str) -> NDArray[np.float64]:
    exact = attention.astype(np.float64)
    made: NDArray[np.float64] = exact.max(0) if how == "maximum" else exact.mean(0)
    return made


@pytest.mark.parametrize("combine", COMBINATIONS)
def test_every_view_names_the_heads_that_it_draws(
    open_widget: Callable[..., PageHost], combine: str
) -> None:
    views = ("lines", "grid", "neuron", "matrix", "tokens")
    host = open_widget(views=views, layer=LAYER, token=TOKEN, combine=combine)
    attention = host.widget.trace.attention(LAYER)
    n = attention.shape[-1]
    for heads in HEADS:
        host.select(heads=heads)
        assert [
            head
            for head in range(12)
            if head_chip(host.page, head).get_attribute("aria-pressed") == "true"
        ] == list(heads)
        leave(host.page)

        caption, note, file = saved(host, "lines")
        is_one = combine in ("mean", "maximum") and len(heads) > 1
        assert read(caption) == (combine if is_one else "each", heads)
        assert f"layer {LAYER} ·" in caption
        found = read(note)
        assert found
        assert found[1] == heads
        expected = together(attention[list(found[1]), TOKEN], found[0])
        assert key_weights(host.page) == shown(expected.astype(np.float32))

        caption, _, file = saved(host, "matrix")
        named = read(caption)
        assert named
        how, drawn = named
        assert set(drawn) <= set(heads)
        assert len(maps(host.page)) == (len(drawn) if how == "each" else 1)
        for which in range(len(maps(host.page))):
            of = [drawn[which]] if how == "each" else list(drawn)
            at = point(host.page, TOKEN, KEY, (n, n), which)
            view(host.page, "Attention matrix").get_by_role("application").hover(
                position=at  # type: ignore[arg-type]
            )
            told = tooltip(view(host.page, "Attention matrix")).locator("div").all_text_contents()
            weight = float(together(attention[of, TOKEN, KEY], how))
            assert f"with weight {as_weight(weight)}" in told[0]
            assert read(told[1]) == ("each" if len(of) == 1 else how, tuple(of))
        leave(host.page)

        caption, note, file = saved(host, "neuron")
        named = read(caption)
        assert named
        assert named == ("each", heads[:1])
        assert f"-neuron-layer-{LAYER}-head-{heads[0]}-from-{TOKEN}-" in file
        assert read(note) == named
        assert ("the first of" in note) == (len(heads) > 1)
        assert softmax(host.page) == shown(attention[heads[0], TOKEN])

        for other in ("tokens", "grid"):  # one mask for all heads; every head
            caption, _, file = saved(host, other)
            assert read(caption) is None
            assert "head" not in file
            assert (f"layer {LAYER}" in caption) == (other == "tokens")


@pytest.mark.parametrize("measure", MEASURES)
def test_the_text_names_heads_only_where_they_count(
    open_widget: Callable[..., PageHost], measure: str
) -> None:
    host = open_widget(
        views="text", layer=LAYER, token=TOKEN, pinned=2, measure=measure, words=False
    )
    legends = []
    for combine in COMBINATIONS:
        for heads in HEADS:
            host.select(heads=heads, combine=combine)
            caption, note, file = saved(host, "text")
            ends = text(host.page).locator(".aw-legend-low, .aw-legend-high").all_text_contents()
            legends.append(ends)
            assert read(caption) == read(note)
            if not measure.startswith("attention"):
                assert read(caption) is None
                assert "head" not in file
                continue
            how, named = read(caption) or ("", ())
            assert named == heads
            assert how == ("mean" if len(heads) > 1 else "each")
            assert ends == ["0", "1"]  # the one scale of all weights
    if not measure.startswith("attention"):
        assert legends == legends[:1] * len(legends)  # heads change nothing


def test_one_selection_for_all_views(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views=("lines", "neuron", "matrix"), heads=tuple(range(12)), token=TOKEN)
    for region, head in ((neurons(host.page), 5), (view(host.page, "Attention matrix"), 8)):
        with panel_options(region) as options:
            chips = options.get_by_role("radiogroup", name="Head shown here")
            expect(chips.get_by_role("radio")).to_have_count(12)
            chips.get_by_role("radio", name=f"Head {head}", exact=True).click()
            host.expect(heads=(head,))
            expect_head(host.page, head)
            host.settle()  # the neurons ask for vectors of the head
            attention = host.widget.trace.attention(0)[head, TOKEN]
            assert softmax(host.page) == key_weights(host.page) == shown(attention)
            host.page.keyboard.press("ArrowRight")
            host.expect(heads=(head + 1,))

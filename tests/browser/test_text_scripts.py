"""The text view in every script, at any length, and as a figure."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from playwright.sync_api import expect

from attention_widget.protocol.options import values_of
from attention_widget.trace.trace import Trace
from browser.page_host import PageHost
from browser.reading import (
    heats,
    panel_action,
    panel_options,
    text,
    unit,
)
from browser.text_scores import (
    LONG,
    expected,
    spoken,
)

pytestmark = pytest.mark.browser

RECTS = """
(units) => units.map((unit) => {
  const { left, right, top, width } = unit.getBoundingClientRect();
  return { left, right, top, width };
})
"""


def test_arabic_letters_join_across_tokens(open_trace: Callable[..., PageHost]) -> None:
    """The pieces of a word are as wide as the word; letters that stand alone are wider."""
    host = open_trace(spoken(("", "الكت"), ("", "اب"), (" ", "الكتاب")), views="text")
    first, second, whole = text(host.page).locator("[data-unit]").evaluate_all(RECTS)
    assert first["left"] == pytest.approx(second["right"], abs=0.1)  # from right to left
    assert whole["right"] < second["left"]
    assert first["width"] + second["width"] == pytest.approx(whole["width"], abs=0.3)
    alone = open_alone(host, ["الكت", "اب"])
    assert alone > whole["width"] + 1


def open_alone(host: PageHost, pieces: list[str]) -> float:
    """Width of the pieces where each is shaped for itself."""
    width: float = text(host.page).evaluate(
        """(view, pieces) => {
             const line = view.querySelector(".aw-text");
             const nodes = pieces.map((piece) => {
               const node = document.createElement("span");
               node.style.display = "inline-block";
               node.textContent = piece;
               return node;
             });
             line.append(...nodes);
             return nodes.reduce((sum, node) => sum + node.getBoundingClientRect().width, 0);
           }""",
        pieces,
    )
    return width


def test_each_line_is_read_in_its_own_direction(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(
        spoken(("", "שלום"), (" ", "world"), ("", "."), ("\n", "Hello"), (" ", "עולם"), ("", ".")),
        views="text",
    )
    frame = text(host.page).locator('[data-side="query"] .aw-words').bounding_box()
    assert frame is not None
    hebrew, world, stop, hello, olam, end = (
        text(host.page).locator("[data-unit]").evaluate_all(RECTS)
    )
    assert hebrew["right"] == pytest.approx(frame["x"] + frame["width"], abs=1)
    assert stop["right"] <= world["left"] + 0.1 <= hebrew["left"]
    assert hello["left"] == pytest.approx(frame["x"], abs=1)
    assert hello["right"] < olam["left"]
    assert olam["right"] <= end["left"] + 0.1


def long_text(count: int, line: int | None) -> Trace:
    """As many short words, with an empty line after each ``line`` of them."""
    words = [
        "the",
        "colour",
        "of",
        "evening",
        "has",
        "been",
        "many",
        "things",
        "ink",
        "stain",
        "blackberries",
        "rainbow",
    ]
    random = np.random.default_rng(1)
    return spoken(
        *(
            (
                "" if index == 0 else "\n\n" if line and index % line == 0 else " ",
                words[random.integers(len(words))],
            )
            for index in range(count)
        )
    )


UNCUT = """
(view) => {
  const places = () => [...view.querySelectorAll("[data-unit]")].map((unit) => {
    const { left, top } = unit.getBoundingClientRect();
    return [left, top];
  });
  const blocks = [...view.querySelectorAll(".aw-block")];
  for (const block of blocks) block.style.contentVisibility = "visible";
  const cut = places();
  const words = view.querySelector('[data-side="query"] .aw-words');
  words.replaceChildren(...blocks.flatMap((block) => [...block.childNodes]));
  return { blocks: blocks.length, cut, whole: places() };
}
"""


@pytest.mark.parametrize("line", [None, 37])
def test_blocks_leave_every_word_where_it_is(
    open_trace: Callable[..., PageHost], line: int | None
) -> None:
    host = open_trace(long_text(1200, line), views="text")
    for width in (1280, 700):
        host.page.set_viewport_size({"width": width, "height": 900})
        host.settle()
        assert text(host.page).locator(".aw-block").count() >= 4
    found = text(host.page).evaluate(UNCUT)
    assert found["blocks"] >= 4
    np.testing.assert_allclose(found["cut"], found["whole"], atol=0.51)


PLACES = """
(view) => [...view.querySelectorAll("[data-unit]")].map((unit) => {
  const { left, top } = unit.getBoundingClientRect();
  return [left, top];
})
"""


@pytest.mark.parametrize("number_format", values_of("number_format"))
def test_no_word_moves_whatever_colours_the_text(
    open_widget: Callable[..., PageHost], number_format: str
) -> None:
    host = open_widget(LONG, views="text", number_format=number_format)
    before = text(host.page).evaluate(PLACES)
    with panel_options(text(host.page)) as options:
        options.get_by_role("searchbox").fill("purple")
    expect(text(host.page).locator(".aw-found")).to_have_count(6)
    assert text(host.page).evaluate(PLACES) == before
    for change in (
        {"measure": "previous_cosine"},
        {"measure": "attention_received", "colour_map": "cividis"},
        {"measure": "attention_from", "token": 5},
        {"measure": "pinned_cosine", "pinned": 5},
        {"pinned": (5, 9, 12), "theme": "dark"},
    ):
        host.select(**change)
        assert text(host.page).evaluate(PLACES) == before, change


# ---- long texts --------------------------------------------------------------------------------

TOUCHED = """
(view) => {
  const units = [...view.querySelectorAll("[data-unit]")];
  const hover = (unit) => unit.dispatchEvent(new PointerEvent("pointermove", { bubbles: true }));
  hover(units[3]);
  const observer = new MutationObserver(() => {});
  const text = view.querySelector(".aw-text");
  observer.observe(text, { subtree: true, childList: true, attributes: true });
  hover(units[9]);
  return observer.takeRecords().map(({ target }) => target.dataset.unit);
}
"""

PAINTED = """
(view) => {
  const units = [...view.querySelectorAll("[data-unit]")];
  units[5].click();
  const text = view.querySelector(".aw-text").getBoundingClientRect();
  const top = (unit) => unit.closest(".aw-block").getBoundingClientRect().top;
  const seen = units.filter((unit) => top(unit) < text.bottom);
  return [seen.length, seen.filter((unit) => !/aw-heat-/.test(unit.className)).length];
}
"""


@pytest.mark.parametrize("line", [None, 120])
def test_five_thousand_tokens_are_hovered_and_pinned_at_once(
    open_trace: Callable[..., PageHost], line: int | None
) -> None:
    """Hovering touches two nodes; a pin colours what is in sight before anything else happens."""
    host = open_trace(long_text(5_000, line), views="text")
    view = text(host.page)
    assert view.evaluate(TOUCHED) == ["3", "9"]
    seen, uncoloured = view.evaluate(PAINTED)
    assert 100 < seen < 2_000
    assert uncoloured == 0
    host.expect(pinned=(5,), measure="pinned_cosine")
    host.wait(lambda: None not in heats(host.page), "some words have no colour")
    exact = expected(host.widget)
    low, high = exact.min(), exact.max()
    steps = np.array(heats(host.page))
    assert np.abs(steps - 31 * (exact - low) / (high - low)).max() < 0.51


# ---- figures -----------------------------------------------------------------------------------


def saved(host: PageHost, kind: str) -> bytes:
    with host.page.expect_download() as download:
        panel_action(text(host.page), kind).click()
    return Path(download.value.path()).read_bytes()


SVG = "{http://www.w3.org/2000/svg}"


def test_a_figure_has_what_is_in_sight_where_it_is(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(
        LONG, views="text", words=True, pinned=(3, 25), measure="pinned_cosine", layer=2
    )
    page = host.page
    page.set_viewport_size({"width": 640, "height": 900})
    host.settle()
    frame = text(page).locator(".aw-text").bounding_box()
    assert frame is not None
    figure = ElementTree.fromstring(saved(host, "svg"))
    written = ["".join(node.itertext()) for node in figure.iter(f"{SVG}text")]
    said = " ".join(written)
    for part in ("Text", "layer 2", "“first”", "Cosine to the nearest of"):
        assert part in said
    assert "choose" not in said  # out of sight
    placed = {
        "".join(node.itertext()): float(node.get("x", "nan")) for node in figure.iter(f"{SVG}text")
    }
    for index in (5, 14, 22):
        node = unit(page, index)
        box = node.bounding_box()
        assert box is not None
        middle = box["x"] - frame["x"] + box["width"] / 2
        near = [x for words, x in placed.items() if (node.text_content() or "") in words]
        assert any(abs(x - middle) < 8 for x in near), (node.text_content(), near, middle)
    fills = {rect.get("fill") for rect in figure.iter(f"{SVG}rect")}
    assert len(fills) > 10
    source = ElementTree.tostring(figure, encoding="unicode")
    assert "var(" not in source
    assert "class=" not in source
    assert "oklab" not in source
    assert "foreignObject" not in source


def test_a_figure_in_pixels_is_twice_as_fine(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(LONG, views="text", colour_map="viridis")
    figure = ElementTree.fromstring(saved(host, "svg"))
    png = saved(host, "png")
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    assert width == pytest.approx(2 * float(figure.get("width", "0")), abs=1)
    assert height == pytest.approx(2 * float(figure.get("height", "0")), abs=1)

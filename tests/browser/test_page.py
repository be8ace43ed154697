"""What holds for the whole widget: any text, any theme, any width, failures, the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect
from support import traces

from attention_widget.trace.block import Block
from browser.page_host import ORIGIN, PageHost
from browser.reading import (
    heats,
    hovered_scores,
    key_row,
    key_weights,
    labels,
    leave,
    lines,
    lines_canvas,
    neurons,
    pixels,
    query_row,
    softmax,
    text,
    tooltip,
    unit,
)

pytestmark = pytest.mark.browser

PARAGRAPH = (
    "Purple was first a smell: at Tyre the dyers broke snails by the thousand, and the harbour "
    "reeked so that one hem could glow. Emperors forbade it, bishops inherited it; physicists, "
    "who find it nowhere in the rainbow, say that the eye invents it where red and blue meet."
)


# ---- text is data ------------------------------------------------------------------------------

MARKUP = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "<svg/onload=alert(3)>",
    "&lt;b&gt; &amp;",
    "javascript:alert(4)",
    '"><b>',
]


def count_foreign(host: PageHost) -> int:
    foreign: int = host.page.evaluate(
        "document.querySelectorAll('#cell :is(img, script, svg:not(.aw-icon), b[onload])').length"
    )
    return foreign


def test_tokens_that_look_like_markup_are_drawn_as_text(
    open_trace: Callable[..., PageHost],
) -> None:
    host = open_trace(traces.trace(labels=MARKUP), heads=0, token=0, measure="previous_cosine")
    page = host.page
    assert labels(page) == MARKUP
    for index, label in enumerate(MARKUP):
        expect(unit(page, index)).to_have_text(label)
        unit(page, index).hover()
        expect(tooltip(text(page))).to_contain_text(label)
        key_row(page, index).hover()
        expect(tooltip(lines(page))).to_contain_text(label)
        neurons(page).locator(f'.aw-neuron-numbers [data-token="{index}"]').hover()
        expect(tooltip(neurons(page))).to_contain_text(label)
        unit(page, index).click()
        host.expect(pinned=(index,))
        expect(text(page).locator(".aw-note")).to_contain_text(label)
        expect(neurons(page).locator(".aw-neuron-query")).to_have_text(label)
    assert count_foreign(host) == 0


def test_a_sentence_of_markup_is_drawn_as_text(open_widget: Callable[..., PageHost]) -> None:
    sentence = " ".join(MARKUP)
    host = open_widget(sentence)
    shown = text(host.page).locator(".aw-unit:not(.aw-special)").all_text_contents()
    assert "".join(shown) == sentence.replace(" ", "")
    host.page.get_by_role("textbox", name="Text", exact=True).fill(MARKUP[0] * 600)
    host.page.get_by_role("button", name="Run").click()
    expect(host.page.locator(".aw-sentence").get_by_role("alert")).to_be_visible()
    assert count_foreign(host) == 0


@pytest.mark.parametrize(
    "sentence",
    [
        "Màu tím không có trong cầu vồng.",
        "Фиолетовый — цвет чернил и сумерек.",
        "紫色不在彩虹里。",
        "الأرجواني لون الملوك",
        "I 💜 purple 👩🏽‍🚀 and 🇻🇳!",
    ],
)
def test_any_script_stands_there_as_written(
    open_widget: Callable[..., PageHost], sentence: str
) -> None:
    host = open_widget(sentence, heads=2, token=1)
    shown = text(host.page).locator(".aw-unit:not(.aw-special)").all_text_contents()
    assert "".join(shown) == sentence.replace(" ", "")
    in_sight = labels(host.page)
    assert in_sight == [token.label for token in host.widget.trace.tokens][: len(in_sight)]
    assert len(in_sight) >= min(16, len(host.widget.trace.tokens))
    scores = hovered_scores(host.page)
    assert np.isfinite(scores).all()
    assert len(scores) == len(shown) + 2


# ---- failures ----------------------------------------------------------------------------------


def alert(within: Any) -> Any:
    return within.locator("> .aw-error")


def test_a_tensor_that_fails_shows_its_error_in_its_view(
    open_widget: Callable[..., PageHost], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ArithmeticError("no scores <today>")

    monkeypatch.setattr(Block, "scores", fail)
    host = open_widget(heads=3, token=2)
    expect(alert(neurons(host.page))).to_have_text("ArithmeticError: no scores <today>")
    expect(alert(neurons(host.page))).to_be_visible()
    shown = neurons(host.page).locator(".aw-score").all_inner_texts()
    assert set(shown) == {""}
    assert softmax(host.page) == key_weights(host.page)  # which need no scores
    # The others go on.
    expect(alert(lines(host.page))).to_be_hidden()
    expect(alert(text(host.page))).to_be_hidden()
    weights = host.widget.trace.attention(0)[3, 2]
    assert key_weights(host.page) == {key: f"{w:.4f}" for key, w in enumerate(weights)}
    monkeypatch.undo()
    host.select(token=4)
    expect(alert(neurons(host.page))).to_be_hidden()
    assert softmax(host.page) == key_weights(host.page)
    host.select(token=2)  # and the failed one is asked for again
    expect(alert(neurons(host.page))).to_be_hidden()
    assert softmax(host.page)[0] == f"{weights[0]:.4f}"


def test_lines_that_fail_show_their_error(
    open_widget: Callable[..., PageHost], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ArithmeticError("no attention")

    monkeypatch.setattr(Block, "attention", fail)
    host = open_widget(heads=3, token=2)
    for view in (lines(host.page), neurons(host.page)):
        expect(alert(view)).to_have_text("ArithmeticError: no attention")
    expect(alert(text(host.page))).to_be_hidden()
    assert np.isfinite(hovered_scores(host.page)).all()
    assert not pixels(lines_canvas(host.page)).any()


# ---- theme -------------------------------------------------------------------------------------


def brightness(host: PageHost) -> float:
    red, green, blue = host.page.evaluate(
        """() => {
             const root = document.querySelector(".attention-widget");
             return getComputedStyle(root).backgroundColor.match(/[\\d.]+/g).map(Number);
           }"""
    )[:3]
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def test_the_theme_follows_the_notebook_and_the_trait(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget()
    root = host.page.get_by_role("group", name="Attention widget")

    def notebook(light: str) -> None:
        host.page.evaluate("(light) => { document.body.dataset.jpThemeLight = light }", light)

    expect(root).to_have_attribute("data-theme", "light")  # the system's
    for light, theme in (("false", "dark"), ("true", "light"), ("false", "dark")):
        notebook(light)
        expect(root).to_have_attribute("data-theme", theme)
        assert (brightness(host) > 200) == (theme == "light")
        assert (brightness(host) < 60) == (theme == "dark")
    host.select(theme="light")
    expect(root).to_have_attribute("data-theme", "light")
    host.select(theme="dark")
    notebook("true")
    expect(root).to_have_attribute("data-theme", "dark")
    host.select(theme="auto")
    expect(root).to_have_attribute("data-theme", "light")
    host.page.evaluate("delete document.body.dataset.jpThemeLight")
    host.page.emulate_media(color_scheme="dark")
    expect(root).to_have_attribute("data-theme", "dark")


def test_a_theme_repaints_the_canvases(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(heads=1, token=2, theme="light")
    canvases = [lines_canvas(host.page), *neurons(host.page).locator("canvas").all()]
    light = [pixels(canvas) for canvas in canvases]
    host.select(theme="dark")
    for canvas, before in zip(canvases, light, strict=True):
        assert (pixels(canvas) != before).any()


HIDE_WHILE_PAINTING = """
() => {
  const cell = document.getElementById("cell");
  requestAnimationFrame(() => { cell.style.display = "none"; });
  window.host.deliver([{ method: "update", state: { theme: "dark" } }]); // asks for a frame too
  requestAnimationFrame(() => { cell.style.display = ""; });
}
"""


def test_a_notebook_that_hides_while_it_changes_theme_shows_pictures_after(
    open_widget: Callable[..., PageHost],
) -> None:
    """JupyterLab does: hidden when its page paints, back before sizes are observed."""
    host = open_widget(heads=1, token=2, theme="light")
    canvases = [lines_canvas(host.page), *neurons(host.page).locator("canvas").all()]
    light = [pixels(canvas) for canvas in canvases]
    host.page.evaluate(HIDE_WHILE_PAINTING)
    for canvas, before in zip(canvases, light, strict=True):
        expect(canvas).not_to_have_js_property("width", 0)
        host.settle()
        dark = pixels(canvas)
        assert dark.shape == before.shape
        assert (dark != before).any()
        assert dark[..., 3].any()


def test_a_widget_in_a_hidden_cell_is_drawn_when_it_is_shown(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(heads=1, token=2)
    canvas = lines_canvas(host.page)
    before = pixels(canvas)
    host.page.evaluate("document.getElementById('cell').style.display = 'none'")
    host.select(token=5)
    host.page.evaluate("document.getElementById('cell').style.display = ''")
    host.settle()
    assert pixels(canvas)[..., 3].any()
    assert (pixels(canvas) != before).any()


# ---- size --------------------------------------------------------------------------------------

OVERFLOWS = """
() => {
  const root = document.querySelector(".attention-widget");
  const right = root.getBoundingClientRect().right;
  const name = (node) => `${node.tagName}.${node.className}`;
  const wide = [document.documentElement, root, ...root.querySelectorAll(
    ".aw-top, .aw-form, .aw-picker, .aw-views, .aw-view, .aw-header, .aw-body, .aw-scroll, " +
    ".aw-text, .aw-legend, .aw-note"
  )].filter((node) => node.scrollWidth > node.clientWidth && node.clientWidth)
    .filter((node) => getComputedStyle(node).textOverflow !== "ellipsis").map(name);
  const scrolls = (node) => /auto|scroll/.test(getComputedStyle(node).overflowX);
  const out = [...root.querySelectorAll("*")].filter((node) => {
    for (let up = node.parentElement; up && up !== root; up = up.parentElement) {
      if (scrolls(up)) return false; // it can be brought into sight
    }
    const box = node.getBoundingClientRect();
    return box.width && (box.right > right + 0.5 || box.left < 0);
  }).map(name);
  return [...wide, ...out];
}
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [8, 60, 200, 480])
def test_nothing_overflows_on_a_narrow_page(
    open_widget: Callable[..., PageHost], size: int, theme: str
) -> None:
    words = " ".join([PARAGRAPH] * 8).split()
    host = open_widget(" ".join(words[: round(size * 0.81)]), theme=theme)
    count = len(host.widget.trace.tokens)
    assert 0.85 * size <= count <= 1.15 * size
    for width in (640, 480, 1280):
        host.page.set_viewport_size({"width": width, "height": 900})
        host.settle()
        assert host.page.evaluate(OVERFLOWS) == [], width
        row = query_row(host.page, 2)
        box = row.locator(".aw-label").bounding_box()
        assert box is not None
        assert box["width"] > 20  # still to be read
        assert pixels(lines_canvas(host.page))[..., 3].any()
    host.select(token=3, pinned=3, measure="pinned_cosine", heads=1)
    host.page.set_viewport_size({"width": 640, "height": 900})
    host.settle()
    assert host.page.evaluate(OVERFLOWS) == []


def test_a_long_word_does_not_overflow(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget("purple" * 60, token=1)
    host.page.set_viewport_size({"width": 480, "height": 900})
    host.settle()
    assert host.page.evaluate(OVERFLOWS) == []


def assert_printed(shown: dict[int, str], weights: NDArray[np.float64]) -> None:
    """Four decimals of each weight: a row alone is computed in another order than a whole map, so
    that a last bit may differ, and what lies half way may be rounded either way."""
    assert shown
    for key, printed in shown.items():
        assert len(printed) == 6
        assert abs(float(printed) - weights[key]) <= 0.5e-4 + 1e-6, (key, printed, weights[key])


def test_a_long_text_travels_row_by_row_and_is_exact(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(" ".join([PARAGRAPH] * 7), heads=(2, 9), layer=3)
    trace = host.widget.trace
    count = len(trace.tokens)
    assert 4 * 12 * count**2 > 4 * 2**20
    host.select(measure="attention_from")
    row = trace.attention(3).astype(np.float64)[[2, 9]]
    for token in (1, 9, 15):
        query_row(host.page, token).hover()
        host.settle()
        assert_printed(key_weights(host.page), row[:, token].mean(0))
        assert_printed(softmax(host.page), row[0, token])
    leave(host.page)
    host.select(token=count - 2)
    shown = key_weights(host.page)
    assert max(shown) == count - 1
    assert_printed(shown, row[:, count - 2].mean(0))
    assert {0, 31} <= set(heats(host.page))
    assert f"attention_row/encoder/3/{count - 2}" in host.asked
    assert "attention/encoder/3" not in host.asked


# ---- the end -----------------------------------------------------------------------------------


def test_a_closed_widget_leaves_nothing(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(token=2)
    page = host.page
    listening = "[...window.host.listeners].reduce((sum, [, all]) => sum + all.length, 0)"
    assert page.evaluate(listening) > 10
    page.evaluate("window.host.close()")
    assert page.evaluate(listening) == 0
    expect(page.locator("#cell")).to_be_empty()
    asked = len(host.asked)
    host.widget.layer = 3
    host.flush()
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    page.set_viewport_size({"width": 700, "height": 700})
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert len(host.asked) == asked


def test_two_widgets_on_a_page_of_one_model_are_apart(
    open_widget: Callable[..., PageHost],
) -> None:
    """A second cell that shows the same widget follows the first; closing it leaves the first."""
    host = open_widget(heads=1)
    page = host.page
    page.evaluate(
        """async () => {
             const { default: widget } = await import("/widget.js");
             const el = document.body.appendChild(document.createElement("div"));
             el.id = "second";
             window.closeSecond = widget.render({ model: window.host.model, el });
           }"""
    )
    host.settle()
    second = page.locator("#second")
    second.locator('.aw-queries [data-token="4"]').click()
    host.expect(token=4)
    for place in (page.locator("#cell"), second):
        expect(place.locator('.aw-queries [data-token="4"]')).to_contain_class("aw-selected")
    page.evaluate("window.closeSecond()")
    expect(second).to_be_empty()
    page.locator('#cell .aw-queries [data-token="4"]').click()
    host.expect(token=None)


def test_only_its_own_files_are_asked_for(page: Page, open_widget: Callable[..., PageHost]) -> None:
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    host = open_widget(token=3)
    unit(page, 4).click()
    host.expect(pinned=(4,))
    own = {f"{ORIGIN}{name}" for name in ("", "widget.css", "widget.js", "favicon.ico")}
    assert own - {f"{ORIGIN}favicon.ico"} <= set(urls) <= own
    assert page.evaluate("document.fonts.size") == 0  # the system's alone

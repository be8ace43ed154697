"""What holds for the whole widget: any text, any theme, any width, failures, the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect
from support import traces

from attention_widget import AttentionWidget
from attention_widget.trace.block import Block
from browser.conftest import PLAIN, SENTENCE
from browser.page_host import PageHost
from browser.reading import (
    as_weight,
    hovered_scores,
    key_row,
    key_weights,
    labels,
    lines,
    lines_canvas,
    neurons,
    pixels,
    softmax,
    text,
    tooltip,
    unit,
)

pytestmark = pytest.mark.browser

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
    assert key_weights(host.page) == {key: as_weight(w) for key, w in enumerate(weights)}
    monkeypatch.undo()
    host.select(token=4)
    expect(alert(neurons(host.page))).to_be_hidden()
    assert softmax(host.page) == key_weights(host.page)
    host.select(token=2)  # and the failed one is asked for again
    expect(alert(neurons(host.page))).to_be_hidden()
    assert softmax(host.page)[0] == as_weight(weights[0])


def test_lines_that_fail_show_their_error(
    show: Callable[..., PageHost],
    minilm: tuple[Any, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise ArithmeticError("no attention")

    model, tokenizer = minilm
    chosen = {**PLAIN, "heads": 3, "token": 2}
    widget = AttentionWidget(model, SENTENCE, tokenizer=tokenizer, **chosen)
    monkeypatch.setattr(Block, "attention", fail)  # once it is made: what it suggests needs it
    host = show(widget)
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

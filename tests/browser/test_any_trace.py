"""What is no plain reading of a text: maps alone, sinks, NaN, windows, chats, pictures, sound."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect
from support import traces

from attention_widget import AttentionWidget
from attention_widget.trace.trace import Trace
from browser.overflow import OVERFLOWS
from browser.page_host import PageHost
from browser.reading import (
    agrees,
    as_weight,
    heats,
    hovered_scores,
    key_row,
    key_weights,
    labels,
    leave,
    legend,
    lines,
    lines_canvas,
    measure_list,
    neurons,
    number,
    panel_options,
    pixels,
    query_row,
    softmax,
    text,
    tooltip,
    unit,
)
from browser.text_scores import LONG

pytestmark = pytest.mark.browser


def warning(view: Locator) -> Locator:
    return view.locator(".aw-warning")


def sink_row(view: Locator) -> Locator:
    return view.locator(".aw-row.aw-sink")


def shown(weights: object) -> dict[int, str]:
    return {key: as_weight(weight) for key, weight in enumerate(np.asarray(weights, np.float64))}


# ---- maps alone --------------------------------------------------------------------------------


def test_finished_maps_show_their_attention_and_say_what_is_unknown(
    open_trace: Callable[..., PageHost],
) -> None:
    trace = traces.as_maps(traces.trace())
    host = open_trace(trace, heads=(1, 3), token=2)
    page = host.page
    attention = trace.attention(0)[[1, 3], 2]
    assert key_weights(page) == shown(attention.mean(0))
    assert softmax(page) == shown(attention[0])
    expect(warning(neurons(page))).to_have_text(
        "The queries and keys of this attention are not known: only the weights were given."
    )
    assert pixels(lines_canvas(page))[..., 3].any()
    assert not any(key.startswith(("query", "key", "scores", "hidden")) for key in host.asked)
    view = text(page)
    with panel_options(view) as options:
        expect(measure_list(options)).to_have_value("attention_received")
        off = measure_list(options).locator("option:disabled")
        expect(off).to_have_count(3)
    received = trace.attention(0)[[1, 3]].mean((0, 1), dtype=np.float64)
    assert legend(view) == ("0", "1")  # the scale of all weights
    np.testing.assert_allclose(hovered_scores(page)[1:5], received[1:5], atol=5.1e-4)
    unit(page, 1).click()
    host.expect(pinned=(1,), measure="attention_received")
    host.select(measure="norm")
    expect(warning(view)).to_contain_text("Norms and cosines need hidden states")
    assert legend(view) == ("", "")
    unit(page, 4).click()
    host.expect(pinned=(4,), token=4, measure="attention_from")
    expect(warning(view)).to_be_hidden()


# ---- sinks -------------------------------------------------------------------------------------


def with_sinks() -> Trace:
    made = traces.trace(heads=(4,))
    block = replace(made.blocks[0], sinks=torch.tensor([0.5, 1.0, 2.0, 3.0]))
    return replace(made, blocks=(block,))


@pytest.mark.parametrize("maps", [False, True])
def test_what_goes_to_the_sink_stands_in_a_row_of_its_own(
    open_trace: Callable[..., PageHost], maps: bool
) -> None:
    trace = traces.as_maps(with_sinks()) if maps else with_sinks()
    host = open_trace(trace, heads=(1, 3), token=2, measure="attention_from", words=False)
    page = host.page
    attention = trace.attention(0)[[1, 3], 2].astype(np.float64)
    rest = 1 - attention.sum(1)
    assert rest.min() > 0.05
    assert key_weights(page) == shown(attention.mean(0))  # never scaled up to 1
    expect(sink_row(lines(page)).locator(".aw-label")).to_have_text("sink")
    expect(sink_row(lines(page)).locator(".aw-weight")).to_have_text(as_weight(rest.mean()))
    expect(lines(page).locator(".aw-note")).to_contain_text(f"sink {as_weight(rest.mean())}")
    expect(sink_row(neurons(page)).locator("b")).to_have_text(as_weight(rest[0]))
    expect(text(page).locator(".aw-note")).to_contain_text(f"sink {as_weight(rest.mean())}")
    image = pixels(lines_canvas(page))
    assert image[22 * 6 + 9 : 22 * 6 + 13, -2, 3].max() > 0  # a line leads there
    sink_row(lines(page)).click()
    sink_row(lines(page)).hover()
    expect(page.locator(".aw-hovered")).to_have_count(0)
    assert host.widget.token == 2


def test_a_model_without_sinks_has_no_such_row(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(traces.trace(), heads=1, token=2)
    expect(sink_row(host.page.locator(".aw-views"))).to_have_count(0)


# ---- NaN ---------------------------------------------------------------------------------------


def test_weights_that_are_nan_are_shown_and_counted(open_trace: Callable[..., PageHost]) -> None:
    trace = traces.trace()
    trace.blocks[0].query[1, 2] = torch.nan
    host = open_trace(trace, heads=(1, 2), token=2, measure="attention_from")
    page = host.page
    expect(warning(lines(page))).to_have_text(
        "6 attention weights are NaN in head 1 and are not drawn."
    )
    expect(warning(neurons(page))).to_have_text("6 of the 6 weights of this query are NaN.")
    expect(text(page).locator(".aw-note")).to_contain_text("NaN at 6 tokens")
    assert set(key_weights(page).values()) == set(softmax(page).values()) == {"NaN"}
    assert pixels(lines_canvas(page))[..., 3].any()  # head 2 is drawn all the same
    unit(page, 1).hover()
    expect(tooltip(text(page))).to_contain_text("attention from the selected token: NaN")
    leave(page)
    host.select(heads=2)
    for view in (lines(page), neurons(page)):
        expect(warning(view)).to_be_hidden()
    assert key_weights(page) == shown(trace.attention(0)[2, 2])


# ---- windows -----------------------------------------------------------------------------------


def test_a_long_text_shows_the_window_of_the_selected_token(
    open_trace: Callable[..., PageHost],
) -> None:
    trace = traces.windowed()
    host = open_trace(trace, heads=1)
    page = host.page
    for token, window, title in (
        (None, 0, "tokens 0–15 of 40 (window 1 of 3)"),
        (14, 1, "tokens 12–27 of 40 (window 2 of 3)"),
        (39, 2, "tokens 24–39 of 40 (window 3 of 3)"),
    ):
        host.select(token=token)
        for view in (lines(page), neurons(page)):
            expect(view.locator(".aw-where")).to_have_text(title)
        inner = trace.windows[window].trace
        assert labels(page) == [one.label for one in inner.tokens]
        row = 1 if token is None else trace.windows[window].positions.index(token)
        weights = shown(inner.attention(0)[1, row])
        assert softmax(page) == weights
        if token is not None:
            assert key_weights(page) == weights
            expect(query_row(page, row)).to_contain_class("aw-selected")
    norms = np.linalg.norm(trace.hidden_states(1), axis=1)
    np.testing.assert_allclose(hovered_scores(page), norms, atol=5.1e-4)  # of the whole text


def test_attention_of_a_window_colours_its_words(open_trace: Callable[..., PageHost]) -> None:
    trace = traces.windowed()
    host = open_trace(trace, heads=0, token=14, measure="attention_from")
    attention = trace.windows[1].trace.attention(0)[0, 3]  # 14 of a window that starts at 12
    exact = np.full(40, np.nan)
    exact[12:28] = attention[1:-1]
    np.testing.assert_allclose(hovered_scores(host.page), exact, atol=5.1e-4)
    leave(host.page)
    assert [step is not None for step in heats(host.page)] == (~np.isnan(exact)).tolist()


def test_rows_of_a_window_are_linked_with_the_whole_text(
    open_trace: Callable[..., PageHost],
) -> None:
    host = open_trace(traces.windowed(), heads=0, token=14)
    page = host.page
    unit(page, 16).hover()
    expect(query_row(page, 5)).to_contain_class("aw-hovered")
    expect(unit(page, 16)).to_contain_class("aw-hovered")
    unit(page, 39).hover()  # in another window: the views stay
    expect(unit(page, 39)).to_contain_class("aw-hovered")
    expect(page.locator(".aw-hovered")).to_have_count(1)
    key_row(page, 3).hover()
    expect(unit(page, 14)).to_contain_class("aw-hovered")
    expect(unit(page, 39)).not_to_contain_class("aw-hovered")
    query_row(page, 0).hover()  # [CLS], in no place of the text, still shows its attention
    host.settle()
    inner = host.widget.trace.windows[1].trace
    assert key_weights(page) == shown(inner.attention(0)[0, 0])
    query_row(page, 0).click()
    host.expect(token=14)
    query_row(page, 16).click()  # 27, which another window holds
    host.expect(token=27)
    host.settle()
    expect(lines(page).locator(".aw-where")).to_contain_text("window 3 of 3")
    lines(page).locator(".aw-queries-scroll").focus()
    for key, token in (("ArrowUp", 26), ("ArrowUp", 25), ("ArrowUp", 24), ("ArrowUp", 23)):
        page.keyboard.press(key)
        host.expect(token=token)
    expect(lines(page).locator(".aw-where")).to_contain_text("window 2 of 3")
    page.keyboard.press("End")
    host.expect(token=39)


def test_a_selected_token_of_a_long_text_comes_into_sight(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(3 * LONG, windows=128, stride=96, token=500, views="text")
    frame = text(host.page).locator(".aw-text").bounding_box()
    assert frame is not None

    def in_sight() -> bool:
        box = text(host.page).locator(".aw-selected").bounding_box()
        assert box is not None
        top, bottom = box["y"] - frame["y"], box["y"] + box["height"] - frame["y"]
        return top >= 0 and bottom <= frame["height"]

    host.wait(in_sight, "the selected word is out of sight")


# ---- chats -------------------------------------------------------------------------------------


def test_what_the_template_of_a_chat_adds_is_folded(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(traces.chat(), heads=0, views="text", measure="attention_from", token=5)
    page = host.page
    folds = text(page).locator(".aw-fold")
    expect(folds).to_have_text(["1 token of the chat template"] * 3)
    weights = host.widget.trace.attention(0)[0, 5]
    said = folds.evaluate_all("(folds) => folds.map((fold) => fold.dataset.score)")
    assert all(agrees(sum_, weights[token]) for sum_, token in zip(said, (0, 3, 7), strict=True))
    heading = text(page).locator(".aw-turn").first
    expect(heading).to_contain_text("user")
    assert text(page).locator(".aw-turn").count() == 2  # the fold is in the heading
    expect(unit(page, 0)).to_be_hidden()
    text(page).locator(".aw-text").focus()
    page.keyboard.press("Home")
    host.expect(token=1)  # what is folded is passed over
    folds.first.focus()
    page.keyboard.press("Enter")
    expect(folds.first).to_have_attribute("aria-expanded", "true")
    expect(unit(page, 0)).to_be_visible()
    host.expect(token=1, pinned=())
    text(page).locator(".aw-text").focus()
    page.keyboard.press("Home")
    host.expect(token=0)


def test_a_chat_shows_who_speaks(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(traces.chat(), heads=0)
    page = host.page
    expect(text(page).locator(".aw-role")).to_have_text(["user", "assistant"])
    for view in (lines(page).locator(".aw-queries"), neurons(page).locator(".aw-neuron-labels")):
        rows: Any = view.locator("[data-token]").evaluate_all(
            "(rows) => Object.fromEntries(rows.map((row) => [row.dataset.token, row.dataset.role]))"
        )
        assert {int(row): role for row, role in rows.items() if role} == {1: "user", 4: "assistant"}
    unit(page, 5).hover()
    expect(tooltip(text(page))).to_contain_text("generated at step 1 with probability 0.625")
    box = page.get_by_role("textbox", name="Text", exact=True)
    expect(box).to_have_js_property("readOnly", True)
    expect(page.locator(".aw-reason")).to_contain_text("there is no model to run another text")


# ---- pictures and sound ------------------------------------------------------------------------


def test_patches_are_shown_in_place(open_trace: Callable[..., PageHost]) -> None:
    trace = traces.picture()
    host = open_trace(trace, heads=1, measure="attention_received")
    page = host.page
    frame = text(page).locator(".aw-image").bounding_box()
    assert frame is not None
    for index in range(1, 7):
        box = unit(page, index).bounding_box()
        assert box is not None
        row, column = divmod(index - 1, 3)
        assert box["x"] == pytest.approx(frame["x"] + column * frame["width"] / 3, abs=1)
        assert box["y"] == pytest.approx(frame["y"] + row * frame["height"] / 2, abs=1)
    received = trace.attention(0)[1].mean(0)
    np.testing.assert_allclose(hovered_scores(page)[-1], received[0], atol=5.1e-4)
    unit(page, 5).hover()
    expect(query_row(page, 5)).to_contain_class("aw-hovered")
    expect(tooltip(text(page))).to_contain_text("x 8–16, y 8–16 in the image")
    unit(page, 5).click()
    host.expect(pinned=(5,), token=5)
    shots = {}
    for token in (2, 4):  # yellow, blue
        thumbnail = key_row(page, token).locator(".aw-thumbnail")
        shots[token] = colour_of(page, thumbnail)
    assert shots == {2: (200, 200, 0), 4: (0, 0, 200)}
    assert host.asked.count("image") == 1


def colour_of(page: Page, node: Locator) -> tuple[int, int, int]:
    """The pixel in the middle, as the browser paints it."""
    found = page.evaluate(
        """async (png) => {
             const image = new Image();
             image.src = `data:image/png;base64,${png}`;
             await image.decode();
             const canvas = document.createElement("canvas");
             canvas.width = canvas.height = 1;
             const context = canvas.getContext("2d");
             const [x, y] = [image.width / 2, image.height / 2];
             context.drawImage(image, x, y, 1, 1, 0, 0, 1, 1);
             return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
           }""",
        base64.b64encode(node.screenshot()).decode(),
    )
    red, green, blue = found
    return red, green, blue


def test_frames_show_their_time(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(traces.sound(), heads=0, number_format="full")
    page = host.page
    expect(text(page).locator(".aw-unit")).to_have_text([f"{0.02 * i:.2f} s" for i in range(8)])
    unit(page, 3).hover()
    expect(tooltip(text(page))).to_contain_text("0.06–0.08 s")
    norm = (tooltip(text(page)).locator("div").nth(2).text_content() or "").split(": ")[1]
    exact = np.linalg.norm(host.widget.trace.hidden_states(1)[3])
    assert number(norm) == pytest.approx(exact, rel=2e-6)


# ---- size --------------------------------------------------------------------------------------

EVERY: dict[str, Callable[[], Trace]] = {
    "two texts": lambda: traces.encoder_decoder(generated=True),
    "maps": lambda: traces.as_maps(traces.trace()),
    "sinks": with_sinks,
    "windows": lambda: traces.windowed(120, 48, 36),
    "chat": traces.chat,
    "picture": traces.picture,
    "sound": traces.sound,
}


@pytest.mark.parametrize("made", EVERY.values(), ids=EVERY)
def test_nothing_overflows(show: Callable[..., PageHost], made: Callable[[], Trace]) -> None:
    host = show(AttentionWidget.from_trace(made(), token=2))
    if host.widget.trace.target:
        host.select(attention_kind="cross", token=2)
    for width in (1280, 640, 480):
        host.page.set_viewport_size({"width": width, "height": 900})
        host.settle()
        assert host.page.evaluate(OVERFLOWS) == [], width

"""The text heatmap: the numbers are NumPy's, a click pins at once."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect
from traces import trace

from attention_widget import AttentionWidget
from attention_widget.protocol.vocabulary import COLOUR_MAPS
from attention_widget.trace.trace import Trace
from browser.page_host import PageHost
from browser.reading import (
    HOVER_EVERY_UNIT,
    agrees,
    heats,
    hovered_scores,
    leave,
    legend,
    number,
    query_row,
    text,
    unit,
)

pytestmark = pytest.mark.browser

Scores = NDArray[np.float64]  # (unit,), NaN for no score

LONG = """Purple was first a smell. At Tyre the dyers broke murex snails by the myriad, and the \
whole harbour reeked so that one senator's hem could glow. It cost more than its weight in silver; \
emperors forbade it, bishops inherited it, and a child born in the porphyry chamber was called \
porphyrogenitus before he was called anything else.

The spectrum has no purple. Violet closes the rainbow at one end, red opens it at the other, and \
between them lies nothing but the eye's own invention: two wavelengths seen together, and a colour \
agreed upon. Amethyst, heliotrope, mulberry and mauve are all descendants of that agreement. In \
1856 an eighteen-year-old chemist, looking for quinine, found instead a sludge that dyed silk \
magnificently; within three years half of London was wearing it, and the newspapers complained of \
mauve measles.

Writers blame it for their worst pages. Purple prose is a sentence with every ring on its fingers. \
And yet the hills do turn purple when the sun has left them, the thistle is purple without asking \
anybody, and the stain of blackberries on a kitchen table outlasts the guests, the pudding and the \
argument. What should we call a shade that is in no beam of light and in every evening? We call it \
purple, and, for want of a better word than that, we choose to believe our own eyes."""

SPACES = ("embeddings", "hidden_states")


def units(trace: Trace, words: bool) -> list[list[int]]:
    """Token indices of each word, or of each token."""
    groups: list[list[int]] = []
    for token in trace.tokens:
        same = groups and token.word is not None and token.word == trace.tokens[groups[-1][-1]].word
        if words and same:
            groups[-1].append(token.index)
        else:
            groups.append([token.index])
    return groups


def is_special(trace: Trace, groups: Sequence[Sequence[int]]) -> NDArray[np.bool_]:
    return np.array([trace.tokens[group[0]].special for group in groups])


def vectors(widget: AttentionWidget, groups: Sequence[Sequence[int]]) -> Scores:
    index = 0 if widget.space == "embeddings" else widget.layer + 1
    hidden = widget.trace.hidden_states(index).astype(np.float64)
    return np.stack([hidden[list(group)].mean(0) for group in groups])  # (unit, hidden)


def cosine(a: Scores, b: Scores) -> Scores:
    lengths = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    return np.asarray((a * b).sum(-1) / lengths)


def expected(widget: AttentionWidget) -> Scores:
    """What the text view should show, from the trace by NumPy."""
    trace = widget.trace
    groups = units(trace, widget.words)
    unit_of = {token: index for index, group in enumerate(groups) for token in group}
    rows = vectors(widget, groups)
    if widget.measure == "norm":
        return np.asarray(np.linalg.norm(rows, axis=1))
    if widget.measure == "previous_cosine":
        scores = np.full(len(rows), np.nan)
        spoken = np.flatnonzero(~is_special(trace, groups))
        scores[spoken[1:]] = cosine(rows[spoken[1:]], rows[spoken[:-1]])
        return scores
    if widget.measure == "pinned_cosine":
        pins = list(dict.fromkeys(unit_of[token] for token in widget.pinned))
        assert pins
        if widget.pin_mode == "mean":
            return cosine(rows, rows[pins].mean(0))
        return np.asarray(np.max([cosine(rows, rows[pin]) for pin in pins], axis=0))
    attention = trace.attention(widget.layer)[list(widget.heads)].mean(0, dtype=np.float64)
    per_query = np.stack([attention[group].mean(0) for group in groups])  # (unit, key)
    if widget.measure == "attention_from":
        assert widget.token is not None
        per_key = per_query[unit_of[widget.token]]
    else:
        per_key = per_query.mean(0)
    return np.array([per_key[group].sum() for group in groups])


def bulk(scores: Scores, least: float) -> tuple[float, float]:
    """Least and most, without an eighth of the scores at most that leave the others a tenth of the
    range or less."""
    found = np.sort(scores[np.isfinite(scores)])
    n = len(found)
    rare = max(1, n // 8) if n >= 4 else 0
    best = (0, 0)
    for below in range(rare + 1):
        for above in range(rare + 1 - below):
            inner = found[below : n - above]
            spread = inner[-1] - inner[0]
            far = (not below or inner[0] - found[below - 1] >= 9 * spread) and (
                not above or found[n - above] - inner[-1] >= 9 * spread
            )
            if far and spread > 1e-3 * abs(inner[-1]) and abs(inner).max() >= least:
                best = max(best, (below, above), key=sum)
    below, above = best
    return float(found[below]), float(found[n - above - 1])


def assert_colours(host: PageHost, scores: Scores) -> None:
    """Legend and colours are the scores of the text between the ends of their bulk; no score has no
    colour."""
    spoken = np.where(
        is_special(host.widget.trace, units(host.widget.trace, host.widget.words)), np.nan, scores
    )
    low, high = bulk(spoken, 0.01 if host.widget.measure.startswith("attention") else 0)
    shown = legend(text(host.page))
    assert agrees(shown[0], low), (shown, low)
    assert agrees(shown[1], high), (shown, high)
    steps = heats(host.page)
    assert len(steps) == len(scores)
    for index, (step, score) in enumerate(zip(steps, spoken, strict=True)):
        if np.isnan(score):
            assert step is None, index
        else:
            exact = 31 * np.clip((score - low) / (high - low), 0, 1)
            assert step is not None, index
            assert abs(step - exact) < 0.501, (index, step, exact)
    assert {0, 31} <= set(steps)  # the least and the most, whatever their size


@pytest.mark.parametrize("words", [True, False])
@pytest.mark.parametrize("space", SPACES)
def test_numbers_are_numpys_on_a_long_text(
    open_widget: Callable[..., PageHost], space: str, words: bool
) -> None:
    host = open_widget(LONG, layer=3, space=space, words=words, pinned=1, views="text")
    widget = host.widget
    assert len(widget.trace.tokens) >= 300
    for measure in ("norm", "previous_cosine", "pinned_cosine"):
        host.select(measure=measure)
        shown, exact = hovered_scores(host.page), expected(widget)
        np.testing.assert_allclose(shown, exact, rtol=2e-6, atol=1e-7)
        assert_colours(host, exact)


@pytest.mark.parametrize("words", [True, False])
def test_attention_received_is_numpys(open_widget: Callable[..., PageHost], words: bool) -> None:
    host = open_widget(LONG, layer=1, heads=(2, 8), words=words, views="text")
    host.select(measure="attention_received")
    exact = expected(host.widget)
    np.testing.assert_allclose(hovered_scores(host.page), exact, rtol=2e-5, atol=1e-8)
    assert_colours(host, exact)
    host.select(heads=5, layer=4)
    exact = expected(host.widget)
    np.testing.assert_allclose(hovered_scores(host.page), exact, rtol=2e-5, atol=1e-8)


@pytest.mark.parametrize("words", [True, False])
def test_attention_from_the_selected_is_numpys(
    open_widget: Callable[..., PageHost], words: bool
) -> None:
    host = open_widget(LONG, layer=2, heads=(0, 7), words=words, measure="attention_from")
    trace = host.widget.trace
    several = next(group for group in units(trace, True) if len(group) > 2)
    for token in (several[0], several[-1], 40):
        host.select(token=token)
        exact = expected(host.widget)
        np.testing.assert_allclose(hovered_scores(host.page), exact, rtol=2e-5, atol=1e-8)
        leave(host.page)
        assert_colours(host, exact)


def test_the_mouse_chooses_where_attention_comes_from(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(heads=3, measure="attention_from", token=1, views=("lines", "text"))
    query_row(host.page, 5).hover()
    host.settle()
    elsewhere = AttentionWidget.from_trace(
        host.widget.trace, heads=3, measure="attention_from", token=5
    )
    assert_colours(host, expected(elsewhere))
    leave(host.page)
    host.settle()
    assert_colours(host, expected(host.widget))


def test_the_first_word_has_no_cosine_to_the_previous_and_no_colour(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(measure="previous_cosine")
    first = unit(host.page, 1)
    expect(first).to_have_text("Attention")
    assert first.evaluate("(node) => getComputedStyle(node).backgroundColor") == "rgba(0, 0, 0, 0)"
    second = unit(host.page, 2).evaluate("(node) => getComputedStyle(node).backgroundColor")
    assert second != "rgba(0, 0, 0, 0)"
    shown = hovered_scores(host.page)
    assert np.isnan(shown).tolist() == [True, True, *[False] * 5, True]
    first.hover()
    expect(text(host.page).get_by_role("tooltip")).to_have_text("Attentiontoken 1")


def test_scores_that_are_all_alike_do_not_break_the_scale(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget("Purple", measure="norm")
    (norm,) = expected(host.widget)[1:2]
    low, high = legend(text(host.page))
    assert high == ""
    assert low.startswith("all ")
    assert agrees(low.removeprefix("all "), norm)
    assert heats(host.page) == [None, 16, None]
    host.select(measure="previous_cosine")  # nobody has one
    assert heats(host.page) == [None, None, None]
    assert legend(text(host.page)) == ("", "")


def test_darker_means_more_in_light_and_lighter_means_more_in_dark(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(theme="light")
    for theme, sign in (("light", -1), ("dark", 1)):
        host.select(theme=theme)
        steps = np.array([-1 if step is None else step for step in heats(host.page)])
        brightness = text(host.page).evaluate(
            """(view) => [...view.querySelectorAll("[data-unit]")].map((unit) => {
                 const canvas = document.createElement("canvas");
                 const context = canvas.getContext("2d");
                 context.fillStyle = getComputedStyle(unit).backgroundColor;
                 context.fillRect(0, 0, 1, 1);
                 const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
                 return 0.2126 * r + 0.7152 * g + 0.0722 * b;
               })"""
        )
        coloured = np.flatnonzero(steps >= 0)
        order = coloured[np.argsort(steps[coloured])]
        changes = np.diff(np.array(brightness)[order]) * sign
        assert (changes >= 0).all()
        assert changes.sum() > 60


# ---- pinning -----------------------------------------------------------------------------------


def test_a_click_pins_and_a_second_lets_go(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget("The stain of blackberries is purple.", layer=2, words=True)
    groups = units(host.widget.trace, True)
    word = next(index for index, group in enumerate(groups) if len(group) > 1)
    first = groups[word][0]
    seen: list[Any] = []
    host.widget.observe(lambda change: seen.append((change["name"], change["new"])), "pinned")
    unit(host.page, word).click()
    host.expect(pinned=(first,), token=first, measure="pinned_cosine")
    assert seen == [("pinned", (first,))]
    host.settle()
    expect(unit(host.page, word)).to_contain_class("aw-pinned")
    exact = expected(host.widget)
    assert exact[word] == pytest.approx(1, abs=1e-12)
    shown = hovered_scores(host.page)
    assert shown[word] == 1
    np.testing.assert_allclose(shown, exact, rtol=2e-6)
    assert_colours(host, exact)
    unit(host.page, word).click()
    host.expect(pinned=(), token=None, measure="norm")
    host.settle()
    expect(text(host.page).locator(".aw-pinned")).to_have_count(0)
    np.testing.assert_allclose(hovered_scores(host.page), expected(host.widget), rtol=2e-6)


def test_a_pin_moves_to_another_word(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(measure="previous_cosine")
    for token in (4, 2):
        unit(host.page, token).click()
        host.expect(pinned=(token,), token=token, measure="pinned_cosine")
        assert hovered_scores(host.page)[token] == 1
    unit(host.page, 2).click()
    host.expect(pinned=(), measure="previous_cosine")  # what was shown before


CLICK_AND_READ = f"""
(view) => {{
  view.querySelector('[data-unit="4"]').click();
  const scores = ({HOVER_EVERY_UNIT})(view);
  const pinned = [...view.querySelectorAll(".aw-pinned")].map((unit) => unit.dataset.unit);
  const heats = [...view.querySelectorAll("[data-unit]")].map((unit) =>
    [...unit.classList].find((name) => name.startsWith("aw-heat-")) ?? null);
  const low = view.querySelector(".aw-legend-low").textContent;
  return {{ scores, pinned, heats, low }};
}}
"""


def test_pinning_needs_no_kernel_and_no_wait(open_widget: Callable[..., PageHost]) -> None:
    """Click and reading are one task of the page: nothing, not even a timer, can come between."""
    host = open_widget(layer=3, views="text")
    host.cut()
    view = text(host.page)
    at_once = view.evaluate(CLICK_AND_READ)
    pinned = AttentionWidget.from_trace(
        host.widget.trace, layer=3, pinned=4, measure="pinned_cosine"
    )
    exact = expected(pinned)
    shown = np.array([number(score) for score in at_once["scores"]])
    np.testing.assert_allclose(shown, exact, rtol=2e-6)
    assert shown[4] == 1
    assert at_once["pinned"] == ["4"]
    assert at_once["heats"][4] == "aw-heat-31"
    assert agrees(at_once["low"], exact[1:-1].min())
    unit(host.page, 2).click()  # and on, with a real mouse
    assert hovered_scores(host.page)[2] == 1
    unit(host.page, 2).click()
    norms = expected(AttentionWidget.from_trace(host.widget.trace, layer=3))
    np.testing.assert_allclose(hovered_scores(host.page), norms, rtol=2e-6)
    assert host.widget.pinned == ()  # Python heard of none of it
    updates = [sent["state"] for sent in host.unanswered() if sent["method"] == "update"]
    assert [update["pinned"] for update in updates if "pinned" in update] == [[4], [2], []]
    asked = [sent["content"]["key"] for sent in host.unanswered() if sent["method"] == "custom"]
    assert all(key.split("/")[2] in ("2", "4") for key in asked)  # ahead, while nobody waits


def test_keys_walk_and_pin(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget()
    text(host.page).locator(".aw-text").focus()
    for key, token in [("ArrowRight", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1)]:
        host.page.keyboard.press(key)
        host.expect(token=token, pinned=())
    host.page.keyboard.press("Enter")
    host.expect(token=1, pinned=(1,), measure="pinned_cosine")
    host.page.keyboard.press("Escape")
    host.expect(token=None, pinned=())


# ---- controls ----------------------------------------------------------------------------------


def test_controls_are_traits(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget("Blackberries stain.")
    view = text(host.page)
    view.get_by_label("Colour").select_option("attention_received")
    host.expect(measure="attention_received")
    view.get_by_label("Vectors").select_option("embeddings")
    host.expect(space="embeddings")
    view.get_by_label("Units").select_option("tokens")
    host.expect(words=False)
    expect(view.locator("[data-unit]")).to_have_count(len(host.widget.trace.tokens))
    host.select(measure="norm", space="hidden_states", words=True)
    expect(view.get_by_label("Colour")).to_have_value("norm")
    expect(view.get_by_label("Vectors")).to_have_value("hidden_states")
    expect(view.get_by_label("Units")).to_have_value("words")
    expect(view.locator("[data-unit]")).to_have_count(len(units(host.widget.trace, True)))


@pytest.mark.parametrize("words", [True, False])
def test_the_text_stands_there_as_it_was_written(
    open_widget: Callable[..., PageHost], words: bool
) -> None:
    host = open_widget(LONG, words=words)
    shown = (
        text(host.page)
        .locator(".aw-text")
        .evaluate(
            """(text) => {
             const copy = text.cloneNode(true);
             for (const special of copy.querySelectorAll(".aw-special")) special.remove();
             return copy.textContent;
           }"""
        )
    )
    assert shown == LONG


# ---- several pins ------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [True, False])
def test_several_pins_are_numpys(open_widget: Callable[..., PageHost], words: bool) -> None:
    host = open_widget(
        LONG, layer=3, words=words, pinned=(1, 40, 77), measure="pinned_cosine", views="text"
    )
    groups = units(host.widget.trace, words)
    unit_of = {token: index for index, group in enumerate(groups) for token in group}
    rows = vectors(host.widget, groups)
    exact = expected(host.widget)
    np.testing.assert_allclose(hovered_scores(host.page), exact, rtol=2e-6, atol=1e-7)
    assert_colours(host, exact)
    per_pin = [cosine(rows, rows[unit_of[pin]]) for pin in host.widget.pinned]
    nearest = np.argmax(per_pin, axis=0)
    special = is_special(host.widget.trace, groups)
    hues = hues_of(host)
    assert [hue for hue, is_out in zip(hues, special, strict=True) if not is_out] == (
        nearest[~special].tolist()
    )
    host.select(pin_mode="mean")
    exact = expected(host.widget)
    np.testing.assert_allclose(hovered_scores(host.page), exact, rtol=2e-6, atol=1e-7)
    assert_colours(host, exact)
    assert set(hues_of(host)) == {None}


def hues_of(host: PageHost) -> list[int | None]:
    found: list[int | None] = text(host.page).evaluate(
        """(view) => [...view.querySelectorAll("[data-unit]")].map((unit) => {
             const [hue] = [...unit.classList].filter((name) => name.startsWith("aw-hue-"));
             return hue ? Number(hue.slice("aw-hue-".length)) : null;
           })"""
    )
    return found


def test_pins_are_added_and_let_go_by_mouse_and_keyboard(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(views="text")
    page = host.page
    unit(page, 1).click()
    unit(page, 4).click(modifiers=["Control"])
    unit(page, 5).click(modifiers=["Shift"])
    host.expect(pinned=(1, 4, 5), token=5, measure="pinned_cosine")
    assert page.evaluate("getSelection().toString()") == ""
    chips = text(page).locator(".aw-pin")
    expect(chips).to_have_text(["“Attention”×", "“novel”×", "“idea”×"])
    place = unit(page, 1).bounding_box()
    text(page).locator(".aw-pin-bar select").select_option("mean")
    host.expect(pin_mode="mean")
    text(page).get_by_role("button", name="Let go of “novel”").click()
    host.expect(pinned=(1, 5))
    page.keyboard.press("Enter")  # the next chip has the focus
    host.expect(pinned=(1,))
    assert unit(page, 1).bounding_box() == place  # the text stays where it is
    page.keyboard.press("Enter")
    host.expect(pinned=(), measure="norm")
    expect(text(page).locator(".aw-text")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+Enter")
    host.expect(pinned=(6, 5))


# ---- palettes ----------------------------------------------------------------------------------

CONTRAST = """
(view) => {
  const channels = (colour) => {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map((byte) => {
      const c = byte / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
  };
  const luminance = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return [...view.querySelectorAll('[class*="aw-heat-"][data-unit]')].map((unit) => {
    const { color, backgroundColor } = getComputedStyle(unit);
    const [a, b] = [color, backgroundColor].map((each) => luminance(channels(each)));
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  });
}
"""


def test_every_palette_leaves_the_text_readable(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(LONG, views="text", measure="previous_cosine")
    changes: list[dict[str, Any]] = [
        *({"colour_map": name, "pinned": ()} for name in COLOUR_MAPS),
        {"pinned": (1, 9, 17, 30, 41, 60, 77), "measure": "pinned_cosine"},
    ]
    for theme in ("light", "dark"):
        for change in changes:
            host.select(theme=theme, **{"measure": "previous_cosine", **change})
            ratios = text(host.page).evaluate(CONTRAST)
            assert len(ratios) > 250
            assert min(ratios) >= 4.5, (theme, change, min(ratios))


def test_the_diverging_palette_is_symmetric_about_0(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(LONG, views="text", measure="previous_cosine", colour_map="diverging")
    exact = expected(host.widget)
    most = np.nanmax(np.abs(exact))
    low, high = legend(text(host.page))
    assert agrees(low, -most)
    assert agrees(high.removeprefix("+"), most)
    for step, score in zip(heats(host.page), exact, strict=True):
        if np.isnan(score):
            assert step is None
        else:
            assert step is not None
            assert abs(step - 30 * (score + most) / (2 * most)) < 0.501


# ---- search ------------------------------------------------------------------------------------


def test_the_search_finds_counts_and_jumps(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(LONG, views="text", words=True)
    page = host.page
    box = text(page).get_by_role("searchbox", name="Search the text")
    colours = heats(page)
    box.fill("PURPLE")
    count = LONG.lower().count("purple")
    expect(text(page).locator(".aw-search-count")).to_have_text(f"1 of {count}")
    found = text(page).locator(".aw-found")
    assert {said.lower() for said in found.all_text_contents()} == {"purple"}
    expect(found).to_have_count(count)
    assert heats(page) == colours
    for place in (*range(2, count + 1), 1):
        page.keyboard.press("Enter")
        expect(text(page).locator(".aw-search-count")).to_have_text(f"{place} of {count}")
        expect(text(page).locator(".aw-found-now")).to_be_in_viewport()
    page.keyboard.press("Shift+Enter")
    expect(text(page).locator(".aw-search-count")).to_have_text(f"{count} of {count}")
    page.keyboard.press("Escape")
    expect(found).to_have_count(0)
    assert host.widget.token is None


def test_a_special_token_is_in_one_piece_at_any_width(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget("Attention is a novel idea that a model has.", views="text")
    page = host.page
    for width in range(360, 660, 10):
        page.set_viewport_size({"width": width, "height": 700})
        pieces = page.evaluate(
            "[...document.querySelectorAll('.aw-unit.aw-special')].map("
            "(node) => node.getClientRects().length)"
        )
        assert pieces == [1, 1], f"{width} px wide"


# ---- scripts and lines -------------------------------------------------------------------------


def spoken(*parts: tuple[str, str]) -> Trace:
    """A trace whose tokens are these (lead, text)."""
    made = trace(heads=(2,), labels=[text or "a" for _, text in parts])
    tokens = tuple(
        replace(token, text=text, label=text or "·", lead=lead, special=False, segment=0)
        for token, (lead, text) in zip(made.tokens, parts, strict=True)
    )
    return replace(made, tokens=tokens)


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


def test_no_word_moves_whatever_colours_the_text(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(LONG, views="text")
    before = text(host.page).evaluate(PLACES)
    host.page.locator(".aw-view-text .aw-search-input").fill("purple")
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
        text(host.page).locator(f'[data-save="{kind}"]').click()
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

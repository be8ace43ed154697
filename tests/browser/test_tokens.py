"""The tokens and mask view: every token with all that is known of it, and the mask as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect
from support import models, traces

from attention_widget import capture
from attention_widget.trace.mask import Mask
from attention_widget.trace.trace import Trace
from browser.page_host import PageHost
from browser.reading import (
    key_row,
    leave,
    panel_action,
    panel_options,
    pixels,
    tooltip,
    view,
)

pytestmark = pytest.mark.browser

COPIED = """async (secure) => {
  const written = [];
  if (secure) {
    const clipboard = { writeText: async (text) => written.push(text) };
    Object.defineProperty(navigator, "clipboard", { value: clipboard });
  } else {
    document.addEventListener("copy", ({ target }) => {
      written.push(target.value.slice(target.selectionStart, target.selectionEnd));
    });
  }
  const panel = document.querySelector(".aw-view-tokens");
  const button = [...panel.querySelectorAll("button")].find(
    (node) => node.textContent === "Copy as TSV",
  );
  button.focus();
  button.click();
  await new Promise(requestAnimationFrame);
  return [written, panel.querySelector(".aw-copied").textContent,
          document.activeElement === button];
}"""


def panel(page: Page) -> Locator:
    return view(page, "Tokens and mask")


def row(page: Page, index: int) -> Locator:
    return panel(page).locator(f'.aw-table:not([hidden]) [data-token="{index}"]')


def cells(page: Page, index: int) -> dict[str, str]:
    found: dict[str, str] = row(page, index).evaluate(
        """(row) => Object.fromEntries(
             [...row.children].map((cell) => [cell.dataset.column, cell.textContent]))"""
    )
    return found


def mask(page: Page) -> Locator:
    return panel(page).locator(".aw-mask-frame")


def box(page: Page) -> list[float]:
    """Where the cells stand beside the axes: x, y, width and height."""
    return [float(number) for number in (mask(page).get_attribute("data-maps") or "").split()]


def image(page: Page) -> np.ndarray[Any, Any]:
    x, y, width, height = map(int, box(page))
    return pixels(mask(page).locator("canvas"))[y : y + height, x : x + width].astype(int)


def words(page: Page) -> Locator:
    return panel(page).locator(".aw-mask-words")


def masked(mask: Mask, heads: int = 2) -> Trace:
    n = len(mask.start)
    labels = ["[CLS]", *(f"w{index}" for index in range(n - 2)), "[SEP]"]
    made = traces.trace(heads=(heads, heads), labels=labels)
    return replace(made, blocks=tuple(replace(block, mask=mask) for block in made.blocks))


PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def is_seen(image: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Purple, not grey, nor the blue of what is selected."""
    seen: np.ndarray[Any, Any] = image[..., 0] - image[..., 1] > 22
    return seen


def seen_pixels(page: Page, n_queries: int, n_keys: int) -> np.ndarray[Any, Any]:
    """Whether the middle of each cell has the colour of what may be attended to."""
    leave(page)
    page.evaluate(PAINTED)
    drawn = image(page)
    y = ((np.arange(n_queries) + 0.5) * drawn.shape[0] / n_queries).astype(int)
    x = ((np.arange(n_keys) + 0.5) * drawn.shape[1] / n_keys).astype(int)
    middle = drawn[y][:, x]  # (query, key, rgba)
    return is_seen(middle)


def test_every_token_stands_there_with_what_the_trace_knows(
    open_widget: Callable[..., PageHost],
) -> None:
    text = "The child's  purple\tink."
    host = open_widget(text, views="tokens", words=False)
    trace = host.widget.trace
    grid = panel(host.page).get_by_role("grid", name="Tokens", exact=True)
    assert grid.get_attribute("aria-rowcount") == str(len(trace.tokens) + 1)
    for index, token in enumerate(trace.tokens):
        shown = cells(host.page, index)
        exact = (token.lead + token.text + token.trail).replace(" ", "·").replace("\t", "→")
        assert shown == {
            "index": str(index),
            "token": token.label,
            "piece": token.piece,
            "text": exact or "–",
            "id": str(token.id),
            "word": "–" if token.word is None else str(token.word),
            "segment": "–" if token.segment is None else str(token.segment),
            "special": "yes" if token.special else "–",
            "seen": "yes",
            "offsets": "–" if token.start is None else f"{token.start}–{token.end}",
        }


@pytest.mark.parametrize("secure", [True, False])
def test_the_table_goes_to_a_spreadsheet(
    open_widget: Callable[..., PageHost], secure: bool
) -> None:
    host = open_widget(views="tokens")
    tokens = host.widget.trace.tokens
    with panel_options(panel(host.page)):
        (written,), said, focused = host.page.evaluate(COPIED, secure)
    assert focused
    assert said == f"{len(tokens)} rows copied."
    head, *rows = [line.split("\t") for line in written.split("\n")]
    assert head[:5] == ["index", "token", "piece", "exact text", "id"]
    assert [line[:5] for line in rows] == [
        [
            str(token.index),
            token.label,
            str(token.piece),
            token.lead + token.text + token.trail,
            str(token.id),
        ]
        for token in tokens
    ]


def random_mask(heads: int, n: int) -> Mask:
    random = torch.Generator().manual_seed(heads)
    return Mask.from_visible(torch.rand(heads, n, n, generator=random) < 0.6)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (Mask.full(12, 12), "Every token sees every token."),
        (Mask.causal(12, 12), "Causal: a token sees itself"),
        (Mask.causal(12, 12, window=4), "Sliding window of 4: a token sees itself and at most 3"),
        (
            Mask.from_visible((torch.ones(12, 12).tril().bool() | (torch.arange(12) < 5))[None]),
            "Prefix of 5, then causal",
        ),
        (
            Mask.from_visible((torch.arange(12) < 9).expand(1, 12, 12)),
            "Every token sees every token but those hidden from all (padding): 9–11.",
        ),
        (random_mask(1, 12), "Custom pattern"),
    ],
    ids=["full", "causal", "window", "prefix", "padding", "other"],
)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_picture_is_the_mask(
    open_trace: Callable[..., PageHost], made: Mask, said: str, theme: str
) -> None:
    host = open_trace(masked(made), views="tokens", theme=theme)
    expect(words(host.page)).to_contain_text(said)
    visible = made.visible(torch.arange(12))[0].numpy()
    np.testing.assert_array_equal(seen_pixels(host.page, 12, 12), visible)
    _, _, width, height = box(host.page)
    assert (width == height == 72) == (said == "Every token sees every token.")
    hidden = [index for index in range(12) if not visible[:, index].any()]
    assert [index for index in range(12) if cells(host.page, index)["seen"] == "no"] == hidden


def test_of_heads_that_differ_it_is_the_one_looked_at(open_trace: Callable[..., PageHost]) -> None:
    made = random_mask(3, 9)
    host = open_trace(masked(made, heads=3), views="tokens", heads=2)
    for head in (2, 0):
        host.select(heads=head)
        title = panel(host.page).locator(".aw-mask-title")
        expect(title).to_have_text(f"Mask of layer 0, head {head}")
        visible = made.visible(torch.arange(9))[head].numpy()
        np.testing.assert_array_equal(seen_pixels(host.page, 9, 9), visible)


def test_layers_with_other_masks_are_named(open_trace: Callable[..., PageHost]) -> None:
    made = masked(Mask.causal(8, 8, window=3))
    local, whole = made.blocks
    host = open_trace(
        replace(made, blocks=(local, replace(whole, mask=Mask.causal(8, 8)))), views="tokens"
    )
    layers = panel(host.page).locator(".aw-mask-layers")
    expect(layers).to_have_text("layer 0: sliding window of 3; layer 1: causal.")
    expect(words(host.page)).to_contain_text("Sliding window of 3")
    host.select(layer=1)
    expect(words(host.page)).to_contain_text("Causal")


@pytest.mark.parametrize("name", ["gpt2", "bert"])
def test_the_mask_is_that_of_the_forward_pass(
    open_trace: Callable[..., PageHost], name: str
) -> None:
    trace = capture(models.tiny(name), models.TEXT, tokenizer=models.tokenizer())
    host = open_trace(trace, views="tokens")
    n = len(trace.tokens)
    weights = trace.attention(0)
    np.testing.assert_array_equal(seen_pixels(host.page, n, n), (weights > 0).any(0))
    said = "Causal" if name == "gpt2" else "Every token sees every token."
    expect(words(host.page)).to_contain_text(said)


def test_of_weights_alone_the_mask_is_said_to_be_unknown(
    open_trace: Callable[..., PageHost],
) -> None:
    made = traces.as_maps(traces.trace(heads=(2,), causal=True))
    host = open_trace(made, views="tokens")
    expect(words(host.page)).to_contain_text("The mask is not known")
    np.testing.assert_array_equal(seen_pixels(host.page, 6, 6), np.tri(6, dtype=bool))
    expect(panel(host.page).locator('[data-column="seen"]')).to_have_count(0)


def test_the_mouse_over_a_cell_names_query_and_key(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(masked(Mask.causal(10, 10)), views=["lines", "tokens"])
    left, top, width, height = box(host.page)

    def at(query: int, key: int) -> dict[str, float]:
        return {"x": left + (key + 0.5) * width / 10, "y": top + (query + 0.5) * height / 10}

    tip = tooltip(panel(host.page)).locator("div")
    mask(host.page).hover(position=at(4, 2))  # type: ignore[arg-type]
    assert tip.all_text_contents() == ["w3 → w1", "may attend"]
    mask(host.page).hover(position=at(2, 4))  # type: ignore[arg-type]
    assert tip.all_text_contents() == ["w1 → w3", "hidden by the mask"]
    expect(row(host.page, 2)).to_contain_class("aw-hovered")
    mask(host.page).click(position=at(6, 3))  # type: ignore[arg-type]
    host.expect(token=6, key_token=3)
    expect(panel(host.page).locator(".aw-note")).to_contain_text(
        "“w5”: sees 7 of 10 keys, seen by 4 of 10 queries. w5 → w2: may attend."
    )
    mask(host.page).click(position=at(6, 3))  # type: ignore[arg-type]
    host.expect(token=None, key_token=None)


def test_the_picture_goes_by_keyboard(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(masked(Mask.causal(10, 10)), views="tokens", token=4, key_token=4)
    panel(host.page).locator(".aw-mask-frame").focus()
    for key, token, key_token in [
        ("ArrowDown", 5, 4),
        ("ArrowRight", 5, 5),
        ("ArrowUp", 4, 5),
        ("ArrowLeft", 4, 4),
        ("Escape", None, None),
    ]:
        host.page.keyboard.press(key)
        host.expect(token=token, key_token=key_token)


def test_hovering_and_selecting_go_both_ways(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(views=["lines", "tokens"])
    row(host.page, 4).hover()
    expect(key_row(host.page, 4)).to_contain_class("aw-hovered")
    leave(host.page)
    row(host.page, 5).click()
    host.expect(token=5)
    host.select(token=2)
    expect(row(host.page, 2)).to_contain_class("aw-selected")
    expect(row(host.page, 5)).not_to_contain_class("aw-selected")


def test_cross_attention_has_two_lists(open_trace: Callable[..., PageHost]) -> None:
    trace = traces.encoder_decoder(generated=True)
    host = open_trace(trace, views="tokens", attention_kind="cross")
    assert trace.target is not None
    tabs = panel(host.page).get_by_role("tab")
    expect(tabs).to_have_text(["Queries: 6 tokens", "Keys: 4 tokens"])
    assert cells(host.page, 2)["probability"] == "0.800"
    assert cells(host.page, 1)["token"] == trace.target.tokens[1].label
    tabs.nth(1).click()
    assert cells(host.page, 1)["token"] == trace.tokens[1].label
    row(host.page, 1).click()
    host.expect(key_token=1, token=None)
    assert seen_pixels(host.page, 6, 4)[:, [0, 2, 3]].all()


def test_what_was_generated_says_so_without_scrolling(
    open_trace: Callable[..., PageHost],
) -> None:
    host = open_trace(traces.chat(), views="tokens")
    host.page.set_viewport_size({"width": 640, "height": 800})
    host.settle()
    frame = panel(host.page).bounding_box()
    assert frame is not None
    for column, said in (("step", "1"), ("probability", "0.625")):
        cell = row(host.page, 5).locator(f'[data-column="{column}"]')
        expect(cell).to_have_text(said)
        place = cell.bounding_box()
        assert place is not None
        assert place["x"] + place["width"] < frame["x"] + frame["width"]


def test_words_are_rows_with_their_pieces(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget("Picking blackberries.", views="tokens", words=True)
    trace = host.widget.trace
    for at, token in enumerate(trace.words().tokens):
        own = [one for one in trace.tokens if one.word == token.word and not token.special]
        shown = cells(host.page, at)
        assert shown["token"] == token.label
        if len(own) > 1:
            assert shown["index"] == f"{own[0].index}–{own[-1].index}"
            assert shown["piece"] == " · ".join(str(one.piece) for one in own)
    row(host.page, 2).click()
    host.expect(token=next(one.index for one in trace.tokens if one.word == 1))


def test_a_window_lists_its_own_tokens(open_trace: Callable[..., PageHost]) -> None:
    trace = traces.windowed()
    host = open_trace(trace, views="tokens", token=20)
    shown = trace.window(20)
    for index, position in enumerate(shown.positions[:8]):
        expected = "–" if position is None else str(position)
        assert cells(host.page, index)["index"] == expected
        assert cells(host.page, index)["token"] == shown.trace.tokens[index].label
    expect(panel(host.page).locator(".aw-where")).to_contain_text("window 2 of 3")


def test_four_thousand_tokens_are_a_few_rows(open_trace: Callable[..., PageHost]) -> None:
    n = 4000
    host = open_trace(masked(Mask.causal(n, n, window=500), heads=1), views="tokens")
    grid = panel(host.page).locator(".aw-table:not([hidden])")
    assert grid.get_attribute("aria-rowcount") == str(n + 1)
    assert grid.locator('[role="gridcell"]').count() < 600
    host.select(token=3210)
    expect(row(host.page, 3210)).to_be_in_viewport()
    expect(words(host.page)).to_contain_text("Sliding window of 500")
    seen = is_seen(image(host.page))
    height, width = seen.shape
    share = host.widget.meta["attention"][0]["layers"][0]["masks"][0]["share"]
    assert seen.mean() == pytest.approx(share, abs=0.03)
    assert not seen[: height // 4, width // 2 :].any()


def test_zoomed_in_the_mask_is_that_of_the_tokens_in_sight(
    open_trace: Callable[..., PageHost],
) -> None:
    n = 2000
    host = open_trace(masked(Mask.causal(n, n, window=3), heads=1), views="tokens")
    left, top, width, height = box(host.page)
    mask(host.page).focus()
    for _ in range(14):
        host.page.keyboard.press("+")
    host.page.evaluate(PAINTED)
    drawn = image(host.page)
    assert is_seen(drawn).mean() > 0.2
    tip = tooltip(panel(host.page)).locator("div")
    for across in np.linspace(0.06, 0.94, 8):  # between the lines of the cells
        at = {"x": left + across * width, "y": top + 0.45 * height}
        mask(host.page).hover(position=at)  # type: ignore[arg-type]
        said = tip.all_text_contents()[1]
        pixel = drawn[int(0.45 * height), int(across * width)]
        assert said == ("may attend" if is_seen(pixel) else "hidden by the mask")
    host.page.keyboard.press("0")
    host.page.evaluate(PAINTED)
    assert is_seen(image(host.page)).mean() < 0.01


def test_what_is_shown_is_saved(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(masked(Mask.causal(10, 10, window=3)), views="tokens", token=4)
    with host.page.expect_download() as saving:
        panel_action(panel(host.page), "svg").click()
    assert saving.value.suggested_filename.startswith("tiny-tokens-layer-0-from-4-w3-")
    svg = saving.value.path().read_text(encoding="utf-8")
    for said in ("Tokens and mask", "exact text", ">w3<", "Mask of layer 0", "Sliding window of 3"):
        assert said in svg
    for foreign in ("var(", "class=", "foreignObject", "<style"):
        assert foreign not in svg
    rects = host.page.evaluate(
        """(text) => [...new DOMParser().parseFromString(text, "image/svg+xml")
             .querySelectorAll('rect[fill="rgb(160,112,226)"]')].map((r) =>
               ["x", "y", "width", "height"].map((name) => Number(r.getAttribute(name))))""",
        svg,
    )
    starts, stops = Mask.causal(10, 10, window=3).start, Mask.causal(10, 10, window=3).stop
    cell = rects[0][3]
    assert len(rects) == 10
    left = min(x for x, *_ in rects)
    for (x, _, width, _), start, stop in zip(rects, starts, stops, strict=True):
        assert x - left == pytest.approx(int(start) * cell, abs=0.05)
        assert width == pytest.approx(int(stop - start) * cell, abs=0.05)

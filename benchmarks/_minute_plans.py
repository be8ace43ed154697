"""What a person does in the first minute, goal by goal, with the mouse alone or the keyboard alone.

Where two words are selected, a line says which head of all layers gives them the most attention.
The front before had no such line. With "novel" selected, its lines were as strong as their weights
on a scale from 0 to 1 that all layers share: a person went through the layers, remembered the
strongest line to "idea", went back to its layer and took the head of its colour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, get_args

from _hands import Hands
from browser.reading import is_within, key_row, lines, query_row, text, unit
from playwright.sync_api import Locator, Page, expect

Goal = Literal["find the head", "see the weight", "pin the word", "save the figure"]
goals: Final[tuple[Goal, ...]] = get_args(Goal)


HOW: Final = ("mouse", "keyboard")


@dataclass(frozen=True)
class Minute:
    """What there is to find."""

    query: int
    key: int
    layer: int
    head: int
    heads: Mapping[tuple[int, int], float]
    """Weight of the two words in each head, by (layer, head)."""
    n_layers: int

    @property
    def weight(self) -> float:
        return self.heads[self.layer, self.head]


Plan = Callable[[Hands, Minute], None]


def layers(page: Page) -> Locator:
    return page.get_by_role("radiogroup", name="Layer", exact=True)


def heads(page: Page) -> Locator:
    return page.get_by_role("group", name="Heads", exact=True)


def chip(row: Locator, index: int) -> Locator:
    return row.locator(f'[data-index="{index}"]')


def find_by_mouse(hands: Hands, minute: Minute) -> None:
    page = hands.page
    hands.click(query_row(page, minute.query), "the query")
    for layer in range(1, minute.n_layers):
        hands.click(chip(layers(page), layer), f"layer {layer}")
    hands.click(chip(layers(page), minute.layer), f"layer {minute.layer}")
    hands.click(chip(heads(page), minute.head), f"head {minute.head}")
    check_head(page, minute)


def find_by_keyboard(hands: Hands, minute: Minute) -> None:
    page = hands.page
    queries = lines(page).locator(".aw-queries-scroll")
    hands.tab_to(queries, "the queries")
    row = query_row(page, minute.query)
    hands.press_until("ArrowDown", lambda: "aw-selected" in row.evaluate("n => n.className"), "row")
    hands.tab_to(layers(page), "the layers", "Shift+Tab")
    hands.press("ArrowRight", minute.n_layers - 1)
    hands.press("ArrowLeft", minute.n_layers - 1 - minute.layer)
    hands.tab_to(heads(page), "the heads")
    hands.press("ArrowRight", minute.head)
    check_head(page, minute)


def check_head(page: Page, minute: Minute) -> None:
    expect(chip(layers(page), minute.layer)).to_have_attribute("aria-checked", "true")
    expect(heads(page).locator('[aria-pressed="true"]')).to_have_count(1)
    expect(chip(heads(page), minute.head)).to_have_attribute("aria-pressed", "true")


def see_weight(hands: Hands, minute: Minute) -> None:
    """It stands beside the key while the query is selected."""
    shown = key_row(hands.page, minute.key).locator(".aw-weight").inner_text()
    if not is_within(shown, minute.weight, 1e-3):
        raise RuntimeError(f"the page shows {shown}, the trace has {minute.weight}")


def pin_by_mouse(hands: Hands, minute: Minute) -> None:
    hands.click(unit(hands.page, minute.query), "the word in the text")
    check_pin(hands.page, minute)


def pin_by_keyboard(hands: Hands, minute: Minute) -> None:
    """The word is the one that is selected in the lines."""
    hands.tab_to(text(hands.page).locator(".aw-text"), "the text")
    hands.press("Enter")
    check_pin(hands.page, minute)


def check_pin(page: Page, minute: Minute) -> None:
    expect(text(page).locator(".aw-pinned")).to_have_count(1)
    expect(unit(page, minute.query)).to_contain_class("aw-pinned")


def save_by_mouse(hands: Hands, minute: Minute) -> None:
    button = lines(hands.page).get_by_role("button", name="SVG")
    check_figure(hands.save(lambda: hands.click(button, "SVG")).read_text("utf-8"))


def save_by_keyboard(hands: Hands, minute: Minute) -> None:
    button = lines(hands.page).get_by_role("button", name="SVG")
    hands.tab_to(button, "SVG", "Shift+Tab")
    check_figure(hands.save(lambda: hands.press("Enter")).read_text("utf-8"))


def check_figure(figure: str) -> None:
    if "<svg" not in figure or "novel" not in figure or "idea" not in figure:
        raise RuntimeError(f"no figure of the lines: {figure[:80]}")


# ---- the front of one line: a list of layers, a button for heads ---------------------------------


def layer_list(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Layer", exact=True)


def head_button(page: Page) -> Locator:
    return page.locator(".aw-open-heads")


def chip_in_box(page: Page, index: int) -> Locator:
    return page.locator(f'.aw-picker [popover] [data-index="{index}"]')


def offered(page: Page) -> Locator:
    """The line that says which head gives the two words that are selected the most attention."""
    return page.locator(".aw-suggestion").filter(has_text="→").get_by_role("button")


def is_selected(row: Locator) -> bool:
    return "aw-selected" in row.evaluate("n => n.className")


def find_by_pair(hands: Hands, minute: Minute) -> None:
    """The first picture may have selected the query; another click would let go of it."""
    page = hands.page
    query = query_row(page, minute.query)
    if not is_selected(query):
        hands.click(query, "the query")
    hands.click(key_row(page, minute.key), "the key")
    hands.click(offered(page), "show")
    check_choice(page, minute)


def find_with_keys(hands: Hands, minute: Minute) -> None:
    """``n`` goes to what the line offers, wherever the focus is."""
    page = hands.page
    for side, row, what in (
        (".aw-queries-scroll", query_row(page, minute.query), "the queries"),
        (".aw-keys-scroll", key_row(page, minute.key), "the keys"),
    ):
        if not is_selected(row):
            hands.tab_to(lines(page).locator(side), what)
            hands.press_until("ArrowDown", partial(is_selected, row), "row")
    expect(offered(page)).to_be_visible()  # after a moment
    hands.press("n")
    check_choice(page, minute)


def check_choice(page: Page, minute: Minute) -> None:
    expect(layer_list(page)).to_have_value(str(minute.layer))
    expect(page.locator('.aw-picker [popover] [data-index][aria-pressed="true"]')).to_have_count(1)
    expect(chip_in_box(page, minute.head)).to_have_attribute("aria-pressed", "true")


def save_after_hover(hands: Hands, minute: Minute) -> None:
    """The buttons come when the mouse is over the panel."""
    hands.hover(lines(hands.page).get_by_role("heading"), "the panel")
    save_by_mouse(hands, minute)


OLD: Final[Mapping[str, Mapping[Goal, Plan]]] = {
    "mouse": {
        "find the head": find_by_mouse,
        "see the weight": see_weight,
        "pin the word": pin_by_mouse,
        "save the figure": save_by_mouse,
    },
    "keyboard": {
        "find the head": find_by_keyboard,
        "see the weight": see_weight,
        "pin the word": pin_by_keyboard,
        "save the figure": save_by_keyboard,
    },
}

CALM: Final[Mapping[str, Mapping[Goal, Plan]]] = {
    "mouse": {**OLD["mouse"], "find the head": find_by_pair, "save the figure": save_after_hover},
    "keyboard": {**OLD["keyboard"], "find the head": find_with_keys},
}


def plans_of(page: Page) -> Mapping[str, Mapping[Goal, Plan]]:
    """Those of the front that the page has."""
    return CALM if layer_list(page).count() else OLD

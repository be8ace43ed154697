"""Choose layer, heads, views and settings as a person does, in the boxes that buttons open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from playwright.sync_api import FrameLocator, Locator, Page, expect

Place = Page | Locator | FrameLocator

Modifier = Literal["Alt", "Control", "ControlOrMeta", "Meta", "Shift"]

HEADS = ".aw-open-heads"
VIEWS = ".aw-open-views"
SETTINGS = ".aw-gear"
EXAMPLES = ".aw-open-examples"


@contextmanager
def opened(within: Place, opener: str) -> Iterator[Locator]:
    """The box that a button opens; closed again by Escape, which gives the focus back."""
    button = within.locator(opener)
    box = within.locator(f"{opener} + .aw-popover")
    button.click()
    expect(box).to_be_visible()
    yield box
    if box.is_visible():
        button.press("Escape")
    expect(box).to_be_hidden()


def layer_list(within: Place) -> Locator:
    return within.locator(".aw-picker .aw-layer select")


def choose_layer(within: Place, layer: int) -> None:
    layer_list(within).select_option(str(layer))


def expect_layer(within: Place, layer: int) -> None:
    expect(layer_list(within)).to_have_value(str(layer))


def kind_list(within: Place) -> Locator:
    return within.locator(".aw-picker .aw-kind select")


def head_chip(within: Place, head: int) -> Locator:
    """To be seen while its box is open."""
    return within.locator(f'.aw-picker .aw-chips [data-index="{head}"]')


def choose_head(within: Place, head: int, modifiers: Sequence[Modifier] = ()) -> None:
    """That head alone; with a modifier it is added, or taken away."""
    with opened(within, HEADS):
        head_chip(within, head).click(modifiers=modifiers)


def expect_head(within: Place, head: int, chosen: bool = True) -> None:
    expect(head_chip(within, head)).to_have_attribute("aria-pressed", "true" if chosen else "false")


def combine_list(within: Place) -> Locator:
    """To be seen while its box is open."""
    return within.locator('.aw-picker [data-option="combine"] select')


def setting(within: Place, option: str) -> Locator:
    """The list of an option behind the gear."""
    return within.locator(f'.aw-settings [data-option="{option}"] select')


def choose_setting(within: Place, option: str, value: str) -> None:
    with opened(within, SETTINGS):
        setting(within, option).select_option(value)


def switch_view(within: Place, name: str) -> None:
    """Show a view, or take it away."""
    with opened(within, VIEWS) as box:
        box.locator(f'[data-view="{name}"]').click()

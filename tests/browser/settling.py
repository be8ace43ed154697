"""Wait until what a page shows of a widget waits for nothing, and is drawn."""

from __future__ import annotations

import time

import numpy as np
from playwright.sync_api import Locator, Page, expect

from browser.reading import Pixels, pixels
from browser.server import PATIENCE_S

# A view asks for what it needs when it draws, a frame after a choice: frames come first.
SETTLED = """
async (views) => {
  const frame = () => new Promise(requestAnimationFrame);
  const widget = ".attention-widget";
  const isWhole = () => {
    const found = document.querySelectorAll(`${widget} .aw-view`).length;
    return (typeof views !== "number" || found === views)
      && !document.querySelector(`${widget} [data-pending]`);
  };
  await frame();
  await frame();
  if (!isWhole()) return false;
  await frame(); // what has come just now is drawn
  return isWhole();
}
"""

FRAMES = """async () => {
  for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
}"""


# Longer than lines are drawn roughly once they were scrolled; a frame takes 16 ms or more.
MANY_FRAMES = """async () => {
  for (let i = 0; i < 20; i++) await new Promise(requestAnimationFrame);
}"""


def pixels_at_rest(canvas: Locator) -> Pixels:
    """What a canvas shows once it no longer changes."""
    deadline = time.monotonic() + PATIENCE_S
    before = pixels(canvas)
    while time.monotonic() < deadline:
        canvas.evaluate(MANY_FRAMES)
        now = pixels(canvas)
        if np.array_equal(before, now):
            return now
        before = now
    raise AssertionError("the picture still changes")


def expect_settled(widget: Locator) -> None:
    """The same of a widget wherever it stands, as in a frame."""
    expect(widget.locator(".aw-view")).not_to_have_count(0)
    for _ in range(2):  # after a choice it waits only once it is drawn anew
        widget.evaluate(FRAMES)
        expect(widget.locator("[data-pending]")).to_have_count(0)
    widget.evaluate(FRAMES)


def settle(page: Page, views: int | None = None) -> None:
    """Every view has its tensors and has drawn them; with ``views`` there are so many."""
    page.wait_for_function(SETTLED, arg=views)

"""Wait until what a page shows of a widget waits for nothing, and is drawn."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

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

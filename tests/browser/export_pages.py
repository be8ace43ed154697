"""Exports opened from disk."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

# Two frames later, for views ask for what they need when they draw.
DRAWN = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  await frame();
  return !!document.querySelector(".aw-view") && !document.querySelector("[data-pending]");
}"""

ERRORS = """() => [...document.querySelectorAll('[role=alert], .aw-error')]
    .filter((node) => node.checkVisibility()).map((node) => node.textContent)"""

Opened = Callable[..., Page]


def settle(page: Page) -> None:
    page.wait_for_selector(".aw-view")
    page.wait_for_function(DRAWN)

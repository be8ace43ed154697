"""A person's hands: every click, hover and key press is done on the page for real, and counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page

MOST_PRESSES = 200

FOCUSED = "(node) => node === document.activeElement || node.contains(document.activeElement)"


@dataclass
class Hands:
    """Acts on a page; ``done`` says what was done, in words."""

    page: Page
    done: list[str] = field(default_factory=list)

    def click(self, target: Locator, what: str) -> None:
        target.click()
        self.done.append(f"click {what}")

    def hover(self, target: Locator, what: str) -> None:
        target.hover()
        self.done.append(f"hover over {what}")

    def choose(self, target: Locator, value: str, what: str) -> None:
        """From a list: two clicks, one to open it. The browser's own list is not on the page."""
        target.select_option(value)
        self.done += ["click the list", f"click {what}"]

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)
            self.done.append(f"press {key}")

    def press_until(self, key: str, reached: Callable[[], bool], what: str) -> None:
        """As often as it takes; none where it is so already."""
        for _ in range(MOST_PRESSES):
            if reached():
                return
            self.press(key)
        raise RuntimeError(f"{MOST_PRESSES} presses of {key} did not lead to {what}")

    def tab_to(self, target: Locator, what: str, key: str = "Tab") -> None:
        """Until the focus is on it or in it."""
        self.press_until(key, lambda: bool(target.evaluate(FOCUSED)), what)

    def save(self, act: Callable[[], None]) -> Path:
        """The file that an action saves."""
        with self.page.expect_download() as download:
            act()
        return download.value.path()

"""Exports opened from disk."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from browser import settling

ERRORS = """() => [...document.querySelectorAll('[role=alert], .aw-error')]
    .filter((node) => node.checkVisibility()).map((node) => node.textContent)"""

Opened = Callable[..., Page]


def settle(page: Page) -> None:
    page.wait_for_selector(".aw-view")
    settling.settle(page)

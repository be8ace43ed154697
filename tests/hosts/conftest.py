"""One browser for all hosts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser.chromium import launch
from playwright.sync_api import Browser, sync_playwright


@pytest.fixture(scope="package")  # its event loop must not outlive the tests here
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()

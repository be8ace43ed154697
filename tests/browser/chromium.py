"""How the tests start Chromium: offline, without a sandbox of its own, without a GPU."""

from __future__ import annotations

from find_browser import find_browser, find_shell
from playwright.sync_api import Browser, Playwright, expect

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

PATIENCE_MS = 180_000
"""On a machine with other work; what is there at once takes no longer for it."""

expect.set_options(timeout=PATIENCE_MS)


def launch(playwright: Playwright, *, shell: bool = False) -> Browser:
    """The browser that people use, or with ``shell`` its headless shell where there is one."""
    path = find_shell() if shell else find_browser()
    return playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))

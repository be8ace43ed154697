"""How the tests start Chromium: offline, without a sandbox of its own, without a GPU."""

from __future__ import annotations

from find_browser import find_browser
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

expect.set_options(timeout=30_000)  # on a machine with other work


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=find_browser(), args=list(ARGUMENTS))

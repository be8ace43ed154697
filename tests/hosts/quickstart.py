"""The quickstart's first cells, and what a person asks of the widget that they show."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from browser.picking import HEADS, choose_layer, expect_head, expect_layer, head_chip, opened
from browser.reading import lines, pixels
from browser.server import PATIENCE_S
from playwright.sync_api import Locator, Page, expect
from support.repository import ROOT

from hosts.serving import PATIENCE_MS

QUICKSTART = ROOT / "examples" / "quickstart.ipynb"
# The kernel says through a file what it was told, whatever the host.
REPORT = """\
import json
from pathlib import Path

def report(change):
    Path({path!r}).write_text(json.dumps([book.layer, book.heads, len(book.trace.tokens)]))

book.observe(report, ["layer", "heads"])"""


def first_cells() -> list[str]:
    """The quickstart's code, up to its first widget."""
    cells: Any = nbformat.read(QUICKSTART, as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"][:2]
    assert sources[1].endswith("\nbook")
    return sources


def is_drawn(canvas: Locator) -> bool:
    return bool(pixels(canvas)[..., 3].any())


def wait_for(page: Page, look: Callable[[], Any], expected: Any) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while (seen := look()) != expected:
        if time.monotonic() > deadline:
            raise AssertionError(f"{seen}, not {expected}")
        page.wait_for_timeout(100)  # what the page sends goes out meanwhile


def _said_in(file: Path) -> Any:
    return json.loads(file.read_text() or "null") if file.is_file() else None


def show_and_answer(page: Page, said: Path) -> None:
    """The widget is there with its views drawn; clicks reach the kernel, which says so in a file
    (REPORT), and the picture follows."""
    widget = page.get_by_role("group", name="Attention widget")
    expect(widget).to_be_visible(timeout=PATIENCE_MS)
    assert widget.locator(".aw-view").count() == 3
    expect(widget.locator("[data-pending]")).to_have_count(0, timeout=30_000)
    wait_for(page, lambda: any(map(is_drawn, lines(page).locator("canvas").all())), True)
    expect_layer(page, 5)

    choose_layer(page, 3)
    with opened(page, HEADS):
        head_chip(page, 7).click()
        expect_head(page, 7)
    wait_for(
        page, lambda: json.loads(said.read_text() or "0") if said.is_file() else 0, [3, [7], 8]
    )
    expect_layer(page, 3)
    expect(widget.locator("[data-pending]")).to_have_count(0, timeout=30_000)

"""The quickstart's cell shows in each host, answers clicks there, and asks no other machine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from browser.reading import head_chip, layer_chip, lines, pixels
from browser.server import refuse_network
from playwright.sync_api import Browser, Locator, expect

from hosts.serving import HOSTS, PATIENCE_MS

pytestmark = pytest.mark.hosts

QUICKSTART = Path(__file__).parents[2] / "examples" / "quickstart.ipynb"
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


def wait_for(look: Callable[[], Any], expected: Any) -> None:
    deadline = time.monotonic() + 30
    while (seen := look()) != expected:
        if time.monotonic() > deadline:
            raise AssertionError(f"{seen}, not {expected}")
        time.sleep(0.1)


@pytest.mark.parametrize("name", HOSTS)
def test_the_quickstarts_cell_shows_and_answers(
    name: str, chromium: Browser, tmp_path: Path
) -> None:
    host, said = HOSTS[name], tmp_path / "said.json"
    server, address = host.serve(tmp_path, [*first_cells(), REPORT.format(path=str(said))])
    context = chromium.new_context(viewport={"width": 1400, "height": 1300})
    outside, complaints = refuse_network(context), []
    try:
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: complaints.append(error.stack or str(error)))
        page.goto(address, timeout=PATIENCE_MS)
        host.run(page)
        widget = page.get_by_role("group", name="Attention widget")
        expect(widget).to_be_visible(timeout=PATIENCE_MS)
        views = widget.locator(".aw-view")
        assert views.count() == 3
        expect(widget.locator("[data-pending]")).to_have_count(0, timeout=30_000)
        wait_for(lambda: any(map(is_drawn, lines(page).locator("canvas").all())), True)
        expect(layer_chip(page, 5)).to_have_attribute("aria-checked", "true")

        layer_chip(page, 3).click()
        head_chip(page, 7).click()
        wait_for(lambda: json.loads(said.read_text() or "0") if said.is_file() else 0, [3, [7], 8])
        expect(layer_chip(page, 3)).to_have_attribute("aria-checked", "true")
        expect(widget.locator("[data-pending]")).to_have_count(0, timeout=30_000)
    except BaseException:
        print(server.log[-3000:])
        raise
    finally:
        context.close()
        server.stop()
    assert not [address for address in outside if not address.startswith(host.asks)]
    # Hosts complain about themselves too; the widget's code is loaded from a blob.
    assert not [complaint for complaint in complaints if "blob:" in complaint]

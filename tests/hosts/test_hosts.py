"""The quickstart's cell shows in each host, answers clicks there, and asks no other machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser.server import refuse_network
from playwright.sync_api import Browser

from hosts.quickstart import REPORT, first_cells, show_and_answer
from hosts.serving import HOSTS, PATIENCE_MS

pytestmark = pytest.mark.hosts


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
        show_and_answer(page, said)
    except BaseException:
        print(server.log[-3000:])
        raise
    finally:
        context.close()
        server.stop()
    assert not [address for address in outside if not address.startswith(host.asks)]
    # Hosts complain about themselves too; the widget's code is loaded from a blob.
    assert not [complaint for complaint in complaints if "blob:" in complaint]

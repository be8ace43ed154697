"""The quickstart's cell shows in each host, answers clicks there, and asks no other machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from hosts.opened import opened
from hosts.quickstart import REPORT, first_cells, show_and_answer
from hosts.serving import HOSTS

pytestmark = pytest.mark.hosts


@pytest.mark.parametrize("name", HOSTS)
def test_the_quickstarts_cell_shows_and_answers(
    name: str, chromium: Browser, tmp_path: Path
) -> None:
    said = tmp_path / "said.json"
    cells = [*first_cells(), REPORT.format(path=str(said))]
    with opened(name, chromium, tmp_path, cells) as notebook:
        show_and_answer(notebook.page, said)
    asks = HOSTS[name].asks
    assert not [address for address in notebook.outside if not address.startswith(asks)]
    # Hosts complain about themselves too; the widget's code is loaded from a blob.
    assert not [complaint for complaint in notebook.complaints if "blob:" in complaint]

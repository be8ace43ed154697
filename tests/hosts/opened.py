"""A notebook open in a host, its cells run, in a browser that reaches nothing but this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from browser.lab import Lab
from browser.server import Server, refuse_network
from playwright.sync_api import Browser, Page, ViewportSize

from hosts.serving import HOSTS, PATIENCE_MS, Host, run_jupyter

VIEWPORT: ViewportSize = {"width": 1400, "height": 1300}


class Opened(NamedTuple):
    page: Page
    outside: list[str]
    """What was asked of other machines, in vain."""
    complaints: list[str]
    """Errors of the page."""


@contextmanager
def opened(
    host: str | Host, chromium: Browser, folder: Path, cells: Sequence[str]
) -> Iterator[Opened]:
    """A notebook of these code cells in a host of ``HOSTS``, in "jupyterlab", this environment's
    own, or in another host."""
    server, address, run = _served(host, folder, cells)
    context = chromium.new_context(viewport=VIEWPORT)
    try:
        notebook = Opened(context.new_page(), refuse_network(context), [])
        page, complaints = notebook.page, notebook.complaints
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: complaints.append(error.stack or str(error)))
        page.goto(address, timeout=PATIENCE_MS)
        run(page)
        yield notebook
    except BaseException:
        print(server.log[-3000:])
        raise
    finally:
        context.close()
        server.stop()


def _served(
    host: str | Host, folder: Path, cells: Sequence[str]
) -> tuple[Server, str, Callable[[Page], None]]:
    if host == "jupyterlab":
        lab = Lab(folder)
        lab.write("cells.ipynb", *cells)
        return lab, f"{lab.url}doc/tree/cells.ipynb", run_jupyter
    host = HOSTS[host] if isinstance(host, str) else host
    return *host.serve(folder, cells), host.run

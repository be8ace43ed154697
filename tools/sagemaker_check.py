"""The quickstart in a JupyterLab set up as SageMaker Studio sets it up: `make sagemaker-check`.

The base URL of a Studio space and the settings of the server in SageMaker's image, no network
(refused in the browser and in the kernel), two cores, and a Content-Security-Policy that allows no
more than JupyterLab and widgets need. What Studio's own proxy sends is not published, so that
policy is a guess on the strict side. Prints the peak memory of server, kernel and browser; fails
when server and kernel need more than the 4 GB of an ml.t3.medium, or when anything does not show.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / part) for part in ("src", "tests", "tools")]

from browser.chromium import launch  # noqa: E402  (from tests, put on the path above)
from browser.lab import BASE, Lab, Notebook  # noqa: E402
from browser.reading import layer_chip  # noqa: E402
from playwright.sync_api import expect, sync_playwright  # noqa: E402

MEMORY = 4 * 2**30
CORES = 2
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' ws: wss:; worker-src 'self' blob:; frame-ancestors 'self'"
)
SETTINGS = {"compress_response": True, "headers": {"Content-Security-Policy": POLICY}}
NO_NETWORK = """\
import sys

def only_here(event, arguments):
    host = None
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    if event == "socket.getaddrinfo":
        host = arguments[0]
    if host not in (None, "127.0.0.1", "::1", "localhost"):
        raise ConnectionRefusedError(f"no network: {host}")

sys.addaudithook(only_here)
"""
TRY_NETWORK = """\
import socket
try:
    socket.create_connection(("example.org", 80), timeout=5)
except ConnectionRefusedError as error:
    print(error)
"""


class Peak:
    """The most memory that a family of processes holds, sampled until :meth:`stop`."""

    def __init__(self, family: Callable[[], list[psutil.Process]]) -> None:
        self.bytes = 0
        self._family = family
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._over.wait(0.2):
            self.bytes = max(self.bytes, sum(map(_own_bytes, self._family())))


def _own_bytes(process: psutil.Process) -> int:
    """What it holds, its share of what it shares."""
    try:
        info = process.memory_full_info()
    except psutil.Error:
        return 0
    return int(getattr(info, "pss", info.uss))


def _with_children(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _chromium() -> list[psutil.Process]:
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if "chrom" in process.name().lower():
                found.append(process)
        except psutil.Error:  # it has ended
            continue
    return found


@contextmanager
def studio() -> Iterator[Lab]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        startup = Path(folder) / "ipython" / "profile_default" / "startup" / "00-no-network.py"
        startup.parent.mkdir(parents=True)
        startup.write_text(NO_NETWORK)
        lab = Lab(Path(folder), f"--ServerApp.tornado_settings={SETTINGS}")
        try:
            shutil.copy(ROOT / "examples" / "quickstart.ipynb", lab.notebooks)
            yield lab
        finally:
            lab.stop()


def run_all(notebook: Notebook) -> list[int]:
    """Run every cell: which of them show a widget."""
    notebook.command("notebook:run-all-cells")
    notebook.page.wait_for_function(
        """() => {
             const cells = jupyterapp.shell.currentWidget.content.widgets
               .filter((cell) => cell.model.type === "code");
             const failed = ({ model }) =>
               model.outputs.toJSON().some((output) => output.output_type === "error");
             return cells.some(failed)
               || cells.every(({ model }) => Number.isInteger(model.executionCount));
           }""",
        timeout=300_000,
    )
    outputs: list[list[dict[str, object]]] = notebook.page.evaluate(
        """() => jupyterapp.shell.currentWidget.content.widgets.map((cell) =>
             cell.model.type === "code" ? cell.model.outputs.toJSON() : [])"""
    )
    for output in (output for cell in outputs for output in cell):
        if output["output_type"] == "error":
            sys.exit(f"sagemaker-check: a cell failed: {output['ename']}: {output['evalue']}")
    return [
        index
        for index, cell in enumerate(outputs)
        if "application/vnd.jupyter.widget-view+json" in str(cell)
        and "AttentionWidget" in str(cell)
    ]


def check(notebook: Notebook) -> int:
    """Every widget shows, and the first answers a click: how many there are."""
    if "no network: example.org" not in (said := notebook.run_code(TRY_NETWORK)):
        sys.exit(f"sagemaker-check: the kernel is not cut off from the network: {said}")
    shown = run_all(notebook)
    if not shown:
        sys.exit("sagemaker-check: no cell of the quickstart shows a widget")
    page = notebook.page
    for index in reversed(shown):
        page.evaluate(
            "(index) => jupyterapp.shell.currentWidget.content.scrollToItem(index, 'start')", index
        )
        cell = page.locator(f'.jp-Cell[data-windowed-list-index="{index}"]')
        widget = cell.get_by_role("group", name="Attention widget")
        expect(widget).to_be_visible(timeout=60_000)
        expect(widget.locator("[data-pending]")).to_have_count(0, timeout=60_000)
    layer_chip(cell, 1).click()
    deadline = time.monotonic() + 30
    while (said := notebook.run_code("print(book.layer)").strip()) != "1":
        if time.monotonic() > deadline:
            sys.exit(f"sagemaker-check: a click on layer 1 left the kernel with layer {said}")
    return len(shown)


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    os.environ["OMP_NUM_THREADS"] = str(CORES)
    begun = time.monotonic()
    with studio() as lab, sync_playwright() as playwright:
        servers = Peak(lambda: _with_children(lab.process.pid))
        browser = launch(playwright)
        browsers = Peak(_chromium)
        context = browser.new_context(viewport={"width": 1400, "height": 1300})
        notebook = Notebook(lab, "quickstart.ipynb", context)
        count = check(notebook)
        browser.close()
        servers.stop()
        browsers.stop()
    print(f"JupyterLab under {BASE}, {CORES} cores, no network: {count} widgets shown and clicked")
    print(f"{time.monotonic() - begun:.0f} s from the start of the server to the last view")
    print(f"peak memory of server and kernel: {servers.bytes / 2**20:,.0f} MB of 4,096 MB")
    print(
        f"peak memory of the browser:       {browsers.bytes / 2**20:,.0f} MB, on the reader's side"
    )
    if notebook.outside or notebook.complaints:
        sys.exit(f"sagemaker-check: {notebook.outside + notebook.complaints}")
    if servers.bytes > MEMORY:
        sys.exit("sagemaker-check: server and kernel need more memory than an ml.t3.medium has")


if __name__ == "__main__":
    main()

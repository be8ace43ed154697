"""The quickstart in a JupyterLab set up as SageMaker Studio sets it up: `make sagemaker-check`.

The base URL of a Studio space and the settings of the server in SageMaker's image, behind a reverse
proxy that knows this prefix alone and sends a Content-Security-Policy; no network (refused in the
browser, and in every Python process of the space); two cores; and 4 GB of memory, above which
server and kernel are killed as an ml.t3.medium would. What Studio's own proxy sends is not
published, so that policy is a guess on the strict side: it allows no more than JupyterLab and
widgets need. Prints the peak memory of server and kernel, and of the browser. Fails when anything
does not show, or asks for anything elsewhere.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import checkout  # first: finds the others
import psutil
from browser.chromium import launch
from browser.lab import BASE, Lab, Notebook
from browser.picking import choose_layer
from memory_watch import MemoryWatch, with_children
from playwright.sync_api import Error, expect, sync_playwright
from studio_proxy import Proxy

MEMORY = 4 * 2**30
CORES = 2
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' ws: wss:; worker-src 'self' blob:; frame-ancestors 'self'"
)
# As start-jupyter-server and jupyter_server_config.py of sagemaker-distribution have them.
SETTINGS = (
    "--ServerApp.allow_origin=*",
    "--ServerApp.tornado_settings={'compress_response': True}",
)
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
import socket, subprocess, sys
ask = "import socket; socket.create_connection(('example.org', 80), timeout=5)"
try:
    exec(ask)
except ConnectionRefusedError as error:
    print("kernel:", error)
child = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True)
print("its child:", child.stderr.strip().split("\\n")[-1])
"""
REFUSED = ("kernel: no network: example.org", "ConnectionRefusedError: no network: example.org")
NOWHERE = "http://example.org/asked-by-the-check"


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
def studio() -> Iterator[tuple[Lab, Proxy]]:
    """A JupyterLab whose Python processes reach this machine alone, and the proxy before it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        guard = Path(folder) / "guard"
        guard.mkdir()
        (guard / "sitecustomize.py").write_text(NO_NETWORK)
        paths = [str(guard), *filter(None, [os.environ.get("PYTHONPATH")])]
        os.environ["PYTHONPATH"] = os.pathsep.join(paths)
        lab = Lab(Path(folder), *SETTINGS)
        proxy = Proxy(urlsplit(lab.url).port or 80, BASE, {"Content-Security-Policy": POLICY})
        lab.url = f"http://127.0.0.1:{proxy.port}{BASE}"
        try:
            shutil.copy(checkout.ROOT / "examples" / "quickstart.ipynb", lab.notebooks)
            yield lab, proxy
        finally:
            proxy.stop()
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


def cut_off(notebook: Notebook) -> None:
    """Neither kernel nor browser reaches another machine: each is made to try."""
    said = notebook.run_code(TRY_NETWORK)
    if missing := [words for words in REFUSED if words not in said]:
        sys.exit(f"sagemaker-check: the kernel is not cut off from the network: {missing}: {said}")
    asking = notebook.page.context.new_page()
    try:
        asking.goto(NOWHERE)
        sys.exit("sagemaker-check: the browser is not cut off from the network")
    except Error:
        notebook.outside.remove(NOWHERE)
    asking.close()


def check(notebook: Notebook) -> int:
    """Every widget shows, and the first answers a click: how many there are."""
    cut_off(notebook)
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
    choose_layer(cell, 1)
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
    with studio() as (lab, proxy), sync_playwright() as playwright:
        space = MemoryWatch(lambda: with_children(lab.process.pid), MEMORY)
        browser = launch(playwright)
        reader = MemoryWatch(_chromium)
        context = browser.new_context(viewport={"width": 1400, "height": 1300})
        try:
            notebook = Notebook(lab, "quickstart.ipynb", context)
            count = check(notebook)
            browser.close()
        except Exception:
            if not space.exceeded:
                raise
        finally:
            space.stop()
            reader.stop()
    if space.exceeded:
        sys.exit(f"sagemaker-check: server and kernel needed {_mb(space.peak)}: out of memory")
    print(
        f"JupyterLab under {BASE} behind a proxy, {CORES} cores, no network: "
        f"{count} widgets shown and clicked"
    )
    print(f"{time.monotonic() - begun:.0f} s from the start of the server to the last view")
    print(f"peak memory of server and kernel: {_mb(space.peak)} of {_mb(MEMORY)}")
    print(f"peak memory of the browser:       {_mb(reader.peak)}, on the reader's side")
    if proxy.websockets == 0:
        sys.exit("sagemaker-check: the kernel was not reached through the proxy")
    if wrong := notebook.outside + notebook.complaints + proxy.strays:
        sys.exit(f"sagemaker-check: {wrong}")


def _mb(count: int) -> str:
    return f"{count / 2**20:,.0f} MB"


if __name__ == "__main__":
    main()

"""A JupyterLab of its own, offline, under a base URL as hubs have, and a notebook in it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import BrowserContext, Page

from browser.server import PATIENCE_S, Server, free_port, jupyter_folders, refuse_network

BASE = "/jupyterlab/default/"

SETTINGS = f"""
--no-browser --ip=127.0.0.1 --port-retries=0 --allow-root
--ServerApp.token= --ServerApp.password= --ServerApp.base_url={BASE}
--ServerApp.disable_check_xsrf=True --LabApp.expose_app_in_browser=True
--LabApp.extension_manager=readonly
""".split()

RUN_CODE = """
async (code) => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  const future = kernel.requestExecute({ code, store_history: false });
  let said = "";
  future.onIOPub = ({ header, content }) => {
    if (header.msg_type === "stream") said += content.text;
    if (header.msg_type === "error") said += content.traceback.join("\\n");
  };
  const { content } = await future.done;
  if (content.status !== "ok") throw new Error(said);
  return said;
}
"""


class Lab(Server):
    """A running JupyterLab, some of its extensions disabled. Its settings and files lie in a
    folder of their own."""

    def __init__(self, folder: Path, *options: str, disabled: Sequence[str] = ()) -> None:
        self.notebooks = folder / "notebooks"
        self.notebooks.mkdir(parents=True)
        self._settings = folder / "config" / "labconfig" / "page_config.json"
        self._settings.parent.mkdir(parents=True)
        self.disable(*disabled)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}{BASE}"
        command = [sys.executable, "-m", "jupyterlab", f"--port={port}", *SETTINGS, *options]
        super().__init__(
            [*command, f"--ServerApp.root_dir={self.notebooks}"],
            f"{self.url}api",
            folder / "lab.log",
            jupyter_folders(folder),
        )

    def disable(self, *extensions: str) -> None:
        """These extensions, and no others, in pages that are opened from now on."""
        # Else a question about news from jupyter.org lies over the page.
        news = "@jupyterlab/apputils-extension:announcements"
        off = dict.fromkeys((news, *extensions), True)
        self._settings.write_text(json.dumps({"disabledExtensions": off}))

    def write(self, name: str, *cells: str) -> None:
        """Write a notebook of these code cells."""
        v4: Any = nbformat.v4
        notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, self.notebooks / name)

    def read(self, name: str) -> Any:
        return nbformat.read(self.notebooks / name, as_version=4)


class Notebook:
    """A notebook open in the browser, with a kernel; nothing but this machine can be reached."""

    def __init__(self, lab: Lab, name: str, context: BrowserContext) -> None:
        self.lab = lab
        self.name = name
        self.outside = refuse_network(context)
        """What was asked of other machines, in vain."""
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(1000 * PATIENCE_S)
        self.page.on("pageerror", lambda error: self.complaints.append(error.stack or str(error)))
        self.page.goto(f"{lab.url}doc/tree/{name}")
        self._wait_for_kernel()

    def reload(self) -> None:
        self.page.reload()
        self._wait_for_kernel()

    def save(self) -> None:
        self.command("docmanager:save")

    def command(self, name: str, **given: Any) -> None:
        self.page.evaluate(
            "async ([name, given]) => { await jupyterapp.commands.execute(name, given) }",
            [name, given],
        )

    def change_theme(self, name: str) -> None:
        self.command("apputils:change-theme", theme=name)
        # JupyterLab takes its splash screen away 200 ms later and throws if that comes twice.
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    def wait(self, condition: Callable[[], bool], what: Callable[[], str]) -> None:
        """Wait until a condition holds that the page alone does not know of."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(what())
            self.page.wait_for_timeout(50)

    def run_cell(self, index: int) -> None:
        """Click into a cell and press Shift+Enter; returns when the kernel is done with it."""
        cell = self.page.locator(".jp-Notebook .jp-Cell").nth(index)
        cell.locator(".cm-content").click()
        # Else the number of a run before might be taken for that of this one.
        self.page.evaluate(
            """(index) => {
                 const cell = jupyterapp.shell.currentWidget.content.widgets[index];
                 cell.model.executionCount = null;
               }""",
            index,
        )
        self.page.keyboard.press("Shift+Enter")
        self.page.wait_for_function(
            """(index) => {
                 const cell = jupyterapp.shell.currentWidget.content.widgets[index];
                 return Number.isInteger(cell.model.executionCount);
               }""",
            arg=index,
            timeout=1000 * PATIENCE_S,
        )

    def run_code(self, code: str) -> str:
        """Run code in the notebook's kernel, outside of any cell: what it printed."""
        said: str = self.page.evaluate(RUN_CODE, code)
        return said

    def _wait_for_kernel(self) -> None:
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=1000 * PATIENCE_S)
        self.page.wait_for_function(
            """() => {
                 const panel = window.jupyterapp?.shell.currentWidget;
                 const kernel = panel?.sessionContext?.session?.kernel;
                 return kernel?.status === "idle" && kernel.connectionStatus === "connected";
               }""",
            timeout=1000 * PATIENCE_S,
        )

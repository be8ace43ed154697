"""How each host serves a notebook, and how a person runs it there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from browser.server import PATIENCE_S, Server, free_port, jupyter_folders
from host_environments import python_of
from playwright.sync_api import Page

PATIENCE_MS = 1000 * PATIENCE_S
BASE = "/hub/user/"
JUPYTER = f"""
--no-browser --ServerApp.ip=127.0.0.1 --ServerApp.port_retries=0 --allow-root
--ServerApp.token= --ServerApp.password= --ServerApp.base_url={BASE}
--ServerApp.disable_check_xsrf=True
""".split()


@dataclass(frozen=True)
class Host:
    """A host: its module and arguments, what it opens, and what a person does to run all cells.

    It is up when it answers at ``ready``. ``arguments`` and ``address`` may name {port}, {folder},
    {file} and {name}.
    """

    name: str
    module: str
    arguments: Sequence[str]
    ready: str
    address: str
    run: Callable[[Page], None]
    write: Callable[[Path, Sequence[str]], Path]
    asks: str = "nothing"
    """How addresses begin that the host asks for itself, whatever it shows."""
    environment: str = ""
    """In tools/host_environments.py, where that is not its name."""

    def serve(self, folder: Path, cells: Sequence[str]) -> tuple[Server, str]:
        """A server of a notebook with these code cells, and the notebook's address."""
        files = folder / "files"
        files.mkdir(parents=True)
        file = self.write(files, cells)
        port = free_port()
        place = {"port": port, "folder": files, "file": file, "name": file.name}
        arguments = [argument.format(**place) for argument in self.arguments]
        server = Server(
            [python_of(self.environment or self.name), "-m", self.module, *arguments],
            f"http://127.0.0.1:{port}{self.ready}",
            folder / "server.log",
            {
                **jupyter_folders(folder),
                "XDG_CONFIG_HOME": str(folder / "config"),
                "HOME": str(folder),
            },
            files,
        )
        return server, f"http://127.0.0.1:{port}{self.address.format(**place)}"


def _notebook(folder: Path, cells: Sequence[str]) -> Path:
    v4: Any = nbformat.v4
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    path = folder / "quickstart.ipynb"
    nbformat.write(notebook, path)
    return path


def _marimo_file(folder: Path, cells: Sequence[str]) -> Path:
    path = folder / "quickstart.py"
    lines = ["import marimo", "app = marimo.App()", ""]
    for cell in cells:
        lines += [
            "@app.cell",
            "def _():",
            *(f"    {line}" for line in cell.splitlines()),
            "    return",
            "",
        ]
    path.write_text("\n".join([*lines, 'if __name__ == "__main__":', "    app.run()", ""]))
    return path


def run_jupyter(page: Page) -> None:
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=PATIENCE_MS)
    page.wait_for_function(
        """() => {
             const panel = window.jupyterapp?.shell.currentWidget;
             const kernel = panel?.sessionContext?.session?.kernel;
             return kernel?.status === "idle" && kernel.connectionStatus === "connected";
           }""",
        timeout=PATIENCE_MS,
    )
    page.evaluate("async () => { await jupyterapp.commands.execute('notebook:run-all-cells') }")


def _run_classic(page: Page) -> None:
    # Its widget manager is an extension that comes some time after the kernel.
    page.wait_for_function(
        """() => {
             const kernel = window.Jupyter?.notebook?.kernel;
             return kernel?.is_connected() && kernel.widget_manager;
           }""",
        timeout=PATIENCE_MS,
    )
    # It then asks the kernel for widgets, and would draw a cell that runs meanwhile anew, without
    # any widget that the cell shows. Of two such questions the second is answered later.
    page.evaluate(
        """async () => {
             await Jupyter.notebook.kernel.widget_manager._loadFromKernel();
             await new Promise((done) => setTimeout(done));
             Jupyter.notebook.execute_all_cells();
           }"""
    )


def _run_marimo(page: Page) -> None:
    # The last of these buttons, below the cells' own, runs all of them.
    page.locator('[data-testid="cell-editor"]').first.wait_for(timeout=PATIENCE_MS)
    page.locator('[data-testid="run-button"]:visible').last.click()


def _runs_by_itself(page: Page) -> None:
    """An app runs when it is opened."""


HOSTS = {
    host.name: host
    for host in (
        Host(
            "lab3",
            "jupyterlab",
            [
                *JUPYTER,
                "--port={port}",
                "--ServerApp.root_dir={folder}",
                "--LabApp.expose_app_in_browser=True",
            ],
            f"{BASE}api",
            f"{BASE}doc/tree/{{name}}",
            run_jupyter,
            _notebook,
        ),
        Host(
            "notebook7",
            "notebook",
            [
                *JUPYTER,
                "--port={port}",
                "--ServerApp.root_dir={folder}",
                "--JupyterNotebookApp.expose_app_in_browser=True",
            ],
            f"{BASE}api",
            f"{BASE}notebooks/{{name}}",
            run_jupyter,
            _notebook,
        ),
        Host(
            "nbclassic",
            "nbclassic",
            [*JUPYTER, "--port={port}", "--ServerApp.root_dir={folder}"],
            f"{BASE}api",
            f"{BASE}notebooks/{{name}}",
            _run_classic,
            _notebook,
        ),
        Host(
            "marimo",
            "marimo",
            ["run", "{file}", "--headless", "--no-token", "--host=127.0.0.1", "--port={port}"],
            "/health",
            "/",
            _runs_by_itself,
            _marimo_file,
        ),
        Host(
            "marimo-edit",
            "marimo",
            ["edit", "{file}", "--headless", "--no-token", "--host=127.0.0.1", "--port={port}"],
            "/health",
            "/",
            _run_marimo,
            _marimo_file,
            environment="marimo",
        ),
        Host(
            "voila",
            "voila",
            ["{file}", "--no-browser", "--Voila.ip=127.0.0.1", "--port={port}"],
            "/voila/static/voila.js",  # "/" would run the notebook
            "/",
            _runs_by_itself,
            _notebook,
            "https://cdn.jsdelivr.net/npm/@fortawesome/",  # icons of its template
        ),
    )
}

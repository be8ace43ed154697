"""The example notebooks with their outputs, each run once for all who need it: tests and site.

    python tools/executed_notebooks.py [NAME ...]    run those that changed

A notebook is run by a kernel of this Python in a folder that holds only the programs of examples/,
without a network. What came of it is kept in .cache/notebooks until the notebook, a program, the
package or one of its needs changes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
PROGRAMS = tuple(sorted(EXAMPLES.glob("*.py")))
"""Which notebooks import from beside them."""
KEPT = ROOT / ".cache" / "notebooks"

AT_ONCE = 2
"""How many are run side by side, here and by the tests."""

NEEDS = ("torch", "transformers", "numpy", "ipykernel", "nbclient")
"""What a notebook's outputs depend on besides the package."""


def executed(path: Path) -> Any:
    """The notebook, run from top to bottom in a folder with the programs alone, where it was not
    run before; CellExecutionError says which cell failed."""
    KEPT.mkdir(parents=True, exist_ok=True)
    kept = _place(path)
    with (KEPT / f"{path.stem}.lock").open("w") as lock:  # two tests may ask at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.is_file():
            with tempfile.TemporaryDirectory() as apart:
                for program in PROGRAMS:
                    shutil.copy(program, apart)
                done = _run(path, Path(apart))
            for old in KEPT.glob(f"{path.stem}-{'?' * 16}.ipynb"):
                old.unlink()
            part = kept.with_suffix(".part")
            nbformat.write(done, part)
            part.replace(kept)
    return nbformat.read(kept, as_version=4)


def side_by_side(paths: Sequence[Path]) -> None:
    """Run those that changed, some at a time, each in a process of its own beside its kernel."""
    with ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn")) as pool:
        for done in [pool.submit(_kept, path) for path in paths if not _place(path).is_file()]:
            done.result()


def _kept(path: Path) -> None:
    executed(path)  # what came of it lies in its place, and need not come back


def last_executed(path: Path) -> Any:
    """What is kept of the notebook's last run, even an older one; without a run, as it is."""
    kept = sorted(KEPT.glob(f"{path.stem}-{'?' * 16}.ipynb"))
    return nbformat.read(kept[-1] if kept else path, as_version=4)


def _run(path: Path, folder: Path) -> Any:
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as own:
        names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        environment = {**os.environ, **{name: f"{own}/{name.lower()}" for name in names}}
        threads = max(1, (os.cpu_count() or 1) // AT_ONCE)  # more than cores wait for each other
        environment |= {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": str(threads)}
        environment.pop("MODEL", None)
        resources = {"metadata": {"path": str(folder)}}
        client = NotebookClient(notebook, timeout=600, resources=resources)
        client.execute(env=environment)
    return notebook


def _place(path: Path) -> Path:
    return KEPT / f"{path.stem}-{_key(path)}.ipynb"


def _key(path: Path) -> str:
    digest = hashlib.sha256(path.read_bytes())
    for program in PROGRAMS:
        digest.update(program.read_bytes())
    digest.update(package_digest())
    return digest.hexdigest()[:16]


@lru_cache
def package_digest() -> bytes:
    """Of the package with its front end, and of what it needs: changes when one of them does."""
    digest = hashlib.sha256(repr((sys.version, *map(version, NEEDS))).encode())
    for path in sorted((ROOT / "src").rglob("*")):
        if path.suffix in {".py", ".js", ".css"}:
            digest.update(path.read_bytes())
    return digest.digest()


def main() -> None:
    named = sys.argv[1:]
    paths = [EXAMPLES / name for name in named] or sorted(EXAMPLES.glob("*.ipynb"))
    side_by_side(paths)
    for path in paths:
        print(f"examples/{path.name}", flush=True)


if __name__ == "__main__":
    main()

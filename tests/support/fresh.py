"""Code run in a Python of its own that has imported torch and transformers, and nothing of ours.

To import those takes seconds of work: one process does it for all, and is forked for each.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

HEAVY = ["torch", "transformers.modeling_utils", "transformers.generation"]


class Ran(NamedTuple):
    stdout: str
    stderr: str


def run_fresh(code: str, environment: Mapping[str, str] | None = None) -> Ran:
    """What a program said that sees the working folder first, as after ``python -c``."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(HEAVY)
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("stdout", "stderr")]
        arguments = (code, dict(environment or {}), str(Path.cwd()), *map(str, files))
        process = context.Process(target=_run, args=arguments)
        process.start()
        process.join()
        process.close()
        return Ran(*(file.read_text(encoding="utf-8") for file in files))


def _run(code: str, environment: dict[str, str], folder: str, stdout: str, stderr: str) -> None:
    os.environ.update(environment)
    sys.path.insert(0, folder)
    with open(stdout, "w", encoding="utf-8") as out, open(stderr, "w", encoding="utf-8") as error:  # noqa: PTH123
        sys.stdout, sys.stderr = out, error
        try:
            exec(code, {"__name__": "__main__"})
        except BaseException:
            traceback.print_exc()

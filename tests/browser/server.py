"""A server in a process of its own, and a browser that reaches nothing but this machine."""

from __future__ import annotations

import contextlib
import os
import random
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil
from playwright.sync_api import BrowserContext, Route

PATIENCE_S = 180


class Server:
    """A command that serves, until :meth:`stop`; it answers at ``address`` once it is up."""

    def __init__(
        self,
        command: Sequence[str | Path],
        address: str,
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self._log = log
        self._address = address
        with log.open("wb") as said:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                env={**os.environ, "HF_HUB_OFFLINE": "1", **(environment or {})},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server and its kernels, politely first."""
        family = [self.process.pid]
        if psutil.pid_exists(self.process.pid):
            family += [child.pid for child in psutil.Process(self.process.pid).children(True)]
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        left = [psutil.Process(pid) for pid in family if psutil.pid_exists(pid)]
        for process in left:
            process.kill()
        psutil.wait_procs(left, 10)

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(self._address, timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise AssertionError(f"no answer at {self._address}:\n{self.log}")


# What is not of this machine. Requests that a route takes wait until the test next asks something
# of the page: those of a page to its own server must not.
OUTSIDE = re.compile(r"^(?!https?://127\.0\.0\.1[:/]|data:|blob:)")


def refuse_network(context: BrowserContext) -> list[str]:
    """Nothing but this machine can be reached; what was asked of others, in vain, as it comes."""
    outside: list[str] = []

    def refuse(route: Route) -> None:
        outside.append(route.request.url)
        route.abort()

    context.route(OUTSIDE, refuse)
    return outside


def jupyter_folders(folder: Path) -> dict[str, str]:
    """Settings of Jupyter that keep it within a folder."""
    own = {"CONFIG": "config", "DATA": "data", "RUNTIME": "runtime"}
    variables = {f"JUPYTER_{name}_DIR": str(folder / part) for name, part in own.items()}
    return {**variables, "IPYTHONDIR": str(folder / "ipython")}


def free_port() -> int:
    """A port below those that systems hand out by themselves, and of those that no other process
    of these tests looks at, so that it is still free when the server takes it, whatever else starts
    meanwhile."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 10_000 + 1_000 * (worker % 22)
    while True:
        port = random.SystemRandom().randrange(first, first + 1_000)
        with contextlib.suppress(OSError), socket.socket() as listening:
            listening.bind(("127.0.0.1", port))
            return port

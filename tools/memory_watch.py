"""The memory that a family of processes holds, watched; more than they may have ends them."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psutil

PERIOD_S = 0.2


class MemoryWatch:
    """Samples until :meth:`stop`; above ``limit`` bytes all of the family are killed."""

    def __init__(
        self, family: Callable[[], list[psutil.Process]], limit: float = float("inf")
    ) -> None:
        self.peak = 0
        """Bytes, each process's share of what it shares."""
        self.exceeded = False
        self._family = family
        self._limit = limit
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(PERIOD_S):
            family = self._family()
            self.peak = max(self.peak, sum(map(_own_bytes, family)))
            if self.peak > self._limit:
                self.exceeded = True
                for process in family:
                    _kill(process)


def with_children(pid: int) -> list[psutil.Process]:
    """A process and all that it started; nothing once it has ended."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _own_bytes(process: psutil.Process) -> int:
    try:
        info = process.memory_full_info()
    except psutil.Error:
        return 0
    return int(getattr(info, "pss", info.uss))


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.Error:  # it has ended
        return

"""How much memory is free, and a word to the user before something takes more."""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Final, Literal

import psutil

from attention_widget._util.sizes import in_words
from attention_widget.errors import LowMemoryWarning

_GROUPS, _MOUNT = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")
_PACKAGE: Final = f"{Path(__file__).parents[1]}{os.sep}"


def free_nbytes() -> int:
    """Memory that is free, both on the machine and in the control group (container) of this
    process."""
    # groups of Linux, version 2 or 1, that bound this process
    groups = (free for bound in _bounds(_GROUPS, _MOUNT) for free in _free_in(*bound))
    return min([int(psutil.virtual_memory().available), *groups])


Work = Literal["loading", "reading", "gradient", "ranking"]
"""Weights are loaded, a text is read in one pass, a gradient is taken, heads are ranked."""


@dataclass(frozen=True)
class Shortage:
    """Work that takes more memory than is free, in bytes, and what would take less."""

    work: Work
    what: str
    needed: int
    free: int
    advice: str

    def __str__(self) -> str:
        return (
            f"{self.what} will take about {in_words(self.needed)} of memory, and "
            f"{in_words(self.free)} are free; {self.advice}"
        )


Listener = Callable[[Shortage], object]
_LISTENER: ContextVar[Listener | None] = ContextVar("attention_widget_listener", default=None)


@contextmanager
def telling(listener: Listener) -> Iterator[None]:
    """Tell a listener of shortages in the place of a warning: one who has a person before them
    that does not see the warnings of Python."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def warn_if_short(work: Work, what: str, needed: int, advice: str) -> None:
    """LowMemoryWarning, at the user's line, where something takes more memory than is free;
    ``advice`` says what takes less. Who listens is told instead, and may raise to hold it back."""
    free = free_nbytes()
    if needed <= free:
        return
    shortage = Shortage(work, what, needed, free, advice)
    if (listener := _LISTENER.get()) is not None:
        listener(shortage)
        return
    level, frame = 1, sys._getframe()
    while (caller := _caller(frame)) is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, caller
    warnings.warn(str(shortage), LowMemoryWarning, stacklevel=level)


def _caller(frame: FrameType) -> FrameType | None:
    return frame.f_back


@lru_cache(maxsize=1)
def _bounds(groups: Path, mount: Path) -> tuple[tuple[Path, str, str], ...]:
    """The groups that have a limit, and the names of the files with limit and usage."""
    try:
        lines = groups.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ()
    found: list[tuple[Path, str, str]] = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            root, names = mount, ("memory.max", "memory.current")
        elif "memory" in controllers.split(","):
            root = mount / "memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes")
        else:
            continue
        place = root / path.lstrip("/")
        for group in (place, *place.parents):
            if _free_in(group, *names):
                found.append((group, *names))
            if group == root:
                break
    return tuple(found)


def _free_in(group: Path, limit: str, usage: str) -> list[int]:
    try:
        most = (group / limit).read_text(encoding="utf-8").strip()
        used = int((group / usage).read_text(encoding="utf-8"))
        stat = (group / "memory.stat").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return []
    if most == "max":
        return []
    cached = re.search(r"^(?:total_)?inactive_file (\d+)$", stat, re.MULTILINE)
    return [int(most) - used + (int(cached[1]) if cached else 0)]

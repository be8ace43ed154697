"""How much memory is free, and a word to the user before something takes more."""

from __future__ import annotations

import os
import re
import sys
import warnings
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Final

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


def warn_if_short(what: str, needed: int, advice: str) -> None:
    """LowMemoryWarning, at the user's line, where something takes more memory than is free;
    ``advice`` says what takes less."""
    free = free_nbytes()
    if needed <= free:
        return
    level, frame = 1, sys._getframe()
    while (caller := _caller(frame)) is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, caller
    warnings.warn(
        f"{what} will take about {in_words(needed)} of memory, and {in_words(free)} are free; "
        f"{advice}",
        LowMemoryWarning,
        stacklevel=level,
    )


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

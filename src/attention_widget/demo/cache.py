"""Folders that are made once and kept in the user's cache: whole, or not at all."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from attention_widget._util.files import sha256_of
from attention_widget._util.sizes import in_words
from attention_widget.errors import CacheError

VARIABLE: Final = "ATTENTION_WIDGET_CACHE"
_LIST: Final = "made.json"  # of the files, and what they were made of
_TRIES: Final = 5  # to put a folder in the place of a damaged one
_ABANDONED_S: Final = 3600  # after which what another process left half made is taken away


def cache_folder() -> Path:
    """Where this package keeps what it makes: the folder that ``ATTENTION_WIDGET_CACHE`` names,
    or its own in the user's cache."""
    if named := os.environ.get(VARIABLE):
        return Path(named).expanduser()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "attention-widget"


def cached(name: str, made_of: str, n_bytes: int, make: Callable[[Path], None]) -> Path:
    """The folder of this name. ``make`` fills it where it is not there, holds something else
    than what was written into it, or was made of something else.

    Several processes may ask at once. OSError where ``n_bytes`` cannot be written.
    """
    home = cache_folder() / "demo"
    folder = home / name
    if _is_sound(folder, made_of):
        return folder
    beside = home / f".{name}-{secrets.token_hex(8)}"

    def failed(reason: str) -> CacheError:
        return CacheError(
            f"{str(home)!r} must take {in_words(n_bytes)} for {name}, got: {reason}; free some "
            f"space there, or name another folder in the environment variable {VARIABLE}"
        )

    try:
        home.mkdir(parents=True, exist_ok=True)
        _sweep(home, name)
        free = shutil.disk_usage(home).free
        if free >= n_bytes:
            beside.mkdir()
            make(beside)
            _write_list(beside, made_of)
            _put(beside, folder, made_of)
            return folder
    except OSError as error:
        raise failed(error.strerror or str(error)) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    raise failed(f"{in_words(free)} are free")


def _put(made: Path, folder: Path, made_of: str) -> None:
    """Move what was made to its place, unless another process was faster."""
    for attempt in range(_TRIES):
        try:
            made.rename(folder)
            return
        except OSError:
            if _is_sound(folder, made_of):
                return
            if attempt == _TRIES - 1 or not folder.exists():
                raise
        damaged = made.with_name(f"{made.name}-{attempt}")
        with suppress(OSError):  # another process may take it away, too
            folder.rename(damaged)
        shutil.rmtree(damaged, ignore_errors=True)


def _sweep(home: Path, name: str) -> None:
    for left in home.glob(f".{name}-*"):
        try:
            abandoned = time.time() - left.stat().st_mtime > _ABANDONED_S
        except OSError:  # its own process took it away
            continue
        if abandoned:
            shutil.rmtree(left, ignore_errors=True)


def _write_list(folder: Path, made_of: str) -> None:
    files = {path.name: _described(path, sha256_of(path)) for path in sorted(folder.iterdir())}
    text = json.dumps({"made_of": made_of, "files": files}, indent=2)
    (folder / _LIST).write_text(text, encoding="utf-8")


def _described(path: Path, sha256: str) -> dict[str, Any]:
    status = path.stat()
    return {"n_bytes": status.st_size, "changed_ns": status.st_mtime_ns, "sha256": sha256}


def _is_sound(folder: Path, made_of: str) -> bool:
    """Whether the files are those that were written. A file whose size and time are as they were
    is not read: that would take longer than loading it."""
    try:
        listed = json.loads((folder / _LIST).read_text(encoding="utf-8"))
        if listed["made_of"] != made_of:
            return False
        for name, was in listed["files"].items():
            path = folder / name
            now = _described(path, was["sha256"])
            same_size = now["n_bytes"] == was["n_bytes"]
            if now != was and not (same_size and sha256_of(path) == was["sha256"]):
                return False
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return False
    return True

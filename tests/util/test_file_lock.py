"""One holds a lock at a time, by the locks of Unix and by those of Windows."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from attention_widget._util import file_lock
from attention_widget._util.file_lock import FileLock, HeldError


class Msvcrt(SimpleNamespace):
    """Python's module of that name for one lock: as documented it locks bytes from where the file
    stands, says EACCES where another holds them, and refuses to let go of what is not held."""

    LK_UNLCK, LK_NBLCK = 0, 2

    def __init__(self) -> None:
        super().__init__()
        self.holder: int | None = None

    def locking(self, fd: int, mode: int, nbytes: int) -> None:
        assert (os.lseek(fd, 0, os.SEEK_CUR), nbytes) == (0, 1)
        if mode == self.LK_NBLCK:
            if self.holder is not None:
                raise OSError(errno.EACCES, "Permission denied")
            self.holder = fd
        else:
            if self.holder != fd:
                raise OSError(errno.EACCES, "Permission denied")
            self.holder = None


@pytest.fixture(params=["own", "windows"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "windows":
        monkeypatch.setattr(file_lock, "fcntl", None)
        monkeypatch.setattr(file_lock, "msvcrt", Msvcrt())
    name: str = request.param
    return name


def test_one_holds_it_at_a_time(system: str, tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first = FileLock(path)
    for _ in range(2):
        with pytest.raises(HeldError):
            FileLock(path)
    first.release()
    first.release()
    second = FileLock(path)
    with pytest.raises(HeldError):
        FileLock(path)
    second.release()
    assert path.read_bytes() == b""


def test_a_process_that_ends_lets_it_go(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    program = f"""
from pathlib import Path
from attention_widget._util.file_lock import FileLock
held = FileLock(Path({str(path)!r}))
print("held", flush=True)
input()
"""
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", program], **pipes) as process:
        assert process.stdout is not None
        assert process.stdout.readline().split() == [b"held"]
        with pytest.raises(HeldError):
            FileLock(path)
        process.kill()
        process.wait()
    FileLock(path).release()


@pytest.mark.parametrize("locks", ["none", "refusing"])
def test_a_system_without_locks_holds_nobody_back(
    locks: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    fcntl = SimpleNamespace(flock=refuse, LOCK_EX=2, LOCK_NB=4) if locks == "refusing" else None
    monkeypatch.setattr(file_lock, "fcntl", fcntl)
    monkeypatch.setattr(file_lock, "msvcrt", None)
    held = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    for one in held:
        one.release()

"""A file that one process holds at a time, where the system has locks of files."""

from __future__ import annotations

import errno
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import IO

fcntl: ModuleType | None
msvcrt: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
try:
    import msvcrt
except ImportError:  # Unix
    msvcrt = None

_HELD = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)


class HeldError(Exception):
    """Another holds it."""


class FileLock:
    """Held until :meth:`release`, or the end of the process, however it ends. A file system without
    locks holds nobody back.

    Raises:
        HeldError: another holds it, in this process or another.
    """

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("ab")
        try:
            self._take()
        except OSError as error:
            self._file.close()
            if error.errno in _HELD:
                raise HeldError from error
            self._file = path.open("ab")  # a file system without locks

    def release(self) -> None:
        """Let others have it."""
        if self._file.closed:
            return
        if fcntl is None and msvcrt is not None:
            self._file.seek(0)
            with suppress(OSError):  # it was not held
                msvcrt.locking(self._file.fileno(), msvcrt.LK_UNLCK, 1)
        self._file.close()

    def _take(self) -> None:
        if fcntl is not None:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        elif msvcrt is not None:
            self._file.seek(0)  # it locks bytes from where the file stands
            msvcrt.locking(self._file.fileno(), msvcrt.LK_NBLCK, 1)

"""The files of an index: they only grow, and a small one says how much of each counts."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from attention_widget._util.file_lock import FileLock, HeldError
from attention_widget._util.files import replacing
from attention_widget._util.sizes import in_words
from attention_widget.errors import (
    DiskFullError,
    FileMissingError,
    InvalidValueError,
    NoFolderError,
)

FORMAT: Final = "attention-widget index"
VERSION: Final = 1
HEADER: Final = "index.json"
NAMES: Final = ("vectors.bin", "rows.bin", "tokens.bin", "texts.bin", "texts.jsonl")
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_BUFFER: Final = 16_000_000
"""Bytes that wait in memory before they are written."""


class IndexFiles:
    """A folder of files to which is appended. What is not committed does not count: a process that
    ends at any moment leaves the index as it was at its last commit.

    ``content`` is what the header says beside the sizes of the files.
    """

    def __init__(self, folder: Path, content: dict[str, Any], sizes: dict[str, int]) -> None:
        self.folder, self.content = folder, content
        self._sizes = sizes  # committed
        self.committed = content
        self._waiting: dict[str, list[bytes]] = {name: [] for name in NAMES}
        self._n_waiting = 0
        self._written = dict(sizes)
        self._lock: FileLock | None = None

    @classmethod
    def opened(cls, folder: Path) -> IndexFiles:
        """The index that is there.

        Raises:
            OSError: it is not there.
            ValueError: it is damaged, no index, or of another version.
        """
        name = repr(str(folder))
        if folder.exists() and not folder.is_dir():
            raise NoFolderError(f"an index is a folder, and {name} is a file; name another")
        header = folder / HEADER
        if not header.exists():
            what = "is no index" if folder.exists() else "is not there"
            raise FileMissingError(
                f"the folder of the index {name} {what}; build it by scan(model, texts, "
                f"index=Index(path, of=...)), or by Index(path, of=...).add(model, texts)"
            )
        try:
            held = json.loads(header.read_text(encoding="utf-8"))
            if held["format"] != FORMAT:
                raise InvalidValueError(FORMAT)
            version = held["version"]
            content, sizes = held["content"], held["sizes"]
            is_whole = isinstance(content, dict) and sizes.keys() == set(NAMES)
            if version == VERSION and not (is_whole and min(map(int, sizes.values())) >= 0):
                raise InvalidValueError(FORMAT)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise InvalidValueError(
                f"{name} is damaged or no index: its {HEADER} cannot be understood"
            ) from error
        if version != VERSION:
            raise InvalidValueError(
                f"{name} was written in version {version!r} of the format; this attention_widget "
                f"reads version {VERSION}"
            )
        for file, size in sizes.items():
            place = folder / file
            found = place.stat().st_size if place.exists() else -1
            if found < size:
                what = "is missing" if found < 0 else f"has {found:,} bytes of {size:,}"
                raise InvalidValueError(f"{name} is damaged: its file {file} {what}")
        return cls(folder, content, {file: int(size) for file, size in sizes.items()})

    @classmethod
    def exists(cls, folder: Path) -> bool:
        return (folder / HEADER).exists()

    @classmethod
    def made(cls, folder: Path, content: dict[str, Any]) -> IndexFiles:
        """An empty index in a folder, which is made too."""
        with told_if_full(folder, 0):
            folder.mkdir(exist_ok=True)
            for name in NAMES:
                (folder / name).open("ab").close()
        files = cls(folder, content, dict.fromkeys(NAMES, 0))
        files.commit()
        return files

    def append(self, parts: Mapping[str, bytes]) -> None:
        """Bytes for the ends of files."""
        for name, part in parts.items():
            self._waiting[name].append(part)
            self._n_waiting += len(part)
        if self._n_waiting >= _BUFFER:
            self._write()

    def commit(self) -> None:
        """From now on what was appended counts, and ``content`` as it is.

        Raises:
            DiskFullError: it could not be written; the index is as it was at its last commit.
        """
        self._write(flush=True)
        header = {
            "format": FORMAT,
            "version": VERSION,
            "content": self.content,
            "sizes": self._written,
        }
        with (
            told_if_full(self.folder, 1000),
            replacing(self.folder / HEADER) as beside,
            beside.open("w", encoding="utf-8", newline="") as file,
        ):
            file.write(json.dumps(header, indent=1))
            file.flush()
            os.fsync(file.fileno())
        self._sizes = dict(self._written)
        self.committed = self.content

    def forget(self) -> None:
        """Drop what was appended since the last commit."""
        for waiting in self._waiting.values():
            waiting.clear()
        self._n_waiting = 0
        self._written = dict(self._sizes)
        for name, size in self._sizes.items():
            with suppress(OSError):  # done again before anything is appended
                os.truncate(self.folder / name, size)

    def close(self) -> None:
        """Let others write to it."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def mapped(self, name: str, dtype: np.dtype[Any]) -> NDArray[Any]:
        """What is committed of a file, memory-mapped, in items of a type."""
        count = self._sizes[name] // dtype.itemsize
        if not count:
            return np.empty(0, dtype)
        base = dtype.base
        mapped = np.memmap(self.folder / name, base, "r", shape=(count, *dtype.shape))
        return mapped.view(np.ndarray)

    @property
    def nbytes(self) -> int:
        """Bytes of all files on the disk, that of the header aside."""
        return sum(self._sizes.values())

    def size(self, name: str) -> int:
        """Committed bytes of a file."""
        return self._sizes[name]

    def _write(self, flush: bool = False) -> None:
        self._take()
        try:
            for name, waiting in self._waiting.items():
                if not waiting and not flush:
                    continue
                with told_if_full(self.folder, self._n_waiting):
                    with (self.folder / name).open("r+b") as file:
                        file.truncate(self._written[name])  # what a killed process left
                        file.seek(self._written[name])
                        for part in waiting:
                            file.write(part)
                        if flush:
                            file.flush()
                            os.fsync(file.fileno())
                        end = file.tell()
                    self._written[name] = end
                waiting.clear()
        except BaseException:
            self.forget()
            raise
        self._n_waiting = 0

    def _take(self) -> None:
        """Be the only one who writes, until :meth:`close` or the end of the process."""
        if self._lock is not None:
            return
        try:
            self._lock = FileLock(self.folder / "lock")
        except HeldError as error:
            raise InvalidValueError(
                f"{str(self.folder)!r} must be written by one process at a time, and another "
                f"writes to it; give each an index of its own and merge them (Index.merge)"
            ) from error


class told_if_full:  # noqa: N801
    """Says so where there is no space."""

    def __init__(self, folder: Path, n_bytes: int) -> None:
        self._folder, self._n_bytes = folder, n_bytes

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, where: object) -> None:
        if isinstance(error, OSError) and error.errno in _FULL:
            raise DiskFullError(
                f"the disk must take {in_words(self._n_bytes)} more for the index "
                f"{str(self._folder)!r}, got: {error.strerror}; free some space and go on. What "
                f"the index held before, it still holds"
            ) from error

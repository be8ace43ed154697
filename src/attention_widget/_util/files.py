"""Where a user wants a file, and how it is written: whole or not at all."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from attention_widget.errors import (
    FileMissingError,
    InvalidTypeError,
    InvalidValueError,
    IsFolderError,
    NoAccessError,
    NoFolderError,
)


def user_path(given: object) -> Path:
    """The path that a user names, in which ``~`` is the home folder; TypeError or ValueError if it
    is none."""
    if not isinstance(given, str | os.PathLike) or not isinstance(name := os.fspath(given), str):
        raise InvalidTypeError(f"path must be a string or a Path, got {type(given).__name__}")
    if not name.strip() or "\0" in name:
        raise InvalidValueError(f"path must be the name of a file, got {name!r}")
    try:
        return Path(name).expanduser()
    except RuntimeError as error:  # there is no such user
        raise InvalidValueError(
            f"path must begin with a folder that is known, got {name!r}; write the home folder out"
        ) from error


def place_for(given: str | os.PathLike[str]) -> Path:
    """Where a file can be written that a user names; asked before the work for it starts. OSError
    if it is a folder, or its own folder is not there or takes no files."""
    path = user_path(given)
    name = repr(os.fspath(given))
    if path.is_dir() or name[-2] in (os.sep, os.altsep):
        raise IsFolderError(f"{name} is a folder; give the name of a file in it")
    folder = path.parent
    if not folder.exists():
        raise FileMissingError(f"cannot write {name}: there is no folder {str(folder)!r}; make it")
    if not folder.is_dir():
        raise NoFolderError(f"cannot write {name}: {str(folder)!r} is no folder")
    if not os.access(folder, os.W_OK):
        raise NoAccessError(f"cannot write {name}: you may not write to {str(folder)!r}")
    return path


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A place beside a file, to write what shall stand there when the block is left; whatever
    ends it before leaves the file as it was."""
    beside = target.with_name(f".{target.name[:32]}-{secrets.token_hex(8)}")
    try:
        yield beside
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def write_texts(texts: Mapping[Path, str]) -> None:
    """Write several files in UTF-8, all of them before the first is put in its place."""
    with ExitStack() as stack:
        for path, text in texts.items():
            beside = stack.enter_context(replacing(path))
            beside.write_text(text, encoding="utf-8", newline="")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()

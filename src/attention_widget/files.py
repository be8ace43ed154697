"""Files are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A place beside a file, to write what shall stand there when the block is left; whatever
    ends it before leaves the file as it was."""
    target = Path(path)
    beside = target.with_name(f".{target.name[:32]}-{secrets.token_hex(8)}")
    try:
        yield beside
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def write_texts(texts: Mapping[Path, str]) -> None:
    """Write several files in UTF-8, all of them before the first is put in its place."""
    if not texts:
        return
    (path, text), *others = texts.items()
    with replacing(path) as beside:
        beside.write_text(text, encoding="utf-8", newline="")
        write_texts(dict(others))

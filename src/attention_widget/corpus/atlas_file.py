"""An accumulator as one file: tensors and JSON, nothing that could run.

The file is a safetensors file (https://github.com/huggingface/safetensors#format). Equal
accumulators give equal bytes. It is put in its place once all of it is on the disk, so a process
that ends at any moment leaves the file as it was.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from attention_widget._util.files import place_for, replacing, user_path
from attention_widget._util.sizes import in_words
from attention_widget.corpus.accumulator import Accumulator
from attention_widget.corpus.packing import MalformedError, pack, unpack
from attention_widget.errors import (
    DiskFullError,
    FileMissingError,
    InvalidValueError,
    IsFolderError,
)

FORMAT: Final = "attention-widget atlas"
VERSION: Final = 1
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NAMES: Final = {"float32": "F32", "float64": "F64", "int32": "I32", "int64": "I64", "uint8": "U8"}


def write_file(path: str | os.PathLike[str], held: Accumulator) -> str:
    """Write it; the check sum of what was written."""
    place = place_for(path)
    described, tensors = pack(held)
    digest = digest_of(described, tensors)
    metadata = {"format": FORMAT, "version": VERSION, "sha256": digest, "content": described}
    n_bytes = sum(tensor.nbytes for tensor in tensors.values())
    with _told_if_full(path, n_bytes), replacing(place) as beside:
        _write(beside, json.dumps(metadata), tensors)
    _flush_folder(place.parent)
    return digest


def read_file(path: str | os.PathLike[str]) -> Accumulator:
    """What :func:`write_file` wrote."""
    place = user_path(path)
    name = repr(os.fspath(path))
    if not place.exists():
        raise FileMissingError(f"there is no file {name}")
    if place.is_dir():
        raise IsFolderError(f"{name} is a folder; give the name of a file in it")
    try:
        with safe_open(place, "np") as file:
            metadata = _metadata_of(name, file.metadata() or {})
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        if metadata.get("sha256") != digest_of(metadata.get("content"), tensors):
            raise InvalidValueError(f"{name} is damaged: its check sum is another")
        return unpack(metadata["content"], tensors)
    except (SafetensorError, MalformedError) as error:
        raise InvalidValueError(f"{name} is damaged or no atlas: {error}") from error


def digest_in(path: Path) -> str | None:
    """The check sum that stands in a file; None where there is none."""
    try:
        with safe_open(path, "np") as file:
            found = json.loads((file.metadata() or {})["atlas"])["sha256"]
        return found if isinstance(found, str) else None
    except (OSError, SafetensorError, ValueError, LookupError, TypeError):
        return None


def _metadata_of(name: str, written: Mapping[str, str]) -> dict[str, Any]:
    try:
        metadata = json.loads(written["atlas"])
        is_atlas = metadata["format"] == FORMAT
    except (ValueError, LookupError, TypeError, RecursionError):
        is_atlas = False
    if not is_atlas:
        raise InvalidValueError(
            f"{name} holds no atlas; give what HeadAtlas.save() or a scan wrote"
        )
    if metadata.get("version") != VERSION:
        raise InvalidValueError(
            f"{name} was written in version {metadata.get('version')!r} of the format; this "
            f"attention_widget reads version {VERSION}"
        )
    return dict(metadata)


def _write(path: Path, metadata: str, tensors: Mapping[str, NDArray[Any]]) -> None:
    header: dict[str, Any] = {"__metadata__": {"atlas": metadata}}
    end = 0
    ordered = sorted(tensors, key=lambda name: (-tensors[name].itemsize, name))  # aligned
    for name in ordered:
        tensor = tensors[name]
        start, end = end, end + tensor.nbytes
        kind = _NAMES[tensor.dtype.name]
        header[name] = {"dtype": kind, "shape": tensor.shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name in ordered:
            tensor = tensors[name]
            file.write(np.ascontiguousarray(tensor, tensor.dtype.newbyteorder("<")).data)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Have the disk keep the name too, where a folder can be flushed."""
    try:
        opened = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows
        return
    try:
        os.fsync(opened)
    except OSError:  # some network file systems
        pass
    finally:
        os.close(opened)


@contextmanager
def _told_if_full(path: str | os.PathLike[str], n_bytes: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise DiskFullError(
            f"the disk must take {in_words(n_bytes)} for {os.fspath(path)!r}, got: "
            f"{error.strerror}; free some space. What stood there before still does"
        ) from error


def digest_of(described: Any, tensors: Mapping[str, NDArray[Any]]) -> str:
    """A check sum (SHA-256) of all that :func:`pack` gave."""
    digest = hashlib.sha256(json.dumps(described).encode())
    for name in sorted(tensors):
        tensor = np.ascontiguousarray(tensors[name])
        digest.update(f"{name} {tensor.dtype.name} {list(tensor.shape)}".encode())
        digest.update(tensor.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()

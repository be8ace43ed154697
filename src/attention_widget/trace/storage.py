"""Dataclasses of tensors in one safetensors file: numbers and JSON, nothing that could run.

Knows no trace. The tensors stand in the file by name, and its metadata hold everything else as
JSON, in which ``{"tensor": name}`` stands for a tensor and ``{"float": "nan"}`` for what JSON
lacks. Only classes that the reader names are built, and every field must have the type that the
class declares.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
import reprlib
import types
import typing
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, TypeVar

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from attention_widget._util.files import place_for, replacing, user_path
from attention_widget.errors import (
    FileMissingError,
    InvalidTypeError,
    InvalidValueError,
    IsFolderError,
)

FORMAT: Final = "attention-widget trace"
VERSION: Final = "8"

T = TypeVar("T")


def write(path: str | os.PathLike[str], value: object) -> None:
    """Write a dataclass; a file that stands there is replaced once all is written."""
    place = place_for(path)
    tensors: dict[str, torch.Tensor] = {}
    content = json.dumps(_describe(value, tensors), allow_nan=False)
    digest = digest_of(content, tensors)
    metadata = {"format": FORMAT, "version": VERSION, "content": content, "sha256": digest}
    with replacing(place) as beside:
        save_file(tensors, beside, metadata)


def read(
    path: str | os.PathLike[str],
    kind: type[T],
    classes: Sequence[type],
    conversions: Mapping[str, Callable[[Any], None]],
) -> T:
    """The dataclass of this kind that :func:`write` wrote; it raises what :meth:`Trace.load` says.

    ``conversions`` change what an earlier version of the format described, by version.
    """
    place = user_path(path)
    if not place.exists():
        raise FileMissingError(f"there is no file {os.fspath(path)!r}")
    if place.is_dir():
        raise IsFolderError(f"{os.fspath(path)!r} is a folder; give the name of a file in it")
    try:
        with safe_open(place, "pt") as file:
            metadata = file.metadata() or {}
            _check_version(path, metadata, conversions)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        intact = metadata["sha256"] == digest_of(metadata["content"], tensors)
    except (SafetensorError, KeyError) as error:
        raise InvalidValueError(f"{os.fspath(path)!r} is damaged or no trace: {error}") from error
    if not intact:
        raise InvalidValueError(f"{os.fspath(path)!r} is damaged: its check sum is another")
    try:
        described = json.loads(metadata["content"])  # a number may be too long, a list too deep
        if convert := conversions.get(metadata["version"]):
            convert(described)
        built: T = _build(described, kind, {each.__name__: each for each in classes}, tensors)
    except (_MalformedError, ValueError, RecursionError) as error:
        raise InvalidValueError(f"{os.fspath(path)!r} is damaged: {error}") from error
    return built


def digest_of(content: str, tensors: Mapping[str, torch.Tensor]) -> str:
    """A check sum (SHA-256) of all that a file holds."""
    digest = hashlib.sha256(content.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {list(tensor.shape)}".encode())
        digest.update(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


class _MalformedError(Exception):
    """What stands in a file is not what a field takes."""


def _check_version(
    path: str | os.PathLike[str], metadata: Mapping[str, str], older: Collection[str]
) -> None:
    if metadata.get("format") != FORMAT:
        raise InvalidValueError(f"{os.fspath(path)!r} holds no trace; give what Trace.save() wrote")
    if metadata.get("version") not in (VERSION, *older):
        raise InvalidValueError(
            f"{os.fspath(path)!r} was written in version {metadata.get('version')!r} of the "
            f"format; this attention_widget reads versions {', '.join((*older, VERSION))}"
        )


def _describe(value: object, tensors: dict[str, torch.Tensor]) -> Any:
    if isinstance(value, torch.Tensor):
        name = f"{len(tensors)}"
        tensors[name] = value.detach().clone(memory_format=torch.contiguous_format)
        return {"tensor": name}
    if isinstance(value, np.ndarray):
        copy = value.copy()  # from_numpy warns of read-only ones
        return _describe(torch.from_numpy(copy), tensors)
    if dataclasses.is_dataclass(value):
        fields = {
            field.name: _describe(getattr(value, field.name), tensors)
            for field in dataclasses.fields(value)
        }
        return {"class": type(value).__name__, "fields": fields}
    if isinstance(value, range):
        return [value.start, value.stop]
    if isinstance(value, tuple):
        return [_describe(item, tensors) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise InvalidTypeError(f"a {type(value).__name__} cannot be saved")


def _build(
    value: Any, kind: Any, classes: Mapping[str, type], tensors: dict[str, torch.Tensor]
) -> Any:
    """The value of this declared type that a description stands for."""
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        return _any_of(value, typing.get_args(kind), classes, tensors)
    if origin is typing.Literal:
        if value in typing.get_args(kind):
            return value
    elif origin is tuple:
        if isinstance(value, list):
            return _tuple(value, typing.get_args(kind), classes, tensors)
    elif origin is np.ndarray or kind is torch.Tensor:
        name = value.get("tensor") if isinstance(value, dict) else None
        if isinstance(name, str) and name in tensors:
            # Each stands in one place: else a small file is a large trace.
            tensor = tensors.pop(name)
            if kind is torch.Tensor:
                return tensor
            if tensor.dtype == torch.uint8:
                return tensor.numpy()
    elif dataclasses.is_dataclass(kind):
        own: str = getattr(kind, "__name__", "")
        if isinstance(value, dict) and value.get("class") == own and classes.get(own) is kind:
            return _dataclass(value, kind, classes, tensors)
    elif kind is range:
        if isinstance(value, list) and [type(end) for end in value] == [int, int]:
            return range(*value)
    elif kind is float:
        if isinstance(value, dict) and value.get("float") in ("nan", "inf", "-inf"):
            return float(value["float"])
        if type(value) is float or (type(value) is int and abs(value) < 2**53):
            return float(value)
    elif value is None if kind is type(None) else type(value) is kind:
        return value
    raise _MalformedError(f"{reprlib.repr(value)} is no {getattr(kind, '__name__', kind)}")


def _any_of(value: Any, kinds: Sequence[Any], *context: Any) -> Any:
    problem: _MalformedError | None = None
    for kind in kinds:
        try:
            return _build(value, kind, *context)
        except _MalformedError as error:
            own = getattr(kind, "__name__", None)
            if problem is None or (isinstance(value, dict) and value.get("class") == own):
                problem = error  # the telling one
    raise problem or _MalformedError("no type is allowed")


def _tuple(value: list[Any], kinds: Sequence[Any], *context: Any) -> tuple[Any, ...]:
    if len(kinds) == 2 and kinds[1] is ...:
        return tuple(_build(item, kinds[0], *context) for item in value)
    if len(value) != len(kinds):
        raise _MalformedError(f"{reprlib.repr(value)} has {len(value)} items, not {len(kinds)}")
    return tuple(_build(item, kind, *context) for item, kind in zip(value, kinds, strict=True))


def _dataclass(
    value: dict[str, Any],
    kind: type,
    classes: Mapping[str, type],
    tensors: dict[str, torch.Tensor],
) -> Any:
    given = value.get("fields")
    hints = typing.get_type_hints(kind, localns=dict(classes))
    declared = {field.name: hints[field.name] for field in dataclasses.fields(kind)}
    if not isinstance(given, dict) or given.keys() != declared.keys():
        found = sorted(given) if isinstance(given, dict) else given
        raise _MalformedError(f"a {kind.__name__} with the fields {reprlib.repr(found)}")
    built = {name: _build(given[name], declared[name], classes, tensors) for name in declared}
    return kind(**built)

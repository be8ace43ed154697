"""Read a GGUF file: its metadata, and its tensors as float32.

The format is described at https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Weights in
8 and 4 bits come in blocks of 32 with a scale, and with 4 bits a smallest value, in float16.
"""

from __future__ import annotations

import math
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from attention_widget.errors import InvalidValueError

_SCALARS: Final = dict(zip((0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12), "BbHhIif?Qqd", strict=True))
_STRING: Final = 8
_ARRAY: Final = 9
_F32, _Q4_1, _Q8_0 = 0, 3, 8
_BLOCK: Final = 32  # weights


@dataclass(frozen=True)
class _Place:
    """Where a tensor lies: its shape, the outermost dimension first, and its first byte."""

    shape: tuple[int, ...]
    kind: int
    start: int


class GgufFile:
    """``metadata`` by key, ``names`` of the tensors, and each tensor when it is asked for."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._at = 8
        if self._bytes[:4] != b"GGUF" or struct.unpack_from("<I", self._bytes, 4) != (3,):
            raise InvalidValueError(f"{path.name} must be a GGUF file of version 3, got another")
        n_tensors, n_entries = self._number("Q"), self._number("Q")
        self.metadata = {self._string(): self._value(self._number("I")) for _ in range(n_entries)}
        places = [self._place() for _ in range(n_tensors)]
        unit = self.metadata.get("general.alignment", 32)
        first = -(-self._at // unit) * unit
        self._places = {
            name: _Place(shape, kind, first + start) for name, shape, kind, start in places
        }

    @property
    def names(self) -> list[str]:
        return list(self._places)

    def shape(self, name: str) -> tuple[int, ...]:
        return self._places[name].shape

    def tensor(self, name: str) -> NDArray[np.float32]:
        place = self._places[name]
        n_weights = math.prod(place.shape)
        if place.kind == _F32:
            found = np.frombuffer(self._bytes, "<f4", n_weights, place.start)
        elif place.kind == _Q8_0:
            found = _of_8_bits(self._blocks(place, n_weights, 2 + _BLOCK))
        elif place.kind == _Q4_1:
            found = _of_4_bits(self._blocks(place, n_weights, 4 + _BLOCK // 2))
        else:
            raise InvalidValueError(
                f"{name} must hold float32, Q8_0 or Q4_1 (0, 8 or 3), got type {place.kind}"
            )
        return found.reshape(place.shape)

    def _blocks(self, place: _Place, n_weights: int, size: int) -> NDArray[np.uint8]:
        n_blocks = n_weights // _BLOCK
        flat = np.frombuffer(self._bytes, np.uint8, n_blocks * size, place.start)
        return flat.reshape(n_blocks, size)

    def _place(self) -> tuple[str, tuple[int, ...], int, int]:
        name = self._string()
        sizes = [self._number("Q") for _ in range(self._number("I"))]  # innermost first
        return name, tuple(reversed(sizes)), self._number("I"), self._number("Q")

    def _number(self, kind: str) -> Any:
        [value] = struct.unpack_from(f"<{kind}", self._bytes, self._at)
        self._at += struct.calcsize(f"<{kind}")
        return value

    def _string(self) -> str:
        start = self._at + 8
        length = self._number("Q")
        self._at = start + length
        return self._bytes[start : self._at].decode()

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._string()
        if kind != _ARRAY:
            return self._number(_SCALARS[kind])
        inner, length = self._number("I"), self._number("Q")
        if inner in (_STRING, _ARRAY):
            return [self._value(inner) for _ in range(length)]
        values = struct.unpack_from(f"<{length}{_SCALARS[inner]}", self._bytes, self._at)
        self._at += struct.calcsize(f"<{length}{_SCALARS[inner]}")
        return list(values)


def _of_8_bits(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """scale · level, of blocks (block, 2 + 32 bytes)."""
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    weights: NDArray[np.float32] = scale * blocks[:, 2:].view(np.int8)
    return weights


def _of_4_bits(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """scale · level + smallest, of blocks (block, 2 + 2 + 16 bytes); the low halves of the bytes
    are the first 16 weights."""
    ends = blocks[:, :4].copy().view("<f2").astype(np.float32)
    levels = np.concatenate([blocks[:, 4:] & 15, blocks[:, 4:] >> 4], -1)
    weights: NDArray[np.float32] = ends[:, :1] * levels + ends[:, 1:]
    return weights

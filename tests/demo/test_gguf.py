"""Reading GGUF: metadata of every type, and weights in 32, 8 and 4 bits."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attention_widget.demo.gguf import GgufFile
from attention_widget.errors import InvalidValueError


def text(string: str) -> bytes:
    return struct.pack("<Q", len(string.encode())) + string.encode()


def written(path: Path, tensors: dict[str, tuple[tuple[int, ...], int, bytes]]) -> Path:
    entries = {
        "a.name": struct.pack("<I", 8) + text("naïve"),
        "a.count": struct.pack("<IQ", 10, 2**40),
        "a.flag": struct.pack("<I?", 7, True),
        "some.words": struct.pack("<IIQ", 9, 8, 2) + text("a") + text("Ġnovel"),
        "some.numbers": struct.pack("<IIQ3i", 9, 5, 3, -1, 0, 1),
    }
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(entries))
    for key, value in entries.items():
        head += text(key) + value
    body = b""
    for name, (shape, kind, data) in tensors.items():
        inner_first = shape[::-1]
        head += text(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *inner_first)
        head += struct.pack("<IQ", kind, len(body))
        body += data + b"\0" * (-len(data) % 32)
    path.write_bytes(head + b"\0" * (-len(head) % 32) + body)
    return path


@pytest.fixture
def file(tmp_path: Path) -> GgufFile:
    levels = np.arange(32, dtype=np.int8) - 16
    eight = struct.pack("<e", 0.5) + levels.tobytes()
    nibbles = bytes(low | (15 - low) << 4 for low in range(16))
    four = struct.pack("<ee", 0.25, -1.0) + nibbles
    plain = np.arange(6, dtype="<f4").tobytes()
    tensors = {
        "plain": ((2, 3), 0, plain),
        "eight": ((1, 32), 8, eight),
        "four": ((2, 32), 3, four * 2),
        "other": ((32,), 2, bytes(18)),
    }
    return GgufFile(written(tmp_path / "tiny.gguf", tensors))


def test_the_metadata(file: GgufFile) -> None:
    expected: dict[str, Any] = {
        "a.name": "naïve",
        "a.count": 2**40,
        "a.flag": True,
        "some.words": ["a", "Ġnovel"],
        "some.numbers": [-1, 0, 1],
    }
    assert file.metadata == expected


def test_the_weights(file: GgufFile) -> None:
    assert file.tensor("plain").tolist() == [[0, 1, 2], [3, 4, 5]]
    assert file.tensor("eight").tolist() == [[0.5 * level for level in range(-16, 16)]]
    low = [0.25 * level - 1 for level in range(16)]
    assert file.tensor("four").tolist() == [[*low, *low[::-1]]] * 2
    assert file.tensor("four").dtype == np.float32


def test_another_kind_of_weights_is_refused(file: GgufFile) -> None:
    with pytest.raises(InvalidValueError, match=r"other must hold .* got type 2"):
        file.tensor("other")


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.gguf"
    path.write_bytes(b"\x89PNG" + bytes(60))
    with pytest.raises(InvalidValueError, match=r"picture\.gguf must be a GGUF file of version 3"):
        GgufFile(path)

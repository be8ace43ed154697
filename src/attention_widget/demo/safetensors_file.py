"""Write tensors to a safetensors file one by one, so that only one is in memory.

The format is described at https://github.com/huggingface/safetensors#format.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

_SIZE = 4  # bytes of a float32
_UNIT = 8  # bytes that the header's length is a multiple of


def write_tensors(
    path: Path,
    tensors: Sequence[tuple[str, tuple[int, ...], Callable[[], NDArray[Any]]]],
    on_tensor: Callable[[int], None],
) -> None:
    """Write float32 tensors, each a name, a shape and what makes it; ``on_tensor`` is told how
    many are written."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape, _ in tensors:
        start, end = end, end + _SIZE * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % _UNIT)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for done, (_, _, make) in enumerate(tensors, 1):
            file.write(make().astype("<f4", order="C", copy=False).tobytes())
            on_tensor(done)

"""What an export carries: tensors by key, each compressed by itself.

A page answers every key of the catalogue from these: attention in levels (:mod:`.rounding`) is what
most tensors are derived from (js/measures/), the others come as they are.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from numpy.typing import NDArray

from attention_widget.errors import InvalidValueError
from attention_widget.export import rounding
from attention_widget.protocol.tensors import encode
from attention_widget.trace.kind import Kind

FORMAT: Final = 4
"""Counts the changes of what stands in a page; js/saved/archive.ts reads one of them."""

Precision = Literal["standard", "high"]
PRECISIONS: Final[tuple[Precision, ...]] = ("standard", "high")

MAX_BYTES: Final = 100_000_000
"""Of a page, unless another limit is given: it opens within some 3 s, and may still be kept in a
repository on GitHub."""

Held = dict[Kind, dict[int, list[int]]]
"""Heads held of each layer of each kind of attention."""


@dataclass
class Archive:
    """Blocks of compressed bytes, and which tensor is in which."""

    max_bytes: int
    blocks: list[str] = field(default_factory=list)
    """Zlib streams in base64."""
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    scores: dict[str, dict[str, Any]] = field(default_factory=dict)
    """How what enters the softmax follows from queries and keys, by kind and layer."""
    calculations: dict[str, dict[str, Any]] = field(default_factory=dict)
    """How the steps of a calculation follow from its queries and keys, by kind and layer."""
    atlas: dict[str, Any] | None = None
    """In which blocks an atlas is: export/atlas.py."""
    error: dict[str, float] = field(default_factory=dict)
    """How far numbers may be from the trace's, by what they are: js/trace/exactness.ts."""
    n_bytes: int = 0
    _known: dict[bytes, int] = field(default_factory=dict)

    def block(self, data: bytes) -> int:
        """Keep bytes, each once; returns the number of their block."""
        packed = zlib.compressobj(6, zlib.DEFLATED, 15, 9, zlib.Z_FILTERED)
        stream = packed.compress(data) + packed.flush()
        if stream not in self._known:
            self._known[stream] = len(self.blocks)
            self.blocks.append(base64.b64encode(stream).decode())
            self.n_bytes += len(self.blocks[-1])
            if self.n_bytes > self.max_bytes:
                raise too_large(None, self.max_bytes)
        return self._known[stream]

    def plain(self, key: str, array: NDArray[Any]) -> None:
        """A tensor as the catalogue gives it."""
        header, _ = encode(array)
        data = rounding.planes(array.astype(header["dtype"]))
        self.entries[key] = {"as": "plain", **header, "block": self.block(data)}


Step = Callable[[Archive], None]
"""Keeps a part of what a page carries."""


def too_large(estimated: int | None, max_bytes: int) -> InvalidValueError:
    """Says how large a page would be, and what makes it smaller."""
    size = (
        "more than" if estimated is None else f"about {max(1, round(estimated / 1e6)):,} MB, over"
    )
    return InvalidValueError(
        f"the page takes {size} {max_bytes / 1e6:,.0f} MB, the limit: choose layers=[...] or "
        f"heads=[...], show fewer views (views is what a page carries data for), or allow more "
        f"with max_bytes=..."
    )


Answers = Sequence[
    tuple[Mapping[str, Any], Mapping[str, Any]] | tuple[Mapping[str, Any], Mapping[str, Any], int]
]
"""Questions to the model, each with its answer: ``{"answer": ...}`` or ``{"error": ...}``; of one
side of a comparison with the number of the side."""


def manifest(archive: Archive, state: dict[str, Any], held: Held, answers: Answers) -> bytes:
    """What a page reads first."""
    listed = {
        kind: {str(layer): heads for layer, heads in layers.items()}
        for kind, layers in held.items()
    }
    content = {
        "state": state,
        "held": listed,
        "entries": archive.entries,
        "scores": archive.scores,
        "calculations": archive.calculations,
        "error": archive.error,
        "answers": answers,
        "atlas": archive.atlas,
        "blocks": len(archive.blocks),
    }
    return json.dumps(content, separators=(",", ":"), allow_nan=False).encode()

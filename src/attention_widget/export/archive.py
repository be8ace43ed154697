"""What an export carries of a trace: tensors by key, each compressed by itself.

A page answers every key of the catalogue from these: attention in levels (:mod:`.rounding`) is what
most tensors are derived from (js/measures/), the others come as they are.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from attention_widget.errors import InvalidValueError
from attention_widget.export import rounding
from attention_widget.measures.receivers import FEWEST, is_of_passages
from attention_widget.protocol.catalogue import compute
from attention_widget.protocol.keys import NEEDS, SPECIAL_TOKENS, UNITS, Key, write_key
from attention_widget.protocol.tensors import encode, number
from attention_widget.trace.block import Block, Maps
from attention_widget.trace.grouping import Operation
from attention_widget.trace.kind import Kind
from attention_widget.trace.token import units
from attention_widget.trace.trace import Trace

FORMAT: Final = 4
"""Counts the changes of what stands in a page; js/saved/archive.ts reads one of them."""

Precision = Literal["standard", "high"]
PRECISIONS: Final[tuple[Precision, ...]] = ("standard", "high")

MAX_BYTES: Final = 100_000_000
"""Of a page, unless another limit is given: it opens within some 3 s, and may still be kept in a
repository on GitHub."""

LARGE_MAP: Final = 2**16
"""Weights of a head from which its thumbnail comes along rather than being made of them: a page
then need not unpack every layer before the grid can be drawn."""

EXACT_WEIGHTS: Final = 2**18
"""Attention of no more than so many weights, a megabyte, comes as it is, whatever the precision."""

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


def count_weights(trace: Trace, held: Held) -> int:
    """How many weights the heads that are held have, in all windows."""
    parts = [window.trace for window in trace.windows] or [trace]
    return sum(
        (one := part.operation(layer, kind)).n_queries * one.n_keys * len(heads)
        for part in parts
        for kind, layers in held.items()
        for layer, heads in layers.items()
    )


def steps_of(
    trace: Trace,
    views: Sequence[str],
    held: Held,
    precision: Precision,
    exact: Callable[[Kind, int], bool] = lambda kind, layer: False,
) -> Iterator[Step]:
    """What keeps all that the views need of these heads in one pass, a part at a time; the weights
    of the layers that are ``exact`` as they are."""
    if trace.image is not None:
        yield partial(Archive.plain, key="image", array=trace.image)
    needed = {tensor for view in views for tensor in NEEDS.get(view, ())}
    if "hidden_states" in needed:
        for kind, index in _hidden(trace, held):
            key = write_key(Key("hidden_states", (kind, index)))
            yield partial(_keep_hidden, key=key, trace=trace, precision=precision)
        for key in _word_embeddings(trace, held):
            yield partial(_keep_hidden, key=key, trace=trace, precision=precision)
    if "position_table" in needed:
        for key in _positions(trace):
            yield partial(_keep_computed, key=key, trace=trace)
    for window in range(len(trace.windows)) or [None]:
        for kind, layers in held.items():
            for layer, heads in layers.items():
                of_weights = "high" if exact(kind, layer) else precision
                yield _Layer(trace, window, kind, layer, heads, needed, precision, of_weights)


@dataclass(frozen=True)
class _Layer:
    """The attention of a layer, and what goes with it."""

    whole: Trace
    window: int | None
    kind: Kind
    layer: int
    heads: Sequence[int]
    needed: Set[str]
    precision: Precision
    of_weights: Precision

    def __call__(self, archive: Archive) -> None:
        trace = self.whole if self.window is None else self.whole.windows[self.window].trace
        operation = trace.operation(self.layer, self.kind)
        self._attention(archive, operation, *key_marks(trace, operation))
        is_own = isinstance(operation, Block | Maps)  # else gather.py brings them
        keys = [self._key("mask")] if is_own else []
        if is_own and "summaries" in self.needed:
            keys += [self._key("summaries", rows=rows) for rows in rows_of(self.whole)]
        if (
            "receivers" in self.needed
            and len(trace.passages) >= FEWEST
            and is_of_passages(trace, self.kind)
        ):
            keys.append(self._key("receivers"))
        if "thumbnails" in self.needed and operation.n_queries * operation.n_keys > LARGE_MAP:
            keys.append(self._key("thumbnails"))
        for key in keys:
            archive.plain(key, compute(self.whole, key))
        if "query" in self.needed and isinstance(operation, Block):
            self._vectors(archive, operation)

    def _key(self, name: str, *rest: int, rows: tuple[str, str] = ("tokens", "show")) -> str:
        return write_key(Key(name, (self.kind, self.layer, *rest), self.window, *rows))

    def _attention(
        self,
        archive: Archive,
        operation: Operation,
        special: NDArray[np.bool_],
        fine: NDArray[np.bool_],
    ) -> None:
        maps: list[list[Any] | None] = [None] * operation.n_heads
        for head in self.heads:
            weights = operation.attention([head])[0]
            if self.of_weights == "standard" and rounding.fits_levels(weights):
                data = rounding.encode_levels(weights, special, fine)
                maps[head] = ["levels", archive.block(data)]
            else:
                maps[head] = ["plain", archive.block(rounding.planes(weights))]
        archive.entries[self._key("attention")] = {
            "as": "maps",
            "shape": [operation.n_heads, operation.n_queries, operation.n_keys],
            "maps": maps,
            "special": np.flatnonzero(special).tolist(),
            "fine": np.flatnonzero(fine).tolist(),
        }

    def _vectors(self, archive: Archive, block: Block) -> None:
        """Queries and keys, and what makes the logits of them; see :meth:`Block.logits`."""
        plain = block.softcap is None and block.bias is None
        prefix = "" if self.window is None else f"window/{self.window}/"
        where = f"{self.kind}/{self.layer}"
        logits = "scores" if plain else "kept"
        archive.scores[prefix + where] = {"scale": number(block.scale), "logits": logits}
        for head in self.heads:
            keys = [self._key(name, head) for name in ("query", "key")]
            query, key = (compute(self.whole, text) for text in keys)
            whole, error = True, 0.0
            if math.isfinite(block.scale) and np.isfinite(query).all() and np.isfinite(key).all():
                is_high = self.precision == "high"
                whole, error = rounding.score_error(query, key, block.scale, is_high)
            for text, values in zip(keys, (query, key), strict=True):
                if whole:
                    archive.plain(text, values)
                else:
                    stored = archive.block(rounding.encode_rows(values))
                    entry = {"as": "rows", "shape": list(values.shape), "block": stored}
                    archive.entries[text] = entry
            archive.error["score"] = max(archive.error.get("score", 0.0), error)
            if "value" in self.needed and block.value.shape[2]:
                for name in ("value", "head_output"):
                    self._rows(archive, self._key(name, head))
            if not plain:
                archive.plain(f"{prefix}logits/{where}/{head}", block.logits([head])[0])

    def _rows(self, archive: Archive, key: str) -> None:
        """Vectors as 16-bit shares of the largest of each, or as they are."""
        values = compute(self.whole, key)
        if self.precision == "high" or not np.isfinite(values).all():
            archive.plain(key, values)
            return
        stored = archive.block(rounding.encode_rows(values))
        archive.entries[key] = {"as": "rows", "shape": list(values.shape), "block": stored}


def rows_of(trace: Trace) -> list[tuple[str, str]]:
    """What can make a row, with special tokens and without."""
    known = [unit for unit in UNITS if unit != "passages" or trace.passages]
    return list(product(known, SPECIAL_TOKENS))


def key_marks(trace: Trace, operation: Any) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which keys are special tokens, and which are pieces of a word (key,)."""
    keys = trace.sides(operation.kind)[1]
    special = np.array([token.special for token in keys], np.bool_)
    fine = np.zeros(len(keys), np.bool_)
    fine[[key for unit in units(keys, words=True) if len(unit) > 1 for key in unit]] = True
    return special, fine


def _hidden(trace: Trace, held: Held) -> list[tuple[Kind, int]]:
    """The hidden states that can be looked at: kind of their stack, and index."""
    found: dict[tuple[Kind, int], None] = {}
    for kind, layers in held.items():
        stack: Kind = "encoder" if kind == "encoder" else "decoder"
        of_target = stack == "decoder" and trace.target is not None
        states = trace.target.hidden if of_target and trace.target else trace.hidden
        for index in (0, *(layer + 1 for layer in layers)):
            if index < len(states) and len(states[index]):
                found[stack, index] = None
    return list(found)


def _word_embeddings(trace: Trace, held: Held) -> Iterator[str]:
    """The keys of the word embeddings that are known, of each stack that can be looked at."""
    for stack in dict.fromkeys("encoder" if kind == "encoder" else "decoder" for kind in held):
        of = trace.target if stack == "decoder" and trace.target is not None else trace
        if of.word_rows is not None:
            yield write_key(Key("word_embeddings", (stack,)))


def _positions(trace: Trace) -> Iterator[str]:
    """The keys of what tells positions apart."""
    known = trace.windows[0].trace if trace.windows else trace
    for index, one in enumerate(known.positions):
        if one.tensors:
            for name in ("position_table", "position_pairs"):
                yield write_key(Key(name, (index,)))


def _keep_computed(archive: Archive, key: str, trace: Trace) -> None:
    archive.plain(key, compute(trace, key))


def _keep_hidden(archive: Archive, key: str, trace: Trace, precision: Precision) -> None:
    values = compute(trace, key)
    if precision == "high" or not np.isfinite(values).all():
        archive.plain(key, values)
        return
    n_axes, step, data = rounding.encode_axes(values)
    entry = {"as": "axes", "shape": [len(values), n_axes], "step": step}
    archive.entries[key] = {**entry, "block": archive.block(data)}


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

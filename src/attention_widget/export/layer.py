"""The attention of a layer in a page, and what goes with it."""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from attention_widget.export import rounding
from attention_widget.export.archive import Archive, Precision
from attention_widget.measures.receivers import FEWEST, is_of_passages
from attention_widget.protocol.catalogue import compute
from attention_widget.protocol.keys import SPECIAL_TOKENS, UNITS, Key, write_key
from attention_widget.protocol.tensors import number
from attention_widget.trace.block import Block, Maps
from attention_widget.trace.grouping import Operation
from attention_widget.trace.kind import Kind
from attention_widget.trace.token import units
from attention_widget.trace.trace import Trace

LARGE_MAP: Final = 2**16
"""Weights of a head from which its thumbnail comes along rather than being made of them: a page
then need not unpack every layer before the grid can be drawn."""


@dataclass(frozen=True)
class Layer:
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
        trace, operation = self._pass
        self._attention(archive, operation, *key_marks(trace, operation))
        self.keep_mask(archive)
        keys = []
        if self._is_own and "summaries" in self.needed:
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

    def keep_mask(self, archive: Archive) -> None:
        """Keep its mask alone."""
        if self._is_own:
            archive.plain(key := self._key("mask"), compute(self.whole, key))

    @property
    def _pass(self) -> tuple[Trace, Operation]:
        trace = self.whole if self.window is None else self.whole.windows[self.window].trace
        return trace, trace.operation(self.layer, self.kind)

    @property
    def _is_own(self) -> bool:
        return isinstance(self._pass[1], Block | Maps)  # else gather.py brings what goes with it

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

"""The record of one attention call: the parts of its exact attention, or its probabilities."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar

import torch

from attention_widget.trace.block import Block, Maps
from attention_widget.trace.kind import Kind
from attention_widget.trace.mask import Mask

CROSSING = ("cross", "encoder_attn", "encdec", "enc_dec", "encoder_decoder", "inter_attention")

How = Literal["interface", "sdpa", "multi-head", "written out", "followed maps", "reported maps"]
P = TypeVar("P", Block, Maps)


@dataclass(eq=False)
class Call(Generic[P]):
    """One attention call, of the module at ``path`` (as in named_modules()): what is known of it
    gets its layer and kind from :meth:`block`."""

    path: str
    parts: P
    how: How  # it was recorded
    calls: tuple[int, ...] = ()  # of the module, by number; several gave parts of the output

    @property
    def crosses(self) -> bool:
        return crosses(self.path)

    @property
    def kind(self) -> Kind:
        """As far as the module's name tells, or else whether any query sees a later key."""
        if self.crosses:
            return "cross"
        return _stack(self.path) or ("decoder" if self._is_causal else "encoder")

    @property
    def _is_causal(self) -> bool:
        if isinstance(self.parts, Block):
            return self.parts.mask.is_causal
        n_queries, n_keys = self.sizes
        return not bool(self.parts.probabilities.triu(n_keys - n_queries + 1).any())

    @property
    def sizes(self) -> tuple[int, int]:
        """How many queries and keys."""
        return self.parts.n_queries, self.parts.n_keys

    @property
    def nbytes(self) -> int:
        """Bytes that the tensors take."""
        return sum(tensor.nbytes for tensor in self.parts.tensors)

    def number(self, *calls: int) -> None:
        """Say which calls of the module these are."""
        self.calls = calls

    def block(self, layer: int, kind: Kind | None = None) -> P:
        return replace(self.parts, layer=layer, kind=kind or self.kind)


class Record(Call[Block]):
    """A call of which queries, keys and values are known, so that its attention is exact."""

    def changed(self, **parts: Any) -> Record:
        """The same call with other parts."""
        return Record(self.path, replace(self.parts, **parts), self.how, self.calls)

    def correct(self, other: Record) -> None:
        """Take over the scale and mask of an alternative record of the call."""
        self.parts = replace(self.parts, scale=other.parts.scale, mask=other.parts.mask)

    def lose(self, rows: torch.Tensor) -> None:
        """Make the probabilities of rows (head, query) NaN.

        A sink that is NaN does it; the least float32 as a sink leaves the other rows as they are.
        """
        sinks = self.parts.sinks
        if sinks is None:
            least = torch.finfo(torch.float32).min
            sinks = torch.full(rows.shape, least, dtype=torch.float32, device="cpu")
        elif sinks.ndim == 1:
            sinks = sinks[:, None].expand(rows.shape)
        sinks = sinks.float().masked_fill(rows, float("nan"))
        self.parts = replace(self.parts, sinks=sinks)


@dataclass(frozen=True)
class Dropped:
    """Stands for a record of a layer that is not kept."""

    path: str
    crosses: bool
    kind: Kind
    sizes: tuple[int, int]
    nbytes: int = 0


AnyRecord = Record | Call[Maps]
Alternatives = Callable[[], Iterable[Record]]  # other records of a call, one of which may be right


@lru_cache(maxsize=4096)
def crosses(path: str) -> bool:
    """Whether a module's attention is cross-attention, which its name always shows."""
    names = path.lower().split(".")[-3:]
    return any(word in name for name in names for word in CROSSING)


@lru_cache(maxsize=4096)
def _stack(path: str) -> Literal["encoder", "decoder"] | None:
    names = path.lower().split(".")
    if any("decoder" in name for name in names):
        return "decoder"
    return "encoder" if any("encoder" in name for name in names) else None


def copied_record(
    path: str,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    scale: float,
    mask: Mask,
    bias: torch.Tensor | None = None,
    softcap: float | None = None,
    sinks: torch.Tensor | None = None,
    *,
    how: How,
) -> Record:
    """A record with copies of query, key and value; the others may be shared between layers."""
    query, key, value = copied(query), copied(key), copied(value)
    parts = Block(0, "encoder", query, key, value, scale, mask, softcap, bias, sinks)
    return Record(path, parts, how)


def map_record(path: str, probabilities: torch.Tensor, how: How) -> Call[Maps]:
    """A record of probabilities (head, query, key) alone."""
    return Call(path, Maps(0, "encoder", copied(probabilities)), how)


def copied(tensor: torch.Tensor) -> torch.Tensor:
    """A contiguous copy on the CPU that shares no memory with the model."""
    kept = torch.empty(tensor.shape, dtype=tensor.dtype, device="cpu")
    return kept.copy_(tensor)


def ungrouped(key: torch.Tensor, value: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Keys and values (kv_head, key, dim) of some (head, key, dim) that are repeated for grouped
    queries."""
    size = 1
    while size < len(key) and key[size].equal(key[0]) and value[size].equal(value[0]):
        size += 1
    for tensor in (key, value):
        if size == 1 or len(key) % size:
            return key, value
        grouped = tensor.reshape(-1, size, *tensor.shape[1:])
        if not bool((grouped == grouped[:, :1]).all()):
            return key, value
    return key[::size], value[::size]

"""The record of one attention call: the parts of its exact attention, or its probabilities."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

import torch

from attention_widget.trace.block import Block, Maps
from attention_widget.trace.kind import Kind
from attention_widget.trace.mask import Mask

CROSSING = ("cross", "encoder_attn", "encdec", "enc_dec", "encoder_decoder", "inter_attention")


How = Literal["interface", "sdpa", "multi-head", "written out", "followed maps", "reported maps"]


@dataclass(eq=False)
class Call:
    """One attention call, of the module at ``path`` (as in named_modules())."""

    path: str
    how: How = field(default="interface", kw_only=True)  # it was recorded

    @property
    def crosses(self) -> bool:
        """Whether it is cross-attention, which the module's name always shows."""
        return _crosses(self.path)

    @property
    def kind(self) -> Kind:
        """As far as the module's name tells, or else whether any query sees a later key."""
        if self.crosses:
            return "cross"
        return _stack(self.path) or ("decoder" if self.is_causal else "encoder")

    @property
    def is_causal(self) -> bool:
        """No query sees a key that comes after it."""
        raise NotImplementedError

    @property
    def sizes(self) -> tuple[int, int]:
        """How many queries and keys."""
        raise NotImplementedError

    @property
    def nbytes(self) -> int:
        """Bytes that the tensors take."""
        raise NotImplementedError


@dataclass(eq=False)
class Record(Call):
    """One attention call in its parts: a block that gets its layer and kind from :meth:`block`."""

    parts: Block

    @property
    def sizes(self) -> tuple[int, int]:
        return self.parts.n_queries, self.parts.n_keys

    @property
    def nbytes(self) -> int:
        of = self.parts
        tensors = (of.query, of.key, of.value, of.bias, of.mask.explicit)
        return sum(tensor.nbytes for tensor in tensors if tensor is not None)

    @property
    def is_causal(self) -> bool:
        return self.parts.mask.is_causal

    def changed(self, **parts: Any) -> Record:
        """The same call with other parts."""
        return replace(self, parts=replace(self.parts, **parts))

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

    def block(self, layer: int, kind: Kind | None = None) -> Block:
        return replace(self.parts, layer=layer, kind=kind or self.kind)


@dataclass(frozen=True)
class Dropped:
    """Stands for a record of a layer that is not kept."""

    path: str
    crosses: bool
    kind: Kind
    sizes: tuple[int, int]
    nbytes: int = 0


@dataclass(eq=False)
class MapRecord(Call):
    """One attention call of which only the probabilities (head, query, key) are known."""

    probabilities: torch.Tensor

    @property
    def sizes(self) -> tuple[int, int]:
        return self.probabilities.shape[1], self.probabilities.shape[2]

    @property
    def nbytes(self) -> int:
        return self.probabilities.nbytes

    @property
    def is_causal(self) -> bool:
        n_queries, n_keys = self.sizes
        return not bool(self.probabilities.triu(n_keys - n_queries + 1).any())

    def block(self, layer: int, kind: Kind | None = None) -> Maps:
        return Maps(layer, kind or self.kind, self.probabilities)


AnyRecord = Record | MapRecord


@lru_cache(maxsize=4096)
def _crosses(path: str) -> bool:
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
    return Record(path, parts, how=how)


def copied(tensor: torch.Tensor) -> torch.Tensor:
    """A contiguous copy on the CPU that shares no memory with the model."""
    kept = torch.empty(tensor.shape, dtype=tensor.dtype, device="cpu")
    return kept.copy_(tensor)


def ungrouped(key: torch.Tensor, value: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Keys and values (kv_head, key, dim) of some (head, key, dim) that are repeated for grouped
    queries."""
    n = _repeats(key, value)
    return key[::n], value[::n]


def _repeats(key: torch.Tensor, value: torch.Tensor) -> int:
    size = 1
    while size < key.shape[0] and key[size].equal(key[0]) and value[size].equal(value[0]):
        size += 1
    for tensor in (key, value):
        if size == 1 or key.shape[0] % size:
            return 1
        grouped = tensor.reshape(-1, size, *tensor.shape[1:])
        if not bool((grouped == grouped[:, :1]).all()):
            return 1
    return size

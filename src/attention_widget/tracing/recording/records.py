"""What one attention call left: the parts of its exact attention, or its probabilities."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

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
        """Whether it goes from a decoder to its encoder: the module's name always shows it."""
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
    """One attention call in its parts; see :class:`attention_widget.Block` for them."""

    query: torch.Tensor  # (head, query, dim)
    key: torch.Tensor  # (kv_head, key, dim)
    value: torch.Tensor  # (kv_head, key, dim)
    scale: float
    mask: Mask
    softcap: float | None = None
    bias: torch.Tensor | None = None  # (head or 1, query or 1, key)
    sinks: torch.Tensor | None = None  # (head,) or (head, query)

    @property
    def sizes(self) -> tuple[int, int]:
        return self.query.shape[1], self.key.shape[1]

    @property
    def nbytes(self) -> int:
        parts = (self.query, self.key, self.value, self.bias, self.mask.explicit)
        return sum(tensor.nbytes for tensor in parts if tensor is not None)

    @property
    def is_causal(self) -> bool:
        return self.mask.is_causal

    def block(self, layer: int, kind: Kind | None = None) -> Block:
        return Block(
            layer=layer,
            kind=kind or self.kind,
            query=self.query,
            key=self.key,
            value=self.value,
            scale=self.scale,
            mask=self.mask,
            softcap=self.softcap,
            bias=self.bias,
            sinks=self.sinks,
        )


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

"""What one attention call left: the parts of its exact attention, and a check of them."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from attention_widget.block import Block, Kind, Stack
from attention_widget.mask import Mask


@dataclass(frozen=True, eq=False)
class Record:
    """One attention call; see :class:`attention_widget.trace.Block` for the parts."""

    path: str  # of the module that attended, as in named_modules()
    query: torch.Tensor  # (head, query, dim)
    key: torch.Tensor  # (kv_head, key, dim)
    value: torch.Tensor  # (kv_head, key, dim)
    scale: float
    mask: Mask
    softcap: float | None = None
    bias: torch.Tensor | None = None  # (head or 1, query or 1, key)
    sinks: torch.Tensor | None = None  # (head,)

    @property
    def kind(self) -> Kind:
        """Read from the module's name, where cross-attention always shows."""
        names = self.path.lower().split(".")[-3:]
        crossing = ("cross", "encoder_attn", "encdec", "inter_attention")
        return "cross" if any(word in name for name in names for word in crossing) else "self"

    @property
    def stack(self) -> Stack:
        names = self.path.lower().split(".")
        if any("decoder" in name for name in names):
            return "decoder"
        if any("encoder" in name for name in names):
            return "encoder"
        return "decoder" if self.mask.is_causal else "encoder"

    def block(self, layer: int) -> Block:
        return Block(
            layer=layer,
            kind=self.kind,
            stack=self.stack,
            query=self.query,
            key=self.key,
            value=self.value,
            scale=self.scale,
            mask=self.mask,
            softcap=self.softcap,
            bias=self.bias,
            sinks=self.sinks,
        )

    def error(self, output: torch.Tensor) -> float:
        """How far probabilities × values lie from the output (query, head, dim) that the model
        computed, relative to its largest value, on the first, middle and last query."""
        queries = sorted({0, self.query.shape[1] // 2, self.query.shape[1] - 1})
        block = self.block(0)
        visible = self.mask.visible(torch.tensor(queries)).any(-1)  # (head or 1, query)
        attention = torch.from_numpy(block.attention(queries=queries))  # (head, query, key)
        groups = block.n_heads // block.n_kv_heads
        value = self.value.float().repeat_interleave(groups, 0)  # (head, key, dim)
        expected = (attention @ value).transpose(0, 1)  # (query, head, dim)
        found = output.detach()[queries].to("cpu", torch.float32)
        difference = (expected - found).abs().amax(-1) * visible.transpose(0, 1)
        size = float(found.abs().max())
        return float(difference.max()) / size if size > 0 else float(difference.max())

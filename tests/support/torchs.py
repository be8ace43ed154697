"""A model of layers around torch.nn.MultiheadAttention."""

from __future__ import annotations

from typing import Any

import torch
import transformers

from support.labs import made


class OwnAttention(torch.nn.Module):
    """A layer around torch.nn.MultiheadAttention."""

    def __init__(self, batch_first: bool, packed: bool) -> None:
        super().__init__()
        self.batch_first = batch_first
        self.attn = torch.nn.MultiheadAttention(32, 4, batch_first=batch_first)
        if not packed:  # as of keys of another width
            parts = self.attn.in_proj_weight.detach().chunk(3)
            names = ("q_proj_weight", "k_proj_weight", "v_proj_weight")
            for name, part in zip(names, parts, strict=True):
                setattr(self.attn, name, torch.nn.Parameter(part.clone()))
            self.attn.in_proj_weight = None  # type: ignore[assignment]
            self.attn._qkv_same_embed_dim = False
        self.without: torch.Tensor | None = None  # (query, key), True where hidden

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        given = hidden if self.batch_first else hidden.transpose(0, 1)
        mixed: torch.Tensor
        mixed, _ = self.attn(given, given, given, attn_mask=self.without, need_weights=False)
        return hidden + (mixed if self.batch_first else mixed.transpose(0, 1))


class Own(transformers.BertPreTrainedModel):
    """A model of such layers."""

    def __init__(self, config: Any, batch_first: bool = True, packed: bool = True) -> None:
        super().__init__(config)
        self.embedding = torch.nn.Embedding(32, 32)
        self.layers = torch.nn.ModuleList(OwnAttention(batch_first, packed) for _ in range(3))
        self.lm_head = torch.nn.Linear(32, 32)
        self.post_init()  # type: ignore[no-untyped-call]

    def get_input_embeddings(self) -> Any:
        return self.embedding

    def forward(self, input_ids: Any) -> Any:
        hidden = self.embedding(input_ids)
        for layer in self.layers:
            hidden = layer(hidden)
        return {"logits": self.lm_head(hidden)}


def own(batch_first: bool = True, packed: bool = True) -> Any:
    """One with random weights."""
    torch.manual_seed(0)
    model: Any = Own(made("bert").config, batch_first, packed)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return model.eval()

"""Small models that read text."""

from __future__ import annotations

from typing import Any

from transformers import (
    BertConfig,
    BertModel,
    LlamaConfig,
    LlamaModel,
)

SMALL: dict[str, Any] = {
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 8,
    "max_position_embeddings": 16,
}


def bert(**settings: Any) -> BertModel:
    model = BertModel(BertConfig(**{**SMALL, "vocab_size": 40, **settings}))
    model.eval()
    return model


def llama(**settings: Any) -> LlamaModel:
    config = LlamaConfig(**{**SMALL, "vocab_size": 600, "num_key_value_heads": 1, **settings})
    model = LlamaModel(config)
    model.eval()
    return model

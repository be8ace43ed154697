"""Tiny models that predict, with random weights."""

from __future__ import annotations

from typing import Any

from support import models

NOVEL = "attention is a novel idea"
VIEWS = ("predictions", "attribution")
"""Views that show nothing of a model that does not predict."""


def causal() -> tuple[Any, Any]:
    """A GPT-2 and its tokenizer, of a word each."""
    return models.tiny("gpt2"), models.tokenizer()


def masked(tokenizer: Any) -> tuple[Any, Any]:
    """A BERT that fills in masked tokens, with the vocabulary of a tokenizer."""
    return models.tiny("bert_masked_lm", vocab_size=len(tokenizer)), tokenizer

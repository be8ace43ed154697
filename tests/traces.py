"""Traces built by hand, with random vectors: known shapes, no model."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from attention_widget.block import Block
from attention_widget.mask import Mask
from attention_widget.trace import Token, Trace

WORDS = ("[CLS]", "a", "nov", "##el", "idea", "[SEP]")


def tokens(labels: Sequence[str] = WORDS) -> tuple[Token, ...]:
    """Tokens of a text; ``##`` continues the word before it, brackets mark special tokens."""
    made: list[Token] = []
    word = -1
    for index, label in enumerate(labels):
        special = label.startswith("[")
        joined = label.startswith("##")
        word += not special and not joined
        made.append(
            Token(
                index=index,
                id=index,
                label=label,
                text="" if special else label.removeprefix("##"),
                lead="" if special or joined or word == 0 else " ",
                word=None if special else word,
                special=special,
                segment=None if special else 0,
            )
        )
    return tuple(made)


def trace(
    heads: Sequence[int] = (4, 4, 2),
    labels: Sequence[str] = WORDS,
    *,
    kv_heads: int | None = None,
    causal: bool = False,
    dim: int = 8,
    seed: int = 0,
) -> Trace:
    """A trace of one layer per entry of ``heads``; a layer of 0 heads has no attention."""
    random = torch.Generator().manual_seed(seed)
    n = len(labels)

    def vectors(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=random)

    blocks = tuple(
        Block(
            layer=layer,
            kind="self",
            stack="decoder" if causal else "encoder",
            query=vectors(count, n, dim),
            key=vectors(kv_heads or count, n, dim),
            value=vectors(kv_heads or count, n, dim),
            scale=dim**-0.5,
            mask=Mask.causal(n, n) if causal else Mask.full(n, n),
        )
        for layer, count in enumerate(heads)
        if count
    )
    hidden = tuple(vectors(n, 16) for _ in range(len(heads) + 1))
    made = tokens(labels)
    text = "".join(token.lead + token.text for token in made)
    return Trace(made, blocks, hidden, (text,), "tiny")

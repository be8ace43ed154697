"""What the decoder of an encoder-decoder read."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from attention_widget.trace.token import Token


@dataclass(frozen=True, eq=False, repr=False)
class Target:
    """What the decoder of an encoder-decoder read, and its hidden states; see :class:`Trace`.

    >>> translated.target
    Target(6 tokens, 3 layers)
    """

    tokens: tuple[Token, ...]
    hidden: tuple[torch.Tensor, ...]  # each (token, hidden)
    texts: tuple[str, ...]
    generated: bool = False  # the model chose the tokens, as no target was given
    word_rows: torch.Tensor | None = None  # (token, any dim), see Trace.word_embeddings

    @property
    def n_layers(self) -> int:
        """Number of layers of the decoder; -1 where its hidden states are not known."""
        return len(self.hidden) - 1

    def __repr__(self) -> str:
        layers = f"{self.n_layers} layers" if self.hidden else "no hidden states"
        return f"Target({len(self.tokens)} tokens, {layers})"

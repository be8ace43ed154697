"""What the decoder of an encoder-decoder read."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from attention_widget.trace.token import Token


@dataclass(frozen=True, eq=False)
class Target:
    """What the decoder of an encoder-decoder read, and made of it; see :class:`Trace`."""

    tokens: tuple[Token, ...]
    hidden: tuple[torch.Tensor, ...]  # each (token, hidden)
    texts: tuple[str, ...]
    generated: bool = False  # the model chose the tokens, as no target was given

    @property
    def n_layers(self) -> int:
        return len(self.hidden) - 1

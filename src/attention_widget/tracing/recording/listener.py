"""What a recorder is told of attention that does not go through transformers' interface."""

from __future__ import annotations

from typing import Any, Protocol

import torch

from attention_widget.tracing.recording.value_products import Mixture


class Listener(Protocol):
    """Is told of attention that does not go through transformers' interface."""

    @property
    def deaf(self) -> bool:
        """Whether to ignore what happens now."""

    def calling(self) -> str:
        """Path of the module whose code is running."""

    def sdpa(self, output: torch.Tensor, *args: Any, **kwargs: Any) -> None:
        """A call of scaled_dot_product_attention."""

    def multi_head(self, output: torch.Tensor, *args: Any, **kwargs: Any) -> None:
        """A call of multi_head_attention_forward."""

    def mixture(self, mixture: Mixture) -> None:
        """Probabilities were multiplied by values."""

    def unfollowed(self, path: str) -> None:
        """A module with attention calls softmax, which may turn out not to be attention."""

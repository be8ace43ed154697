"""What the tests of BertViz's signatures give and expect: attention as models report it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from attention_widget import AttentionWidget

SENTENCE = "The cat sat on the mat"
PAGE = '<!doctype html><title>a page</title><p class="x">&amp;</p>'


def check_numbers(widget: AttentionWidget, attention: Any, **place: Any) -> None:
    for layer, weights in enumerate(attention):
        exact = weights[0].detach().numpy()
        np.testing.assert_array_equal(widget.trace.attention(layer, **place), exact)


def heads_of(layers: int, heads: int, *sizes: int, seed: int = 0) -> list[torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    return [torch.randn(1, heads, *sizes, generator=random).softmax(-1) for _ in range(layers)]


N = ["a", "b", "c"]
GOOD = heads_of(2, 4, 3, 3)

"""Where in the output of a projection the vectors of heads lie: which column each number is of.

One module may make queries, keys and values together: side by side (GPT-2), in turns for each head
(BLOOM, GPT-NeoX) or for each group of heads that shares keys (Falcon), or for parts of a model
(CodeGen). No model's code is known: every regular order is tried.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch


def flat_outputs(output: torch.Tensor, n_tokens: int, n_heads: int) -> Iterator[torch.Tensor]:
    """An output as rows of tokens (token, column), in each way that it may be read."""
    if output.numel() % n_tokens:
        return
    shape = tuple(output.shape)
    if shape[:2] in ((1, n_tokens), (n_tokens, 1)) or shape[0] == n_tokens:
        yield output.reshape(n_tokens, -1)
    if shape[:3] == (1, n_heads, n_tokens) and len(shape) == 4:
        yield output[0].transpose(0, 1).reshape(n_tokens, -1)


def places(width: int, n_heads: int, dim: int) -> Iterator[torch.Tensor]:
    """Which vectors of ``dim`` columns (head,) of an output are those of so many heads, in each
    regular order."""
    if not dim or width % dim or width < n_heads * dim:
        return
    vectors = width // dim
    head = torch.arange(n_heads, dtype=torch.long, device="cpu")
    for groups in range(1, n_heads + 1):
        if n_heads % groups or vectors % groups:
            continue
        of_group, own = vectors // groups, n_heads // groups
        if groups > 1 and of_group == own:
            continue  # as one group has them
        for first in range(of_group - own + 1):
            yield head // own * of_group + first + head % own

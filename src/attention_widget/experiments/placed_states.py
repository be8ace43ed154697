"""Hidden states in the place of those that a layer gave out."""

from __future__ import annotations

from typing import Any

import torch


def with_states(output: Any, n_tokens: int, states: torch.Tensor) -> Any:
    """The output of a layer with other hidden states (row, hidden) in place of its own; None
    where it holds none of ``n_tokens``, or two."""
    parts = [output] if isinstance(output, torch.Tensor) else output
    if type(parts) not in (tuple, list):
        return None
    axes = [_token_axis(part, n_tokens, states.shape[-1]) for part in parts]
    places = [index for index, axis in enumerate(axes) if axis is not None]
    if len(places) != 1:
        return None
    [place] = places
    own, axis = parts[place], axes[place]
    new = states.to(own.device, own.dtype)
    if own.ndim == 3:
        new = new.unsqueeze(1 - (axis or 0))
    if isinstance(output, torch.Tensor):
        return new
    return type(output)(new if index == place else part for index, part in enumerate(parts))


def _token_axis(part: Any, n_tokens: int, n_hidden: int) -> int | None:
    """The axis of the tokens of hidden states (1, token, hidden), (token, 1, hidden) or (token,
    hidden); None for anything else."""
    if not isinstance(part, torch.Tensor) or not part.is_floating_point():
        return None
    if part.shape == (1, n_tokens, n_hidden):
        return 1
    return 0 if part.shape in ((n_tokens, 1, n_hidden), (n_tokens, n_hidden)) else None

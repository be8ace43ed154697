"""Memory for chunks of weights, taken once: to take it anew for each costs as much as what is
computed in it."""

from __future__ import annotations

import math
from typing import Final

import torch

_MOST_VIEWS: Final = 256  # shapes of which the views are kept


class Buffers:
    """Float32 memory by name."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, torch.device], torch.Tensor] = {}
        self._views: dict[tuple[str, tuple[int, ...], torch.device], torch.Tensor] = {}

    def of(self, name: str, shape: tuple[int, ...], device: torch.device) -> torch.Tensor:
        """Float32 of this shape, with whatever was left in it."""
        asked = name, shape, device
        view = self._views.get(asked)
        if view is None:
            size = math.prod(shape)
            held = self._held.get((name, device))
            if held is None or len(held) < size:
                held = torch.empty(size, dtype=torch.float32, device=device)
                self._held[name, device] = held
                self._views.clear()  # those of the memory before
            elif len(self._views) >= _MOST_VIEWS:
                self._views.clear()
            view = self._views[asked] = held[:size].view(shape)
        return view

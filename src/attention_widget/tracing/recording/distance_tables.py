"""Tables of relative positions that queries and keys are multiplied with, as in DeBERTa and XLNet.

DeBERTa's layers are given the rows of a trained table, behind the norm where the model has one
(``norm_rel_ebd``), and for each query and key the bucket of their distance. XLNet's are given a row
of sines and cosines for each distance. All is kept as given.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

_ATTENTION: Final = "DisentangledSelfAttention"
_SINES: Final = "XLNetRelativeAttention"
_AT: Final = 4  # which argument of its forward the rows are


@dataclass(eq=False)
class HeardDistances:
    """Rows (bucket, dimension) that attention was given, which of them each distance has, query −
    key from 1 − n to n − 1, counted from that of distance 0; and the modules that were given
    them."""

    rows: torch.Tensor
    buckets: torch.Tensor  # (distance,) float32
    paths: list[str] = field(default_factory=list)


class DistanceTables:
    """Listens, in a pass over so many tokens, to the layers that are given such a table."""

    def __init__(self, modules: Mapping[str, nn.Module], lengths: Collection[int]) -> None:
        self._modules, self._lengths = modules, set(lengths)
        self._thread = threading.get_ident()
        self._last: tuple[torch.Tensor, torch.Tensor] | None = None
        self.heard: list[HeardDistances] = []

    def watching(self) -> Iterator[RemovableHandle]:
        """Hooks for a pass; what was heard in one before is forgotten."""
        self.heard.clear()
        self._last = None
        for path, module in self._modules.items():
            if type(module).__name__.endswith(_ATTENTION):
                yield module.register_forward_pre_hook(partial(self._hear, path), with_kwargs=True)
            elif type(module).__name__ == _SINES:
                hear = partial(self._hear_sines, path)
                yield module.register_forward_pre_hook(hear, with_kwargs=True)

    def _hear(self, path: str, _module: nn.Module, _args: Any, kwargs: Any) -> None:
        table, places = kwargs.get("rel_embeddings"), kwargs.get("relative_pos")
        if threading.get_ident() != self._thread:
            return
        if not isinstance(table, torch.Tensor) or not isinstance(places, torch.Tensor):
            return
        if self._last is not None and table is self._last[0] and places is self._last[1]:
            self.heard[-1].paths.append(path)  # the layers share it
            return
        found = self._found(table, places)
        if found is not None:
            found.paths.append(path)
            self.heard.append(found)
            self._last = table, places

    def _hear_sines(self, path: str, _module: nn.Module, args: Any, kwargs: Any) -> None:
        """Rows of the distances from n to 1 − n, query − key."""
        rows = kwargs.get("r", args[_AT] if len(args) > _AT else None)
        if threading.get_ident() != self._thread or not isinstance(rows, torch.Tensor):
            return
        if self._last is not None and rows is self._last[0]:
            self.heard[-1].paths.append(path)
            return
        n = len(rows) // 2
        if rows.ndim != 3 or len(rows) != 2 * n or n not in self._lengths:
            return  # of a model that sees to one side alone: all others are not there
        own = rows.detach()[1:, 0].flip(0).to("cpu", copy=True)
        by_distance = torch.arange(1 - n, n, dtype=torch.float32, device="cpu")
        self.heard.append(HeardDistances(own, by_distance, [path]))
        self._last = rows, rows

    def _found(self, table: torch.Tensor, places: torch.Tensor) -> HeardDistances | None:
        each = places.detach().reshape(-1, *places.shape[-2:])[0].to("cpu", torch.long)
        n = len(each)
        if table.ndim != 2 or each.shape != (n, n) or n not in self._lengths:
            return None
        by_distance = torch.cat([each[0].flip(0), each[1:, 0]])
        index = torch.arange(n, dtype=torch.long, device="cpu")
        if not torch.equal(by_distance[index[:, None] - index + n - 1], each):
            return None  # tokens that stand in another order
        half = len(table) // 2  # the row of distance 0
        buckets = by_distance.clamp(-half, half - 1)
        if bool((buckets.diff() < 0).any()):
            return None
        rows = table.detach()[half + int(buckets[0]) : half + int(buckets[-1]) + 1]
        return HeardDistances(rows.to("cpu", copy=True), buckets.float())

"""Attention masks, as models pass them, as a :class:`Mask` and an additive bias."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import torch

from attention_widget.trace.mask import Mask

# A mask tensor is kept alive while it stands in the cache, so the cache stays short: models
# share one or two masks between their layers, and those that build one per layer share none.
_CACHED = 4

Converted = tuple[Mask, torch.Tensor | None]


class Masks:
    """Converts each mask once, however many layers share it (or views of it)."""

    def __init__(self) -> None:
        self._cache: OrderedDict[tuple[object, ...], tuple[object, Converted]] = OrderedDict()

    def convert(
        self,
        given: Any,
        n_queries: int,
        n_keys: int,
        *,
        causal: bool = False,
        window: int | None = None,
    ) -> Converted:
        """Mask and additive bias (head or 1, query or 1, key) of what a model passed.

        ``given`` is None, a boolean (True: visible) or additive tensor of (batch, head, query,
        key), a padding map (batch, key), or a BlockMask of flex attention. ``causal`` and
        ``window`` (a query sees ``window - 1`` keys to each side) hide keys besides.
        """
        key = (_identity(given), n_queries, n_keys, causal, window)
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key][1]
        converted = _convert(given, n_queries, n_keys, causal, window)
        self._cache[key] = (given, converted)
        if len(self._cache) > _CACHED:
            self._cache.popitem(last=False)
        return converted


def _identity(given: Any) -> tuple[object, ...]:
    if not isinstance(given, torch.Tensor):
        return (id(given),)
    place = (given.data_ptr(), given.dtype, given.device, given._version)
    return (*place, tuple(given.shape), given.stride())


def _convert(
    given: Any, n_queries: int, n_keys: int, causal: bool, window: int | None
) -> Converted:
    band = _band(n_queries, n_keys, causal, window)
    if given is None:
        return band, None
    visible, bias = _parted(given, n_queries, n_keys)  # (head or 1, query or 1, key)
    visible = visible.expand(-1, n_queries, -1)
    if causal or window is not None:
        queries = torch.arange(n_queries, dtype=torch.long, device="cpu")
        visible = visible & band.visible(queries).to(visible.device)
    return Mask.from_visible(visible), bias


def _band(n_queries: int, n_keys: int, causal: bool, window: int | None) -> Mask:
    if causal:
        return Mask.causal(n_queries, n_keys, window)
    if window is None:
        return Mask.full(n_queries, n_keys)
    query = torch.arange(n_keys - n_queries, n_keys, dtype=torch.int32, device="cpu")
    start = (query - window + 1).clamp(min=0)
    return Mask(start, (query + window).clamp(max=n_keys), n_keys)


def _parted(given: Any, n_queries: int, n_keys: int) -> tuple[torch.Tensor, torch.Tensor | None]:
    if not isinstance(given, torch.Tensor):
        return _grid(given, n_queries, n_keys), None
    if given.ndim == 2 and given.shape[0] == 1:
        return given[0, None, None, :n_keys] != 0, None
    mask = given.reshape(1, *given.shape) if given.ndim == 3 else given
    if given.ndim == 2:
        mask = given[None, None]
    mask = mask[0, :, :n_queries, :n_keys]
    if not mask.is_floating_point():
        return mask != 0, None
    visible = ~(mask <= torch.finfo(mask.dtype).min / 2)  # NaN is shown, not hidden
    # (mask == 0) != visible exactly where a visible key has a bias of its own
    if not bool(((mask == 0) != visible).any()):
        return visible, None
    return visible, mask.masked_fill(~visible, 0.0).cpu()


def _grid(block_mask: Any, n_queries: int, n_keys: int) -> torch.Tensor:
    device = block_mask.kv_num_blocks.device
    n_heads = block_mask.shape[1]
    head = torch.arange(n_heads, dtype=torch.long, device=device)[:, None, None]
    query = torch.arange(n_queries, dtype=torch.long, device=device)[:, None]
    key = torch.arange(n_keys, dtype=torch.long, device=device)
    batch = torch.zeros((), dtype=torch.long, device=device)
    visible: torch.Tensor = block_mask.mask_mod(batch, head, query, key)
    return visible.broadcast_to(n_heads, n_queries, n_keys)

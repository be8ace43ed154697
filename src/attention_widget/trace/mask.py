"""Which keys each query may see, kept without a query × key map wherever the model allows it."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True, eq=False, repr=False)
class Mask:
    """Which keys each query may see.

    Nearly every mask a model uses (none, causal, sliding window, padding, prefix) lets a query
    see one unbroken run of keys, so two integers per query hold it: ``start <= key < stop``.
    A mask with holes is kept whole in ``explicit``.

    >>> Mask.causal(3, 3).visible(torch.arange(3)).int()
    tensor([[[1, 0, 0],
             [1, 1, 0],
             [1, 1, 1]]], dtype=torch.int32)
    """

    start: torch.Tensor  # (query,) int32
    stop: torch.Tensor  # (query,) int32
    n_keys: int
    explicit: torch.Tensor | None = None  # (head or 1, query, key) bool, True where visible

    @classmethod
    def full(cls, n_queries: int, n_keys: int) -> Mask:
        """Every query sees every key.

        >>> Mask.full(2, 3)
        Mask(2 × 3 tokens, hides nothing)
        """
        start = torch.zeros(n_queries, dtype=torch.int32, device="cpu")
        return cls(start, torch.full_like(start, n_keys), n_keys)

    @classmethod
    def causal(cls, n_queries: int, n_keys: int, window: int | None = None) -> Mask:
        """Each query sees itself and what came before, at most ``window`` keys when given.

        >>> Mask.causal(4, 4, window=2)
        Mask(4 × 4 tokens, causal)
        """
        ahead = n_keys - n_queries
        stop = torch.arange(1 + ahead, n_keys + 1, dtype=torch.int32, device="cpu")
        start = torch.zeros_like(stop) if window is None else (stop - window).clamp(min=0)
        return cls(start, stop, n_keys)

    @classmethod
    def from_visible(cls, visible: torch.Tensor) -> Mask:
        """From a boolean map (head or 1, query, key), True where the key is visible."""
        n_keys = visible.shape[-1]
        if visible.shape[0] == 1 or bool((visible == visible[:1]).all()):
            rows = visible[0]  # (query, key)
            start = rows.to(torch.uint8).argmax(-1).to(torch.int32)
            stop = start + rows.sum(-1, dtype=torch.int32)
            if bool(_runs(start, stop, n_keys).eq(rows).all()):
                return cls(start.cpu(), stop.cpu(), n_keys)
            visible = visible[:1]
        empty = torch.zeros(visible.shape[1], dtype=torch.int32, device="cpu")
        return cls(empty, empty, n_keys, visible.clone(memory_format=torch.contiguous_format).cpu())

    @property
    def is_causal(self) -> bool:
        """No query sees a key that comes after it."""
        ahead = self.n_keys - self.start.shape[0]
        if self.explicit is None:
            last = torch.arange(ahead, self.n_keys, dtype=torch.int64, device="cpu")
            return bool((self.stop <= last + 1).all())
        return not bool(self.explicit.triu(ahead + 1).any())

    @property
    def hides_nothing(self) -> bool:
        """Every query sees every key."""
        if self.explicit is not None:
            return bool(self.explicit.all())
        return not bool(self.start.any()) and bool((self.stop == self.n_keys).all())

    def __repr__(self) -> str:
        hides = "hides nothing" if self.hides_nothing else "causal" if self.is_causal else "other"
        return f"Mask({len(self.start)} × {self.n_keys} tokens, {hides})"

    def visible(self, queries: torch.Tensor) -> torch.Tensor:
        """Boolean map of the chosen queries (head or 1, query, key)."""
        if self.explicit is not None:
            return self.explicit[:, queries]
        return _runs(self.start[queries], self.stop[queries], self.n_keys)[None]

    def runs(self) -> torch.Tensor:
        """Every unbroken run of visible keys (run, 4) int32: head, query, first key, one past
        the last. The head is -1 where all share the mask."""
        if self.explicit is None:
            query = (self.stop > self.start).nonzero()[:, 0].to(torch.int32)
            start, stop = self.start[query], self.stop[query]
            return torch.stack([torch.full_like(query, -1), query, start, stop], 1)
        heads = self.explicit.shape[0]
        edges = torch.nn.functional.pad(self.explicit, (1, 1))
        begins = (edges[..., 1:] & ~edges[..., :-1]).nonzero()  # (run, 3), in order
        ends = (~edges[..., 1:] & edges[..., :-1]).nonzero()[:, 2:]
        found = torch.cat([begins, ends], 1).to(torch.int32)
        if heads == 1:
            found[:, 0] = -1
        return found


def _runs(start: torch.Tensor, stop: torch.Tensor, n_keys: int) -> torch.Tensor:
    key = torch.arange(n_keys, dtype=torch.int32, device=start.device)
    return (key >= start[:, None]) & (key < stop[:, None])

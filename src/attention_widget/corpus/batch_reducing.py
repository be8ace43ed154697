"""Reduces the attention of a padded batch: texts of like lengths together."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from attention_widget.corpus.buffers import Buffers
from attention_widget.corpus.found import Found
from attention_widget.corpus.places import places_of
from attention_widget.corpus.reducing import Mixing, Reduced, Reducer, Visible, at_once


class BatchReducing:
    """Of the texts of a batch, in the order of its rows."""

    def __init__(self, found: Sequence[Found], buffers: Buffers) -> None:
        self._found, self._buffers = found, buffers
        self._groups: list[tuple[slice, Reducer]] = []
        self._reduced: list[tuple[int, slice, Reduced]] = []  # on the model's device until the end
        self._visible: dict[tuple[int, int], Visible] = {}
        self._counts = [places_of(each.stretch.encoded.tokens, each.kind) for each in found]

    def reduce(
        self,
        layer: int,
        query: torch.Tensor,
        key: torch.Tensor,
        scale: float,
        visible: Sequence[Visible],
        value: torch.Tensor,
        mixed: torch.Tensor | None,
    ) -> None:
        """Add the attention of queries (text, head, token, dim), keys and values (text, kv_head,
        token, dim); weights × values go to ``mixed`` (text, token, head, dim), if there is one.
        ``visible`` is the same list wherever the same is visible."""
        if not self._groups:
            self._group(query.shape[1], query.device)
        for texts, reducer in self._groups:
            n = max(len(each.stretch) for each in self._found[texts])
            mixing = None
            if mixed is not None:
                output = mixed[texts, :n].transpose(1, 2)
                mixing = Mixing(value[texts, :, :n], output)
            seen = self._seen(visible, texts, n, query.device)
            reduced = reducer.reduced(query[texts, :, :n], key[texts, :, :n], scale, seen, mixing)
            self._reduced.append((layer, texts, reduced))

    def settle(self) -> None:
        """Give each text what was found in it, once all layers have passed."""
        for layer, texts, reduced in self._reduced:
            parts = [
                getattr(reduced, name).cpu().numpy()
                for name in ("sums", "queries", "keys", "weights", "rows")
            ]
            for at, (each, places) in enumerate(
                zip(self._found[texts], self._counts[texts], strict=True)
            ):
                each.take(layer, places.counts, *(part[at] for part in parts))
        self._reduced.clear()

    def _group(self, n_heads: int, device: torch.device) -> None:
        """Neighbours, as many as are reduced at once."""
        lengths = [len(each.stretch) for each in self._found]
        start, most = 0, at_once(device)
        for stop in range(1, len(lengths) + 1):
            if stop < len(lengths):
                n = max(lengths[start : stop + 1])
                if (stop + 1 - start) * n_heads * n * n <= most:
                    continue
            reducer = Reducer(self._counts[start:stop], device, self._buffers)
            self._groups.append((slice(start, stop), reducer))
            start = stop

    def _seen(
        self, visible: Sequence[Visible], texts: slice, n: int, device: torch.device
    ) -> Visible:
        """What the queries of some texts see, together."""
        asked = id(visible), texts.start
        if asked not in self._visible:
            self._visible[asked] = _joined(visible[texts], self._found[texts], n, device)
        return self._visible[asked]


def _joined(
    visible: Sequence[Visible], found: Sequence[Found], n: int, device: torch.device
) -> Visible:
    causal = {
        one.is_causal
        for one, each in zip(visible, found, strict=True)
        if len(each.stretch) > 1  # one token alone sees itself, causal or not
    } or {visible[0].is_causal}
    if len(causal) == 1 and all(one.hidden is None for one in visible):
        return Visible(causal.pop())
    heads = max(1 if one.hidden is None else len(one.hidden) for one in visible)
    hidden = torch.ones((len(visible), heads, n, n), dtype=torch.bool, device=device)
    for into, one, each in zip(hidden, visible, found, strict=True):
        own = len(each.stretch)
        if one.hidden is not None:
            into[:, :own, :own] = one.hidden
        else:
            into[:, :own, :own] = False
            if one.is_causal:
                into[:, :own, :own] = torch.ones_like(into[0, :own, :own]).triu(1)
        into[:, own:, 0] = False  # what fills the batch sees something, lest it have no numbers
    return Visible(all(causal), hidden)

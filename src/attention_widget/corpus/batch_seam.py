"""Hears the attention of a padded batch while it passes, and has each text's part of it reduced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from attention_widget._util.torch_settings import as_multiplied
from attention_widget.corpus.cutting import block_of_tokens
from attention_widget.corpus.found import Found
from attention_widget.corpus.reducing import Visible
from attention_widget.trace.block import Block, Maps
from attention_widget.tracing.recording.calls import row_of
from attention_widget.tracing.recording.checks import Checks
from attention_widget.tracing.recording.editor import Editor
from attention_widget.tracing.recording.interface_calls import family, interface_record
from attention_widget.tracing.recording.masks import Masks
from attention_widget.tracing.recording.records import Record
from attention_widget.tracing.recording.seam import Live

Call = tuple[str, int]
"""A module's path, and how often it had attended before in the pass."""

_CHANGES_LOGITS = ("softcap", "position_bias", "s_aux", "sinks")


class NotBatchedError(Exception):
    """The batch cannot be read as one; the message says why."""


class Receiving:
    """Takes the attention of each call where it is one of a layer, as changes that change nothing.

    ``layers`` has the layer of each call.
    """

    def __init__(self, found: Sequence[Found], layers: Mapping[Call, int]) -> None:
        self.found, self.layers = found, layers
        self.received: set[int] = set()
        self.checks = Checks()

    def wants(self, path: str, call: int) -> bool:
        return (path, call) in self.layers

    def changed(self, path: str, call: int, output: torch.Tensor, live: Live) -> None:
        layer = self.layers[path, call]
        for row, found in enumerate(self.found):
            record = live(row)
            if record is None:
                raise NotBatchedError("how it attends is known of one text alone")
            if row == 0 and isinstance(record, Record):
                self.checks.add(record, output[0])
            kind = found.kind
            found.add(block_of_tokens(record.block(layer, kind), len(found.stretch)), layer)
        self.received.add(layer)

    def shown(self, operation: Block | Maps) -> Block | Maps:
        return operation


class BatchSeam(Editor):
    """An editor that changes nothing, and has plain calls reduced where they are computed.

    A plain call is one of transformers' own functions, of which queries, keys, a scale and a mask
    say all. The others are reduced on the CPU, from their records.
    """

    def __init__(
        self,
        modules: Mapping[str, torch.nn.Module],
        n_padded: int,
        receiving: Receiving,
        followed: frozenset[str],
        plain: frozenset[str],
    ) -> None:
        batch = len(receiving.found)
        super().__init__(modules, {n_padded}, receiving, followed, batch)
        self._receiving, self._plain = receiving, plain
        self._visible: dict[tuple[object, ...], list[Visible] | None] = {}
        self._held: list[object] = []  # masks, lest their places in memory be given away

    def interface(
        self,
        function: Callable[..., Any],
        module: torch.nn.Module,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attention_mask: Any = None,
        **kwargs: Any,
    ) -> Any:
        path = self._paths.get(id(module), self.layers.path)
        visible = None
        if path in self._plain and self._is_plain(function, module, query, kwargs):
            visible = self._visible_of(function, module, attention_mask, query.shape[2], kwargs)
        if visible is None:
            return super().interface(function, module, query, key, value, attention_mask, **kwargs)
        output = self._within(lambda: function(module, query, key, value, attention_mask, **kwargs))
        call = self._counts[path]
        self._counts[path] += 1
        layer = self._receiving.layers.get((path, call))
        if layer is not None:
            self._within(
                lambda: self._reduce(
                    layer, path, function, module, query, key, value, attention_mask, kwargs,
                    visible, output[0],
                )
            )  # fmt: skip
        return output

    def _is_plain(
        self, function: Any, module: torch.nn.Module, query: torch.Tensor, kwargs: Any
    ) -> bool:
        name = getattr(function, "__name__", "")
        own = family(function) == "sdpa" or name.endswith("eager_attention_forward")
        return (
            own
            and not self._inside
            and query.ndim == 4
            and query.shape[0] == self._batch
            and self._untouched
            and self._native(function)
            and path_is_free(module)
            and all(kwargs.get(option) is None for option in _CHANGES_LOGITS)
        )

    def _visible_of(
        self,
        function: Any,
        module: torch.nn.Module,
        mask: Any,
        n_padded: int,
        kwargs: Any,
    ) -> list[Visible] | None:
        """What the queries of each text see; None where the mask is more than a mask."""
        if mask is None:
            causal = kwargs.get("is_causal")
            if causal is None:
                causal = getattr(module, "is_causal", True)
            causal = bool(causal) and n_padded > 1 and family(function) == "sdpa"
            if not causal and any(len(one.stretch) < n_padded for one in self._receiving.found):
                return None  # nothing would hide the padding
            return [Visible(causal)] * self._batch
        if not isinstance(mask, torch.Tensor) or mask.ndim != 4:
            return None
        key = (mask.data_ptr(), mask.dtype, mask._version, tuple(mask.shape), mask.stride())
        if key not in self._visible:
            self._held.append(mask)
            self._visible[key] = self._converted(mask)
        return self._visible[key]

    def _converted(self, mask: torch.Tensor) -> list[Visible] | None:
        made: list[Visible] = []
        for row, found in enumerate(self._receiving.found):
            n = len(found.stretch)
            own = row_of(mask, row, self._batch)[:, :, :n, : mask.shape[-1]]
            shown, bias = Masks().convert(own, n, mask.shape[-1])
            if bias is not None:
                return None
            queries = torch.arange(n, dtype=torch.long, device="cpu")
            visible = shown.visible(queries)  # (head or 1, query, key)
            if bool(visible[:, :, n:].any()):
                return None  # a token sees padding
            visible = visible[:, :, :n]
            if not bool(visible.any(-1).all()):
                return None  # a query sees nothing
            if bool(visible.all()):
                made.append(Visible(False))
            elif bool((visible == torch.ones_like(visible[0]).tril()).all()):
                made.append(Visible(True))
            else:
                made.append(Visible(bool(~visible.triu(1).any()), (~visible).to(mask.device)))
        return made

    def _reduce(
        self,
        layer: int,
        path: str,
        function: Any,
        module: torch.nn.Module,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        mask: Any,
        kwargs: Any,
        visible: Sequence[Visible],
        output: torch.Tensor,
    ) -> None:
        def record(row: int) -> Record:
            q, k, v, m = (row_of(one, row, self._batch) for one in (query, key, value, mask))
            return interface_record(path, self._masks, function, module, q, k, v, m, kwargs)[0]

        receiving = self._receiving
        first = record(0)
        receiving.checks.add(first, output[0])
        q, k = as_multiplied(query, key)
        for row, found in enumerate(receiving.found):
            n = len(found.stretch)
            found.reduce(layer, q[row, :, :n], k[row, :, :n], first.parts.scale, visible[row])
            if found.has_own:
                block = (first if row == 0 else record(row)).block(layer, found.kind)
                found.add_own(block_of_tokens(block, n), layer)
        receiving.received.add(layer)


def path_is_free(module: torch.nn.Module) -> bool:
    """Whether a module has no sinks of its own, which eager functions read from it."""
    return getattr(module, "sinks", None) is None

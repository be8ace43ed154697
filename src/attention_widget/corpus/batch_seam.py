"""Hears the attention of a padded batch while it passes, and has each text's part of it reduced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from attention_widget._util.torch_settings import as_multiplied
from attention_widget.corpus.batch_reducing import BatchReducing
from attention_widget.corpus.batch_sources import BatchSources
from attention_widget.corpus.buffers import Buffers
from attention_widget.corpus.cutting import block_of_tokens
from attention_widget.corpus.found import Found
from attention_widget.corpus.reducing import Visible
from attention_widget.trace.block import Block, Maps
from attention_widget.trace.grouping import Operation
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

    ``layers`` has the layer of each call, and ``turn`` says how many batches were read before.
    """

    def __init__(
        self,
        found: Sequence[Found],
        layers: Mapping[Call, int],
        buffers: Buffers,
        sources: BatchSources | None = None,
        turn: int = 0,
    ) -> None:
        self.found, self.layers, self.sources, self.turn = found, layers, sources, turn
        self._indexed = set() if sources is None else sources.layers()
        self.reducing = BatchReducing(found, buffers)
        self.received: set[int] = set()
        self.checks = Checks()

    def needs_blocks(self, layer: int) -> bool:
        """Whether the whole attention of a layer is asked for, not only what is found in it."""
        return layer in self._indexed or any(each.has_own for each in self.found)

    def give(self, row: int, layer: int, operation: Operation) -> None:
        """Give the attention of a layer in one text to those who ask for all of it."""
        if layer in self._indexed and self.sources is not None:
            self.sources.attended(row, layer, operation)

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
            block = block_of_tokens(record.block(layer, kind), len(found.stretch))
            found.add(block, layer)
            self.give(row, layer, block)
        self.received.add(layer)

    def shown(self, operation: Block | Maps) -> Block | Maps:
        return operation


@dataclass(frozen=True, eq=False)
class Attended:
    """A call of a function of transformers' interface with query, key, value and mask."""

    path: str
    function: Callable[..., Any]
    module: torch.nn.Module
    given: tuple[torch.Tensor, torch.Tensor, torch.Tensor, Any]
    options: Mapping[str, Any]

    def run(self, row: int | None = None, batch: int = 1) -> Any:
        """Make the call, or that of one row of the batch."""
        given = self.given if row is None else self._of(row, batch)
        return self.function(self.module, *given, **self.options)

    def record(self, row: int, batch: int, masks: Masks) -> Record:
        """The attention of a row, as the arguments say."""
        q, k, v, mask = self._of(row, batch)
        return interface_record(
            self.path, masks, self.function, self.module, q, k, v, mask, self.options
        )[0]

    @property
    def mixes(self) -> bool:
        """Whether weights × values are given out as they are computed here, instead of once more
        by PyTorch: in single precision on the CPU, where that is the same but for rounding and
        takes less time. Some heads of the first text of each batch go through the model's own
        function besides, and both must agree."""
        query, _, value, _ = self.given
        return (
            family(self.function) == "sdpa"
            and query.device.type == "cpu"
            and query.dtype == value.dtype == torch.float32
            and not torch.is_autocast_enabled("cpu")
        )

    def of_heads(self, row: int, batch: int, turn: int) -> tuple[Attended, slice]:
        """The call of a row, and of which heads: of all of them in the first turn, and then of
        those that share keys, in turn."""
        query, key, value, mask = self._of(row, batch)
        n_shared = key.shape[1]
        if turn == 0:
            heads, shared = slice(0, query.shape[1]), slice(0, n_shared)
        else:
            at, size = turn % n_shared, query.shape[1] // n_shared
            heads, shared = slice(at * size, (at + 1) * size), slice(at, at + 1)
        if mask is not None and mask.shape[1] > 1:
            mask = mask[:, heads]
        given = query[:, heads], key[:, shared], value[:, shared], mask
        return replace(self, given=given), heads

    def _of(self, row: int, batch: int) -> tuple[Any, ...]:
        return tuple(row_of(one, row, batch) for one in self.given)


def _near(one: torch.Tensor, other: torch.Tensor) -> bool:
    size = float(other.abs().max())
    return bool(((one - other).abs() <= 2e-5 * max(size, 1e-6)).all())


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
        self._unmasked: dict[bool, list[Visible]] = {}
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
        call = self._counts[path]
        self._counts[path] += 1
        layer = self._receiving.layers.get((path, call))
        attended = Attended(path, function, module, (query, key, value, attention_mask), kwargs)
        if layer is None:
            return self._within(attended.run)
        return self._within(lambda: self._reduced(layer, attended, visible))

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
            if causal not in self._unmasked:
                self._unmasked[causal] = [Visible(causal)] * self._batch
            return self._unmasked[causal]
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

    def _reduced(self, layer: int, attended: Attended, visible: Sequence[Visible]) -> Any:
        """Have the attention of each text reduced; what the call gives out."""
        query, key, value, _ = attended.given
        receiving, batch = self._receiving, self._batch
        mixes, turn = attended.mixes, receiving.turn
        if mixes:
            checked, heads = attended.of_heads(0, batch, turn and turn + layer)
            output = checked.run()
            first = checked.record(0, 1, self._masks)
        else:
            output = attended.run()
            first = attended.record(0, batch, self._masks)
        receiving.checks.add(first, output[0][0])
        q, k = as_multiplied(query, key)
        mixed = None
        if mixes:  # (batch, token, head, dim)
            shape = (batch, query.shape[2], query.shape[1], value.shape[3])
            mixed = torch.zeros(shape, dtype=value.dtype, device=value.device)
        receiving.reducing.reduce(layer, q, k, first.parts.scale, visible, value, mixed)
        for row, found in enumerate(receiving.found):
            if receiving.needs_blocks(layer):
                record = attended.record(row, batch, self._masks)
                block = block_of_tokens(record.block(layer, found.kind), len(found.stretch))
                found.add_own(block, layer)
                receiving.give(row, layer, block)
        receiving.received.add(layer)
        if mixed is None:
            return output
        n = len(receiving.found[0].stretch)
        if not _near(mixed[0, :n, heads], output[0][0, :n]):
            raise NotBatchedError(f"weights × values are not what {attended.path!r} gives out")
        return (mixed, None)


def path_is_free(module: torch.nn.Module) -> bool:
    """Whether a module has no sinks of its own, which eager functions read from it."""
    return getattr(module, "sinks", None) is None

"""The editor of a forward pass: it changes what attention gives out, and records nothing.

It stands where the recorder stands, so that a call has the same name for both. Unlike the
recorder it follows batches, each row of which may be changed in another way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import torch

from attention_widget.tracing.recording.calls import mixed_of, row_of, sdpa_record
from attention_widget.tracing.recording.checks import Checks
from attention_widget.tracing.recording.custom_function import Inside
from attention_widget.tracing.recording.interface_calls import interface_record
from attention_widget.tracing.recording.layers import Layers
from attention_widget.tracing.recording.multi_head import MultiHeadCall
from attention_widget.tracing.recording.records import AnyRecord, Record, map_record
from attention_widget.tracing.recording.seam import Changes, Live, Seam, active, listens
from attention_widget.tracing.recording.value_products import Mixture

_BY_TOKEN = ("position_bias", "s_aux", "sinks")  # what may differ between the rows of a batch


class Editor(Seam):
    """Makes changes in a pass over so many rows, with the modules at the paths ``followed`` heard
    as the recorder heard them."""

    def __init__(
        self,
        modules: Mapping[str, torch.nn.Module],
        lengths: Collection[int],
        changes: Changes,
        followed: Collection[str] = (),
        batch: int = 1,
    ) -> None:
        layers = Layers(lengths, listens(self), keeps_states=False)
        super().__init__(modules, layers, changes)
        self._followed = followed
        self._batch = batch
        self._last: Live | None = None

    def skip(self, calls: Mapping[str, int]) -> None:
        """Count calls that are not made, by their paths."""
        self._counts.update(calls)

    def hears(self) -> bool:
        """Whether it is this pass that is under way here."""
        return active() is self

    @property
    def counts(self) -> Mapping[str, int]:
        """How often each module attended so far, by path."""
        return self._counts

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

        def attend() -> Any:
            return function(module, query, key, value, attention_mask, **kwargs)

        def live(row: int) -> Record:
            q, k, v = (row_of(each, row, self._batch) for each in (query, key, value))
            options = {
                name: row_of(each, row, self._batch) if name in _BY_TOKEN else each
                for name, each in kwargs.items()
            }
            mask = row_of(attention_mask, row, self._batch)
            return interface_record(path, self._masks, function, module, q, k, v, mask, options)[0]

        if self._inside or query.ndim != 4 or query.shape[0] != self._batch:
            return attend()
        if not (self._untouched and self._native(function)):
            return self._interface_out(path, *self._explained(path, attend, live))
        if path in self._followed:
            self._last = None
            output = self._followed_by_parts(attend)
            return self._interface_out(path, output, self._last or _unknown)
        return self._interface_out(path, self._within(attend), live)

    def patched_sdpa(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        path = self.calling()
        live = self._sdpa_live(path, args, kwargs)
        output, live = self._explained(path, lambda: function(*args, **kwargs), live)
        return self._sdpa_out(path, output, self._batch, live)

    def _explained(self, path: str, attend: Callable[[], Any], live: Live) -> tuple[Any, Live]:
        """Make a call whose arguments do not say what it does: its output, and what it did, which
        is known where there is one row."""
        if self._batch != 1:
            return self._within(attend), _unknown
        inside = Inside(path, self._masks, Checks())
        output = self._within(lambda: inside.follow(attend))

        def explained(row: int) -> AnyRecord | None:
            given = live(row)
            if not isinstance(given, Record):
                return None
            if isinstance(output, tuple | list):
                return inside.explained(given, output[0][0], output[1], tuple)
            return inside.explained(given, mixed_of(output), None, tuple)

        return output, explained

    def sdpa(self, output: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        path = self.calling()
        if output.ndim not in (3, 4) or len(output) % self._batch:
            return output
        if output.ndim == 4 and len(output) != self._batch:
            return output
        live = self._sdpa_live(path, args, kwargs)
        self._last = live
        return self._sdpa_out(path, output, self._batch, live)

    def _sdpa_live(self, path: str, args: Any, kwargs: Any) -> Live:
        def live(row: int) -> Record | None:
            mine = [row_of(each, row, self._batch) for each in args]
            named = {name: row_of(each, row, self._batch) for name, each in kwargs.items()}
            return sdpa_record(path, self._masks, *mine, **named)

        return live

    def multi_head(self, output: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        path, call = self.calling(), MultiHeadCall(output, args, kwargs)
        if call.batch != self._batch or not call.plain:
            return output
        known: dict[int, Record] = {}

        def live(row: int) -> Record:
            if row not in known:
                known[row] = call.record(path, self._masks, row)
            return known[row]

        return self._multi_head_out(path, output, call, live)

    def mixture(self, rows: Sequence[Mixture]) -> None:
        path = self.calling()

        def live(row: int) -> AnyRecord | None:
            found = rows[row].record(path)
            return found or map_record(path, rows[row].probabilities, "followed maps")

        self._last = live
        self._mixture_out(path, rows, live)

    def banded(
        self, path: str, record: Callable[[int], Record], output: torch.Tensor
    ) -> torch.Tensor:
        if len(output) != self._batch:
            return output
        changed = self._given_out(path, lambda: output, record)
        return output if changed is None else changed


def _unknown(_: int) -> AnyRecord | None:
    return None

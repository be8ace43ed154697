"""The passes of an experiment: the model is run again on one input, with edits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property
from typing import Any

import torch
from torch.utils.hooks import RemovableHandle

from attention_widget._util.cleanup import Undo
from attention_widget.experiments.base import (
    Base,
    Nothing,
    base_of,
    close_output,
    row_of_output,
    same_output,
)
from attention_widget.experiments.editing import BatchRefusedError, Edited, Sites
from attention_widget.experiments.edits import EdgeOff, Edit, HeadOff, HeadPatch
from attention_widget.experiments.placing import described
from attention_widget.experiments.scores import scores_of
from attention_widget.trace.block import Array, Block
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace
from attention_widget.tracing.assemble import Traced
from attention_widget.tracing.decoder_input import DecoderInput, lengths_of, model_inputs
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.recording.edited_pass import Runnable
from attention_widget.tracing.recording.seam import Changes
from attention_widget.tracing.tracer import Tracer

_TOKENS = 512  # of all rows of a batch: beyond it a batch is no faster than its rows
_FEW = 3  # rows for which the check of batches would cost more than a batch gains

Row = Sequence[Edit]


class Passes:
    """Runs one input of a model with edits that are placed. Call it only under the lock."""

    def __init__(
        self,
        tracer: Tracer,
        encoded: Encoded,
        decoder: DecoderInput | None,
        traced: Traced,
        head: torch.nn.Module | None = None,
    ) -> None:
        self._tracer, self._head = tracer, head
        self._encoded, self._decoder = encoded, decoder
        self._traced = traced
        self.sites = self._sites = Sites(tracer.model, traced)
        self._resumed: dict[int, bool] = {}  # by the number of a call, as the next
        self._alone: dict[int, bool] = {}
        self._narrowed: dict[tuple[int, ...], Array | None] = {}

    def scores(
        self, rows: Sequence[Row], positions: Sequence[int]
    ) -> tuple[Array, Iterator[tuple[int, Array]]]:
        """The logits (position, vocabulary) without edits; and for each list of edits, with its
        index, those with it. They are computed in one way, so that equal ones are equal to the
        bit where nothing is batched."""
        for edits in rows:
            self._check(edits)
        before = self._before(tuple(positions))
        read = None if before is None else tuple(positions)

        def after() -> Iterator[tuple[int, Array]]:
            for index, output in self.edited(rows, read):
                yield index, self._scores_of(output, None if read else positions)

        if before is None:
            before = self._scores_of(self._traced.output, positions)
        return before, after()

    @cached_property
    def n_positions(self) -> int:
        """How many tokens there are logits of; 1 for a classifier."""
        return len(self._scores_of(self._traced.output))

    def resumed(self, edits: Row) -> Callable[[Undo], AbstractContextManager[None]]:
        """What opens a context in which edits are made in one pass of the model over its input,
        from the first layer that is changed on where it may be resumed there. Enter it only where
        the model is preserved."""
        self._check(edits)
        first = self._first(edits)
        resume = (self._base.layers, first) if first else None
        return self.runnable.editing(Edited(self._sites, [edits]), resume)

    def _scores_of(self, output: Any, positions: Sequence[int] | None = None) -> Array:
        return scores_of(self._tracer.model, output, self._head, positions)

    def narrowed(self, positions: Sequence[int]) -> tuple[int, ...] | None:
        """The positions, where the output head can read them alone; None where it has to read
        all."""
        found = tuple(positions)
        return None if self._before(found) is None else found

    def unchanged(self, hooks: Iterable[RemovableHandle] = ()) -> Any:
        """What the model returns without edits, from the last layer on where that is possible."""
        last = self._number(len(self._base.heads) - 1)
        resume = (self._base.layers, last) if last else None
        return self.runnable.edited(Nothing(), resume=resume, hooks=hooks)

    def _before(self, positions: tuple[int, ...]) -> Array | None:
        """The logits without edits where the output head reads a few positions alone; None where
        it has to read all, as what follows it would go wrong, or the positions are many."""
        if self._head is not None or 2 * len(positions) > len(self._encoded.tokens):
            return None
        if positions not in self._narrowed:
            self._narrowed[positions] = self._is_narrowed(positions)
        return self._narrowed[positions]

    def _is_narrowed(self, positions: tuple[int, ...]) -> Array | None:
        try:
            last = self._number(len(self._base.heads) - 1)
            found = self._scores_of(self._run(Nothing(), 1, last, positions))
        except Exception:  # the model's code after the head wants all positions
            return None
        expected = self._scores_of(self._traced.output, positions)
        if found.shape != expected.shape:
            return None
        return found if close_output(*map(torch.from_numpy, (found, expected))) else None

    def edited(
        self,
        rows: Sequence[Row],
        positions: Sequence[int] | None = None,
        *,
        together: bool = False,
    ) -> Iterator[tuple[int, Any]]:
        """The index of each list of edits, and what the model returns with it; those that begin in
        one place go together, in a batch where the model allows it. With ``positions`` the output
        head reads those alone. ``together`` says that all go together, from the first place of
        any."""
        for edits in rows:
            self._check(edits)
        at_once = self.at_once(len(rows))
        together = together and at_once > 1
        start = min(map(self._first, rows)) if together else 0
        groups: dict[int, list[int]] = {}
        for index, edits in enumerate(rows):
            groups.setdefault(start if together else self._first(edits), []).append(index)
        for first, indices in groups.items():
            for start in range(0, len(indices), at_once):
                yield from self._batch(rows, indices[start : start + at_once], first, positions)

    @property
    def most_at_once(self) -> int:
        """How many rows go together in a batch at most, whatever the model allows."""
        return max(1, _TOKENS // len(self._encoded.tokens))

    def at_once(self, n_rows: int) -> int:
        """How many of so many rows go together in a batch."""
        found = self.most_at_once
        few = n_rows <= _FEW and "_batches" not in vars(self)
        return 1 if found > 1 and (few or not self._batches) else found

    def traced(self, edits: Row) -> Trace:
        """The trace of a pass with edits."""
        self._check(edits)
        edited = Edited(self._sites, [edits])
        changed = (self._traced.way, edited)
        found = self._tracer.traced(self._encoded, self._decoder, changed).trace
        told = described(edits, self._traced.trace)
        return replace(found, edits=told, projections=edited.given())

    def heads_output(self, kind: Kind, layer: int) -> torch.Tensor:
        """What heads give out without edits (query, head, dim), of several calls side by side."""
        self._sites.check(())
        site = self._traced.sites[kind, layer]
        return torch.cat([self._base.heads[site.path, call] for call in site.calls], -1)

    def _check(self, edits: Row) -> None:
        """UnsupportedModelError for what cannot be edited; what other texts give is at hand."""
        self._sites.check(edits)
        _ = self._base
        for edit in edits:
            if isinstance(edit, HeadPatch):
                edit.source.heads_output(edit.layer, edit.kind)

    def _batch(
        self,
        rows: Sequence[Row],
        indices: Sequence[int],
        first: int,
        positions: Sequence[int] | None,
    ) -> Iterator[tuple[int, Any]]:
        size, edited = len(indices), Edited(self._sites, [rows[index] for index in indices])
        try:
            output = self._run(edited, size, first, positions)
        except (BatchRefusedError, torch.OutOfMemoryError):
            if size == 1:
                raise  # the batch was one row already
            for index in indices:
                yield index, self._run(Edited(self._sites, [rows[index]]), 1, first, positions)
            return
        for place, index in enumerate(indices):
            yield index, row_of_output(output, place, size)

    def _first(self, edits: Row) -> int:
        """The number of the first call of attention that is changed, among all of the pass, where
        it may be resumed; 0 where the whole of it has to run."""
        wanted = set(self._sites.calls(edits))
        numbers = enumerate(self._base.heads)
        return self._number(next((number for number, call in numbers if call in wanted), 0))

    def _number(self, first: int) -> int:
        """The same, or the last that was kept before, where a pass that is resumed there gives the
        model's own output."""
        first = min(first, self._base.layers.reach)
        if first and first not in self._resumed:
            self._resumed[first] = self._can_resume(first)
        return first if self._resumed.get(first) else 0

    def _can_resume(self, first: int) -> bool:
        """Whether a pass can be resumed there: the layers from there on need nothing of those
        before but what they gave out, nor does what follows them."""
        last = min(len(self._base.heads) - 1, self._base.layers.reach)
        if first == last or not self._base.layers.attending:
            return self._is_resumed(first)
        return bool(self._number(last)) and all(map(self._is_alone, range(first, last)))

    def _is_alone(self, number: int) -> bool:
        if number not in self._alone:
            try:
                self._alone[number] = self.runnable.alone(Nothing(), self._base.layers, number)
            except Exception:  # the model misses something that another layer leaves elsewhere
                self._alone[number] = False
        return self._alone[number]

    def _is_resumed(self, first: int) -> bool:
        """Whether a pass that is resumed there gives the model's output to the last bit."""
        try:
            return same_output(self._run(Nothing(), 1, first), self._traced.output)
        except Exception:  # the model misses something that a skipped layer leaves elsewhere
            return False

    @cached_property
    def _batches(self) -> bool:
        """Whether rows with different edits give what they give one by one."""
        trace = self._traced.trace
        known = all(isinstance(operation, Block) for operation in trace.operations)
        places = list(self._sites.places.values())
        ends: list[Edit] = [
            HeadOff(layer, range(trace.count_heads(layer, kind)), kind)
            for kind, layer in (places[0], places[-1])
        ]
        edge = [EdgeOff(key=(0,), kind=places[-1][0], layer=places[-1][1])] if known else []
        rows: list[Row] = [[*ends, *edge], []]
        try:
            output = self._run(Edited(self._sites, rows), len(rows))
            edited, own = (row_of_output(output, index, len(rows)) for index in range(len(rows)))
            alone = self._run(Edited(self._sites, rows[:1]))
            return close_output(edited, alone) and close_output(own, self._traced.output)
        except Exception:  # the model takes no batches of this input
            return False

    @property
    def nbytes(self) -> int:
        """The bytes of what is kept of the pass without edits."""
        return self._base.nbytes if "_base" in vars(self) else 0

    @cached_property
    def _base(self) -> Base:
        memory = self._tracer.memory_left(self._traced.trace.nbytes)
        return base_of(self.runnable, self._sites, self._traced.output, memory)

    def _run(
        self,
        changes: Changes,
        batch: int = 1,
        first: int = 0,
        positions: Sequence[int] | None = None,
    ) -> Any:
        resume = (self._base.layers, first) if first else None
        return self.runnable.edited(changes, batch, resume=resume, positions=positions)

    @property
    def runnable(self) -> Runnable:
        """The model with its input, to be run in other ways."""
        model = self._tracer.model
        return Runnable(
            model,
            self._tracer.modules,
            model_inputs(model, self._encoded, self._decoder),
            lengths_of(self._encoded, self._decoder),
            self._traced.way,
        )

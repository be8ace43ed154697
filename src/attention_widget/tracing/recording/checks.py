"""The self-check: recorded probabilities × values against the output that the model computed.

It is made in every capture. For transformers' own functions it compares every row in one head, and
the first, middle and last row of every head, by the sum of a row's numbers. For all other
functions it compares every number of every row and head. How far the two may differ is in
:mod:`~attention_widget.tracing.recording.expected_output`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from attention_widget._util.torch_settings import exact
from attention_widget.trace.block import Block
from attention_widget.tracing.recording.expected_output import (
    Expected,
    Rows,
    Values,
    all_rows,
    dealt,
    expected,
    parts,
    turns,
    unit,
)
from attention_widget.tracing.recording.records import Alternatives, Record

_MOST_PENDING = 16 * 2**20  # bytes of what waits for its check, lest it outlive its layer

Project = Callable[[torch.Tensor], torch.Tensor]  # (row, head, dim) -> what the model shows of it


@dataclass(frozen=True, eq=False)
class _Pending:
    record: Record
    rows: Rows
    found: torch.Tensor  # (head, row, dim) of the output, or (row, ...) of what ``project`` gives
    values: Values | None  # their sums, taken while they are at hand; None for all there is
    unit: float
    alternatives: Alternatives
    project: Project | None


class Checks:
    """Checks records many at a time: one by one would cost more than the recording."""

    def __init__(self) -> None:
        self._pending: list[_Pending] = []
        self._bytes = 0
        self._added = 0
        self.wrong: list[Record] = []

    def add(
        self,
        record: Record,
        output: torch.Tensor,
        alternatives: Alternatives = tuple,
        project: Project | None = None,
        whole: bool = False,
    ) -> None:
        """Have a record checked against its output (query, head, dim), the ``whole`` of it or
        the rows that are dealt out.

        Where it fails, the first of the ``alternatives`` that fits gives the record its scale and
        mask. A record that none fits is found in ``wrong`` after :meth:`finish`. Rows of the
        output that are not finite, though they should be, are made so in the record.
        """
        pending = self._taken(record, output, alternatives, project, whole)
        self._pending.append(pending)
        self._bytes += record.nbytes + pending.found.nbytes
        if self._bytes > _MOST_PENDING:
            self.finish()

    @exact
    def fits(
        self, record: Record, output: torch.Tensor, alternatives: Alternatives = tuple
    ) -> bool:
        """Whether a record gives the whole output, as it is or with one of the alternatives."""
        pending = self._taken(record, output, alternatives, None, whole=True)
        return _good([pending])[0] or _mended(pending)

    @exact
    def finish(self) -> None:
        """Check what was added since the last time."""
        groups: dict[tuple[object, ...], list[_Pending]] = {}
        for one in self._pending:
            groups.setdefault(_alike(one), []).append(one)
        self._pending, self._bytes = [], 0
        for group in groups.values():
            for one, good in zip(group, _good(group), strict=True):
                if not good and not _mended(one):
                    self.wrong.append(one.record)

    def _taken(
        self,
        record: Record,
        output: torch.Tensor,
        alternatives: Alternatives,
        project: Project | None,
        whole: bool,
    ) -> _Pending:
        query = record.parts.query
        n_heads, n_queries = query.shape[:2]
        if project is not None:
            few = sorted({0, n_queries // 2, n_queries - 1})
            queries = torch.tensor(few, dtype=torch.long, device="cpu")
            rows = Rows(queries.expand(n_heads, -1), n_queries)
            found = output.index_select(0, queries.to(output.device))
        else:
            if (lost := _overflowed(record.parts, output)) is not None:
                record.lose(lost)
            if whole:
                rows, found = all_rows(n_heads, n_queries), output.transpose(0, 1)
            else:
                n = turns(*query.shape)
                self._added += 1
                rows = dealt(n_heads, n_queries, n, self._added % n)
                index, width = rows.by_query.to(output.device), output.shape[2]
                found = output.reshape(-1, width).index_select(0, index)
                found = found.view(n_heads, -1, width)
        found = found.to("cpu", torch.float32)
        u = unit(query.dtype, output.dtype)
        values = None if whole or project is not None else Values.summed(record.parts)
        return _Pending(record, rows, found, values, u, alternatives, project)


def _alike(one: _Pending) -> tuple[object, ...]:
    """Records with the same of this are checked at once."""
    block = one.record.parts
    tensors = (block.query, block.key, block.value, block.bias, block.sinks, one.found, one.rows.of)
    shapes = (None if tensor is None else tensor.shape for tensor in tensors)
    return (*shapes, block.query.dtype, one.unit, id(block.mask), block.softcap, one.project)


def _mended(one: _Pending) -> bool:
    for other in one.alternatives():
        again = _Pending(other, one.rows, one.found, one.values, one.unit, tuple, one.project)
        if _good([again])[0]:
            one.record.correct(other)
            return True
    return False


def _good(group: Sequence[_Pending]) -> list[bool]:
    good = [True] * len(group)
    rows, n_keys = group[0].rows, group[0].record.parts.n_keys
    for records, part in parts(len(group), rows, n_keys):
        for index, fits in enumerate(_fit(group[records], part), records.start):
            good[index] = good[index] and fits
    return good


def _fit(group: Sequence[_Pending], part: slice) -> list[bool]:
    """Of some that are alike, whether part of the rows fit."""
    blocks, project, u = [one.record.parts for one in group], group[0].project, group[0].unit
    rows = {id(one.rows): one.rows[part] for one in group}
    made = expected(blocks, [rows[id(one.rows)] for one in group])
    values = [one.values or Values.of(one.record.parts) for one in group]
    if project is not None:
        return _projected(group, made, values, project, part)
    found = torch.stack([one.found[:, part] for one in group])
    sizes = found
    if group[0].values is not None:
        sizes = torch.linalg.vector_norm(found, dim=-1, keepdim=True)
        found = found.sum(-1, keepdim=True)
    mixed, limit = made.mixed(values, sizes.abs(), u)  # (block, head, row, dim)
    off = (mixed - found).abs_() > limit
    off |= ~mixed.isfinite()
    off &= found.isfinite()  # else it is NaN in the record too
    if made.seen is not None:  # a row that sees no key has no probabilities
        off &= made.seen[..., None]
    return off.flatten(1).any(1).logical_not_().tolist()


def _projected(
    group: Sequence[_Pending],
    made: Expected,
    values: Sequence[Values],
    project: Project,
    part: slice,
) -> list[bool]:
    """The same behind a projection, in which the limits of rows are lost: relative to the
    largest value of the output."""
    good = []
    mixed, _ = made.mixed(values, torch.zeros((), dtype=torch.float32, device="cpu"), group[0].unit)
    for index, (one, block) in enumerate(zip(group, mixed, strict=True)):
        found = one.found[part]
        difference = (project(block.transpose(0, 1)) - found).abs_()
        if made.seen is not None:
            difference[~made.seen[index].all(0)] = 0.0
        size = float(one.found.abs().max())  # NaN or infinite where the output is
        limit = (2000 if one.unit < 1e-6 else 32) * one.unit * (size or 1.0)
        good.append(float(difference.max()) <= limit or not size < float("inf"))
    return good


def _overflowed(block: Block, output: torch.Tensor) -> torch.Tensor | None:
    """Rows (head, query) of a block that are not finite in its output (query, head, dim), though
    all their queries, visible keys and values are; None if there are none.

    In half precision the logits may overflow, so that the model's probabilities are NaN, where the
    same queries and keys give finite ones in float32: a trace has NaN there too.
    """
    if math.isfinite(output.sum(dtype=torch.float32).item()):
        return None
    lost = ~output.isfinite().all(-1).transpose(0, 1).cpu()  # (head, query)
    lost &= block.query.isfinite().all(-1)
    sound = block.key.isfinite().all(-1) & block.value.isfinite().all(-1)  # (kv_head, key)
    groups = len(lost) // len(sound)
    rows = torch.arange(lost.shape[1], dtype=torch.long, device="cpu")
    visible = block.mask.visible(rows)  # (head or 1, query, key)
    reached = (~sound.repeat_interleave(groups, 0)[:, None] & visible).any(-1)
    lost &= ~reached
    return lost if bool(lost.any()) else None

"""The self-check: recorded probabilities × values against the output that the model computed.

It runs in every capture, on three queries of every block: the first, the middle and the last.
The largest difference, relative to the largest value of the output, may be

    float64, float32   1e-4
    float16            2e-2
    bfloat16           1e-1

Probabilities and products are computed in float32 here; a model in half precision rounds them,
and what it then computes lies that far from what its queries, keys and values say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch

from attention_widget.ambient import exact
from attention_widget.capture.recording.records import Record

TOLERANCE = {torch.float64: 1e-4, torch.float32: 1e-4, torch.float16: 2e-2, torch.bfloat16: 1e-1}

_MOST_PENDING = 256 * 2**20  # bytes of keys and values that wait for their check

Project = Callable[[torch.Tensor], torch.Tensor]  # (row, head, dim) -> what the model shows of it


@dataclass(frozen=True, eq=False)
class _Pending:
    record: Record
    rows: torch.Tensor
    found: torch.Tensor  # (row, head, dim) of the output, or whatever ``project`` gives
    readings: Callable[[], Iterable[Record]]
    project: Project | None


class Checks:
    """Checks records many at a time: one by one would cost more than the recording."""

    def __init__(self) -> None:
        self._pending: list[_Pending] = []
        self._bytes = 0
        self._rows: dict[int, torch.Tensor] = {}
        self.wrong: list[Record] = []

    def add(
        self,
        record: Record,
        output: torch.Tensor,
        readings: Callable[[], Iterable[Record]] = tuple,
        project: Project | None = None,
    ) -> None:
        """Have a record checked against its output (query, head, dim).

        Where it fails, the first of the ``readings`` that fits gives the record its scale and
        mask. A record that none fits is found in ``wrong`` after :meth:`finish`.
        """
        rows = self._rows_of(record.query.shape[1])
        on_cpu = output.device.type == "cpu"
        found = _float(output.index_select(0, rows if on_cpu else rows.to(output.device)).cpu())
        self._pending.append(_Pending(record, rows, found, readings, project))
        self._bytes += record.key.nbytes + record.value.nbytes
        if self._bytes > _MOST_PENDING:
            self.finish()

    @exact
    def finish(self) -> None:
        """Check what was added since the last time."""
        groups: dict[tuple[object, ...], list[_Pending]] = {}
        for one in self._pending:
            groups.setdefault(_alike(one), []).append(one)
        self._pending, self._bytes = [], 0
        for group in groups.values():
            for one, good in zip(group, _good(group), strict=True):
                if not good and not _reread(one):
                    self.wrong.append(one.record)

    def _rows_of(self, n_queries: int) -> torch.Tensor:
        if n_queries not in self._rows:
            chosen = sorted({0, n_queries // 2, n_queries - 1})
            self._rows[n_queries] = torch.tensor(chosen, dtype=torch.long, device="cpu")
        return self._rows[n_queries]


def _alike(one: _Pending) -> tuple[object, ...]:
    """Records with the same of this are checked at once."""
    record = one.record
    return (
        record.query.shape,
        record.query.dtype,
        record.key.shape,
        record.value.shape,
        one.found.shape,
        id(record.mask),
        record.softcap,
        None if record.bias is None else record.bias.shape,
        None if record.sinks is None else record.sinks.shape,
        one.project,
    )


def _reread(one: _Pending) -> bool:
    for reading in one.readings():
        if _good([_Pending(reading, one.rows, one.found, tuple, one.project)])[0]:
            one.record.scale, one.record.mask = reading.scale, reading.mask
            return True
    return False


def _float(tensor: torch.Tensor) -> torch.Tensor:
    return tensor if tensor.dtype == torch.float32 else tensor.float()


def _good(group: Sequence[_Pending]) -> list[bool]:
    found = torch.stack([one.found for one in group])  # (block, row, ...)
    expected, seen = _expected(group)
    difference = (expected - found).abs_()
    if seen is not None:  # a row that sees no key has no probabilities
        difference *= seen.reshape(1, *seen.shape, *[1] * (difference.ndim - seen.ndim - 1))
    sizes = found.abs_().flatten(1).amax(1)  # NaN or infinite where the output is
    errors = difference.flatten(1).amax(1)
    tolerance = TOLERANCE.get(group[0].record.query.dtype, 1e-1)
    good = (errors <= tolerance * sizes) | ((sizes == 0) & (errors <= tolerance))
    return (good | ~sizes.isfinite()).tolist()


def _expected(group: Sequence[_Pending]) -> tuple[torch.Tensor, torch.Tensor | None]:
    """What the records say that the output is (block, row, head, dim), and which of its rows
    see a key (row, head or 1) where not all do."""
    records, rows = [one.record for one in group], group[0].rows
    one = records[0]
    n_heads, n_rows, n_kv_heads = one.query.shape[0], len(rows), one.key.shape[0]
    shape = (len(records), n_heads, n_rows, one.key.shape[1])
    logits = torch.empty(shape, dtype=torch.float32, device="cpu")
    for block, record in enumerate(records):
        query = record.query.index_select(1, rows)
        out = logits[block]
        if n_kv_heads != n_heads:
            query = query.view(n_kv_heads, -1, one.query.shape[2])  # (kv_head, group · row, dim)
            out = out.view(n_kv_heads, -1, one.key.shape[1])
        key = _float(record.key).transpose(1, 2)
        torch.baddbmm(out, _float(query), key, beta=0, alpha=record.scale, out=out)
    if one.softcap is not None:
        logits.div_(one.softcap).tanh_().mul_(one.softcap)
    if one.bias is not None:
        added = [bias for record in records if (bias := record.bias) is not None]
        logits += torch.stack([b if b.shape[1] == 1 else b[:, rows] for b in added]).float()
    seen = None
    if not one.mask.hides_nothing:
        visible = one.mask.visible(rows)  # (head or 1, row, key)
        logits.masked_fill_(~visible, float("-inf"))
        seen = visible.any(-1).transpose(0, 1)
        seen = None if bool(seen.all()) else seen
    if one.sinks is None:
        weights = logits.softmax(-1)
    else:
        sinks = torch.stack([s for record in records if (s := record.sinks) is not None]).float()
        sinks = sinks[..., rows] if sinks.ndim == 3 else sinks[..., None].expand(-1, -1, n_rows)
        weights = torch.cat([logits, sinks[..., None]], -1).softmax(-1)[..., :-1]
    if seen is not None:
        weights.masked_fill_(~seen.transpose(0, 1)[..., None], 0.0)  # softmax of no keys is NaN
    shape = (len(records), n_heads, n_rows, one.value.shape[2])
    mixed = torch.empty(shape, dtype=torch.float32, device="cpu")
    for block, record in enumerate(records):
        chosen, out = weights[block], mixed[block]
        if n_kv_heads != n_heads:
            chosen = chosen.reshape(n_kv_heads, -1, one.key.shape[1])
            out = out.view(n_kv_heads, -1, one.value.shape[2])
        torch.bmm(chosen, _float(record.value), out=out)
    expected = mixed.transpose(1, 2)
    project = group[0].project
    if project is not None:
        expected = torch.stack([project(block) for block in expected])
        seen = None if seen is None else seen.all(-1, keepdim=True)
    return expected, seen

"""What an export carries of a calculation: the layer that is shown, and the weights of its heads.

Matrices of query × key are not kept, which a long text would make the largest: the page computes
them of the queries and keys, which are kept as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from attention_widget.export.archive import Archive, Held, Step
from attention_widget.export.sight import parts_of
from attention_widget.protocol.keys import Key, write_key
from attention_widget.protocol.tensors import number
from attention_widget.trace.block import Block
from attention_widget.trace.calculation_plans import Plan
from attention_widget.trace.kind import Kind
from attention_widget.trace.planned import plans_of
from attention_widget.trace.trace import Trace

WEIGHTS_BYTES: Final = 16_000_000
"""Of the weights that a page carries: heads beyond it are left out, but for the first. All of a
layer of 4 · hidden² numbers fit up to a hidden size of 1,000."""

DERIVED: Final = ("scores", "scaled", "masked", "weights")
"""What the page computes: js/measures/calculation.ts."""


class Calculated(NamedTuple):
    """A layer, its heads in the order in which they matter, the trace with its weights, and the
    question of its steps with the answer; and of which side of a comparison, if of one."""

    trace: Trace
    kind: Kind
    layer: int
    heads: Sequence[int]
    question: Mapping[str, Any]
    answer: Mapping[str, Any]
    side: int | None = None


def steps_of_calculation(of: Calculated, held: Held) -> Iterator[Step]:
    """What keeps the calculation of the heads of a layer, a head at a time."""
    return _steps(of, _heads(of, held))


def bytes_of_calculation(of: Calculated, held: Held) -> int:
    """About how many bytes a page takes of it: a second head adds what each other one does."""
    heads = _heads(of, held)
    packed = []
    for some in (heads[:1], heads[:2]):
        archive = Archive(max_bytes=1 << 62)
        for step in _steps(of, some):
            step(archive)
        packed.append(archive.n_bytes)
    return packed[0] + (packed[1] - packed[0]) * max(0, len(heads) - 1)


def _heads(of: Calculated, held: Held) -> list[int]:
    """Those that are kept, the most wanted first."""
    there = held.get(of.kind, {}).get(of.layer, ())
    heads = [*dict.fromkeys(head for head in (*of.heads, *there) if head in there)]
    each = _weights_bytes(of)
    return heads[: max(1, WEIGHTS_BYTES // each)] if each else heads


def _steps(of: Calculated, heads: Sequence[int]) -> Iterator[Step]:
    for head in heads:
        for window, _ in parts_of(of.trace):
            yield partial(_keep, of=of, window=window, head=head)


def _weights_bytes(of: Calculated) -> int:
    """Of one head, in float32."""
    trace = of.trace.windows[0].trace if of.trace.windows else of.trace
    known = trace.projections_of(of.layer, of.kind)
    if known is None:
        return 0
    sides = [side.weight for side in known.sides.values() if side is not None]
    out = [] if known.output is None else [known.output.weight]
    return sum(4 * weight[0].numel() for weight in (*sides, *out))


def _keep(archive: Archive, of: Calculated, window: int | None, head: int) -> None:
    trace = of.trace if window is None else of.trace.windows[window].trace
    one = trace.operation(of.layer, of.kind)
    plans = plans_of(trace, of.layer, head, of.kind)
    for plan in plans:
        if isinstance(one, Block) and plan.name in DERIVED:
            continue
        key = write_key(Key("calculation", (of.kind, of.layer, head, plan.name), window))
        archive.plain(key, plan.make())
    if isinstance(one, Block):
        prefix = "" if window is None else f"window/{window}/"
        archive.calculations[f"{prefix}{of.kind}/{of.layer}"] = {
            "scale": number(one.scale),
            "softcap": one.softcap,
            "q": _last(plans, "q"),
            "k": _last(plans, "k"),
        }


def _last(plans: Sequence[Plan], letter: str) -> str:
    """The step whose vectors enter the product."""
    return [plan.name for plan in plans if plan.name == letter or plan.name[:2] == f"{letter}_"][-1]

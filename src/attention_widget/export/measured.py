"""What an export carries of the measure that is shown in the place of attention: every number."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final, NamedTuple

from attention_widget.export import rounding
from attention_widget.export.archive import Archive, Held, Step
from attention_widget.export.layer import LARGE_MAP
from attention_widget.export.sight import parts_of
from attention_widget.protocol.keys import Key, write_key
from attention_widget.protocol.measured import Values, measured
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace


class Shown(NamedTuple):
    """A measure: its name, what stands for it in keys, what gives its values, and whether there are
    any in a pass with edits."""

    name: str
    about: str
    values: Values
    is_of_edits: bool


def steps_of_measure(
    trace: Trace, shown: Shown, held: Held, only: int | None = None
) -> Iterator[Step]:
    """What keeps a measure of these heads in one pass, a layer at a time; of ``only`` one window,
    if one is named."""
    for window, _ in parts_of(trace, only):
        for kind, layers in held.items():
            for layer, heads in layers.items():
                yield partial(
                    _keep,
                    trace=trace,
                    shown=shown,
                    window=window,
                    kind=kind,
                    layer=layer,
                    heads=heads,
                )


_PREFIX: Final = "measured/{about}/"


def _keep(
    archive: Archive,
    trace: Trace,
    shown: Shown,
    window: int | None,
    kind: Kind,
    layer: int,
    heads: list[int],
) -> None:
    part = trace if window is None else trace.windows[window].trace
    before = _PREFIX.format(about=shown.about)
    values = shown.values(part, kind, layer)
    operation = part.operation(layer, kind)
    maps: list[list[Any] | None] = [None] * operation.n_heads
    for head in heads:  # of a whole layer: the same block for each
        of_head = values if values.ndim == 2 else values[head]
        maps[head] = ["plain", archive.block(rounding.planes(of_head))]
    archive.entries[before + write_key(Key("attention", (kind, layer), window))] = {
        "as": "maps",
        "shape": [operation.n_heads, operation.n_queries, operation.n_keys],
        "maps": maps,
        "special": [],
        "fine": [],
    }
    if operation.n_queries * operation.n_keys > LARGE_MAP:
        key = write_key(Key("thumbnails", (kind, layer), window))
        archive.plain(before + key, measured(trace, shown.name, shown.values, key))

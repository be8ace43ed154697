"""What a page carries of the pass without edits, and of the one with them where there is one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from numpy.typing import NDArray

from attention_widget._util.progress import Progress
from attention_widget.export import rounding
from attention_widget.export.archive import MAX_BYTES, Archive, Held, Precision, too_large
from attention_widget.export.calculated import Calculated, steps_of_calculation
from attention_widget.export.carried import EXACT_WEIGHTS, distinct, steps_of
from attention_widget.export.estimate import attention_bytes
from attention_widget.export.layer import rows_of
from attention_widget.export.measured import Shown, steps_of_measure
from attention_widget.export.sight import count_weights
from attention_widget.protocol.differences import difference
from attention_widget.protocol.keys import NEEDS, Key, write_key
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace

AFTER: Final = "after//"
DIFFERENCE: Final = "difference//"
"""Before the names of what is of the pass with the edits of the state, and of what they change:
js/saved/archive.ts."""


SIDES: Final = ("side/0/", "side/1/")
"""Before the names of what is of one side of a comparison, between its own tokens."""


@dataclass(frozen=True)
class Sides:
    """Both sides of a comparison, whose traces between the tokens of both are what else is kept.

    ``traces`` are between their own tokens; ``tensors`` give a tensor of each side between the
    tokens of both, by its key.
    """

    traces: tuple[Trace, Trace]
    tensors: tuple[Callable[[str], NDArray[Any]], Callable[[str], NDArray[Any]]]


def gather(
    trace: Trace,
    views: Sequence[str],
    held: Held,
    precision: Precision = "standard",
    max_bytes: int = MAX_BYTES,
    progress: bool = True,
    edited: Trace | None = None,
    shown: Shown | None = None,
    sides: Sides | None = None,
    calculated: Sequence[Calculated] = (),
    only: int | None = None,
    seen: Held | None = None,
) -> Archive:
    """All that the views need of these heads, and the same of the pass with edits if there is one,
    and of the measure that is ``shown`` in the place of attention, and of what is ``calculated`` in
    the first and the second of these passes, or of each side; with ``progress`` a bar where it
    takes long. Of a text that was read in windows attention goes along of ``only`` one of them, if
    one is named, and of a long text that of the heads that are ``seen``, if these are. ValueError
    if it takes more than ``max_bytes``."""
    weighed = held if seen is None else seen
    archive = Archive(max_bytes, error=dict(rounding.ERROR if precision == "standard" else {}))
    passes = [trace, *([] if edited is None else [edited]), *(sides.traces if sides else ())]
    is_small = sum(count_weights(each, weighed, only) for each in distinct(passes)) <= EXACT_WEIGHTS
    if is_small:
        archive.error.pop("weight", None)
    in_steps = {(of.kind, of.layer) for of in calculated}

    def exact(kind: Kind, layer: int) -> bool:
        """As the steps of a calculation have them: one page says no two things of one weight."""
        return is_small or (kind, layer) in in_steps

    if (estimated := attention_bytes(trace, weighed, precision, only)) > max_bytes:
        raise too_large(estimated, max_bytes)
    after = _beside(archive)
    steps = [(archive, step) for step in steps_of(trace, views, held, precision, exact, only, seen)]
    if edited is not None:
        steps += [
            (after, step) for step in steps_of(edited, views, held, precision, exact, None, seen)
        ]
    if shown is not None:
        steps += [(archive, step) for step in steps_of_measure(trace, shown, held, only)]
        if edited is not None and shown.is_of_edits:
            steps += [(after, step) for step in steps_of_measure(edited, shown, held)]
    own = [_beside(archive) for _ in SIDES]
    for number, of in enumerate(calculated):
        part = (archive, after)[number] if of.side is None else own[of.side]
        steps += [(part, step) for step in steps_of_calculation(of, held)]
    if sides is not None:
        for part, trace_of in zip(own, sides.traces, strict=True):
            of_side = steps_of(trace_of, views, held, precision, exact, None, seen)
            steps += [(part, step) for step in of_side]
    with Progress("exporting", "part", len(steps), wanted=progress) as bar:
        for done, (part, step) in enumerate(steps, 1):
            step(part)
            bar.reach(done)
    archive.entries |= {AFTER + key: entry for key, entry in after.entries.items()}
    archive.scores |= {AFTER + key: entry for key, entry in after.scores.items()}
    archive.calculations |= {AFTER + key: entry for key, entry in after.calculations.items()}
    if sides is not None:
        for prefix, part in zip(SIDES, own, strict=True):
            archive.entries |= {prefix + key: entry for key, entry in part.entries.items()}
            archive.scores |= {prefix + key: entry for key, entry in part.scores.items()}
            known = part.calculations.items()
            archive.calculations |= {prefix + key: entry for key, entry in known}
        _of_both(archive, trace, sides, held, views)
    if edited is not None:
        for rows in rows_of(trace):
            key = write_key(Key("largest", rows))
            archive.plain(DIFFERENCE + key, difference((trace, edited), key))
    return archive


def _of_both(
    archive: Archive, trace: Trace, sides: Sides, held: Held, views: Sequence[str]
) -> None:
    """The masks of both, and where a view shows heads, how far apart the sides are, and what tokens
    that stand alone must not change."""
    shows_heads = any("summaries" in NEEDS.get(view, ()) for view in views)
    for kind, layers in held.items():
        for layer in layers:
            axes = (kind, layer)
            if shows_heads:
                key = write_key(Key("divergence", axes))
                archive.plain(key, sides.tensors[0](key))
            for prefix, tensor in zip(("", AFTER), sides.tensors, strict=True):
                key = write_key(Key("mask", axes))
                archive.plain(prefix + key, tensor(key))
            for rows in rows_of(trace) if shows_heads else ():
                for prefix, tensor in zip(("", AFTER), sides.tensors, strict=True):
                    key = write_key(Key("summaries", axes, None, *rows))
                    archive.plain(prefix + key, tensor(key))


def bytes_of_both(trace: Trace, sides: Sides, held: Held, views: Sequence[str]) -> int:
    """About how many bytes a page takes of both sides beside their passes, from a layer of each
    kind."""
    total = 0
    for kind, layers in held.items():
        layer = [*layers][len(layers) // 2]
        alone = Archive(max_bytes=1 << 62)
        _of_both(alone, trace, sides, {kind: {layer: layers[layer]}}, views)
        total += alone.n_bytes * len(layers)
    return total


def _beside(archive: Archive) -> Archive:
    """Entries of another pass, whose blocks stand among these: layers before the first that is
    changed are the same."""
    return replace(archive, entries={}, scores={}, calculations={})

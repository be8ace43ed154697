"""What a page carries of the pass without edits, and of the one with them where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from attention_widget._util.progress import Progress
from attention_widget.export import rounding
from attention_widget.export.archive import (
    MAX_BYTES,
    Archive,
    Held,
    Precision,
    estimated_bytes,
    rows_of,
    steps_of,
    too_large,
)
from attention_widget.export.measured import Shown, steps_of_measure
from attention_widget.protocol.differences import difference
from attention_widget.protocol.keys import Key, write_key
from attention_widget.trace.trace import Trace

AFTER: Final = "after//"
DIFFERENCE: Final = "difference//"
"""Before the names of what is of the pass with the edits of the state, and of what they change:
js/saved/archive.ts."""


def gather(
    trace: Trace,
    views: Sequence[str],
    held: Held,
    precision: Precision = "standard",
    max_bytes: int = MAX_BYTES,
    progress: bool = True,
    edited: Trace | None = None,
    shown: Shown | None = None,
) -> Archive:
    """All that the views need of these heads, and the same of the pass with edits if there is one,
    and of the measure that is ``shown`` in the place of attention;
    with ``progress`` a bar where it takes long. ValueError if it takes more than ``max_bytes``."""
    archive = Archive(max_bytes, error=dict(rounding.ERROR if precision == "standard" else {}))
    if (estimated := estimated_bytes(trace, held, precision)) > max_bytes:
        raise too_large(estimated, max_bytes)
    after = _beside(archive)
    steps = [(archive, step) for step in steps_of(trace, views, held, precision)]
    if edited is not None:
        steps += [(after, step) for step in steps_of(edited, views, held, precision)]
    if shown is not None:
        steps += [(archive, step) for step in steps_of_measure(trace, shown, held)]
        if edited is not None and shown.is_of_edits:
            steps += [(after, step) for step in steps_of_measure(edited, shown, held)]
    with Progress("exporting", "part", len(steps), wanted=progress) as bar:
        for done, (part, step) in enumerate(steps, 1):
            step(part)
            bar.reach(done)
    archive.entries |= {AFTER + key: entry for key, entry in after.entries.items()}
    archive.scores |= {AFTER + key: entry for key, entry in after.scores.items()}
    if edited is not None:
        for rows in rows_of(trace):
            key = write_key(Key("largest", rows))
            archive.plain(DIFFERENCE + key, difference((trace, edited), key))
    return archive


def _beside(archive: Archive) -> Archive:
    """Entries of another pass, whose blocks stand among these: layers before the first that is
    changed are the same."""
    return replace(archive, entries={}, scores={})

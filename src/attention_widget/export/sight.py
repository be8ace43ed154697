"""What a page need not carry, for no view of it shows that: attention, or what is in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attention_widget.export.archive import Held
from attention_widget.protocol.keys import WITH_MEASURE, WITHOUT_ATTENTION
from attention_widget.trace.trace import Trace

LONG: Final = 2**24
"""Weights of all heads, some 10 MB, from which a page leaves out attention that no view of it
shows."""

LONG_LAYER: Final = 2**26
"""Weights of a layer, some 50 MB, from which it leaves out that of the layer that is shown too."""


def shows_attention(state: Mapping[str, Any]) -> bool:
    """Whether one of the views shows attention, or what follows from it, as they stand."""
    views = set(state["views"]) - set(WITHOUT_ATTENTION)
    return bool(views - {"text"}) or ("text" in views and is_of_attention(state["measure"]))


def shows_measure(state: Mapping[str, Any]) -> bool:
    """Whether one of the views shows the measure that is chosen in the place of attention."""
    views = set(state["views"]) & set(WITH_MEASURE)
    return bool(views - {"text"}) or ("text" in views and is_of_attention(state["measure"]))


def is_of_attention(measure: str) -> bool:
    """Whether a measure of the text view is of attention."""
    return measure.startswith("attention")


def window_in_sight(trace: Trace, state: Mapping[str, Any]) -> int | None:
    """The only window whose attention goes along, where no view shows any: a reader may want to
    see that of the selected token. None where that of all windows does."""
    if not trace.windows or shows_attention(state):
        return None
    token = state["token"]
    return 0 if token is None else trace.windows.index(trace.window(token))


def layer_in_sight(trace: Trace, state: Mapping[str, Any], held: Held) -> Held | None:
    """Of a long text that was read in one pass, where no view shows attention: the heads whose
    attention goes along, those of the layer that is shown, or none where that is too much by
    itself. None where that of all heads does."""
    if trace.windows or shows_attention(state) or count_weights(trace, held) <= LONG:
        return None
    kind, layer = state["attention_kind"], state["layer"]
    seen: Held = {kind: {layer: held[kind][layer]}}
    return seen if count_weights(trace, seen) <= LONG_LAYER else {}


def count_weights(trace: Trace, held: Held, only: int | None = None) -> int:
    """How many weights the heads that are held have, in all windows or in ``only`` one."""
    return sum(
        (one := part.operation(layer, kind)).n_queries * one.n_keys * len(heads)
        for _, part in parts_of(trace, only)
        for kind, layers in held.items()
        for layer, heads in layers.items()
    )


def parts_of(trace: Trace, only: int | None = None) -> Iterator[tuple[int | None, Trace]]:
    """The passes of a trace, or ``only`` one of its windows: number of the window, and trace."""
    if not trace.windows:
        yield None, trace
    for number, window in enumerate(trace.windows):
        if only in (None, number):
            yield number, window.trace

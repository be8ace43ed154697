"""What a page need not carry, for no view of it shows that: attention, or what is in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attention_widget.protocol.keys import WITH_MEASURE, WITHOUT_ATTENTION
from attention_widget.trace.trace import Trace


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


def parts_of(trace: Trace, only: int | None = None) -> Iterator[tuple[int | None, Trace]]:
    """The passes of a trace, or ``only`` one of its windows: number of the window, and trace."""
    if not trace.windows:
        yield None, trace
    for number, window in enumerate(trace.windows):
        if only in (None, number):
            yield number, window.trace

"""Widgets that follow each other, and two of them beside each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import traitlets as t

from attention_widget.contrast import Contrast
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.trace.trace import Trace
from attention_widget.widget.widget import AttentionWidget

LINKED: Final = (
    "attention_kind",
    "layer",
    "heads",
    "combine",
    "words",
    "special_tokens",
    "colour_map",
    "log_colour",
    "normalise_rows",
    "top_p",
    "threshold",
    "direction",
    "measure",
    "space",
    "summary",
    "sort_heads",
    "number_format",
)
"""Options that both widgets have whatever they read."""

TOKENS: Final = ("token", "key_token", "pinned")
"""Options that follow where the other has as many tokens."""


class Link:
    """Two widgets that follow each other until :meth:`unlink`.

    >>> other = AttentionWidget.from_trace(trace)
    >>> both = link(widget, other)
    >>> widget.layer = 2
    >>> other.layer
    2
    >>> both.unlink()
    >>> widget.layer = 3
    >>> other.layer
    2
    """

    def __init__(self, left: AttentionWidget, right: AttentionWidget) -> None:
        self._ends = left, right
        self._busy = False
        self._heard: list[tuple[AttentionWidget, Callable[[Any], None]]] = []
        for one, other in ((left, right), (right, left)):

            def follow(change: Any, other: AttentionWidget = other) -> None:
                self._follow(other, change["name"], change["new"])

            one.observe(follow, [*LINKED, *TOKENS])
            self._heard.append((one, follow))
        for name in (*LINKED, *TOKENS):
            self._follow(right, name, getattr(left, name))

    def unlink(self) -> None:
        """From now on neither follows the other."""
        for widget, follow in self._heard:
            widget.unobserve(follow, [*LINKED, *TOKENS])
        self._heard = []

    def _follow(self, other: AttentionWidget, name: str, value: object) -> None:
        """A token that the other has not is not followed there."""
        if self._busy:
            return
        self._busy = True
        try:
            if getattr(other, name) != value:
                setattr(other, name, value)
        except t.TraitError:
            if name not in TOKENS:
                raise
        finally:
            self._busy = False


def link(left: AttentionWidget, right: AttentionWidget) -> Link:
    """Have two widgets follow each other in kind, layer, heads, selected tokens and how they draw.

    The right one takes what the left one shows. Tokens are followed by their index, where the other
    text is long enough. :meth:`Link.unlink` ends it.

    >>> from attention_widget import AttentionWidget, link
    >>> other = AttentionWidget.from_trace(trace)
    >>> both = link(widget, other)
    >>> other.heads = [1, 5]
    >>> widget.heads
    (1, 5)

    Raises:
        TypeError: one of them is no widget.
        ValueError: it is the same widget twice, or their models have not the same layers and heads.
    """
    for name, widget in (("left", left), ("right", right)):
        if not isinstance(widget, AttentionWidget):
            raise InvalidTypeError(
                f"{name} must be an AttentionWidget, got {type(widget).__name__}"
            )
    if left is right:
        raise InvalidValueError("left and right must be two widgets, got the same one twice")
    if _heads(left.trace) != _heads(right.trace):
        raise InvalidValueError(
            f"both widgets must have the same kinds of attention, layers and heads, got "
            f"{left.trace!r} and {right.trace!r}"
        )
    return Link(left, right)


def side_by_side(contrast: Contrast, **options: Any) -> Any:
    """Both sides of a comparison as two linked widgets beside each other: an ``ipywidgets.HBox``.

    ``options`` are those of :class:`AttentionWidget`, for both.

    >>> from attention_widget import side_by_side
    >>> box = side_by_side(contrast, views="matrix")
    >>> [widget.views for widget in box.children]
    [('matrix',), ('matrix',)]

    Raises:
        TypeError: it is no comparison; see :func:`compare`.
    """
    from ipywidgets import HBox, Layout

    if not isinstance(contrast, Contrast):
        raise InvalidTypeError(
            f"contrast must be what compare(a, b) gives, got {type(contrast).__name__}"
        )
    left, right = (AttentionWidget.from_trace(trace, **options) for trace in contrast.traces)
    box = HBox([left, right])
    for widget in (left, right):
        widget.layout = Layout(width="50%", min_width="0")
    box.link = link(left, right)  # lives as long as the box
    return box


def _heads(trace: Trace) -> list[tuple[str, list[tuple[int, int]]]]:
    return [
        (kind, [(i, trace.count_heads(i, kind)) for i in trace.layers_with_attention(kind)])
        for kind in trace.kinds
    ]

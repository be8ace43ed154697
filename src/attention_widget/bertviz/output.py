"""Where a view goes: into the cell, or back to the caller as HTML."""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from typing import Literal

from IPython.display import HTML, display

from attention_widget.errors import InvalidValueError
from attention_widget.export.iframe import frame, height_of
from attention_widget.widget.widget import AttentionWidget


class Page(HTML):
    """A whole HTML file as ``data``; a notebook shows it in a frame, apart from its own page."""

    def __init__(self, page: str, title: str, height: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # reads data that looks like an address
        self.data = page
        self._title, self._height = title, height

    def _repr_html_(self) -> str:
        return frame(self.data, self._title, self._height)


def check_html_action(html_action: object) -> None:
    if html_action not in ("view", "return"):
        raise InvalidValueError(
            f"html_action must be 'view', which shows the view in the cell, or 'return', which "
            f"returns it as HTML, got {reprlib.repr(html_action)}"
        )


def check_display_mode(display_mode: object) -> Literal["dark", "light"]:
    if display_mode == "dark" or display_mode == "light":
        return display_mode
    given = reprlib.repr(display_mode)
    raise InvalidValueError(f"display_mode must be 'dark' or 'light', got {given}")


def put_out(
    widget: AttentionWidget, html_action: str, heads: Sequence[int] | None = None
) -> Page | None:
    """Of some heads alone a page is shown too: a widget has the whole trace."""
    if html_action == "view" and heads is None:
        display(widget)
        return None
    height = height_of(widget.views, len(widget.trace.tokens))
    page = Page(widget.to_html(heads=heads), f"Attention: {widget.trace.model_name}", height)
    if html_action == "return":
        return page
    display(page)
    return None

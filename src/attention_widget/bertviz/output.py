"""Where a view goes: into the cell, or back to the caller as HTML."""

from __future__ import annotations

import html
import reprlib
from collections.abc import Sequence

from IPython.display import HTML, display

from attention_widget.widget import AttentionWidget

_FRAME = (
    '<iframe srcdoc="{page}" title="{title}" sandbox="allow-scripts allow-downloads allow-popups" '
    'style="width: 100%; height: 640px; border: 0"></iframe>'
)


class Page(HTML):
    """A whole HTML file as ``data``; a notebook shows it in a frame, apart from its own page."""

    def __init__(self, page: str, title: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # reads data that looks like an address
        self.data = page
        self._title = title

    def _repr_html_(self) -> str:
        return _FRAME.format(page=html.escape(self.data), title=html.escape(self._title))


def check_html_action(html_action: object) -> None:
    if html_action not in ("view", "return"):
        raise ValueError(
            f"html_action is {reprlib.repr(html_action)}; allowed: 'view', which shows the view in "
            f"the cell, or 'return', which returns it as HTML"
        )


def check_display_mode(display_mode: object) -> None:
    if display_mode not in ("dark", "light"):
        raise ValueError(
            f"display_mode is {reprlib.repr(display_mode)}; allowed: 'dark' or 'light'"
        )


def put_out(
    widget: AttentionWidget, html_action: str, heads: Sequence[int] | None = None
) -> Page | None:
    """Of some heads alone a page is shown too: a widget has the whole trace."""
    if html_action == "view" and heads is None:
        display(widget)
        return None
    page = Page(widget.to_html(heads=heads), f"Attention: {widget.trace.model_name}")
    if html_action == "return":
        return page
    display(page)
    return None

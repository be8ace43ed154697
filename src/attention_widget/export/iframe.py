"""A whole page within another one: apart from its scripts and styles, and without a file.

Notebooks that were not run here, and are not trusted, lose their frames: JupyterLab shows what
stands inside the frame instead, which browsers never show.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attention_widget._util.unicode import as_html

_FRAME: Final = (
    '<iframe srcdoc="{page}" title="{title}" sandbox="allow-scripts allow-downloads allow-popups" '
    'style="display: block; width: 100%; height: {height}px; border: 0">{instead}</iframe>'
)
_INSTEAD: Final = "{title}. Shown once this notebook is trusted, or its cell has run."

_SHORT_TEXT: Final = 16  # tokens
_SHORT: Final = {"lines": 580, "neuron": 570, "text": 480, "tokens": 760}
_HEIGHTS: Final = {"lines": 750, "grid": 820, "neuron": 740, "text": 620}
_MOST: Final = 900


def frame(page: str, title: str, height: int) -> str:
    """An element that holds a page: ``height`` in CSS pixels, as wide as there is room."""
    title = as_html(title)
    return _FRAME.format(
        page=as_html(page), title=title, height=height, instead=_INSTEAD.format(title=title)
    )


def height_of(views: Sequence[str], n_tokens: int) -> int:
    """What a page of these views takes at 900 pixels of width, as measured there; beyond a
    window's height it scrolls."""
    if len(views) > 1:
        return _MOST
    heights = _HEIGHTS | _SHORT if n_tokens <= _SHORT_TEXT else _HEIGHTS
    return max((heights.get(view, _MOST) for view in views), default=240)

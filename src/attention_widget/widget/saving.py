"""What of a widget outlives its notebook: a page with all that is shown, and the choices alone."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from attention_widget._util.files import place_for
from attention_widget.export.archive import MAX_BYTES, Precision
from attention_widget.export.page import Assets, Page, export
from attention_widget.widget.choices import CHOICES, Choices
from attention_widget.widget.session import Shown
from attention_widget.widget.state import state_of

RESULTS: Final = ("text", "text_pair", "busy", "meta")
"""Traits that the browser is sent besides the choices, and may not set."""


class Saving(Choices):
    """A widget's part that writes it down; it changes nothing."""

    _lock: threading.RLock
    _shown: Shown

    if TYPE_CHECKING:

        def get_state(self, key: Any = None) -> dict[str, Any]: ...

    @property
    def state(self) -> dict[str, Any]:
        """Every choice and the texts, as a dict for ``json.dump``, without the trace's numbers."""
        with self._lock:
            return state_of(self._shown.trace, {name: getattr(self, name) for name in CHOICES})

    def to_html(
        self,
        *,
        layers: int | Iterable[int] | None = None,
        heads: int | Iterable[int] | None = None,
        precision: Precision = "standard",
        max_bytes: int = MAX_BYTES,
        progress: bool = True,
    ) -> str:
        """The widget as it stands, as one HTML page: the same views and the same selection, to
        click on without a kernel or a network.

        The page carries what its ``views`` need: attention always, queries and keys for
        "neuron", hidden states for "text", head summaries for "grid". A view that is opened later
        says what it lacks. Layers that can be looked at are ``layers``, and of each ``heads``; None
        is all.

        With ``precision`` "standard" attention weights are within 1e-3 of the trace's, also where
        the text is renormalised, and so are their sums over rows and words, cosines and scores; no
        more digits are printed than that. "high" keeps every number as the widget shows it, in
        some eight times the bytes.

        With ``progress`` a bar shows how far it is, once it takes more than two seconds.

        The page allows its own script and style alone, by their hashes, in a
        Content-Security-Policy; see :meth:`export_html` for pages without inline script.

        Raises:
            LookupError: a layer or head that is named does not exist.
            ValueError: the page would be larger than ``max_bytes``.
        """
        return self._export(
            layers=layers, heads=heads, precision=precision, max_bytes=max_bytes, progress=progress
        ).html

    def export_html(
        self,
        path: str | os.PathLike[str],
        *,
        layers: int | Iterable[int] | None = None,
        heads: int | Iterable[int] | None = None,
        precision: Precision = "standard",
        assets: Assets = "inline",
        max_bytes: int = MAX_BYTES,
        progress: bool = True,
    ) -> None:
        """Write :meth:`to_html` to a file.

        With ``assets`` "beside" the page has no inline script or style: they lie beside it as
        ``attention-widget-export.js`` and ``attention-widget-export.css``, for sites whose
        Content-Security-Policy allows no more than ``default-src 'none'; script-src 'self';
        style-src 'self'; img-src data:``.

        Raises:
            OSError: no file can be written there; said before the page is made.
        """
        place = place_for(path)
        self._export(
            layers=layers,
            heads=heads,
            precision=precision,
            assets=assets,
            max_bytes=max_bytes,
            progress=progress,
        ).write(place)

    def _export(self, **options: Any) -> Page:
        with self._lock:
            shown = self._shown
            state = self.get_state([*CHOICES, *RESULTS])
        return export(shown.trace, {**state, "meta": shown.meta}, **options)

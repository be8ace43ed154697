"""A widget that can be saved as one HTML page."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from attention_widget._util.files import place_for
from attention_widget.export.iframe import height_of
from attention_widget.export.page import Assets, Page, export
from attention_widget.protocol.options import OPTION
from attention_widget.widget import signature
from attention_widget.widget.calculated import calculated_of
from attention_widget.widget.contrast_lab import OTHER_SIDE
from attention_widget.widget.contrast_session import ContrastSession
from attention_widget.widget.options_widget import RESULTS
from attention_widget.widget.questions import questions_of
from attention_widget.widget.session_widget import SessionWidget

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from attention_widget.widget import keywords as k


class SavedWidget(SessionWidget):
    """Writes what it shows into a page."""

    @signature.with_keywords(signature.PAGE_PARAMETERS)
    def to_html(self, **options: Unpack[k.PageKeywords]) -> str:
        """The widget as it stands, as one HTML page: the same views and the same selection, to
        click on without a kernel or a network.

        The page carries what its ``views`` need: attention always, queries and keys for
        "neuron", hidden states for "text", head summaries for "grid", and for "predictions" and
        "attribution" what the model answered. With ``edits`` it carries what came of them, and
        while ``shown_pass`` is not "before" the attention of that pass too. A view that is opened
        later says what it lacks. Of a text read in windows, attention goes along of the window of
        ``token`` alone where no view shows any, as in a text coloured by norms or cosines; show
        "lines" beside it to have that of all windows. Of a long text that was read in one pass it
        is then that of the layer alone, or none where a layer takes some 50 MB.
        Layers that can be looked at are ``layers``, and of each ``heads``; None is all.

        With ``precision`` "standard" attention weights are within 1e-3 of the trace's, also where
        the text is renormalised, and so are their sums over rows and words, cosines and scores; no
        more digits are printed than that. Attention of up to 262,144 weights in all (MiniLM at 60
        tokens) comes exactly as it is, and so does that of the layer whose calculation is in the
        page. "high" keeps every number as the widget shows it, in
        some eight times the bytes.

        With ``progress`` a bar shows how far it is, once it takes more than two seconds.

        The page allows its own script and style alone, by their hashes, in a
        Content-Security-Policy; see :meth:`export_html` for pages without inline script.

        >>> page = widget.to_html(layers=[3], heads=[0, 5])
        >>> page[:15]
        '<!doctype html>'

        Raises:
            LookupError: a layer or head that is named does not exist.
            ValueError: the page would be larger than ``max_bytes``.
        """
        return self._page(options).html

    @signature.with_keywords(signature.PAGE_PARAMETERS)
    def export_html(
        self,
        path: str | os.PathLike[str],
        *,
        assets: Assets = "inline",
        **options: Unpack[k.PageKeywords],
    ) -> None:
        """Write :meth:`to_html` to a file, with the same keywords.

        With ``assets`` "beside" the page has no inline script or style: they lie beside it as
        ``attention-widget-export.js`` and ``attention-widget-export.css``, for sites whose
        Content-Security-Policy allows no more than ``default-src 'none'; script-src 'self';
        style-src 'self'; img-src data:``.

        >>> widget.export_html("novel.html")

        Raises:
            OSError: no file can be written there; said before the page is made.
        """
        place = place_for(path)
        self._page(options, assets).write(place)

    def _framed(self) -> tuple[str, int]:
        trace = self._session.trace
        return f"Attention: {trace.model_name}", height_of(self.views, len(trace.tokens))

    def _page(self, options: Mapping[str, Any], assets: Assets = "inline") -> Page:
        signature.refuse_unknown(options, [each.name for each in signature.PAGE_PARAMETERS])
        with self._lock:
            session, state = self._session, self.get_state([*OPTION, *RESULTS])
        shown = {**state, "meta": session.description}
        asked = {**shown, "edits": OTHER_SIDE} if isinstance(session, ContrastSession) else shown
        answers: list[Any] = session.lab.kept(questions_of(asked))
        edited = session.lab.shown(state)
        sides = None
        if isinstance(session, ContrastSession):
            sides = session.for_page()
            answers += session.answers_of_sides(shown)
        measure = session.lab.measures.exported(shown)
        answers = [one for one in answers if one[0]["name"] != "calculation"]  # of other layers
        calculated = (
            session.calculated_of_sides
            if isinstance(session, ContrastSession)
            else partial(calculated_of, session.lab, edited=edited)
        )
        given = (session.trace, shown, answers, edited, measure, sides, calculated, self._atlas)
        return export(*given, assets=assets, **options)

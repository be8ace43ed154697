"""A widget of a session: its options fit the trace, and both sides agree on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from attention_widget._util.one_line import in_one_line
from attention_widget.errors import RefusedError
from attention_widget.protocol.options import OPTION
from attention_widget.trace.block import Array
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace
from attention_widget.widget.address import in_other_trace
from attention_widget.widget.atlas_shown import check_summaries
from attention_widget.widget.contrast_session import ContrastSession
from attention_widget.widget.first_picture import of_other_text
from attention_widget.widget.options_widget import RESULTS, OptionsWidget
from attention_widget.widget.seen import Seen
from attention_widget.widget.session import Session
from attention_widget.widget.state import state_of
from attention_widget.widget.traits import TextTrait

if TYPE_CHECKING:
    from attention_widget.corpus.atlas import HeadAtlas


class SessionWidget(OptionsWidget):
    """Shows a session; traits change under ``_lock``."""

    _session: Session
    _atlas: HeadAtlas | None = None

    text = TextTrait("", optional=False)
    text_pair: TextTrait[str | None] = TextTrait(None, optional=True)

    @property
    def trace(self) -> Trace:
        """What the latest forward pass left behind, without edits.

        >>> widget.trace.attention(widget.layer, widget.attention_kind).shape
        (12, 7, 7)
        """
        return self._session.trace

    @property
    def _fitted(self) -> Trace:
        return self._session.trace

    @property
    def atlas(self) -> HeadAtlas | None:
        """The atlas that the view `atlas` shows, what the heads of the model do over a corpus; None
        where the widget was made without one.

        >>> widget.atlas is None
        True
        """
        return self._atlas

    @property
    def state(self) -> dict[str, Any]:
        """Every option and the texts, as a dict for ``json.dump``, without the trace's numbers.

        >>> widget.state["layer"], widget.state["texts"]
        (0, ['Attention is a novel idea'])
        """
        with self._lock:
            return state_of(self._session.trace, self._session.target, self._options())

    def selected_attention(self) -> Array:
        """The attention that is seen: of the selected heads, kind and layer, with words as one,
        special tokens hidden and heads combined, as the options say (head, query, key).

        Where ``weights`` names another measure it is that, and of a measure of whole layers it is
        the layer's one map (1, query, key).

        Of heads whose mean or maximum is shown it is one head. Where ``head_pairs`` names heads of
        several layers it is of these, in their order (pair, query, key). Of a text read in windows
        it is that of the window that is shown. With ``edits`` it is that of the pass that
        ``shown_pass`` names, or after minus before. :meth:`selected_tokens` are its rows and
        columns.

        >>> widget.heads = [1, 5]
        >>> widget.selected_attention().shape
        (2, 7, 7)
        """
        return self._of_shown(Seen.attention)

    def selected_weights(self) -> Array:
        """What the selected token attends to, the row of :meth:`selected_attention` that is its
        own (head, key), or (pair, key).

        >>> widget.heads, widget.token = [1, 5], 4
        >>> widget.selected_weights().shape
        (2, 7)

        Raises:
            TraitError: no token is selected, or it is hidden.
        """
        return self._of_shown(Seen.weights)

    def selected_tokens(self) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
        """The rows and the columns of :meth:`selected_attention`, each a token or a word.

        >>> queries, keys = widget.selected_tokens()
        >>> queries[4].text
        'novel'
        """
        with self._lock:
            return self._seen(self._session, self._options()).tokens()

    def __repr__(self) -> str:
        return f"AttentionWidget({self._session})"

    def _show(self, session: Session) -> None:
        with self._lock:
            before, options = self._session, self._options()
            try:
                with self.hold_sync(), self.hold_trait_notifications():
                    try:
                        self._store(session)
                        now = in_other_trace(session.trace, before.trace, options)
                        self._choose({**now, **of_other_text(before, session, options)})
                    except BaseException:  # interrupted in the middle of it: all goes back
                        self._store(before)
                        self._choose(options)
                        raise
                    self.set_trait("busy", False)
            except BaseException:  # an observer failed; the browser still gets the whole
                self.send_state([*RESULTS, *OPTION])
                raise

    def _store(self, session: Session) -> None:
        self._session = session
        type(self).text.store(self, session.text)
        type(self).text_pair.store(self, session.text_pair)
        self.set_trait("meta", session.description)

    def _of_shown(self, read: Callable[[Seen], Array]) -> Array:
        """Of the pass that is shown, or of both, after minus before."""
        with self._lock:
            session, options = self._session, self._options()
        if isinstance(session, ContrastSession) and options["shown_pass"] != "difference":
            return read(self._seen(session, options))

        def of(trace: Trace) -> Array:
            return read(Seen(*session.lab.measures.in_place(trace, options)))

        edited = session.lab.shown(options)
        if edited is None:
            return of(session.trace)
        after = of(edited)
        if options["shown_pass"] == "after":
            return after
        change: Array = after - of(session.trace)
        return change

    def _run_weights(self, options: Mapping[str, Any], session: Session | None = None) -> None:
        """See that there is the measure of some options, of what is shown or is about to be;
        RefusedError where there is none."""
        if options["weights"] == "attention":
            return
        if isinstance(session or self._session, ContrastSession):
            must = "weights must be 'attention' where two passes are compared"
            raise RefusedError(f"{must}, got {options['weights']!r}")
        self._set_busy(True)
        try:
            (session or self._session).lab.measures.check(options)
        except Exception as error:
            raise RefusedError(in_one_line(error)) from error
        finally:
            self._set_busy(False)

    def _check_of_atlas(self, options: Mapping[str, Any]) -> None:
        """RefusedError where options name a summary that the atlas lacks."""
        check_summaries(self._atlas, options)

    def _seen(self, session: Session, options: Mapping[str, Any]) -> Seen:
        """What is shown of a side of a comparison, else of the trace."""
        if isinstance(session, ContrastSession) and options["shown_pass"] != "difference":
            return Seen(*session.of_pass_shown(options))
        return Seen(session.trace, options)

    def _align(self, pairs: tuple[tuple[int, int], ...] | None) -> None:
        """Show a comparison with another alignment; RefusedError where there is none such."""
        session = self._session
        if not isinstance(session, ContrastSession):
            if pairs is None:
                return
            raise RefusedError("alignment is of two passes that are compared, got one pass")
        try:
            now = session.aligned(pairs)
        except Exception as error:
            raise RefusedError(in_one_line(error)) from error
        moved = session.moved(now, self._options())
        self._choose({"token": None, "key_token": None, "pinned": (), "effect_position": None})
        self._store(now)
        self._choose(moved)

    def _run_edits(self, edits: tuple[dict[str, Any], ...], session: Session | None = None) -> None:
        """See that the model can be run with edits, on what is shown or is about to be;
        RefusedError where it cannot be."""
        self._set_busy(True)
        try:
            (session or self._session).lab.edited(edits).comparison.check()
        except Exception as error:
            raise RefusedError(in_one_line(error)) from error
        finally:
            self._set_busy(False)

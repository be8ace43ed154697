"""A widget whose model can be run on another text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attention_widget._util.one_line import in_one_line
from attention_widget.errors import RefusedError
from attention_widget.tracing.inputs.passages import Passages
from attention_widget.widget.contrast_session import ContrastSession
from attention_widget.widget.memory_widget import MemoryWidget
from attention_widget.widget.requests import Reply
from attention_widget.widget.session import Session
from attention_widget.widget.state import read_state
from attention_widget.widget.target import KEPT, Kept, Target


class RunningWidget(MemoryWidget):
    """Shows what the model makes of another text, or what was shown before."""

    def run(
        self,
        text: Any,
        text_pair: str | None = None,
        *,
        target: str | None = None,
        passages: Passages = None,
    ) -> None:
        """Run the model on another text, or what else ``capture`` takes, until it is shown.

        With ``target`` the decoder of an encoder-decoder reads that from now on; with None what it
        was given stays. ``passages`` are those of this text, as ``capture`` takes them; with None
        it has sentences where the text before had them, and none else.

        Layer, heads and tokens stay as far as the new text has them; a token that was suggested
        gives way to the one that the new text suggests for the head.

        >>> widget.run("A good novel")
        >>> widget.text
        'A good novel'

        Raises:
            TraitError: the text cannot be read, there is no model (:meth:`from_trace`), or
                another forward pass is under way. Everything stays as it was.
        """
        self._run(
            text,
            text_pair,
            target=KEPT if target is None else target,
            passages=KEPT if passages is None else passages,
        )

    def restore(self, state: Mapping[str, Any]) -> None:
        """Show what a :attr:`state` says, reading its text if it is another one.

        >>> before = widget.state
        >>> widget.layer = 3
        >>> widget.restore(before)
        >>> widget.layer
        0

        Raises:
            TraitError: it is no state or of another format, its text cannot be read here, or the
                trace lacks a layer, head or token that it names. Everything stays as it was.
        """
        saved = read_state(state)
        with self._passes.alone():
            session = self._session
            reader = self._passes.reader
            is_same = saved.is_of(session.trace) and saved.has_passages_of(session.trace)
            if reader is not None and not is_same:
                text, text_pair = saved.readable()
                target = saved.to_read(reader.takes_target)
                session = self._next(
                    reader.given(text), text_pair, target=target, passages=saved.passages
                )
            pairs = saved.choices["alignment"]
            if isinstance(session, ContrastSession) and pairs != self.alignment:
                session = self._aligned(session, pairs)
            options = saved.checked(session.trace)
            if options["edits"]:
                self._run_edits(options["edits"], session)
            self._run_weights(options, session)
            self._check_of_atlas(options)
            with self._lock, self.hold_sync():
                if session is not self._session:
                    self._show(session)
                self._choose(options)

    def _aligned(self, session: ContrastSession, pairs: Any) -> ContrastSession:
        try:
            return session.aligned(pairs)
        except Exception as error:
            raise RefusedError(in_one_line(error)) from error

    def _run(
        self,
        text: Any,
        text_pair: str | None,
        cut: bool = False,
        reply: Reply | None = None,
        target: Target = KEPT,
        passages: Passages | Kept = KEPT,
    ) -> None:
        with self._passes.alone():
            session = self._next(text, text_pair, cut, target, passages)
            if reply is not None:
                reply.done = True
            self._show(session)

    def _next(
        self,
        text: Any,
        text_pair: str | None,
        cut: bool = False,
        target: Target = KEPT,
        passages: Passages | Kept = KEPT,
    ) -> Session:
        with self._lock:
            if self._cross_validation_lock:
                raise RefusedError(
                    "the model cannot run inside hold_trait_notifications(), which could not "
                    "take it back; set text outside of it, or use run()"
                )
        return self._passes.next(self._session, text, text_pair, cut, target, passages)

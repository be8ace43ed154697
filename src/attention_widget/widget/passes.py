"""The forward passes of a widget, one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from traitlets import TraitError

from attention_widget._util.one_line import in_one_line
from attention_widget.protocol.checks import check_text, first_kind
from attention_widget.protocol.description import READ_ONLY
from attention_widget.widget.reader import Reader
from attention_widget.widget.session import Session


class Passes:
    """Reads text after text with a model; without one it says that there is none.

    ``set_busy`` is told when the model begins, and when what follows from its pass is over.
    """

    def __init__(self, reader: Reader | None, set_busy: Callable[[bool], object]) -> None:
        self._reader = reader
        self._set_busy = set_busy
        self._lock = threading.RLock()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One pass at a time; ``busy`` ends with it, however it ends.

        Raises:
            TraitError: another thread has begun one.
        """
        if not self._lock.acquire(blocking=False):
            raise TraitError("the model is reading another text; try again when busy is False")
        try:
            yield
        finally:
            self._set_busy(False)
            self._lock.release()

    def next(self, before: Session, text: Any, text_pair: str | None) -> Session:
        """What the model leaves of another text.

        Raises:
            TraitError: there is no model, or it cannot read the text.
        """
        check_text("text_pair", text_pair, optional=True)
        if self._reader is None:
            raise TraitError(f"{READ_ONLY['trace']}; make AttentionWidget(model, text)")
        self._set_busy(True)
        try:
            trace = self._reader.read(text, text_pair)
            session = Session.of_pass(trace, before.number + 1, text, text_pair)
            first_kind(trace)
            return session
        except Exception as error:
            raise TraitError(in_one_line(error)) from error

    def can_read(self) -> bool:
        return self._reader is not None

    def given(self, text: str) -> str:
        """The text that was given for one that the model read."""
        assert self._reader is not None
        return self._reader.given(text)

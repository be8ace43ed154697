"""The forward passes of a widget: its model reads one text after another, one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from attention_widget._util.one_line import in_one_line
from attention_widget.errors import RefusedError
from attention_widget.protocol.checks import check_text, first_kind
from attention_widget.protocol.description import READ_ONLY, ReadOnly
from attention_widget.tracing.inputs.passages import Passages
from attention_widget.widget.reader import Reader
from attention_widget.widget.session import Session
from attention_widget.widget.target import KEPT, Kept, Target

_LAST_STEPS: Final = 5.0
"""Seconds that the steps after the end of ``busy`` may take at most."""


class Passes:
    """Reads text after text with a model; without one it says that there is none.

    ``set_busy`` is told when the model begins, and when what follows from its pass is over;
    ``is_busy`` is what everybody else was told.
    """

    def __init__(
        self,
        reader: Reader | None,
        set_busy: Callable[[bool], object],
        is_busy: Callable[[], bool],
    ) -> None:
        self.reader = reader
        self._set_busy, self._is_busy = set_busy, is_busy
        self._lock = threading.RLock()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """``busy`` ends with the pass, however it ends; TraitError while there is another one."""
        # ``busy`` may be False already while the last steps of a pass are still being taken
        if not self._lock.acquire(timeout=0 if self._is_busy() else _LAST_STEPS):
            raise RefusedError("the model is reading another text; try again when busy is False")
        try:
            yield
        finally:
            self._set_busy(False)
            self._lock.release()

    def next(
        self,
        before: Session,
        text: Any,
        text_pair: str | None,
        cut: bool = False,
        target: Target = KEPT,
        passages: Passages | Kept = KEPT,
    ) -> Session:
        """What the model leaves of another text; TraitError if it cannot read it."""
        check_text("text_pair", text_pair, optional=True)
        if target is KEPT:
            target = before.target
        check_text("target", target, optional=True)
        if self.reader is None:
            is_contrast = before.description["read_only"] == "comparison"
            why: ReadOnly = "comparison" if is_contrast else "trace"
            raise RefusedError(f"{READ_ONLY[why]}; make AttentionWidget(model, text)")
        self._set_busy(True)
        try:
            session = self.reader.session(text, text_pair, before.number + 1, cut, target, passages)
            first_kind(session.trace)
            return session
        except Exception as error:
            raise RefusedError(in_one_line(error)) from error

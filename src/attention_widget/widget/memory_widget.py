"""A widget that says what it takes in memory."""

from __future__ import annotations

import threading
from collections.abc import Generator
from functools import partial
from types import MappingProxyType
from typing import Any

import torch

from attention_widget._util.free_memory import free_nbytes
from attention_widget.export.page import estimated_bytes
from attention_widget.protocol.tensors import Header
from attention_widget.trace.parts import bytes_by_part
from attention_widget.trace.trace import Trace
from attention_widget.widget.atlas_shown import atlas_steps, counted, is_of_atlas
from attention_widget.widget.calculated import calculated_of
from attention_widget.widget.contrast_session import ContrastSession
from attention_widget.widget.memory_use import MemoryUse, model_nbytes
from attention_widget.widget.passes import Passes
from attention_widget.widget.saved_widget import SavedWidget
from attention_widget.widget.session import Session
from attention_widget.widget.shortages import Shortages
from attention_widget.widget.steps import Answer, Progress, Steps

_QUESTION = {"name": "memory"}


class Sent:
    """How much was sent to the browser of what is shown."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._nbytes = 0

    def add(self, session: Session, nbytes: int) -> None:
        with self._lock:
            self._nbytes = nbytes + (self._nbytes if session is self._session else 0)
            self._session = session

    def of(self, session: Session) -> int:
        with self._lock:
            return self._nbytes if session is self._session else 0


class MemoryWidget(SavedWidget):
    """Counts what it sends, and answers the browser's question about memory."""

    _passes: Passes
    _sent: Sent
    _shortages: Shortages

    def memory(self) -> MemoryUse:
        """What the widget takes in memory, in bytes: the trace, what the browser was sent, a page
        of :meth:`to_html`, and the model; and what is free. The settings in the widget show the
        same numbers.

        A text that would not fit is refused before the model runs, by an estimate: see
        ``memory_limit`` of :func:`attention_widget.capture`.

        >>> widget.memory()
        MemoryUse
          trace    ... kB (queries ... kB, keys ... kB, values ... kB, hidden states ... kB, ...)
          browser  ...
          page     about ... kB
          model    ... MB
          free     ... GB
        """
        with self._lock:
            session, state = self._session, self._options()
        models: list[torch.nn.Module]
        sides = None
        if isinstance(session, ContrastSession):
            contrast = session.contrast
            traces = tuple(contrast.traces)
            labs = [side.experiment for side in contrast.sides if side.experiment is not None]
            models = [lab.model for lab in labs]
            paged: list[Trace] = [*contrast.placed]
            sides = session.for_page()
            calculated = session.calculated_of_sides(state)
        else:
            traces = (session.trace,)
            reader = self._passes.reader
            models = [] if reader is None else [reader.loaded]
            edited = session.lab.shown(state)
            paged = [session.trace] if edited is None else [session.trace, edited]
            calculated = calculated_of(session.lab, state, edited)
        parts: dict[str, int] = {}
        for trace in {id(each): each for each in traces}.values():
            for name, nbytes in bytes_by_part(trace).items():
                parts[name] = parts.get(name, 0) + nbytes
        return MemoryUse(
            trace=sum(parts.values()),
            parts=MappingProxyType(parts),
            browser=self._sent.of(session),
            page=estimated_bytes(paged, state, self._atlas, calculated, sides),
            model=model_nbytes(models) if models else None,
            free=free_nbytes(),
            atlas=None if self._atlas is None else self._atlas.nbytes,
        )

    def set_state(self, sync_data: dict[str, Any]) -> None:
        with self._shortages.told():  # an edit or a measure may need a pass
            super().set_state(sync_data)

    def _tensor(self, number: int, key: str) -> tuple[Header, bytes]:
        session = self._session
        header, data = session.tensor(number, key)
        self._sent.add(session, len(data))
        return header, data

    def _steps(self, number: int, question: Any, anyway: bool) -> Steps:
        if question == _QUESTION and self._session.shows(number):
            return self._memory_steps()
        session = self._session
        if is_of_atlas(question) and session.shows(number):
            return counted(atlas_steps(self._atlas, question), partial(self._sent.add, session))
        return self._shortages.held_in(self._session.steps(number, question), anyway)

    def _memory_steps(self) -> Generator[Progress, None, Answer]:
        yield Progress(0, 1)
        answer: dict[str, Any] = self.memory().answer()
        return answer

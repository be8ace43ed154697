"""Undoing that no interrupt can cut short.

An interrupt (Ctrl-C, or an exception that another thread sets) may be raised at any call, also
at the first instruction of an ``__exit__``, which then does nothing. So what changes something
beyond itself runs in :func:`guarded`, whose ``finally`` makes no call outside of a ``try``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")
_TRIES = 3  # of a step that fails for a reason of its own


class Undo:
    """Steps that put things back, each of which may be taken twice."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], object]] = []

    def then(self, step: Callable[[], object]) -> None:
        """To be called before the change that the step undoes."""
        self._steps.append(step)

    def __call__(self) -> None:
        """Take all steps, the last one first; what was raised meanwhile is raised at the end."""
        raised: BaseException | None = None
        failed = 0
        while self._steps:
            try:
                while self._steps:
                    self._steps[-1]()
                    self._steps.pop()
                    failed = 0
            except BaseException as error:
                raised = error
                failed += 1
                if failed == _TRIES:
                    self._steps.pop()
                    failed = 0
        try:
            if raised is not None:
                raise raised
        finally:
            raised = None  # its traceback holds this frame


def guarded(work: Callable[[Undo], _T]) -> _T:
    """What the work returns; whatever ends it, what it named to the :class:`Undo` is undone."""
    undo = Undo()
    try:
        return work(undo)
    finally:
        try:
            undo()
        except BaseException:
            undo()  # the rest, where even its loop was interrupted
            raise

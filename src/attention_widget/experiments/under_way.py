"""Work in steps that may be stopped, and goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from attention_widget._util.cleanup import Undo, guarded
from attention_widget._util.progress import Progress

_T = TypeVar("_T")


def finish(
    steps: Iterable[_T],
    reached: Callable[[_T], int],
    bar: Callable[[], Progress],
    stopped: Callable[[], KeyboardInterrupt | None],
) -> None:
    """Take all steps that are left, and show by a bar how far each reached.

    Ctrl-C raises what ``stopped`` gives, which holds what is known until then; None for the
    interrupt itself, where nothing is.
    """

    def work(undo: Undo) -> None:
        shown = bar()
        undo.then(shown.close)
        for step in steps:
            shown.reach(reached(step))

    try:
        guarded(work)
    except KeyboardInterrupt as error:
        known = stopped()
        if known is None:
            raise
        raise known from error

"""Work without gradients that no interrupt leaves without them for good."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import torch

from attention_widget._util.cleanup import Undo, guarded

_T = TypeVar("_T")


def ungraded(work: Callable[[], _T]) -> _T:
    """What some work returns, with gradients off; whatever ends it, they are as they were.

    ``with torch.no_grad()`` leaves them off where an interrupt comes between its start and its
    first instruction, or at the start of its end.
    """

    def prepared(undo: Undo) -> _T:
        undo.then(partial(torch._C._set_grad_enabled, torch.is_grad_enabled()))
        torch._C._set_grad_enabled(False)
        return work()

    return guarded(prepared)

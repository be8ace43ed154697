"""The module whose code is running, found on Python's call stack."""

from __future__ import annotations

import sys
from collections.abc import Mapping


def innermost(paths: Mapping[int, str]) -> str | None:
    """Path of the innermost module among these (by id) that a method is running of."""
    frame = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if code.co_argcount and code.co_varnames[0] == "self":
            path = paths.get(id(frame.f_locals.get("self")))
            if path is not None:
                return path
        frame = frame.f_back  # type: ignore[assignment]
    return None

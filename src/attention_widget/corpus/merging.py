"""Makes one of the parts of a scan."""

from __future__ import annotations

import os
from collections.abc import Sequence

from attention_widget.corpus.accumulator import Accumulator
from attention_widget.corpus.atlas_file import read_file
from attention_widget.errors import InvalidTypeError, InvalidValueError


def merged(parts: Sequence[Accumulator | str | os.PathLike[str]]) -> Accumulator:
    """All of what is held, or stands in files; two of the parts are in memory at a time.

    Raises:
        ValueError: none is given; they are of different scans; or two of them hold the same text.
    """
    if not parts:
        raise InvalidValueError("parts must be one atlas or more, got none")
    whole: Accumulator | None = None
    for part in parts:
        if not isinstance(part, Accumulator | str | os.PathLike):
            raise InvalidTypeError(
                f"parts must be atlases or names of their files, got {type(part).__name__}"
            )
        held = part if isinstance(part, Accumulator) else read_file(part)
        if whole is None:
            whole = held.copy()
        else:
            whole.merge(held)
    assert whole is not None
    return whole

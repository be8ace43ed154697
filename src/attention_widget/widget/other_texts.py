"""Other texts from which heads take what they give out, each read once."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attention_widget.errors import InvalidValueError, RefusedError
from attention_widget.experiments import Experiment
from attention_widget.trace.trace import Trace

_KEPT: Final = 2
"""Texts that are kept: those that were named last."""

Reads = Callable[[str], Experiment]


class OtherTexts:
    """The experiments of other texts.

    Args:
        shown: the trace of the text that is shown.
        read: makes the experiment of another; None where what is shown is no plain text.
    """

    def __init__(self, shown: Trace, read: Reads | None) -> None:
        self._shown, self._read = shown, read
        self._known: dict[str, Experiment] = {}

    def of(self, edits: Sequence[Mapping[str, Any]]) -> dict[str, Experiment]:
        """Those that edits name, read and run; an error names one that does not fit."""
        found: dict[str, Experiment] = {}
        for edit in edits:
            if "source" in edit:
                text = edit["source"]
                found[text] = self._experiment(text)
                self._check(edit, found[text].trace)
        self._known = dict([*(self._known | found).items()][-max(_KEPT, len(found)) :])
        return found

    def _experiment(self, text: str) -> Experiment:
        if self._read is None:
            raise RefusedError(
                "values from another text need a plain text to go into, and this is none; take "
                "HeadPatch of attention_widget.experiments in Python"
            )
        if text in self._known:
            return self._known.pop(text)  # put back as the latest below
        return self._read(text)

    def _check(self, edit: Mapping[str, Any], other: Trace) -> None:
        if edit["tokens"] is not None or edit["source_tokens"] is not None:
            return  # their number is checked by HeadPatch
        here, there = (trace.sides(edit["kind"])[0] for trace in (self._shown, other))
        if len(here) == len(there):
            return
        labels = ", ".join(reprlib.repr(token.label) for token in there[:12])
        more = ", ..." if len(there) > 12 else ""
        raise InvalidValueError(
            f"the other text must have as many tokens as this one, {len(here)}, got {len(there)}: "
            f"{labels}{more}. Values go over token by token: replace words by words of as many "
            f"tokens"
        )

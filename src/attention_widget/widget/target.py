"""The target of an encoder-decoder: the text that its decoder reads."""

from __future__ import annotations

from enum import Enum
from typing import Final, TypeAlias

from attention_widget._util.unicode import sendable
from attention_widget.trace.trace import Trace


class Kept(Enum):
    """No target is named: the one that is shown stays."""

    KEPT = "kept"


KEPT: Final = Kept.KEPT

Target: TypeAlias = "str | Kept | None"
"""A text; None where the model writes or makes its own."""


def text_of_target(trace: Trace) -> str | None:
    """What the tokens of the target write, whoever chose them; None where there is no target."""
    if trace.target is None:
        return None
    tokens = trace.target.tokens
    return sendable("".join(token.lead + token.text + token.trail for token in tokens))


def given_target(trace: Trace) -> str | None:
    """The same, as far as a trace tells what was given: not what the model wrote."""
    return None if trace.target is None or trace.target.generated else text_of_target(trace)

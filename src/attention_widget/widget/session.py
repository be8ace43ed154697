"""What a widget shows: one forward pass, and the words for where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from attention_widget._util.unicode import sendable
from attention_widget.protocol.catalogue import Catalogue
from attention_widget.protocol.description import Meta, ReadOnly, describe
from attention_widget.trace.trace import Trace


@dataclass(frozen=True, eq=False)
class Shown:
    """One forward pass and what is served of it."""

    trace: Trace
    meta: Meta
    catalogue: Catalogue

    @classmethod
    def of(cls, trace: Trace, number: int, read_only: ReadOnly | None) -> Shown:
        return cls(trace, describe(trace, number, read_only), Catalogue(trace))


def _is_plain(trace: Trace, text: object) -> bool:
    """Whether a text was read as it stands: no chat, and not the path of a picture."""
    return isinstance(text, str) and bool(trace.texts) and not trace.roles


def is_reread(trace: Trace) -> bool:
    """Whether reading its texts again, plainly, leads to the trace again."""
    written = any(token.step is not None for token in trace.tokens)
    return bool(trace.texts) and not trace.roles and trace.image is None and not written


def texts_of(trace: Trace, text: Any, text_pair: str | None) -> tuple[str, str | None]:
    """What the traits show of a reading: its texts, a chat with its roles."""
    if _is_plain(trace, text):
        return text, text_pair
    if trace.roles:
        said = zip(trace.roles, trace.texts, strict=True)
        return sendable("\n".join(f"{role}: {text}" for role, text in said)), None
    shown = [sendable(each) for each in trace.texts]
    return shown[0] if shown else "", shown[1] if len(shown) > 1 else None


def why_read_only(trace: Trace, text: object) -> ReadOnly | None:
    """Why the text box cannot run another text in place of this one."""
    if _is_plain(trace, text):
        return None
    return "chat" if trace.roles else "no_text"

"""An error in one line of text."""

from __future__ import annotations

from traitlets import TraitError

from attention_widget._util.unicode import sendable
from attention_widget.errors import AttentionWidgetError

# Raised with a sentence that stands for itself. The others, and KeyError, say little without
# their type: "KeyError: 'x'".
_SENTENCES = (AttentionWidgetError, ValueError, TypeError, LookupError, ImportError, TraitError)


def in_one_line(error: BaseException, *, typed: bool = False) -> str:
    """What an error says, with its type where that is needed, or wherever it is ``typed``.

    >>> in_one_line(ValueError("layer must be in 0–5,\\n got 9"))
    'layer must be in 0–5, got 9'
    >>> in_one_line(KeyError("layer"))
    "KeyError: 'layer'"
    """
    text = sendable(" ".join(str(error).split()))
    if text and not typed and isinstance(error, _SENTENCES) and not isinstance(error, KeyError):
        return text
    return f"{type(error).__name__}: {text}".removesuffix(": ")

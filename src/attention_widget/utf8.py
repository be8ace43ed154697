"""Text as it can be sent: Jupyter's messages are UTF-8, which has no halves of characters."""

from __future__ import annotations

import re

_HALF = re.compile("[\ud800-\udfff]")


def sendable(text: str) -> str:
    """The text with a replacement character in place of each unpaired surrogate."""
    return _HALF.sub("\ufffd", text)

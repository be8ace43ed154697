"""Text as it can be sent and written: Jupyter's messages are UTF-8, which has no halves of
characters, and files may be in an encoding that has few."""

from __future__ import annotations

import html
import re

_HALF = re.compile("[\ud800-\udfff]")


def sendable(text: str) -> str:
    """The text with a replacement character in place of each unpaired surrogate."""
    return _HALF.sub("\ufffd", text)


def as_html(text: str) -> str:
    """The text in HTML of ASCII alone, as a page or an attribute's value shows it."""
    return html.escape(sendable(text)).encode("ascii", "xmlcharrefreplace").decode()

"""What stands in the HTML of an export."""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any

GROUPINGS = (
    "",
    "grouped/words/show/",
    "grouped/tokens/hide/",
    "grouped/words/hide/",
    "grouped/tokens/renormalise/",
    "grouped/words/renormalise/",
)
"""What stands before the keys of attention between every kind of row."""


def manifest(html: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(unpacked(html, "aw-block-0"))
    return found


def unpacked(html: str, name: str) -> bytes:
    (text,) = re.findall(rf'<script type="text/plain" id="{name}">(.*?)</script>', html)
    return zlib.decompress(base64.b64decode(text, validate=True))

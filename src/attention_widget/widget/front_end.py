"""The built front end, which anywidget sends to the browser."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_STATIC: Final = Path(__file__).parents[1] / "static"
_FOLLOWED: Final = os.environ.get("ANYWIDGET_HMR") == "1"
_BUNDLE: Final = ("widget.js", "widget.css", "export.js", "loader.js")
if _missing := [name for name in _BUNDLE if not (_STATIC / name).is_file()]:
    raise ImportError(
        f"the front end of attention_widget is not built: {', '.join(_missing)} missing in "
        f"{_STATIC}; build it with `npm ci && npm run build` in the checkout, or install a wheel"
    )


def front_end(name: str) -> str | Path:
    """Its text, or its path where a developer wants changes to be followed: anywidget then keeps
    every widget alive, closed ones too."""
    path = _STATIC / name
    return path if _FOLLOWED else path.read_text(encoding="utf-8")

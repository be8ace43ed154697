"""HTML that opens by itself: what stands in it is base64, and only its own code may run."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from attention_widget._util.unicode import as_html

STATIC: Final = Path(__file__).parents[1] / "static"
SHELL: Final = """\
html { color-scheme: light dark; }
body { margin: 0 auto; padding: 12px; max-width: 1600px; }
.aw-export-lack {
  position: sticky; bottom: 0; margin: 8px 0 0; padding: 8px 12px; border: 1px solid;
  border-radius: 6px; background: Canvas; color: CanvasText; font: 13px/1.4 system-ui, sans-serif;
}
#aw-message { font: 14px/1.5 system-ui, sans-serif; white-space: pre-wrap; }
"""
_UNREAD: Final = (
    "This page did not open. Either the file is not complete, or scripts may not run where it is "
    "shown."
)


def inline(script: str, style: str) -> tuple[str, list[str], list[str], str]:
    """A script and a style for within a page, packed, and what unpacks them: what stands in its
    head, the code, the data, and the policy that allows it."""
    loader = (STATIC / "loader.js").read_text(encoding="utf-8")
    data = [
        f'<script type="text/plain" id="aw-{name}">{packed(text.encode())}</script>'
        for name, text in (("style", style), ("script", script))
    ]
    policy = f"script-src {_hash(loader)} {_hash(script)}; style-src {_hash(SHELL)} {_hash(style)}"
    return f"<style>{SHELL}</style>", [f"<script>{loader}</script>"], data, policy


def document(
    title: str, language: str, head: str, code: Sequence[str], data: Sequence[str], policy: str
) -> str:
    """A page; ``title`` is any text, and ``policy`` says what code may run."""
    lines = [
        "<!doctype html>",
        f'<html lang="{language}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{content_policy(policy)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{as_html(_line(title))}</title>",
        head,
        "</head>",
        "<body>",
        f'<main id="aw-page"><p id="aw-message" role="status">{_UNREAD}</p></main>',
        *code,
        *data,
        "</body>",
        "</html>",
        "",
    ]
    return "\n".join(lines)


def _line(title: str) -> str:
    """It in a line that is not too long, without what cannot be seen."""
    line = " ".join("".join(each if each.isprintable() else " " for each in title[:1000]).split())
    return line if len(line) <= 120 else f"{line[:119]}…"


def content_policy(code: str) -> str:
    """The Content-Security-Policy of a page: its own script and style, and pictures that it draws
    itself; nothing may be loaded, sent or embedded."""
    return f"default-src 'none'; {code}; img-src data:; base-uri 'none'; form-action 'none'"


def packed(data: bytes) -> str:
    """A zlib stream in base64."""
    return base64.b64encode(zlib.compress(data, 9)).decode()


def _hash(code: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"

"""What the command line says: lines on stderr."""

from __future__ import annotations

import sys


def plain(said: str) -> str:
    """In one line, and nothing in it that steers a terminal."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in " ".join(said.split())
    )


def say(what: str) -> None:
    print(f"attention-widget: {plain(what)}", file=sys.stderr, flush=True)

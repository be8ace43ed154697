"""Bytes for people."""

from __future__ import annotations


def in_words(nbytes: int) -> str:
    """Bytes in the unit that suits them.

    >>> in_words(32), in_words(4_096), in_words(1_234_567)
    ('32 bytes', '4 kB', '1.2 MB')
    """
    if nbytes < 1000:
        return f"{nbytes} bytes"
    return f"{nbytes / 1e6:.1f} MB" if nbytes >= 100_000 else f"{nbytes / 1e3:.0f} kB"

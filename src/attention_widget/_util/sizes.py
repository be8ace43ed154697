"""Bytes for people."""

from __future__ import annotations


def in_words(nbytes: int) -> str:
    """Bytes in the unit that suits them.

    >>> in_words(32), in_words(100_000), in_words(1_234_567), in_words(20_000_000_000)
    ('32 bytes', '100 kB', '1.2 MB', '20.0 GB')
    """
    if nbytes < 1000:
        return f"{nbytes} bytes"
    # Beyond the last number that is rounded to 999 kB, or to 999.9 MB.
    if nbytes < 999_500:
        return f"{nbytes / 1e3:.0f} kB"
    return f"{nbytes / 1e6:.1f} MB" if nbytes < 999_950_000 else f"{nbytes / 1e9:.1f} GB"

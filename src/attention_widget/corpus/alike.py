"""Whether two parts are of one scan: only these merge."""

from __future__ import annotations

import reprlib
from typing import Final

from attention_widget.corpus.blocks import Blocks
from attention_widget.corpus.findings import BLOCK, Scanned
from attention_widget.errors import InvalidValueError

_MUST: Final = "parts that merge must be of one scan"
_WHAT: Final = {
    "model_name": "of models called {} and {}",
    "model": "of models with other weights or another configuration: {} and {}",
    "tokenizer": "with tokenizers that differ: {} and {}",
    "kinds": "of other heads: the kinds of their attention are {} and {}",
    "layers": "of other heads: their layers are {} and {}",
    "heads": "of other heads: {} and {}",
    "names": "with the summaries {} and {}",
    "quanta": "with sums in other units: {} and {}",
    "reading": "with other settings: {} and {}",
}
"""What the fields of ``Scanned`` are called."""


def check_alike(one: Scanned, other: Scanned) -> None:
    """ValueError that names what differs."""
    for field, what in _WHAT.items():
        had, got = getattr(one, field), getattr(other, field)
        if had == got:
            continue
        if field == "reading":  # tell what differs alone
            had, got = sorted(set(had) - set(got)), sorted(set(got) - set(had))
        told = what.format(reprlib.repr(had), reprlib.repr(got))
        raise InvalidValueError(f"{_MUST}, got scans {told}")


def check_counts(one: int, other: int) -> None:
    """ValueError if they keep another number of examples."""
    if one != other:
        raise InvalidValueError(
            f"{_MUST}, got scans that keep {one} and {other} examples of a head; scan one of "
            f"them anew"
        )


def check_apart(one: Blocks, other: Blocks) -> None:
    """ValueError if a text is in both."""
    both = one & other
    if len(both):
        first = next(iter(both)) * BLOCK
        raise InvalidValueError(
            f"parts that merge must share no text, got the block of {BLOCK} texts from text "
            f"{first} on twice, and {len(both) - 1} other blocks; give each part once"
        )

"""What a list of tokens shows of each: one line, never empty, nothing invisible."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_CONTINUES = "…"
_NAMED_BLANKS = {"\n": "⏎", "\r": "␍", "\t": "⇥", "\u2028": "⏎", "\u2029": "⏎", "\x85": "⏎"}
_JOINERS = "\u200c\u200d"

# GPT-2's byte-level alphabet (`bytes_to_unicode`, Radford et al. 2019): printable bytes stand for
# themselves, the others for the code points from 256.
_PRINTABLE = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
_BYTE_OF = {
    chr(256 + i): byte for i, byte in enumerate(b for b in range(256) if b not in _PRINTABLE)
}


@lru_cache(maxsize=2**14)  # a corpus has the same pieces again and again
def label_of_text(text: str, continues: bool = False) -> str:
    """The text with nothing invisible: blanks as ␣ ⏎ ⇥ (four or more as ␣×4), control, format,
    private and unpaired characters as ‹U+0007›, a leading combining mark on ◌.

    A piece that continues a word of earlier tokens starts with an ellipsis: ``novel``, ``…ty``.
    """
    shown = text
    if not text.isalnum():  # most pieces are, and need no look at each character
        shown = "".join(_visible(char, first=i == 0) for i, char in enumerate(text))
        shown = re.sub(r"([␣⏎⇥␍])\1{3,}", lambda same: f"{same[1]}×{len(same[0])}", shown)
    return _CONTINUES + shown if continues else shown


def label_of_candidate(text: str, marks_blanks: bool) -> str:
    """Of what a model predicts; ``marks_blanks`` where the vocabulary writes the blank before a
    word, so that what has none continues one."""
    shown = text.strip() or text
    continues = shown.startswith("##") or (marks_blanks and text[:1].isalnum())
    return label_of_text(shown.removeprefix("##") or shown, continues)


def label_of_piece(piece: str, continues: bool = False) -> str:
    """For a token that shows no text of its own, from the tokenizer's string: the later bytes of
    a split character as ``‹9F 99›``, a blank marker as ␣, else the string without ``##``."""
    found = bytes_of_piece(piece)
    if found is not None and 0x80 <= found[0] < 0xC0:
        return f"‹{found.hex(' ').upper()}›"
    piece = piece.removeprefix("##") or piece
    return label_of_text(piece.replace("▁", " ").replace("Ġ", " "), continues)


def bytes_of_piece(piece: str) -> bytes | None:
    """The bytes that a byte fallback or byte-level piece stands for."""
    if re.fullmatch(r"(?:<0x[0-9A-Fa-f]{2}>)+", piece):
        return bytes.fromhex(piece.replace("<0x", "").replace(">", ""))
    values = [_BYTE_OF.get(char, ord(char)) for char in piece]
    return bytes(values) if values and max(values) < 256 else None


def _visible(char: str, first: bool) -> str:
    if char in _NAMED_BLANKS:
        return _NAMED_BLANKS[char]
    category = unicodedata.category(char)
    if category == "Zs":
        return "␣"
    if not first and (char in _JOINERS or "\U000e0020" <= char <= "\U000e007f"):
        return char  # inside an emoji sequence or a word
    if category in ("Cc", "Cf", "Cn", "Co", "Cs") or (first and _is_selector(char)):
        return f"‹U+{ord(char):04X}›"
    return f"◌{char}" if first and category[0] == "M" else char


def _is_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"

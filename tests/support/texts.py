"""Texts in many scripts."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from attention_widget.tokens import tokens_of_pieces
from attention_widget.tokens.pieces import pieces_of_output
from attention_widget.trace.token import Token
from support.toy_tokenizers import FAST

TEXTS = {
    "english": "Attention is a novelty, isn't it?",
    "vietnamese": "tiếng Việt",
    "vietnamese_nfd": unicodedata.normalize("NFD", "tiếng Việt"),
    "russian": "привет, мир",
    "chinese": "中国你好。",
    "japanese": "これはペンです",
    "arabic": "مرحبا بِكُم",
    "thai": "สวัสดีโลก",
    "emoji": "👩\u200d💻 🇻🇳 👍🏽 ❤\ufe0f",
    "code": "if x:\n\n    print(1)\t# ok\r\n",
    "blanks": "  lead \n\n\n trail  ",
    "markup": "<img src=x onerror=alert(1)></script>",
    "forms": "ﬁne ① … ﷺ",
}


@cache
def fast(name: str) -> Any:
    return FAST[name]()


def tokens_of_output(
    output: Any, tokenizer: Any, texts: Sequence[str], truncated: Collection[int] = ()
) -> tuple[Token, ...]:
    """Tokens of what ``tokenizer(*texts)`` returned, unbatched and without padding."""
    pieces = pieces_of_output(output, tokenizer, texts)
    return tokens_of_pieces(pieces, tokenizer, texts, truncated)


def tokens_of(tokenizer: Any, *texts: str) -> tuple[Token, ...]:
    return tokens_of_output(tokenizer(*texts, verbose=False), tokenizer, texts)


def labels(tokenizer: Any, *texts: str) -> str:
    return " | ".join(token.label for token in tokens_of(tokenizer, *texts))

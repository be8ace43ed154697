"""The texts of a corpus in blocks, one text at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, islice
from typing import Final

from attention_widget.corpus.findings import BLOCK
from attention_widget.corpus.stretch import is_blank
from attention_widget.corpus.texts import CorpusText
from attention_widget.errors import InvalidValueError

_OPENING: Final = 64  # texts by which a model is tried


def opened(
    texts: Iterator[CorpusText],
) -> tuple[int, list[CorpusText], Iterator[CorpusText]]:
    """How many blank texts a corpus begins with, the first that is not blank and others up to
    ``_OPENING``, and the texts after them.

    Raises:
        ValueError: all of them are blank.
    """
    n_blank = 0
    for text in texts:
        if not is_blank(text):
            return n_blank, [text, *islice(texts, _OPENING - 1)], texts
        n_blank += 1
    raise InvalidValueError(
        f"dataset must hold a text that is not blank, got {n_blank:,} blank ones"
    )


def blocks_of(texts: Iterator[CorpusText]) -> Iterator[tuple[int, Iterator[CorpusText]]]:
    """The number of each block, and its texts, one at a time; those of a block that is passed over
    are let go."""
    for number, block in groupby(enumerate(texts), lambda each: each[0] // BLOCK):
        yield number, (text for _, text in block)

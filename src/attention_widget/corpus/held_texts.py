"""The texts that the file of a scan holds, beside those of the corpus that it goes on with."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator

from attention_widget.corpus.accumulator import Accumulator
from attention_widget.corpus.blocks import Blocks
from attention_widget.corpus.findings import BLOCK
from attention_widget.corpus.kept_texts import KeptText
from attention_widget.corpus.stretch import Encoder, is_blank
from attention_widget.corpus.texts import CorpusText
from attention_widget.errors import InvalidValueError


class OtherCorpusError(InvalidValueError):
    """The file of a scan is of other texts."""


class HeldTexts:
    """What a file held when a scan went on from it.

    Those texts are not read again, so they must be the corpus's own: as many as stand there, and
    the same where the file kept them for its examples.
    """

    def __init__(self, path: str | os.PathLike[str], held: Accumulator, encoder: Encoder) -> None:
        self.blocks = held.blocks | Blocks()  # as they are now
        self._path, self._encoder = path, encoder
        self._n_held = held.n_texts
        self._n_found = 0
        self._left = len(self.blocks)
        self._kept: dict[int, dict[int, KeptText]] = defaultdict(dict)
        for number, piece in held.texts:
            self._kept[number][piece] = held.texts[number, piece]

    @property
    def is_certain(self) -> bool:
        """Whether texts of the file were compared, where it holds any."""
        return not len(self.blocks) or self._left < len(self.blocks)

    def check(self, block: int, texts: Iterator[CorpusText]) -> None:
        """That the file was made of these texts of a block that it holds.

        Raises:
            ValueError: it was made of others.
        """
        for number, given in enumerate(texts, block * BLOCK):
            self._n_found += not is_blank(given)
            for piece, kept in self._kept.pop(number, {}).items():
                if not self._is_of(kept, piece, number, given):
                    raise self._refused(f"one whose text {number:,} is another")
        self._left -= 1
        if not self._left:
            self._check_count()

    def close(self) -> None:
        """At the end of the corpus: that all that the file holds was there.

        Raises:
            ValueError: the corpus is shorter.
        """
        if self._left:
            raise self._refused("one that ends before the last text of the file")

    def _is_of(self, kept: KeptText, piece: int, number: int, given: CorpusText) -> bool:
        if isinstance(given, str) and not piece and kept.text == _written(given):
            return True
        for stretch in self._encoder.stretches(number, given):
            if stretch.piece == piece:
                ids = [token.id for token in stretch.encoded.tokens]
                return bool(kept.read_ids().tolist() == ids)
        return False

    def _check_count(self) -> None:
        if self._n_found != self._n_held:
            raise self._refused(
                f"one with {self._n_found:,} texts where the file holds {self._n_held:,}"
            )

    def _refused(self, got: str) -> OtherCorpusError:
        return OtherCorpusError(
            f"{os.fspath(self._path)!r} must go on with the corpus that it was begun with, got "
            f"{got}; name another file, or take this one away"
        )


def _written(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")

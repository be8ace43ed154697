"""The file that a scan writes while it goes on, and goes on from after a kill."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Final

from attention_widget._util.files import place_for
from attention_widget.corpus.accumulator import Accumulator
from attention_widget.corpus.alike import check_alike, check_counts
from attention_widget.corpus.atlas_file import digest_in, read_file, write_file
from attention_widget.corpus.blocks import Blocks
from attention_widget.corpus.findings import Scanned, TextFindings
from attention_widget.corpus.held_texts import OtherCorpusError
from attention_widget.errors import InvalidValueError

_SHARE: Final = 0.05
"""Of the time that writing may take."""


class ScanFile:
    """An atlas file that grows by whole blocks of texts.

    At any time it is a whole atlas: what :meth:`HeadAtlas.load` reads. It is replaced after a block
    as soon as writing would take at most a twentieth of the time since it was last written, and
    at the latest when the ``with`` block is left, by an error or Ctrl-C too. A process that is
    killed leaves the last whole file: the blocks after it are read again, and none twice.

    Args:
        path: the file; where it is there already, the scan goes on from it.
        scanned, examples: of the scan, as for :class:`Accumulator`.

    Raises:
        ValueError: the file is there and damaged, no atlas, or of another scan.
        OSError: its folder is not there or takes no files.
    """

    def __init__(self, path: str | os.PathLike[str], scanned: Scanned, examples: int = 8) -> None:
        self._path = path
        self._place = place_for(path)
        self.accumulator = Accumulator(scanned, examples)
        self._written = digest_in(self._place)
        self._spent = 0.0  # seconds that the last writing took
        self._wrote = time.monotonic()
        self._is_due = False
        if self._place.exists():
            self.accumulator = self._resumed(scanned, examples)

    @property
    def done(self) -> Blocks:
        """The numbers of the blocks that are held."""
        return self.accumulator.blocks

    def write(
        self, block: int, findings: Iterable[TextFindings], *, is_certain: bool = True
    ) -> None:
        """Add a block, and write the file if it is time to; not before it ``is_certain`` that the
        block is of the corpus that the file is of.

        Raises:
            OSError: the file cannot be written; where the disk is full a ``DiskFullError``. The
                file is as it was.
            ValueError: another scan has written to it in the meantime.
        """
        self.accumulator.add_block(block, findings)
        self._is_due = is_certain
        if is_certain and time.monotonic() - self._wrote >= self._spent / _SHARE:
            self.flush()

    def flush(self) -> None:
        """Write the file now, if a block was added since."""
        if not self._is_due:
            return
        if self._written != digest_in(self._place):
            raise InvalidValueError(
                f"{os.fspath(self._path)!r} must be written by one scan at a time, got one that "
                f"another has changed; give each scan a file of its own and merge them"
            )
        began = time.monotonic()
        self._written = write_file(self._path, self.accumulator)
        self._wrote = time.monotonic()
        self._spent = self._wrote - began
        self._is_due = False

    def __enter__(self) -> ScanFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        # it could not be written just now, or what was read is of another corpus
        if not isinstance(error, OSError | OtherCorpusError):
            self.flush()

    def _resumed(self, scanned: Scanned, examples: int) -> Accumulator:
        held = read_file(self._path)
        try:
            check_alike(held.scanned, scanned)
            check_counts(held.n_examples, examples)
        except InvalidValueError as error:
            raise InvalidValueError(
                f"{os.fspath(self._path)!r} is of another scan; name another file, or take this "
                f"one away: {error}"
            ) from error
        return held

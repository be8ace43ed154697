"""Puts the texts of a scan into indexes while they are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

from attention_widget.corpus.index import Index
from attention_widget.corpus.index_writer import IndexWriter
from attention_widget.corpus.stretch import Stretch
from attention_widget.errors import InvalidTypeError
from attention_widget.trace.trace import Trace
from attention_widget.tracing.tracer import Tracer


class IndexFeed:
    """The indexes that a scan builds, none where it builds none; for use in ``with``, which drops
    what was not committed."""

    def __init__(self, index: Any, tracer: Tracer) -> None:
        self._writers: list[IndexWriter] = []
        try:
            for one in _indexes(index):
                self._writers.append(one.writer(tracer))
        except BaseException:
            self._close()
            raise

    def __bool__(self) -> bool:
        return bool(self._writers)

    def put(self, stretch: Stretch, trace: Trace) -> None:
        """Add what was read."""
        for writer in self._writers:
            writer.put_trace(stretch.number, stretch.piece, stretch.encoded.texts[0], trace)

    def check_done(self, blocks: Iterable[int]) -> None:
        """ValueError if an index lacks blocks of texts that the scan has read already."""
        done = list(blocks)
        for writer in self._writers:
            writer.check_done(done)

    def commit(self, block: int) -> None:
        """All texts of a block were put in; before the scan counts it as read."""
        for writer in self._writers:
            writer.commit(block)

    def __enter__(self) -> IndexFeed:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._close()

    def _close(self) -> None:
        for writer in self._writers:
            writer.__exit__(None, None, None)


def _indexes(given: Any) -> Sequence[Index]:
    if given is None:
        return ()
    found = [given] if isinstance(given, Index) else given
    if not isinstance(found, list | tuple) or not all(isinstance(one, Index) for one in found):
        raise InvalidTypeError(
            f"index must be an Index, a list of them or None, got {type(given).__name__}"
        )
    return found

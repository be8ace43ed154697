"""Puts the texts of a scan into indexes while they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any

from attention_widget.corpus.index import Index
from attention_widget.corpus.index_writer import IndexWriter, Made
from attention_widget.corpus.part import Part
from attention_widget.corpus.stretch import Stretch
from attention_widget.errors import InvalidTypeError
from attention_widget.trace.block import Array
from attention_widget.trace.grouping import Operation
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

    @property
    def parts(self) -> list[Part]:
        """What the indexes are of."""
        return [writer.content.part for writer in self._writers]

    def made(self, index: int, stretch: Stretch, source: Operation | Array) -> Made:
        """What one of the indexes keeps of a text: of the attention of its layer, or of hidden
        states (token, hidden)."""
        return self._writers[index].made(stretch.encoded.tokens, source)

    def made_of(self, stretch: Stretch, trace: Trace) -> dict[int, Made]:
        """What the indexes keep of a text, by their places."""
        return {
            index: writer.made(stretch.encoded.tokens, writer.source(trace))
            for index, writer in enumerate(self._writers)
        }

    def put_made(self, stretch: Stretch, made: Mapping[int, Made]) -> None:
        """Add what was read, by what :meth:`made` gave."""
        encoded = stretch.encoded
        for index, writer in enumerate(self._writers):
            text = encoded.texts[0]
            writer.put_made(stretch.number, stretch.piece, text, encoded.tokens, made[index])

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

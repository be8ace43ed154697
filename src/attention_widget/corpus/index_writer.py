"""Puts texts into an index while a model reads them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attention_widget._util.integers import within
from attention_widget.corpus.coding import units
from attention_widget.corpus.head_edges import strongest_edges
from attention_widget.corpus.index_content import EDGE, TEXT, TOKEN, VECTOR, Content
from attention_widget.corpus.index_files import IndexFiles
from attention_widget.corpus.turned_back import Turn, turned_back
from attention_widget.errors import InvalidValueError, NotFoundError, OutOfRangeError
from attention_widget.trace.block import Array, Block
from attention_widget.trace.grouping import Operation
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace


class Made(NamedTuple):
    """What an index keeps of a text."""

    rows: NDArray[Any]  # (vector,)
    vectors: Array  # (vector, dim), of length 1


class IndexWriter:
    """Appends texts to the files of an index; see :meth:`Index.writer`.

    A text that the index holds already is left out, by its corpus, number and piece; another text
    under the same number is refused. Nothing counts before :meth:`commit`.
    """

    def __init__(self, files: IndexFiles, content: Content, corpus: str) -> None:
        self._files, self.content, self._name = files, content, corpus
        if corpus not in content.corpora:
            content.corpora.append(corpus)
        self._corpus = content.corpora.index(corpus)
        held = files.mapped("texts.bin", TEXT)
        own = held[held["corpus"] == self._corpus]
        self._held = {
            (int(one["number"]), int(one["piece"])): bytes(one["digest"].tobytes()) for one in own
        }
        self._new: list[tuple[int, int]] = []  # since the last commit
        self._line = files.size("texts.jsonl")

    def wants(self, number: int, piece: int, token_ids: NDArray[np.int32], text: str) -> bool:
        """Whether the index lacks this text.

        Raises:
            ValueError: it holds another text of this number.
        """
        held = self._held.get((number, piece))
        if held is None:
            return True
        if held != _digest(token_ids, text):
            raise InvalidValueError(
                f"text {number:,} of the corpus {self._name!r} must be the one that the index "
                f"{str(self._files.folder)!r} holds, got another; give a second corpus a name of "
                f'its own: Index(path, of=..., corpus="second")'
            )
        return False

    def put(
        self,
        number: int,
        piece: int,
        text: str,
        tokens: Sequence[Token],
        source: Operation | Array,
    ) -> None:
        """Add a text: ``source`` is the attention of the layer (head, token, token), or the hidden
        states (token, hidden).

        Raises:
            LookupError: the layer has no such head, or no queries and keys.
            ValueError: it holds another text of this number, or vectors of another size.
        """
        ids = _ids(tokens)
        if self.wants(number, piece, ids, text):
            self._put(number, piece, text, tokens, ids, self.made(tokens, source))

    def put_made(
        self, number: int, piece: int, text: str, tokens: Sequence[Token], made: Made
    ) -> None:
        """Add a text by what :meth:`made` gave of it."""
        ids = _ids(tokens)
        if self.wants(number, piece, ids, text):
            self._put(number, piece, text, tokens, ids, made)

    def _put(
        self,
        number: int,
        piece: int,
        text: str,
        tokens: Sequence[Token],
        ids: NDArray[np.int32],
        made: Made,
    ) -> None:
        rows, vectors = made
        content = self.content
        coding = content.coding_of(vectors.shape[1])
        held = coding.encoded(vectors)
        content.error = max(content.error, coding.error(vectors, held))
        labels = {
            str(at): token.label
            for at, token in enumerate(tokens)
            if token.start is None or text[token.start : token.end] != token.label
        }
        line = json.dumps({"text": text, "labels": labels}, ensure_ascii=False)
        written = (line.encode("utf-8", "surrogatepass")) + b"\n"
        one = np.zeros(1, TEXT)
        one["corpus"], one["number"], one["piece"] = self._corpus, number, piece
        one["line"], one["vector"], one["token"] = self._line, content.n_vectors, content.n_tokens
        digest = _digest(ids, text)
        one["digest"] = np.frombuffer(digest, TEXT["digest"])
        self._files.append(
            {
                "vectors.bin": held.tobytes(),
                "rows.bin": rows.tobytes(),
                "tokens.bin": _tokens(tokens, ids).tobytes(),
                "texts.jsonl": written,
                "texts.bin": one.tobytes(),
            }
        )
        self._line += len(written)
        self._held[number, piece] = digest
        self._new.append((number, piece))
        content.n_texts += 1
        content.n_vectors += len(rows)
        content.n_tokens += len(tokens)

    def source(self, trace: Trace) -> Operation | Array:
        """What of a trace the index is made of."""
        part = self.content.part
        if part.what == "hidden":
            return trace.hidden_states(part.layer)
        return trace.operation(part.layer)

    def put_trace(self, number: int, piece: int, text: str, trace: Trace) -> None:
        """Add the text of a trace; see :meth:`put`."""
        self.put(number, piece, text, trace.tokens, self.source(trace))

    def check_done(self, blocks: Iterable[int]) -> None:
        """ValueError if a scan has read blocks of texts that the index lacks."""
        lacking = sum(not self.holds_block(block) for block in blocks)
        if lacking:
            raise InvalidValueError(
                f"the index {str(self._files.folder)!r} must hold all that the scan has read, and "
                f"lacks {lacking:,} block{'s' * (lacking != 1)} of texts; scan into a new file, or "
                f"scan without the index and add the texts to it by Index.add"
            )

    def commit(self, block: int | None = None) -> None:
        """What was put in counts from now on, also if the process is killed; ``block`` is one whose
        texts are all in."""
        if block is not None:
            self.content.add_block(self._name, block)
        self._files.content = self.content.to_json()
        try:
            self._files.commit()
        except BaseException:
            self.forget()
            raise
        self._new.clear()

    def holds_block(self, block: int) -> bool:
        """Whether all texts of a block are in."""
        return self.content.holds_block(self._name, block)

    def forget(self) -> None:
        """Drop what was put in since the last commit."""
        self._files.forget()
        for each in self._new:
            del self._held[each]
        self._new.clear()
        self._line = self._files.size("texts.jsonl")
        self.content = Content.from_json(self._files.committed)

    def __enter__(self) -> IndexWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        try:
            self.forget()
        finally:
            self._files.close()

    def made(self, tokens: Sequence[Token], source: Operation | Array) -> Made:
        """What is kept of a text: see :meth:`put`."""
        part, turn = self.content.part, self.content.turn
        if part.what == "edges":
            block, head = self._block(source)
            edges = strongest_edges(block, head, tokens, turn)
            rows = np.empty(len(edges.queries), EDGE)
            rows["query"], rows["key"] = edges.queries, edges.keys
            rows["weight"] = edges.weights
            return Made(rows, edges.vectors)
        own = [i for i, token in enumerate(tokens) if not (token.special or token.padding)]
        rows = np.array(own, np.int32).view(VECTOR)
        if part.what == "hidden":
            return Made(rows, units(np.asarray(source)[own]))
        return Made(rows, units(self._of_head(source, turn)[own]))

    def _of_head(self, source: Operation | Array, turn: Turn | None) -> Array:
        block, head = self._block(source)
        return turned_back(block, head, turn)[0 if self.content.part.what == "queries" else 1]

    def _block(self, source: Operation | Array) -> tuple[Block, int]:
        return block_of(self.content, source)


def block_of(content: Content, source: Operation | Array) -> tuple[Block, int]:
    """The attention of the layer in its parts, and the head."""
    part = content.part
    if not isinstance(source, Block):
        raise NotFoundError(
            f"layer {part.layer} of {content.model_name} is known by its attention alone: there "
            f"are no queries and keys to search by; index its hidden states: "
            f'of=("hidden", {part.layer})'
        )
    head = part.head or 0
    if not 0 <= head < source.n_heads:
        raise OutOfRangeError(
            f"head must be {within(source.n_heads)} in layer {part.layer}, got {head}"
        )
    return source, head


def _tokens(tokens: Sequence[Token], ids: NDArray[np.int32]) -> NDArray[Any]:
    held = np.zeros(len(tokens), TOKEN)
    held["id"] = ids
    held["start"] = [-1 if token.start is None else token.start for token in tokens]
    held["end"] = [-1 if token.end is None else token.end for token in tokens]
    return held


def _ids(tokens: Sequence[Token]) -> NDArray[np.int32]:
    return np.array([-1 if token.id is None else token.id for token in tokens], np.int32)


def _digest(ids: NDArray[np.int32], text: str) -> bytes:
    made = hashlib.sha256(ids.astype("<i4").tobytes())
    made.update(text.encode("utf-8", "surrogatepass"))
    return made.digest()[:16]

"""Reads an index: its vectors by a memory map, and the texts of what was found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attention_widget.corpus.index_content import TEXT, TOKEN, Content
from attention_widget.corpus.index_files import IndexFiles
from attention_widget.corpus.match import Match, Matches, matches_of
from attention_widget.corpus.nearest import Engine, nearest_of
from attention_widget.corpus.reopening import reopened
from attention_widget.corpus.word_places import places_of
from attention_widget.errors import InvalidValueError
from attention_widget.trace.block import Array
from attention_widget.trace.trace import Trace


@dataclass(frozen=True, eq=False)
class HeldText:
    """A text of an index."""

    corpus: str
    number: int
    piece: int
    text: str
    labels: tuple[str, ...]  # (token,)
    ids: tuple[int, ...]  # (token,)
    spans: tuple[tuple[int, int] | None, ...]  # (token,)


class IndexReader:
    """An index as it was when this was made; what is committed later is not seen."""

    def __init__(self, files: IndexFiles, content: Content) -> None:
        self.files, self.content = files, content

    @classmethod
    def opened(cls, folder: Path) -> IndexReader:
        """The index in a folder.

        Raises:
            OSError: it is not there.
            ValueError: it is damaged, no index, or of another version.
        """
        files = IndexFiles.opened(folder)
        try:
            content = Content.from_json(files.content)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise InvalidValueError(
                f"{str(folder)!r} is damaged: its header cannot be understood"
            ) from error
        reader = cls(files, content)
        counts = {
            "vectors": len(reader.vectors),
            "rows": len(reader.rows),
            "tokens": len(reader.tokens),
            "texts": len(reader.texts),
        }
        expected = (content.n_vectors, content.n_vectors, content.n_tokens, content.n_texts)
        for (what, found), should in zip(counts.items(), expected, strict=True):
            if found != should:
                raise InvalidValueError(
                    f"{str(folder)!r} is damaged: it holds {found:,} {what} of {should:,}"
                )
        return reader

    @cached_property
    def vectors(self) -> NDArray[Any]:
        """As they are kept (vector,)."""
        if not self.content.dim:
            return np.empty((0, 0), "<f2")
        return self.files.mapped("vectors.bin", self.content.coding.dtype)

    @cached_property
    def rows(self) -> NDArray[Any]:
        """Which token or edge each vector is of (vector,)."""
        return self.files.mapped("rows.bin", self.content.row_dtype)

    @cached_property
    def texts(self) -> NDArray[Any]:
        """Where each text is (text,)."""
        return self.files.mapped("texts.bin", TEXT)

    @cached_property
    def tokens(self) -> NDArray[Any]:
        """Of all texts (token,)."""
        return self.files.mapped("tokens.bin", TOKEN)

    @cached_property
    def lines(self) -> NDArray[np.uint8]:
        """The bytes of the texts."""
        return self.files.mapped("texts.jsonl", np.dtype("u1"))

    def nearest(
        self,
        vector: Array,
        n: int,
        asked: str,
        engine: Engine,
        min_weight: float | None = None,
    ) -> Matches:
        """The nearest of all vectors."""
        allowed = None
        if min_weight is not None and len(self.rows):
            allowed = np.asarray(self.rows["weight"]) >= np.float32(min_weight)
        found = nearest_of(self.vectors, self.content.coding, vector, n, engine, allowed)
        return self.matches(*found, asked, f"exact (all {self.content.n_vectors:,} compared)")

    def matches(self, rows: NDArray[np.int64], scores: Array, asked: str, how: str) -> Matches:
        """What vectors are of."""
        within = f"{how}, scores within ±{_upwards(self.content.error)}"
        made = [
            self._match(int(row), float(score)) for row, score in zip(rows, scores, strict=True)
        ]
        return matches_of(made, asked, within)

    def words(self, word: str, n: int) -> Matches:
        """The first places of a word."""
        found: list[Match] = []
        for held in self.each_text():
            for first, end in places_of(word, held.text, held.spans):
                found.append(self._of(held, first, None, end, None, np.nan))
                if len(found) == n:
                    return matches_of(found, repr(word), f"the first {n}")
        return matches_of(found, repr(word), "all there are")

    def each_text(self) -> Iterator[HeldText]:
        """All texts, in the order in which they were added."""
        return map(self.text, range(len(self.texts)))

    def text(self, index: int) -> HeldText:
        """A text by its place in the index."""
        one = self.texts[index]
        is_last = index + 1 == len(self.texts)
        line_end = self.files.size("texts.jsonl") if is_last else int(self.texts[index + 1]["line"])
        token_end = self.content.n_tokens if is_last else int(self.texts[index + 1]["token"])
        line = self.lines[int(one["line"]) : line_end].tobytes()
        held = json.loads(line.decode("utf-8", "surrogatepass"))
        tokens = self.tokens[int(one["token"]) : token_end]
        text, labels = held["text"], held["labels"]
        spans = [
            (int(start), int(end)) if start >= 0 else None
            for start, end in zip(tokens["start"], tokens["end"], strict=True)
        ]
        return HeldText(
            self.content.corpora[int(one["corpus"])],
            int(one["number"]),
            int(one["piece"]),
            text,
            tuple(
                labels[str(at)] if span is None or str(at) in labels else text[span[0] : span[1]]
                for at, span in enumerate(spans)
            ),
            tuple(tokens["id"].tolist()),
            tuple(spans),
        )

    def _match(self, row: int, score: float) -> Match:
        held = self.text(int(np.searchsorted(self.texts["vector"], row, side="right")) - 1)
        one = self.rows[row]
        if self.content.part.what != "edges":
            token = int(one["token"])
            return self._of(held, token, None, token + 1, None, score)
        query, key = int(one["query"]), int(one["key"])
        return self._of(held, query, key, query + 1, float(one["weight"]), score)

    def _of(
        self,
        held: HeldText,
        token: int,
        key: int | None,
        end: int,
        weight: float | None,
        score: float,
    ) -> Match:
        return Match(
            corpus=held.corpus,
            number=held.number,
            piece=held.piece,
            text=held.text,
            tokens=held.labels,
            token_ids=held.ids,
            token=token,
            key=key,
            end=end,
            weight=weight,
            score=score,
            spans=held.spans,
            opened=self._open,
        )

    def _open(self, match: Match, model: Any, tokenizer: Any) -> Trace:
        return reopened(match, model, tokenizer, self.content)


def _upwards(error: float) -> str:
    """A bound of one digit, rounded up; float32 products add less than a millionth to it."""
    bound = Decimal(error + 1e-6)
    return f"{bound.quantize(Decimal(1).scaleb(bound.adjusted()), ROUND_CEILING):f}"

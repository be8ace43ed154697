"""The texts that examples are of, in as few bytes as they take, and each once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from attention_widget.corpus.findings import TextFindings

Place: TypeAlias = tuple[int, int]
"""A text's number, and which stretch of it."""


@dataclass(frozen=True)
class KeptText:
    """A text, its tokens' ids and their labels."""

    text: bytes  # UTF-8
    token_ids: bytes  # int32
    labels: bytes  # JSON

    @classmethod
    def of(cls, findings: TextFindings) -> KeptText:
        ids = np.ascontiguousarray(findings.token_ids, "<i4").tobytes()
        text = findings.text.encode("utf-8", "surrogatepass")
        return cls(text, ids, labels_to_bytes(findings.labels))

    @property
    def n_tokens(self) -> int:
        return len(self.token_ids) // 4

    def read_text(self) -> str:
        return self.text.decode("utf-8", "surrogatepass")

    def read_ids(self) -> NDArray[np.int32]:
        return np.frombuffer(self.token_ids, "<i4").astype(np.int32)

    def read_labels(self) -> tuple[str, ...]:
        return _labels_of(self.labels)


@lru_cache(maxsize=256)  # many heads have the same text for an example
def _labels_of(written: bytes) -> tuple[str, ...]:
    return tuple(json.loads(written))


def labels_to_bytes(labels: Iterable[str]) -> bytes:
    """Any strings, lone halves of characters too."""
    return json.dumps(list(labels), separators=(",", ":")).encode()


class KeptTexts:
    """Texts by their place; those that no example is of any more are let go now and then."""

    def __init__(self, texts: dict[Place, KeptText] | None = None) -> None:
        self._texts = {} if texts is None else texts
        self._sweep_at = 256

    def __len__(self) -> int:
        return len(self._texts)

    def __iter__(self) -> Iterator[Place]:
        return iter(sorted(self._texts))

    def __getitem__(self, place: Place) -> KeptText:
        return self._texts[place]

    def keep(self, place: Place, findings: TextFindings) -> None:
        if place not in self._texts:
            self._texts[place] = KeptText.of(findings)

    def merge(self, other: KeptTexts) -> None:
        self._texts.update(other._texts)

    def is_due(self) -> bool:
        """Whether so many were kept since the last sweep that a sweep is worth it."""
        return len(self._texts) >= self._sweep_at

    def sweep(self, used: set[Place]) -> None:
        """Let go of all but these."""
        self._texts = {place: self._texts[place] for place in sorted(used)}
        self._sweep_at = 2 * len(self._texts) + 256

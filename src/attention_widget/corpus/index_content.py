"""What an index says of itself, and the layout of its files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from attention_widget.corpus.coding import Coding, Precision, checked_precision
from attention_widget.corpus.part import Part, part_of
from attention_widget.corpus.turned_back import Turn
from attention_widget.errors import InvalidValueError

VECTOR: Final = np.dtype([("token", "<i4")])
"""Of each vector of a token: which token of its text."""
EDGE: Final = np.dtype([("query", "<i4"), ("key", "<i4"), ("weight", "<f4")])
"""Of each vector of an edge: which tokens of its text, and the weight."""
TOKEN: Final = np.dtype([("id", "<i4"), ("start", "<i4"), ("end", "<i4")])
"""Of each token of a text its id (-1 for none) and its characters (-1 for none)."""
TEXT: Final = np.dtype(
    [
        ("corpus", "<i4"),
        ("number", "<i8"),
        ("piece", "<i4"),
        ("line", "<i8"),  # where in texts.jsonl its line begins
        ("vector", "<i8"),  # its first vector
        ("token", "<i8"),  # its first token
        ("digest", "<u8", (2,)),  # of its ids and its text
    ]
)


@dataclass
class Content:
    """The header of an index."""

    part: Part
    precision: Precision
    model_name: str
    model: str  # SHA-256
    tokenizer: str  # SHA-256
    turn: Turn | None
    turns: bool
    """Whether the layer turns queries and keys by their position."""
    corpora: list[str] = field(default_factory=list)
    blocks: dict[str, list[list[int]]] = field(default_factory=dict)
    """Of each corpus the blocks of texts that are in: first and last of each run."""
    dim: int = 0
    error: float = 0.0
    n_texts: int = 0
    n_vectors: int = 0
    n_tokens: int = 0

    @property
    def coding(self) -> Coding:
        return Coding(self.precision, self.dim)

    @property
    def row_dtype(self) -> np.dtype[Any]:
        return EDGE if self.part.what == "edges" else VECTOR

    def coding_of(self, dim: int) -> Coding:
        """How vectors of this size are kept; ValueError if others are held."""
        if self.dim and dim != self.dim:
            raise InvalidValueError(
                f"vectors must have {self.dim} numbers, as those of the index have, got {dim}"
            )
        self.dim = dim
        return self.coding

    def holds_block(self, corpus: str, block: int) -> bool:
        return any(first <= block <= last for first, last in self.blocks.get(corpus, ()))

    def add_block(self, corpus: str, block: int) -> None:
        self.add_blocks(corpus, [[block, block]])

    def add_blocks(self, corpus: str, runs: list[list[int]]) -> None:
        merged: list[list[int]] = []
        for first, last in sorted([*self.blocks.get(corpus, ()), *runs]):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = [merged[-1][0], max(merged[-1][1], last)]
            else:
                merged.append([first, last])
        self.blocks[corpus] = merged

    def to_json(self) -> dict[str, Any]:
        part = self.part
        return {
            "part": [part.what, part.layer, *([] if part.head is None else [part.head])],
            "precision": self.precision,
            "model_name": self.model_name,
            "model": self.model,
            "tokenizer": self.tokenizer,
            "turn": None if self.turn is None else self.turn.to_json(),
            "turns": self.turns,
            "corpora": list(self.corpora),
            "blocks": {name: [list(run) for run in runs] for name, runs in self.blocks.items()},
            "dim": self.dim,
            "error": self.error,
            "n_texts": self.n_texts,
            "n_vectors": self.n_vectors,
            "n_tokens": self.n_tokens,
        }

    @classmethod
    def from_json(cls, held: dict[str, Any]) -> Content:
        """ValueError, LookupError or TypeError if it is none."""
        blocks = {
            str(name): [[int(first), int(last)] for first, last in runs]
            for name, runs in held["blocks"].items()
        }
        return cls(
            part=part_of(held["part"]),
            precision=checked_precision(held["precision"]),
            model_name=str(held["model_name"]),
            model=str(held["model"]),
            tokenizer=str(held["tokenizer"]),
            turn=Turn.from_json(held["turn"]),
            turns=bool(held["turns"]),
            corpora=[str(name) for name in held["corpora"]],
            blocks=blocks,
            dim=int(held["dim"]),
            error=float(held["error"]),
            n_texts=int(held["n_texts"]),
            n_vectors=int(held["n_vectors"]),
            n_tokens=int(held["n_tokens"]),
        )

"""A text in which a head does what it does, and where in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from attention_widget.corpus.reopening import read_again
from attention_widget.corpus.text_reader import tracer_of_texts
from attention_widget.errors import InvalidValueError
from attention_widget.trace.kind import Kind
from attention_widget.tracing.tracer import Tracer

if TYPE_CHECKING:
    from attention_widget.trace.trace import Trace

Rank: TypeAlias = Literal["top"] | int
"""One of the highest weights of the corpus, or the decile, 1 to 10, among those of all texts."""

_CLOSE: Final = 0.05
"""Weights of one model on one text agree so far, in half precision too, whatever batch it was read
in."""


@dataclass(frozen=True, eq=False)
class Example:
    """A head's strongest edge in a text: the highest weight between two different tokens, neither
    of them special, of a key that is not the first token.

    >>> example = atlas.examples(layer=2, head=3)[0]
    >>> example.rank, example.tokens[example.query], example.tokens[example.key]
    ('top', ...)
    """

    kind: Kind
    layer: int
    head: int
    number: int
    """Of the text in the corpus, from 0."""
    piece: int
    """Which stretch of the text, from 0, where it was longer than the model takes."""
    text: str
    """Empty where token ids were read."""
    tokens: tuple[str, ...]
    """What a list of tokens shows, (token,)."""
    token_ids: NDArray[np.int32]  # (token,)
    query: int
    key: int
    weight: float
    rank: Rank
    row: NDArray[np.float32]
    """The weights of all keys for that query, (token,)."""

    def open(self, model: Any, tokenizer: Any = None) -> Trace:
        """The trace of the text, of which the model reads the very tokens that it read in the scan.

        >>> trace = atlas.examples(2, 3)[0].open(model, tokenizer)
        >>> trace.model_name == atlas.model_name
        True

        Raises:
            ValueError: the weight is another in this model than in the one that was scanned.
        """
        tracer = tracer_of_texts(Tracer(model, tokenizer, progress=False))
        trace = read_again(tracer, self.text, self.token_ids.tolist())
        self.check(trace)
        return trace

    def check(self, trace: Trace) -> None:
        """That a trace of the text gives the edge the weight that it had in the scan.

        >>> example = atlas.examples(2, 3)[0]
        >>> example.check(example.open(model, tokenizer))

        Raises:
            ValueError: it gives it another one, or has no such edge.
        """
        try:
            row = trace.attention(self.layer, self.kind, heads=self.head, queries=self.query)[0, 0]
            weight = float(row[self.key])
        except LookupError as error:
            raise InvalidValueError(
                f"model must be the one that was scanned, got {trace.model_name}, which has no "
                f"{self.kind} layer {self.layer}, head {self.head}; scan this model: "
                f"scan(model, texts)"
            ) from error
        if not abs(weight - self.weight) <= _CLOSE:
            raise InvalidValueError(
                f"model must be the one that was scanned, got one whose layer {self.layer}, head "
                f"{self.head} gives this edge {weight:.4f} instead of {self.weight:.4f}; scan this "
                f"model: scan(model, texts)"
            )

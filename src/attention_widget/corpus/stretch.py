"""A text of a corpus as its model reads it, or a part of one that is longer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import torch

from attention_widget.corpus.long_text import MOST_CHARACTERS, parts_of
from attention_widget.errors import AttentionWidgetError, InvalidValueError
from attention_widget.tracing.inputs.padding import rows_of_ids
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.tracer import Tracer
from attention_widget.tracing.windows import Document, document_of

TooLong = Literal["split", "truncate", "refuse"]


@dataclass(frozen=True, eq=False)
class Stretch:
    """What one row of a batch holds."""

    number: int  # of its text in the corpus
    piece: int  # from 0, where its text was split
    encoded: Encoded
    has_text: bool  # token ids were given otherwise

    def __len__(self) -> int:
        return len(self.encoded.tokens)

    @property
    def text(self) -> str:
        return self.encoded.texts[0] if self.has_text else ""


@dataclass(frozen=True)
class Encoder:
    """Makes stretches of at most ``most`` tokens."""

    tracer: Tracer
    most: int
    too_long: TooLong

    def stretches(self, number: int, given: str | list[int]) -> Iterator[Stretch]:
        """Those of a text, by its number in the corpus, each when it is asked for; none of a blank
        one.

        Raises:
            ValueError: the model cannot read it; the message says which text it is.
        """
        try:
            is_text = isinstance(given, str)
            parts = self._of_text(given) if isinstance(given, str) else self._of_ids(given)
            for piece, encoded in enumerate(parts):
                yield Stretch(number, piece, encoded, is_text)
        except AttentionWidgetError as error:
            raise InvalidValueError(f"text {number:,} of the corpus: {error}") from error

    def _of_text(self, text: str) -> Iterator[Encoded]:
        if is_blank(text):
            return
        if len(text) > MOST_CHARACTERS and self.too_long == "refuse":
            raise self._too_long(f"a text of {len(text):,} characters")
        for part in parts_of(text):
            if not is_blank(part):
                yield from self._of_part(part)
                if self.too_long == "truncate":
                    return

    def _of_part(self, text: str) -> Iterator[Encoded]:
        document = document_of(self.tracer, self.tracer.prompt(text))
        n_tokens, n_special = len(document.tokens), document.n_special
        room = self.most - n_special
        if n_tokens <= self.most:
            yield _whole(document)
        else:
            self._refuse(n_tokens)
            if room < 1:
                raise InvalidValueError(
                    f"max_tokens must be at least {n_special + 1}, as the tokenizer adds "
                    f"{n_special} special tokens to each text, got {self.most}"
                )
            yield from self._parts(document, room)

    def _parts(self, document: Document, room: int) -> Iterator[Encoded]:
        for start in range(0, len(document), room):
            yield document.window(range(start, min(start + room, len(document))))
            if self.too_long == "truncate":
                return

    def _of_ids(self, ids: list[int]) -> Iterator[Encoded]:
        if not ids:
            return
        if len(ids) > self.most:
            self._refuse(len(ids))
        for start in range(0, len(ids), self.most):
            part: Any = [ids[start : start + self.most]]
            yield rows_of_ids(self.tracer.model, part, self.tracer.tokenizer)[0]
            if self.too_long == "truncate":
                return

    def _refuse(self, n_tokens: int) -> None:
        if self.too_long == "refuse":
            raise self._too_long(f"{n_tokens:,}")

    def _too_long(self, got: str) -> InvalidValueError:
        return InvalidValueError(
            f"it must have at most {self.most:,} tokens, got {got}; pass "
            f'too_long="split" to read it in parts or "truncate" to cut it, or leave it out'
        )


def is_blank(given: str | list[int]) -> bool:
    """Whether there is nothing in a text to read."""
    return not given or (isinstance(given, str) and given.isspace())


def _whole(document: Document) -> Encoded:
    inputs = {
        name: torch.tensor([values], dtype=torch.long, device="cpu")
        for name, values in document.inputs.items()
    }
    return Encoded(inputs, tuple(document.tokens), (document.text,))

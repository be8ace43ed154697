"""Random tokens of a model's own vocabulary, written twice: a text of which nothing can be known
but that it repeats."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import torch

from attention_widget.errors import InvalidValueError
from attention_widget.experiments.vocabulary import texts_of
from attention_widget.tokens.pieces import special_ids
from attention_widget.trace.token import Token
from attention_widget.tracing.inputs.text import Encoded
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.naming import name_of
from attention_widget.tracing.tracer import Tracer

FEWEST_TOKENS: Final = 4
"""Of a text that is repeated."""

_NEVER_USED = re.compile(r"[\[<].*(unused|reserved|extra_id|madeupword)", re.IGNORECASE)


class RandomTexts:
    """Makes such texts for a model; all that can be wrong is said when it is made.

    A text has ``n_tokens`` different tokens, each twice, between the special tokens that the
    tokenizer puts around any text; none of them is special itself.
    """

    def __init__(self, tracer: Tracer, n_tokens: int) -> None:
        if tracer.two_stacks:
            raise UnsupportedModelError(
                tracer.model,
                "has a decoder beside its encoder, and a text for each; ask its encoder alone: "
                "detect_heads(model.get_encoder(), tokenizer=tokenizer)",
            )
        tokenizer = tracer.tokenizer
        self._ids = _vocabulary(tracer.model, tokenizer)
        if len(self._ids) < FEWEST_TOKENS:
            raise InvalidValueError(
                f"tokenizer must have {FEWEST_TOKENS} tokens that are not special, got "
                f"{len(self._ids)} of {name_of(tokenizer)}"
            )
        sample = "".join(texts_of(self._ids[:FEWEST_TOKENS], tokenizer)) or "a"
        self._around = tracer.encode(tracer.prompt(sample))
        text = [at for at, token in enumerate(self._around.tokens) if token.segment is not None]
        self._first, self._last = text[0], text[-1]
        limit, around = tracer.text_limit, self._first + len(self._around.tokens) - 1 - self._last
        most = len(self._ids) if limit is None else min(len(self._ids), (limit - around) // 2)
        if n_tokens > most:
            raise InvalidValueError(
                f"n_tokens must be at most {most}: {type(tracer.model).__name__} takes "
                f"{'any number of' if limit is None else limit} tokens, each of them stands twice, "
                f"and its vocabulary has {len(self._ids)} to choose from; got {n_tokens}"
            )
        self._n_tokens = n_tokens

    def draw(self, random: np.random.Generator) -> Encoded:
        """Another text."""
        drawn = random.choice(np.array(self._ids), self._n_tokens, replace=False).tolist()
        ids = [*drawn, *drawn]
        before, after = self._around.tokens[: self._first], self._around.tokens[self._last + 1 :]
        own = [Token(0, id, str(id), segment=0) for id in ids]  # the id stands for its text
        tokens = [_at(index, token) for index, token in enumerate([*before, *own, *after])]
        inputs = {
            name: torch.cat([values[:, : self._first], self._middle(name, values, ids), rest], 1)
            for name, values in self._around.inputs.items()
            for rest in [values[:, self._last + 1 :]]
        }
        return Encoded(inputs, tuple(tokens), ("",))

    def _middle(self, name: str, values: torch.Tensor, ids: list[int]) -> torch.Tensor:
        """What the tokenizer gives for a token of the text: its id, or what is the same for all."""
        if name == "input_ids":
            return torch.tensor([ids], dtype=torch.long, device="cpu")
        return values[:, self._first : self._first + 1].repeat(1, len(ids))


def _at(index: int, token: Token) -> Token:
    return Token(index, token.id, token.label, special=token.special, segment=token.segment)


def _vocabulary(model: Any, tokenizer: Any) -> list[int]:
    """Ids that a text may hold, in order."""
    table = model.get_input_embeddings()
    rows = getattr(table, "num_embeddings", len(tokenizer))
    ids = range(min(len(tokenizer), rows))
    special = special_ids(tokenizer)
    strings = tokenizer.convert_ids_to_tokens(list(ids))
    return [
        id
        for id, string in zip(ids, strings, strict=True)
        if string and id not in special and not _NEVER_USED.match(string)
    ]

"""Options of which tokens are looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attention_widget.protocol.checks import check_aligned, check_index, check_indices
from attention_widget.protocol.named import by_word, by_words
from attention_widget.protocol.option import Chosen, Option

if TYPE_CHECKING:
    from attention_widget.trace.trace import Trace


@dataclass(frozen=True)
class Query(Option):
    """A query token of the kind of attention, by its index or its word, or None."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> int | None:
        tokens = trace.sides(chosen("attention_kind"))[0]
        return check_index(self.name, by_word(self.name, value, tokens), len(tokens))


@dataclass(frozen=True)
class Key(Option):
    """A key token of the kind of attention, by its index or its word, or None."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> int | None:
        tokens = trace.sides(chosen("attention_kind"))[1]
        return check_index(self.name, by_word(self.name, value, tokens), len(tokens))


@dataclass(frozen=True)
class Queries(Option):
    """Query tokens of the kind of attention, by index or word, each once."""

    default: tuple[int, ...] = field(default=(), kw_only=True)

    def check(self, value: object, trace: Trace, chosen: Chosen) -> tuple[int, ...]:
        tokens = trace.sides(chosen("attention_kind"))[0]
        if value is None:
            return ()
        return check_indices(self.name, by_words(self.name, value, tokens), "token", len(tokens))


@dataclass(frozen=True)
class Position(Option):
    """A token at which the model predicts, by its index or its word, or None; of the target where
    there is one."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> int | None:
        read = trace.tokens if trace.target is None else trace.target.tokens
        return check_index(self.name, by_word(self.name, value, read), len(read))


@dataclass(frozen=True)
class AlignedTokens(Option):
    """Which tokens of two passes go together: pairs of indices, or None for what is found."""

    def check(
        self, value: object, trace: Trace, chosen: Chosen
    ) -> tuple[tuple[int, int], ...] | None:
        return None if value is None else check_aligned(self.name, value)

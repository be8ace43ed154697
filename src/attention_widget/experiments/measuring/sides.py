"""The tokens or words of one side of a text, as measures of tokens count them."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from typing import Any

from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.trace.kind import Kind, check_kind
from attention_widget.trace.token import Token, merged, units
from attention_widget.trace.trace import Trace


@dataclass(frozen=True)
class Side:
    """The groups of tokens of the source, or of the target of an encoder-decoder."""

    kind: Kind
    tokens: tuple[Token, ...]
    groups: tuple[tuple[int, ...], ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The text of each group."""
        return tuple(token.label for token in merged(self.tokens, self.groups))

    @property
    def apart(self) -> tuple[int, ...]:
        """The group of the first token where attention is causal, and there are others."""
        return (0,) if self.kind == "decoder" and len(self.groups) > 1 else ()


def side_of(trace: Trace, kind: Any, words: Any) -> Side:
    """The side that a kind names: the source where there is none.

    Raises:
        TypeError, ValueError: there is no such side, or ``words`` is no flag.
    """
    if not isinstance(words, bool):
        raise InvalidTypeError(f"words must be True or False, got {reprlib.repr(words)}")
    there: list[Kind] = [each for each in trace.kinds if each != "cross"]
    if kind is not None:
        check_kind(kind)
        if kind not in there:
            names = " or ".join(map(repr, there))
            raise InvalidValueError(f"kind must be {names}, whose tokens are meant, got {kind!r}")
    chosen: Kind = there[0] if kind is None else kind
    tokens = tuple(trace.sides(chosen)[1])
    return Side(chosen, tokens, tuple(map(tuple, units(tokens, words))))

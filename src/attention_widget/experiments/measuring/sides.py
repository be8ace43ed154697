"""The tokens, words or passages of one side of a text, as measures of tokens count them."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from typing import Any, Literal, get_args

from attention_widget.errors import InvalidValueError
from attention_widget.trace.kind import Kind, check_kind
from attention_widget.trace.passage import named, rows_of
from attention_widget.trace.token import Token, merged, units
from attention_widget.trace.trace import Trace

Rows = Literal["tokens", "words", "passages"]


@dataclass(frozen=True)
class Side:
    """The groups of tokens of the source, or of the target of an encoder-decoder."""

    kind: Kind
    rows: Rows
    tokens: tuple[Token, ...]
    groups: tuple[tuple[int, ...], ...]
    labels: tuple[str, ...]

    @property
    def apart(self) -> tuple[int, ...]:
        """The group of the first token where attention is causal, and there are others."""
        return (0,) if self.kind == "decoder" and len(self.groups) > 1 else ()


def side_of(trace: Trace, kind: Any, rows: Rows) -> Side:
    """The side that a kind names: the source where there is none.

    Raises:
        ValueError: there is no such side, or no such rows, or the text has no passages.
    """
    if rows not in get_args(Rows):
        raise InvalidValueError(
            f'rows must be "tokens", "words" or "passages", got {reprlib.repr(rows)}'
        )
    there: list[Kind] = [each for each in trace.kinds if each != "cross"]
    if kind is not None:
        check_kind(kind)
        if kind not in there:
            names = " or ".join(map(repr, there))
            raise InvalidValueError(f"kind must be {names}, whose tokens are meant, got {kind!r}")
    chosen: Kind = there[0] if kind is None else kind
    tokens = tuple(trace.sides(chosen)[1])
    if rows == "passages" and (trace.target is None or chosen == "encoder"):
        if not trace.passages:
            raise InvalidValueError("rows must be tokens or words of a text without passages")
        groups = rows_of(trace.passages, len(tokens))
        labels = tuple(one.label for one in named(trace.passages, tokens, groups))
    else:
        groups = units(tokens, rows == "words")
        labels = tuple(one.label for one in merged(tokens, groups))
    return Side(chosen, rows, tokens, tuple(map(tuple, groups)), labels)

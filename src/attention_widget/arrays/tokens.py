"""Labels -> tokens, and the trace around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.tokens.strings import tokens_of_strings
from attention_widget.trace.block import Block, Maps
from attention_widget.trace.projections import Projections
from attention_widget.trace.target import Target
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace


def tokens_of(name: str, given: Iterable[str | Token]) -> tuple[Token, ...]:
    """Tokens as given, strings as a tokenizer writes them."""
    items = _checked(name, given)
    if all(isinstance(one, str) for one in items):
        return tokens_of_strings([str(one) for one in items])
    return tuple(_token(index, one) for index, one in enumerate(items))


def plain_tokens_of(name: str, given: Iterable[str | Token]) -> tuple[Token, ...]:
    """Tokens as given, each string a word as it stands."""
    return tuple(_token(index, one) for index, one in enumerate(_checked(name, given)))


def _checked(name: str, given: Iterable[str | Token]) -> list[str | Token]:
    if isinstance(given, str):
        raise InvalidTypeError(f"{name} must be a list of strings, one per token, got one string")
    items = list(given)
    for index, one in enumerate(items):
        if not isinstance(one, str | Token):
            ids = hasattr(one, "__index__")
            advice = f"; tokenizer.convert_ids_to_tokens makes {name} of ids" if ids else ""
            given_type = type(one).__name__
            raise InvalidTypeError(
                f"{name}[{index}] must be a str or a Token, got {given_type}{advice}"
            )
    if not items:
        raise InvalidValueError(f"{name} must hold a str or a Token for each position, got none")
    return items


def _token(index: int, given: str | Token) -> Token:
    if isinstance(given, Token):
        return given if given.index == index else replace(given, index=index)
    return Token(
        index=index,
        id=None,
        label=given if given.strip() else repr(given),  # never nothing to see
        text=given,
        lead=" " if index else "",
        word=index,
        segment=0,
    )


def trace_of(
    source: tuple[Token, ...],
    target: tuple[Token, ...] | None,
    model_name: str,
    *,
    blocks: tuple[Block, ...] = (),
    maps: tuple[Maps, ...] = (),
    projections: tuple[Projections, ...] = (),
) -> Trace:
    beside = None if target is None else Target(target, (), _texts(target))
    texts = _texts(source)
    return Trace(source, blocks, (), texts, model_name, beside, maps, projections=projections)


def _texts(tokens: tuple[Token, ...]) -> tuple[str, ...]:
    """The text of each segment; special tokens outside all have none."""
    segments = sorted({token.segment for token in tokens if token.segment is not None})
    return tuple(
        _text([token for token in tokens if token.segment == segment]) for segment in segments
    ) or (_text(tokens),)


def _text(tokens: Sequence[Token]) -> str:
    return "".join(token.lead + token.text + token.trail for token in tokens)

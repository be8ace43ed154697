"""The types of the options in both languages, how a link writes them, and their values in words."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from attention_widget.protocol.head_option import HeadPairs, Heads, KindChoice, Layer, ProbedLabels
from attention_widget.protocol.input_option import PassageRows
from attention_widget.protocol.model_option import Candidate, Edits, SummaryName
from attention_widget.protocol.option import Choice, Choices, Flag, Option, Share
from attention_widget.protocol.token_option import AlignedTokens, Key, Position, Queries, Query

WIDTH = 100
"""Of the lines of what is written."""
SOURCE = "Written by tools/write_options.py."


class Types(NamedTuple):
    keyword: str
    attribute: str
    typescript: str
    link: str
    """How a link writes it, for js/saved/link.ts."""
    values: str
    """For a reader, where there are no names to list."""


_INDICES = "SupportsIndex | Iterable[SupportsIndex] | None"
_TOKENS = "SupportsIndex | str | Iterable[SupportsIndex | str] | None"
_TOKEN = ("SupportsIndex | str | None", "int | None", "number | null")
_TYPES: dict[type[Option], Types] = {
    Flag: Types("bool", "bool", "boolean", "flag", ""),
    PassageRows: Types("bool", "bool", "boolean", "flag", ""),
    Share: Types("SupportsFloat", "float", "number", "share", "0 to 1"),
    Layer: Types(
        "SupportsIndex | None", "int", "number", "layer", "a layer; **of the first picture**"
    ),
    Heads: Types(
        _INDICES, "tuple[int, ...]", "number[]", "heads", "some heads; **of the first picture**"
    ),
    HeadPairs: Types(
        "Iterable[tuple[SupportsIndex, SupportsIndex]] | None",
        "tuple[tuple[int, int], ...]",
        "[number, number][]",
        "pairs",
        "some pairs; **none**",
    ),
    AlignedTokens: Types(
        "Iterable[tuple[SupportsIndex, SupportsIndex]] | None",
        "tuple[tuple[int, int], ...] | None",
        "[number, number][] | null",
        "aligned",
        "some pairs; **None**",
    ),
    ProbedLabels: Types(
        "Any",
        "tuple[tuple[str, int, int, str, float], ...] | None",
        "[AttentionKind, number, number, HeadLabel, number][] | null",
        "labels",
        "what a probe found; **None**",
    ),
    Edits: Types("Any", "tuple[dict[str, Any], ...]", "Edit[]", "edits", "some edits; **none**"),
    Query: Types(*_TOKEN, "query", "a token, None; **of the first picture**"),
    Key: Types(*_TOKEN, "key", "a token, **None**"),
    Position: Types(*_TOKEN, "position", "a token, **None**"),
    Candidate: Types(
        "str | SupportsIndex | None",
        "str | int | None",
        "string | number | null",
        "candidate",
        "a token of the vocabulary, **None**",
    ),
    SummaryName: Types(
        "str | None",
        "str | None",
        "string | null",
        "summary",
        "a summary of the atlas, **None**",
    ),
    Queries: Types(_TOKENS, "tuple[int, ...]", "number[]", "queries", "some tokens; **none**"),
}


def types_of(option: Option) -> Types:
    if isinstance(option, Choices):
        name = name_of(option)
        return Types(f"{name} | Iterable[{name}]", f"tuple[{name}, ...]", f"{name}[]", "names", "")
    if isinstance(option, Choice):
        name = name_of(option)
        spellings = f" | {literal(option.us_values)}" if option.us_values else ""
        none = " | None" if option.default is None else ""
        link = "kind" if isinstance(option, KindChoice) else "name"
        return Types(f"{name}{spellings}{none}", name, name, link, "")
    return _TYPES[type(option)]


def name_of(option: Option) -> str:
    """Of the type of its values, in both languages."""
    camel = option.name.title().replace("_", "")
    return f"{camel.removesuffix('s')}Name" if isinstance(option, Choices) else camel


def with_names(options: Iterable[Option]) -> list[Choice | Choices]:
    return [option for option in options if isinstance(option, Choice | Choices)]


def literal(values: Iterable[str]) -> str:
    return f"Literal[{', '.join(map(json.dumps, values))}]"

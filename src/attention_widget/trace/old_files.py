"""Trace files of earlier versions of the format, changed into what the present one reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final


def _name_kinds(content: Any) -> None:
    """Version 1 said "self" or "cross", and beside it the stack, "encoder" or "decoder"."""
    for trace in _fields_of(content, "Trace"):
        given = [trace.get("blocks"), trace.get("maps")]
        operations = list(_fields_of(given, "Block", "Maps"))
        own = [one for one in operations if one.get("kind") == "self"]
        if trace.get("target") is None and any(one.get("stack") == "decoder" for one in own):
            for one in own:  # one stack is of one kind, though only some layers may be causal
                one["stack"] = "decoder"
        for one in own:
            one["kind"] = one.get("stack")
        for one in operations:
            one.pop("stack", None)


def _add_pieces(content: Any) -> None:
    """Version 2 did not say what the vocabulary has for a token."""
    for token in _fields_of(content, "Token"):
        token.setdefault("piece", None)


def _add_edits(content: Any) -> None:
    """Version 3 knew no passes in which something was changed."""
    for trace in _fields_of(content, "Trace"):
        trace.setdefault("edits", [])


def _add_word_rows(content: Any) -> None:
    """Version 4 did not hold the rows of the table of word embeddings."""
    for each in _fields_of(content, "Trace", "Target"):
        each.setdefault("word_rows", None)


def _add_passages(content: Any) -> None:
    """Version 4 knew no passages."""
    for trace in _fields_of(content, "Trace"):
        trace.setdefault("passages", [])


def _add_positions(content: Any) -> None:
    """Version 5 did not say how the layers tell positions apart, nor which tokens are padding."""
    for trace in _fields_of(content, "Trace"):
        trace.setdefault("positions", [])
    for token in _fields_of(content, "Token"):
        token.setdefault("padding", False)


def _add_projections(content: Any) -> None:
    """Version 5 did not keep what makes queries, keys and values."""
    for trace in _fields_of(content, "Trace"):
        trace.setdefault("projections", [])


def _add_first(content: Any) -> None:
    """Version 6 did not say which token has position 0."""
    for positions in _fields_of(content, "Positions"):
        positions.setdefault("first", 0)


def _add_edited(content: Any) -> None:
    """Version 6 did not keep what heads gave out behind edits."""
    for known in _fields_of(content, "Projections"):
        known.setdefault("edited", None)


def _add_buckets(content: Any) -> None:
    """Version 7 knew no tables of positions by distance."""
    for positions in _fields_of(content, "Positions"):
        positions.setdefault("buckets", None)


def _fields_of(content: Any, *names: str) -> Iterator[dict[str, Any]]:
    """The fields of all dataclasses of these names, at any depth."""
    if isinstance(content, list):
        for item in content:
            yield from _fields_of(item, *names)
    elif isinstance(content, dict):
        fields = content.get("fields")
        if content.get("class") in names and isinstance(fields, dict):
            yield fields
        for item in content.values():
            yield from _fields_of(item, *names)


def _all(*conversions: Callable[[Any], None]) -> Callable[[Any], None]:
    def convert(content: Any) -> None:
        for each in conversions:
            each(content)

    return convert


_IN_7: Final = (_add_buckets,)
_IN_6: Final = (_add_first, _add_edited, *_IN_7)
_IN_5: Final = (_add_positions, _add_projections, *_IN_6)
_IN_4: Final = (_add_word_rows, _add_passages, *_IN_5)
CONVERSIONS: Final[Mapping[str, Callable[[Any], None]]] = {
    "1": _all(_name_kinds, _add_pieces, _add_edits, *_IN_4),
    "2": _all(_add_pieces, _add_edits, *_IN_4),
    "3": _all(_add_edits, *_IN_4),
    "4": _all(*_IN_4),
    "5": _all(*_IN_5),
    "6": _all(*_IN_6),
    "7": _all(*_IN_7),
}
"""By the version of a file: each changes the described content in place."""

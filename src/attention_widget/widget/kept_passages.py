"""Passages in a saved state: that they are sentences, or each with its place in the texts."""

from __future__ import annotations

import reprlib
from typing import TypeAlias

from attention_widget._util.unicode import sendable
from attention_widget.errors import AttentionWidgetError, RefusedError
from attention_widget.trace.trace import Trace
from attention_widget.tracing.inputs.passages import Read, check_passages, passages_of

KeptPassages: TypeAlias = "str | dict[str, list[int]]"
"""As ``capture`` takes them; empty where a text has none."""


def kept_passages(trace: Trace) -> KeptPassages:
    """What reads the same passages again: later texts have sentences too where these are all."""
    found = trace.passages
    if found and not trace.roles:
        sentences = passages_of("sentences", Read(trace.texts, trace.roles, trace.tokens))
        if sentences == found:
            return "sentences"
    return {sendable(each.name): [each.segment, each.start, each.end] for each in found}


def read_passages(value: object, advice: str) -> KeptPassages:
    """Of a state; TraitError for what are none."""
    if value == "sentences":
        return "sentences"
    is_mapping = isinstance(value, dict) and all(
        isinstance(place, list | tuple) and len(place) == 3 for place in value.values()
    )
    if not is_mapping:
        must = "passages must be names with [number of the text, start, end], or 'sentences'"
        raise RefusedError(f"{must}, got {reprlib.repr(value)}; {advice}")
    try:
        check_passages(value)
    except AttentionWidgetError as error:
        raise RefusedError(f"{error}; {advice}") from error
    return {name: list(place) for name, place in value.items()}  # type: ignore[attr-defined]

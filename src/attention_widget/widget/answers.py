"""What stands in answers of the model: labels of tokens, and numbers."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Sequence
from typing import Any

from attention_widget._util.unicode import sendable
from attention_widget.errors import InvalidTypeError
from attention_widget.protocol.tensors import number
from attention_widget.tokens.labels import label_of_candidate


def labels_of(texts: Sequence[str]) -> list[str]:
    """What lists of tokens show of tokens of one vocabulary."""
    marks_blanks = marks_blanks_in(texts)
    return [label_of_candidate(sendable(each), marks_blanks) for each in texts]


def marks_blanks_in(texts: Iterable[str]) -> bool:
    """Whether the vocabulary writes the blank before a word, so that what has none continues
    one."""
    return any(each[:1].isspace() for each in texts)


def numbers(values: Iterable[Any]) -> list[Any]:
    """Numbers as they stand in JSON."""
    return [number(float(value)) for value in values]


def check_integer(name: str, value: object) -> None:
    """TypeError for what is no whole number."""
    if type(value) is not int:
        raise InvalidTypeError(f"{name} must be a whole number, got {reprlib.repr(value)}")

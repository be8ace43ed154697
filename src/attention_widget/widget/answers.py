"""What answers of the model are made of: the steps to one, and what stands in it."""

from __future__ import annotations

import reprlib
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from attention_widget._util.unicode import sendable
from attention_widget.errors import InvalidTypeError
from attention_widget.experiments import Experiment
from attention_widget.protocol.tensors import number
from attention_widget.tokens.labels import label_of_text
from attention_widget.widget.edited import Edited


@dataclass(frozen=True)
class Progress:
    """How far an answer is: so many parts of so many are done, and what is known by now."""

    done: int
    of: int
    partial: Any = None


Answer: TypeAlias = dict[str, Any]
Steps: TypeAlias = Generator[Progress, None, Answer]


class Asked(Protocol):
    """What a question is about: a text, in a pass of a model or in one with edits."""

    def experiment(self) -> Experiment: ...
    def edited(self, edits: object) -> Edited: ...


def labels_of(texts: Sequence[str]) -> list[str]:
    """What lists of tokens show of tokens of one vocabulary."""
    marks_blanks = marks_blanks_in(texts)
    return [label(sendable(each), marks_blanks) for each in texts]


def marks_blanks_in(texts: Iterable[str]) -> bool:
    """Whether the vocabulary writes the blank before a word, so that what has none continues
    one."""
    return any(each[:1].isspace() for each in texts)


def label(text: str, marks_blanks: bool) -> str:
    """As a list of tokens shows it."""
    shown = text.strip() or text
    continues = shown.startswith("##") or (marks_blanks and text[:1].isalnum())
    return label_of_text(shown.removeprefix("##") or shown, continues)


def numbers(values: Iterable[Any]) -> list[Any]:
    """Numbers as they stand in JSON."""
    return [number(float(value)) for value in values]


def check_integer(name: str, value: object) -> None:
    """TypeError for what is no whole number."""
    if type(value) is not int:
        raise InvalidTypeError(f"{name} must be a whole number, got {reprlib.repr(value)}")

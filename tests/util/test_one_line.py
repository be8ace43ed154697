"""An error is told in one line, with its type where its text alone says too little."""

from __future__ import annotations

import pytest
from traitlets import TraitError

from attention_widget._util.one_line import in_one_line
from attention_widget.errors import FileMissingError


class UnknownError(RuntimeError):
    pass


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("layer must be in 0–5,\n  got 9"), "layer must be in 0–5, got 9"),
        (IndexError("no such token"), "no such token"),
        (TraitError("theme must be dark or light"), "theme must be dark or light"),
        (ModuleNotFoundError("pip install pillow"), "pip install pillow"),
        (FileMissingError("there is no file 'a'"), "there is no file 'a'"),
        (FileNotFoundError("a"), "FileNotFoundError: a"),
        (KeyError("layer"), "KeyError: 'layer'"),
        (UnknownError("out of\tmemory"), "UnknownError: out of memory"),
        (ValueError(), "ValueError"),
        (ValueError("half \ud83d"), "half \ufffd"),
    ],
)
def test_an_error_is_one_line(error: Exception, line: str) -> None:
    assert in_one_line(error) == line


def test_the_type_is_named_where_it_is_asked_for() -> None:
    assert in_one_line(ValueError("of\nthem"), typed=True) == "ValueError: of them"

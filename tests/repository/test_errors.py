"""Errors that a user meets are the package's own, and those that a Python user would catch."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.repository import ROOT
from traitlets import TraitError

import attention_widget
from attention_widget import AttentionWidgetError, errors

PACKAGE = ROOT / "src" / "attention_widget"
BUILTIN = {*vars(builtins), "TraitError"} - {"NotImplementedError"}  # which asks a programmer

# Raised for Python, which asks by them, and for our own code.
PROTOCOLS = {
    ("_util/lazy.py", "AttributeError"),
    ("protocol/tensors.py", "OverflowError"),
    ("tracing/model/eval_mode.py", "AttributeError"),
    ("widget/atlas_alone.py", "AttributeError"),
}

# Whatever was imported before: they are found when they are asked for.
NAMES = [name for name in attention_widget.__all__ if name.endswith("Error")]
OWN = [
    one
    for one in [*vars(errors).values(), *(getattr(attention_widget, name) for name in NAMES)]
    if isinstance(one, type) and issubclass(one, AttentionWidgetError)
]


def raised(path: Path) -> Iterator[tuple[int, str]]:
    """Line and name of each class that a module raises by its name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Raise) and node.exc is not None:
            made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            name = ast.unparse(made).rpartition(".")[2]
            if name in BUILTIN:
                yield node.lineno, name


ROOMS = sorted({path.relative_to(PACKAGE).parts[0] for path in PACKAGE.rglob("*.py")})


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_raises_a_bare_builtin(room: str) -> None:
    paths = [PACKAGE / room] if room.endswith(".py") else sorted((PACKAGE / room).rglob("*.py"))
    bare = {
        (path.relative_to(PACKAGE).as_posix(), line, name)
        for path in paths
        for line, name in raised(path)
    }
    assert not {each for each in bare if (each[0], each[2]) not in PROTOCOLS}


def test_what_is_raised_for_python_is_still_raised() -> None:
    for name, kind in PROTOCOLS:
        text = (PACKAGE / name).read_text(encoding="utf-8")
        assert f"raise {kind}" in text, f"{name} raises no {kind}: take it out of PROTOCOLS"


@pytest.mark.parametrize("error", OWN)
def test_an_error_is_both(error: type[Exception]) -> None:
    assert issubclass(error, AttentionWidgetError)
    own = [each for each in error.__mro__ if each.__module__ == "builtins"]
    assert error is AttentionWidgetError or set(own) - {BaseException, Exception, object}


def test_the_tree_names_every_error_and_what_it_also_is() -> None:
    tree = dict(re.findall(r"── (\w+) *([\w.]+)?", errors.__doc__ or ""))
    assert {error.__name__ for error in OWN} == {"AttentionWidgetError", *tree}
    for error in OWN:
        also = tree.get(error.__name__, "").rpartition(".")[2]
        assert not also or also in {each.__name__ for each in error.__mro__}
    assert issubclass(errors.RefusedError, TraitError)

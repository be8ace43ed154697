"""The public measures are documented: formula, shapes, an example that runs."""

from __future__ import annotations

import doctest
import re
import sys
from pathlib import Path

import pytest

from attention_widget import measures

ROOT = next(path for path in Path(__file__).parents if (path / "pyproject.toml").is_file())
FUNCTIONS = [name for name in measures.__all__ if callable(getattr(measures, name))]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_example_of_a_measure_is_true(name: str) -> None:
    function = getattr(measures, name)
    names = vars(sys.modules[function.__module__])
    (example,) = doctest.DocTestFinder(recurse=False).find(function, name, globs=dict(names))
    assert example.examples
    assert doctest.DocTestRunner().run(example).failed == 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_measure_stands_in_the_documentation(name: str) -> None:
    shape = re.compile(r"\((token|head|summary),[a-z ,]*\)")
    assert shape.search(getattr(measures, name).__doc__)
    assert f"| `{name}` |" in (ROOT / "docs" / "measures.md").read_text()


def test_the_room_shows_its_public_names_alone() -> None:
    assert dir(measures) == sorted(measures.__all__)

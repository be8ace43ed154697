"""The public measures are documented: their shapes, and a row in docs/measures.md."""

from __future__ import annotations

import inspect
import re

import pytest
from support.repository import ROOT

from attention_widget import measures

FUNCTIONS = [name for name in measures.__all__ if callable(getattr(measures, name))]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_measure_stands_in_the_documentation(name: str) -> None:
    measure = getattr(measures, name)
    shape = re.compile(r"\((token|head|summary|layer|passage)[^()]*,[^()]*\)")
    if "Array" in str(inspect.signature(measure).return_annotation):
        assert shape.search(measure.__doc__)
    assert f"| `{name}` |" in (ROOT / "docs" / "measures.md").read_text()


def test_the_room_shows_its_public_names_alone() -> None:
    assert dir(measures) == sorted(measures.__all__)

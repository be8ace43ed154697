"""The examples in the documentation of tracing are true."""

from __future__ import annotations

import doctest
from typing import Any

import pytest
from support.models import tiny, tokenizer

from attention_widget import TraceTooLargeError, UnsupportedModelError, capture, generate


@pytest.mark.parametrize("public", [capture, generate, UnsupportedModelError, TraceTooLargeError])
def test_an_example_is_true(public: Any) -> None:
    names: dict[str, Any] = {"capture": capture, "generate": generate}
    names |= {"model": tiny("llama"), "tokenizer": tokenizer()}
    finder = doctest.DocTestFinder(recurse=False)
    (example,) = finder.find(public, public.__name__, globs=names)
    assert example.examples
    assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example).failed == 0

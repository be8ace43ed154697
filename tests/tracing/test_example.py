"""The example in capture's documentation is true."""

from __future__ import annotations

import doctest

from attention_widget import capture


def test_the_example_of_capture_is_true() -> None:
    (example,) = doctest.DocTestFinder().find(capture, "capture", globs={"capture": capture})
    assert example.examples
    assert doctest.DocTestRunner().run(example).failed == 0

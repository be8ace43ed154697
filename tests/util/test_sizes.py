"""Bytes in words."""

from __future__ import annotations

import pytest

from attention_widget._util.sizes import in_words


@pytest.mark.parametrize(
    ("nbytes", "words"),
    [
        (999, "999 bytes"),
        (1000, "1 kB"),
        (100_000, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (999_949_999, "999.9 MB"),
        (999_950_000, "1.0 GB"),
    ],
)
def test_a_number_has_the_unit_that_it_is_rounded_to(nbytes: int, words: str) -> None:
    assert in_words(nbytes) == words

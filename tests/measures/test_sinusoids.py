"""The table of sines and cosines: what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from attention_widget import errors, sinusoidal


@pytest.mark.parametrize(
    ("given", "keywords", "error", "said"),
    [
        ((0, 4), {}, errors.InvalidValueError, "n must be at least 1, got 0"),
        ((4, 3), {}, errors.InvalidValueError, "d must be even, .* got 3"),
        ((4.5, 4), {}, errors.InvalidTypeError, "n must be a whole number, got float"),
        ((4, "4"), {}, errors.InvalidTypeError, "d must be a whole number, got str"),
        ((4, 4), {"base": 0}, errors.InvalidValueError, "base must be a finite number above 0"),
        ((4, 4), {"base": True}, errors.InvalidTypeError, "base must be a number, got bool"),
    ],
)
def test_what_makes_no_table_is_refused(
    given: Any, keywords: Any, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        sinusoidal(*given, **keywords)

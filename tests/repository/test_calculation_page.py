"""The page on the calculation has the steps that the code has."""

from __future__ import annotations

import write_calculation


def test_the_page_is_what_the_table_of_steps_says() -> None:
    page = write_calculation.PAGE.read_text(encoding="utf-8")
    assert write_calculation.written(page) == page

"""Tuples as JSON gives them back."""

from __future__ import annotations


def as_lists(value: object) -> object:
    """A list of each tuple, also of those within; anything else as it is.

    >>> as_lists(((2, 5), (4, 1))), as_lists("novel")
    ([[2, 5], [4, 1]], 'novel')
    """
    return [as_lists(each) for each in value] if isinstance(value, tuple) else value

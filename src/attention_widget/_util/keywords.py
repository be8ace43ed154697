"""Keywords that are passed on: who takes which, and what is said of one that nobody takes."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable
from typing import Any


def split(
    keywords: dict[str, Any], function: Callable[..., Any], others: Iterable[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the function takes, and what is left of the others."""
    names = keywords_of(function)
    refuse_unknown(keywords, names, others)
    given = {name: value for name, value in keywords.items() if name in names}
    return given, {name: value for name, value in keywords.items() if name not in names}


def keywords_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """The keywords that a function has by name."""
    parameters = inspect.signature(function).parameters.values()
    return tuple(each.name for each in parameters if each.kind is each.KEYWORD_ONLY)


def refuse_unknown(given: Iterable[str], *allowed: Iterable[str]) -> None:
    """TypeError with advice for a keyword that is in none of the allowed groups."""
    names = list(dict.fromkeys(name for group in allowed for name in group))
    for name in sorted(set(given) - set(names)):
        close = difflib.get_close_matches(name, names, 1)
        advice = f"; did you mean {close[0]!r}?" if close else ";"
        raise TypeError(f"unknown keyword {name!r}{advice} allowed: {', '.join(names)}")

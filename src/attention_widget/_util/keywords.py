"""Keywords that are passed on: who takes which, and what is said of one that nobody takes."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def keywords_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """The keywords that a function has by name."""
    return tuple(each.name for each in parameters_of(function))


def parameters_of(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """The same with their defaults."""
    parameters = inspect.signature(function).parameters.values()
    return [each for each in parameters if each.kind is each.KEYWORD_ONLY]


def with_keywords(parameters: Iterable[inspect.Parameter]) -> Callable[[F], F]:
    """Have the signature of a function name the keywords that it takes as ``**keywords``."""

    def decorate(function: F) -> F:
        signature = inspect.signature(function)
        own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
        names = {each.name for each in own}
        more = [each for each in parameters if each.name not in names]
        function.__signature__ = signature.replace(parameters=[*own, *more])  # type: ignore[attr-defined]
        return function

    return decorate


def refuse_unknown(given: Iterable[str], *allowed: Iterable[str]) -> None:
    """TypeError with advice for a keyword that is in none of the allowed groups.

    >>> refuse_unknown(["head"], ["layer", "heads"])
    Traceback (most recent call last):
    ...
    TypeError: unknown keyword 'head'; did you mean 'heads'? The keywords are layer, heads
    """
    names = list(dict.fromkeys(name for group in allowed for name in group))
    for name in sorted(set(given) - set(names)):
        close = difflib.get_close_matches(name, names, 1)
        advice = f"; did you mean {close[0]!r}? The" if close else "; the"
        raise TypeError(f"unknown keyword {name!r}{advice} keywords are {', '.join(names)}")

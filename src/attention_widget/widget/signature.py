"""The keywords of a widget: those of the functions that it calls, and the options."""

from __future__ import annotations

import difflib
import inspect
import textwrap
from collections.abc import Callable, Iterable, Mapping
from inspect import Parameter
from typing import Any, Final, TypeVar

from attention_widget.errors import InvalidTypeError
from attention_widget.export.page import export
from attention_widget.protocol.options import OPTION, OPTIONS, SPELLINGS

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)


def keywords_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """The keywords that a function has by name."""
    return tuple(each.name for each in parameters_of(function))


def parameters_of(function: Callable[..., Any]) -> list[Parameter]:
    """The same with their defaults."""
    parameters = inspect.signature(function).parameters.values()
    return [each for each in parameters if each.kind is each.KEYWORD_ONLY]


def with_keywords(parameters: Iterable[Parameter]) -> Callable[[F], F]:
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
    attention_widget.errors.InvalidTypeError: unknown keyword 'head'; did you mean 'heads'? ...
    """
    names = list(dict.fromkeys(name for group in allowed for name in group))
    for name in sorted(set(given) - set(names)):
        close = difflib.get_close_matches(name, names, 1)
        advice = f"; did you mean {close[0]!r}? The" if close else "; the"
        raise InvalidTypeError(f"unknown keyword {name!r}{advice} keywords are {', '.join(names)}")


PAGE_PARAMETERS: Final = [each for each in parameters_of(export) if each.name != "assets"]
"""Of :meth:`AttentionWidget.to_html`."""
_PARAMETERS: Final = [
    Parameter(option.name, Parameter.KEYWORD_ONLY, default=option.default) for option in OPTIONS
]


def takes_options(function: Callable[..., Any] | None = None) -> Callable[[F], F]:
    """Have a signature name the options, and the keywords of another function before them."""
    others = parameters_of(function) if function else []
    return with_keywords([*others, *_PARAMETERS])


def lists_options(widget: C) -> C:
    """Have the docstring of a class end with the options."""
    listed = ""
    for option in OPTIONS:
        lines = textwrap.wrap(option.doc, 88)
        listed += "\n".join([f"    {option.name}", *(f"        {line}" for line in lines), ""])
    widget.__doc__ = f"{widget.__doc__}\n    Options\n    -------\n{listed}    "
    return widget


def split(
    keywords: Mapping[str, Any], function: Callable[..., Any] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The keywords of the function, and the options under the names of their traits; TypeError for
    a keyword that is neither, or an option in both spellings."""
    names = keywords_of(function) if function else ()
    refuse_unknown(keywords, names, OPTION, SPELLINGS)
    for other, name in SPELLINGS.items():
        if other in keywords and name in keywords:
            raise InvalidTypeError(f"{name} and {other} are the same option; give one of them")
    given = {name: value for name, value in keywords.items() if name in names}
    options = {name: value for name, value in keywords.items() if name not in names}
    return given, {SPELLINGS.get(name, name): value for name, value in options.items()}

"""The keywords that make a widget: those of a function, and the options."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from inspect import Parameter
from typing import Any, Final, TypeVar

from attention_widget._util.keywords import (
    keywords_of,
    parameters_of,
    refuse_unknown,
    with_keywords,
)
from attention_widget.export.page import export
from attention_widget.protocol.options import OPTION, OPTIONS, SPELLINGS

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)

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
    """The keywords of the function, and the options under the names of their traits.

    Raises:
        TypeError: a keyword is neither, or an option is given in both spellings.
    """
    names = keywords_of(function) if function else ()
    refuse_unknown(keywords, names, OPTION, SPELLINGS)
    for other, name in SPELLINGS.items():
        if other in keywords and name in keywords:
            raise TypeError(f"{name} and {other} are the same option; give one of them")
    given = {name: value for name, value in keywords.items() if name in names}
    options = {name: value for name, value in keywords.items() if name not in names}
    return given, {SPELLINGS.get(name, name): value for name, value in options.items()}

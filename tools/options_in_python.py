"""The options as traits and as keywords, with the types that an IDE and mypy read."""

from __future__ import annotations

import inspect
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence

import checkout
from option_types import SOURCE, WIDTH, name_of, types_of, with_names

from attention_widget import arrays
from attention_widget.export.page import export
from attention_widget.protocol.head_option import KindChoice
from attention_widget.protocol.model_option import Edits, MeasureOfPairs, SummaryName
from attention_widget.protocol.option import Option
from attention_widget.protocol.token_option import AlignedTokens
from attention_widget.tracing import capture


def traits(options: Sequence[Option]) -> str:
    """The module of the traits."""
    return _formatted(
        f'''"""The options of a widget, as traits. {SOURCE}"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, SupportsFloat, SupportsIndex

import traitlets as t

from attention_widget.protocol.option_values import {_names(options)}
from attention_widget.widget.traits import (
    AlignedTokensTrait,
    AttentionKindTrait,
    EditsTrait,
    OfAtlasTrait,
    OptionTrait,
    OtherSpelling,
    WeightsTrait,
)

class OptionTraits(t.HasTraits):
    """What a person and the program choose."""

{_traits(options)}
'''
    )


def keywords(options: Sequence[Option]) -> str:
    """The module of the keywords."""
    return _formatted(
        f'''"""The keywords of widgets and pages, as types. {SOURCE}"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, SupportsFloat, SupportsIndex, TypedDict

from attention_widget.export.archive import Precision
from attention_widget.protocol.option_values import {_names(options)}
from attention_widget.trace.token import Token
from attention_widget.tracing.inputs.passages import Passages

class OptionKeywords(TypedDict, total=False):
    """What is shown, and how; :class:`OptionTraits` says what each of them means."""

{_lines(f"{name}: {types_of(option).keyword}" for name, option, _ in _spelled(options))}

class CaptureKeywords(TypedDict, total=False):
    """Of :func:`attention_widget.capture`."""

{_optional(capture)}

class PageKeywords(TypedDict, total=False):
    """Of :meth:`AttentionWidget.to_html`."""

{_optional(export, but="assets")}

class AttentionsKeywords(OptionKeywords, total=False):
    """Of :func:`attention_widget.from_attentions`, and of what is shown."""

{_optional(arrays.from_attentions)}

class ArraysKeywords(OptionKeywords, total=False):
    """Of :func:`attention_widget.from_arrays`, and of what is shown."""

{_optional(arrays.from_arrays)}

class WidgetKeywords(CaptureKeywords, OptionKeywords, total=False):
    """Of a model and a text, and of what is shown."""
'''
    )


def _names(options: Sequence[Option]) -> str:
    """Of the types of their values, to import."""
    return ", ".join(sorted(map(name_of, with_names(options))))


def _traits(options: Sequence[Option]) -> str:
    lines = []
    for name, option, doc in _spelled(options):
        of_type: dict[type[Option], str] = {
            AlignedTokens: "AlignedTokensTrait",
            KindChoice: "AttentionKindTrait",
            Edits: "EditsTrait",
            MeasureOfPairs: "WeightsTrait",
            SummaryName: "OfAtlasTrait",
        }
        kind = of_type.get(type(option), "OptionTrait")
        made = f"{kind}()"
        if name != option.name:
            kind, made = "OtherSpelling", f'OtherSpelling("{option.name}")'
        types = types_of(option)
        lines.append(f"{name}: {kind}[{types.attribute}, {types.keyword}] = {made}")
        lines += textwrap.wrap(f'"""{doc}"""', WIDTH - 4)
    return _lines(lines)


def _spelled(options: Iterable[Option]) -> Iterable[tuple[str, Option, str]]:
    """Each option under each of its names, with what is said of it."""
    for option in options:
        yield option.name, option, option.doc
        if option.us:
            yield option.us, option, f"``{option.name}``, in American spelling."


def _optional(function: Callable[..., object], but: str = "") -> str:
    return _lines(
        f"{each.name}: {each.annotation}"
        for each in inspect.signature(function).parameters.values()
        if each.kind is each.KEYWORD_ONLY and each.default is not each.empty and each.name != but
    )


def _lines(lines: Iterable[str]) -> str:
    return textwrap.indent("\n".join(lines), "    ")


def _formatted(code: str) -> str:
    ruff = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--stdin-filename",
        str(checkout.ROOT / "tools/x.py"),
        "-",
    ]
    done = subprocess.run(ruff, input=code, capture_output=True, encoding="utf-8", check=True)
    return done.stdout

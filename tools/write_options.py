"""Write what follows from the options of the widget, where it cannot follow at run time.

    python tools/write_options.py

``protocol/options.py`` declares the options. This writes their keywords and traits with the types
that an IDE and mypy read, the front end's half and what its tests start from, and the table in
docs/options.md. A test says when one of these is out of date.
"""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from attention_widget import arrays
from attention_widget.export.page import export
from attention_widget.protocol import options as o
from attention_widget.protocol.option import (
    AlignedTokens,
    Candidate,
    Choice,
    Choices,
    Edits,
    Flag,
    HeadPairs,
    Heads,
    Key,
    KindChoice,
    Layer,
    MeasureOfPairs,
    Option,
    PassageRows,
    Position,
    ProbedLabels,
    Queries,
    Query,
    Share,
    SummaryName,
)
from attention_widget.tracing import capture

ROOT = Path(__file__).resolve().parents[1]
TRAITS = Path("src/attention_widget/widget/options.py")
FRONT_END = Path("js/trace/options.ts")
FRONT_END_TESTS = Path("tests/js/helpers/defaults.ts")
TABLE = Path("docs/options.md")
START, END = "<!-- options: written by `make options` -->", "<!-- end of the options -->"

_WIDTH = 100
_SOURCE = "Written by tools/write_options.py."


class Types(NamedTuple):
    keyword: str
    attribute: str
    typescript: str
    link: str
    """How a link writes it, for js/saved/link.ts."""
    values: str
    """For a reader, where there are no names to list."""


_INDICES = "SupportsIndex | Iterable[SupportsIndex] | None"
_TOKENS = "SupportsIndex | str | Iterable[SupportsIndex | str] | None"
_TOKEN = ("SupportsIndex | str | None", "int | None", "number | null")
_TYPES: dict[type[Option], Types] = {
    Flag: Types("bool", "bool", "boolean", "flag", ""),
    PassageRows: Types("bool", "bool", "boolean", "flag", ""),
    Share: Types("SupportsFloat", "float", "number", "share", "0 to 1"),
    Layer: Types(
        "SupportsIndex | None", "int", "number", "layer", "a layer; **of the first picture**"
    ),
    Heads: Types(
        _INDICES, "tuple[int, ...]", "number[]", "heads", "some heads; **of the first picture**"
    ),
    HeadPairs: Types(
        "Iterable[tuple[SupportsIndex, SupportsIndex]] | None",
        "tuple[tuple[int, int], ...]",
        "[number, number][]",
        "pairs",
        "some pairs; **none**",
    ),
    AlignedTokens: Types(
        "Iterable[tuple[SupportsIndex, SupportsIndex]] | None",
        "tuple[tuple[int, int], ...] | None",
        "[number, number][] | null",
        "aligned",
        "some pairs; **None**",
    ),
    ProbedLabels: Types(
        "Any",
        "tuple[tuple[str, int, int, str, float], ...] | None",
        "[AttentionKind, number, number, HeadLabel, number][] | null",
        "labels",
        "what a probe found; **None**",
    ),
    Edits: Types("Any", "tuple[dict[str, Any], ...]", "Edit[]", "edits", "some edits; **none**"),
    Query: Types(*_TOKEN, "query", "a token, None; **of the first picture**"),
    Key: Types(*_TOKEN, "key", "a token, **None**"),
    Position: Types(*_TOKEN, "position", "a token, **None**"),
    Candidate: Types(
        "str | SupportsIndex | None",
        "str | int | None",
        "string | number | null",
        "candidate",
        "a token of the vocabulary, **None**",
    ),
    SummaryName: Types(
        "str | None",
        "str | None",
        "string | null",
        "summary",
        "a summary of the atlas, **None**",
    ),
    Queries: Types(_TOKENS, "tuple[int, ...]", "number[]", "queries", "some tokens; **none**"),
}


def types_of(option: Option) -> Types:
    if isinstance(option, Choices):
        name = name_of(option)
        return Types(f"{name} | Iterable[{name}]", f"tuple[{name}, ...]", f"{name}[]", "names", "")
    if isinstance(option, Choice):
        name = name_of(option)
        spellings = f" | {_literal(option.us_values)}" if option.us_values else ""
        none = " | None" if option.default is None else ""
        link = "kind" if isinstance(option, KindChoice) else "name"
        return Types(f"{name}{spellings}{none}", name, name, link, "")
    return _TYPES[type(option)]


def name_of(option: Option) -> str:
    """Of the type of its values, in both languages."""
    camel = option.name.title().replace("_", "")
    return f"{camel.removesuffix('s')}Name" if isinstance(option, Choices) else camel


def written(options: Sequence[Option], page: str) -> dict[Path, str]:
    """Each file with its text; of docs/options.md only the table is new."""
    before, _, rest = page.partition(START)
    return {
        TRAITS: _formatted(_python(options)),
        FRONT_END: _front_end(options),
        FRONT_END_TESTS: _defaults(options),
        TABLE: f"{before}{START}\n{_table(options)}\n{END}{rest.partition(END)[2]}",
    }


def main() -> None:
    page = (ROOT / TABLE).read_text(encoding="utf-8")
    for path, text in written(o.OPTIONS, page).items():
        (ROOT / path).write_text(text, encoding="utf-8")


# Python ------------------------------------------------------------------------------------------


def _python(options: Sequence[Option]) -> str:
    names = ", ".join(sorted(map(name_of, _with_names(options))))
    return f'''"""The options of a widget, as traits and as keywords. {_SOURCE}"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, SupportsFloat, SupportsIndex, TypedDict

import traitlets as t

from attention_widget.export.archive import Precision
from attention_widget.protocol.options import {names}
from attention_widget.trace.token import Token
from attention_widget.tracing.inputs.passages import Passages
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
        lines += textwrap.wrap(f'"""{doc}"""', _WIDTH - 4)
    return _lines(lines)


def _with_names(options: Iterable[Option]) -> list[Choice | Choices]:
    return [option for option in options if isinstance(option, Choice | Choices)]


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


def _literal(values: Iterable[str]) -> str:
    return f"Literal[{', '.join(map(json.dumps, values))}]"


def _formatted(code: str) -> str:
    ruff = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--stdin-filename",
        str(ROOT / "tools/x.py"),
        "-",
    ]
    done = subprocess.run(ruff, input=code, capture_output=True, encoding="utf-8", check=True)
    return done.stdout


# TypeScript, as Biome formats it -----------------------------------------------------------------


def _front_end(options: Sequence[Option]) -> str:
    lines = [f"/** The options of the widget. {_SOURCE} */"]
    if any(isinstance(option, Edits) for option in options):
        lines += ["", 'import type { Edit } from "./edits";']
    for option in _with_names(options):
        plural = _plural(option)
        quoted = [json.dumps(value) for value in option.values]
        one_line = f"export const {plural} = [{', '.join(quoted)}] as const;"
        several = [f"export const {plural} = [", *(f"  {each}," for each in quoted), "] as const;"]
        lines += ["", *([one_line] if len(one_line) <= _WIDTH else several)]
        lines += [f"export type {name_of(option)} = (typeof {plural})[number];"]
    for share in _with_stops(options):
        stops = textwrap.indent(textwrap.fill(", ".join(map(str, share.stops)), _WIDTH - 2), "  ")
        lines += ["", f"export const {_stops(share)} = [", f"{stops},", "] as const;"]
    lines += ["", "/** Set by either side, as synced traits of the same names. */"]
    lines += ["export interface Options {"]
    for each in options:
        lines += [*_comment(each.doc), f"  {each.name}: {types_of(each).typescript};"]
    lines += ["}", "", "/**"]
    lines += [
        " * Where the control of each stands, and how a link writes it. In this order: each is"
    ]
    lines += [" * checked against those before it.", " */", "export const OPTIONS = {"]
    for each in options:
        values = f", values: {_plural(each)}" if isinstance(each, Choice | Choices) else ""
        if each in _with_stops(options):
            values = f", stops: {_stops(each)}"
        about = f'place: "{each.place}", link: "{types_of(each).link}"{values}'
        lines += [f"  {each.name}: {{ {about} }},"]
    lines += ["} as const satisfies Record<keyof Options, object>;", ""]
    lines += ["export const OPTION_NAMES = Object.keys(OPTIONS) as (keyof Options)[];"]
    return "\n".join(lines) + "\n"


def _defaults(options: Sequence[Option]) -> str:
    lines = [f"/** What the options are at first. {_SOURCE} */", ""]
    lines += ['import type { Options } from "../../../js/trace/options";', ""]
    lines += ["export const DEFAULTS: Options = {"]
    lines += [f"  {each.name}: {json.dumps(_first(each))}," for each in options]
    return "\n".join([*lines, "};"]) + "\n"


def _first(option: Option) -> object:
    """Of a trace that has what is first."""
    if isinstance(option, KindChoice):
        return option.values[0]
    if isinstance(option, Layer):
        return 0
    return [] if isinstance(option, Heads) else option.default


def _with_stops(options: Iterable[Option]) -> list[Share]:
    return [option for option in options if isinstance(option, Share) and option.stops]


def _stops(option: Option) -> str:
    return f"{option.name.upper()}_STOPS"


def _plural(option: Option) -> str:
    name = option.name.upper()
    if name.endswith("Y"):
        return f"{name[:-1]}IES"
    return name if name.endswith("S") else f"{name}S"


def _comment(doc: str) -> list[str]:
    line = f"  /** {doc} */"
    if len(line) <= _WIDTH:
        return [line]
    indent = "   * "
    return [
        "  /**",
        *textwrap.wrap(doc, _WIDTH, initial_indent=indent, subsequent_indent=indent),
        "   */",
    ]


# docs/options.md ---------------------------------------------------------------------------------


def _table(options: Sequence[Option]) -> str:
    rows = ["| attribute | values | meaning |", "| --- | --- | --- |"]
    rows += [f"| `{each.name}` | {_values(each)} | {each.doc} |" for each in options]
    return "\n".join(rows)


def _values(option: Option) -> str:
    """The default is bold."""
    if isinstance(option, Choices):
        names = ", ".join(f"`{json.dumps(value)}`" for value in option.values)
        return f"some of {names}; **{', '.join(option.default)}**"
    if isinstance(option, Choice):
        bold = {option.default: "**"}
        return ", ".join(
            f"{bold.get(value, '')}`{json.dumps(value)}`{bold.get(value, '')}"
            for value in option.values
        )
    if isinstance(option, Flag):
        return "**`False`**, `True`"
    values = types_of(option).values
    return f"{values}; **{option.default}**" if isinstance(option, Share) else values


if __name__ == "__main__":
    main()

"""The options of the front end, and what its tests start from, as Biome formats TypeScript."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Sequence

from option_types import SOURCE, WIDTH, name_of, types_of, with_names

from attention_widget.protocol.head_option import Heads, KindChoice, Layer
from attention_widget.protocol.model_option import Edits
from attention_widget.protocol.option import Choice, Choices, Option, Share


def front_end(options: Sequence[Option]) -> str:
    lines = [f"/** The options of the widget. {SOURCE} */"]
    if any(isinstance(option, Edits) for option in options):
        lines += ["", 'import type { Edit } from "./edits";']
    for option in with_names(options):
        plural = _plural(option)
        quoted = [json.dumps(value) for value in option.values]
        one_line = f"export const {plural} = [{', '.join(quoted)}] as const;"
        several = [f"export const {plural} = [", *(f"  {each}," for each in quoted), "] as const;"]
        lines += ["", *([one_line] if len(one_line) <= WIDTH else several)]
        lines += [f"export type {name_of(option)} = (typeof {plural})[number];"]
    for share in _with_stops(options):
        stops = textwrap.indent(textwrap.fill(", ".join(map(str, share.stops)), WIDTH - 2), "  ")
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


def defaults(options: Sequence[Option]) -> str:
    lines = [f"/** What the options are at first. {SOURCE} */", ""]
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
    if len(line) <= WIDTH:
        return [line]
    indent = "   * "
    return [
        "  /**",
        *textwrap.wrap(doc, WIDTH, initial_indent=indent, subsequent_indent=indent),
        "   */",
    ]

"""Docstrings as the reference shows them: every section in one style, and roles that find what they
name."""

from __future__ import annotations

import inspect
import re
from typing import Any

from sphinx.util.inspect import signature, stringify_signature

from attention_widget.protocol.options import OPTION

HEADS = {"Parameters": "Args:", "Raises": "Raises:", "Examples": "", "Options": ""}
"""Sections of the docstrings of classes, and what functions call the same."""


class _LeftOut:
    def __repr__(self) -> str:
        return "..."


LEFT_OUT = _LeftOut()
OPTIONS = "``options`` are what is shown, and how: :doc:`options` lists them."


def process(app: Any, what: str, name: str, obj: object, opts: object, lines: list[str]) -> None:
    """The underlined sections of classes as functions have them; options have their own page."""
    made: list[str] = []
    rest = list(lines)
    while rest:
        line = rest.pop(0)
        if line not in HEADS or not rest or not rest[0] or set(rest[0]) != {"-"}:
            made.append(line)
            continue
        rest.pop(0)
        if line == "Options":
            made.append(f"{OPTIONS} Each is also an attribute.")
            break
        if HEADS[line]:
            made += [HEADS[line], *_entries(rest), ""]
    lines[:] = made


def _entries(rest: list[str]) -> list[str]:
    """What stands in a section, whose lines are taken away: names, each above an indented text."""
    made: list[str] = []
    while rest:
        names: list[str] = []
        while len(names) < len(rest) and rest[len(names)][:1].strip():
            names.append(rest[len(names)].strip())
        told = rest[len(names) :]
        if not names or not told or not told[0].startswith("    "):
            break  # the text goes on
        length = next((at for at, line in enumerate(told) if line[:1].strip()), len(told))
        text = [line.strip() for line in told[:length] if line.strip()]
        made.append(f"    {' '.join(names)}: {' '.join(text)}")
        del rest[: len(names) + length]
    return made


def named(app: Any, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """``:func:`measures.x``` leads to where the name is documented."""
    for at, line in enumerate(lines):
        lines[at] = re.sub(
            r"`(measures|experiments|errors|bertviz)\.(\w+)`", r"`~attention_widget.\1.\2`", line
        )


def signed(
    app: Any, what: str, name: str, obj: Any, opts: object, given: str | None, returns: str | None
) -> tuple[str, str | None] | None:
    """The keywords of a class whose base class takes any, as traitlets' do; and the options of a
    widget as one keyword, since they have a page of their own."""
    if given is None or what not in ("class", "method", "function"):
        return None
    if what == "class" and "**kwargs" not in given:
        return None
    own = signature(obj.__init__ if what == "class" else obj, bound_method=what == "class")
    shown = [_plain(each) for each in own.parameters.values()]
    if _takes_options(own):
        shown = [each for each in shown if each.name not in OPTION]
        shown.append(inspect.Parameter("options", inspect.Parameter.VAR_KEYWORD))
    elif what != "class":
        return None
    made = own.replace(parameters=shown, return_annotation=inspect.Signature.empty)
    return stringify_signature(made, unqualified_typehints=True), returns


def with_options(app: Any, what: str, name: str, obj: Any, opts: object, lines: list[str]) -> None:
    """Functions that take the options say where these stand."""
    if what in ("method", "function") and _takes_options(signature(obj)):
        end = lines.index("") if "" in lines else len(lines)
        lines[end:end] = ["", OPTIONS]


def _takes_options(own: inspect.Signature) -> bool:
    """Whether a widget is made of it: pages, too, have heads."""
    return OPTION.keys() <= own.parameters.keys()


def _plain(parameter: inspect.Parameter) -> inspect.Parameter:
    """With ``...`` for a default that cannot be written down, such as a mark of what is left
    out."""
    writes = parameter.default is parameter.empty or not repr(parameter.default).startswith("<")
    return parameter if writes else parameter.replace(default=LEFT_OUT)


def setup(app: Any) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", process, priority=400)  # before napoleon
    app.connect("autodoc-process-docstring", named, priority=401)
    app.connect("autodoc-process-docstring", with_options, priority=402)
    app.connect("autodoc-process-signature", signed)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Docstrings as the reference shows them: every section in one style, and roles that find what they
name."""

from __future__ import annotations

import inspect
import re
from typing import Any

from sphinx.util.inspect import signature, stringify_signature

HEADS = {"Parameters": "Args:", "Raises": "Raises:", "Examples": "", "Options": ""}
"""Sections of the docstrings of classes, and what functions call the same."""


class _LeftOut:
    def __repr__(self) -> str:
        return "..."


LEFT_OUT = _LeftOut()


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
            made.append("Each of its options is an attribute: :doc:`options`.")
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
    app: Any, what: str, name: str, obj: Any, options: object, given: str | None, returns: object
) -> tuple[str, None] | None:
    """The keywords of a class whose base class takes any, as traitlets' do."""
    if what != "class" or given is None or "**kwargs" not in given:
        return None
    own = signature(obj.__init__, bound_method=True)
    parameters = [_plain(each) for each in own.parameters.values()]
    shown = own.replace(parameters=parameters, return_annotation=inspect.Signature.empty)
    return stringify_signature(shown, unqualified_typehints=True), None


def _plain(parameter: inspect.Parameter) -> inspect.Parameter:
    """With ``...`` for a default that cannot be written down, such as a mark of what is left
    out."""
    writes = parameter.default is parameter.empty or not repr(parameter.default).startswith("<")
    return parameter if writes else parameter.replace(default=LEFT_OUT)


def setup(app: Any) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", process, priority=400)  # before napoleon
    app.connect("autodoc-process-docstring", named, priority=401)
    app.connect("autodoc-process-signature", signed)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""The reference of the site: every public name, from its docstring, and every option.

Nothing here is written by hand but the order and one line for each page: a new public name is on
its page by itself.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import os
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any, get_args

import anywidget
from option_types import types_of
from sphinx.pycode import ModuleAnalyzer

import attention_widget
from attention_widget import (
    AttentionWidget,
    bertviz,
    errors,
    experiments,
    measures,
)
from attention_widget.bertviz import neuron_view
from attention_widget.cli import command
from attention_widget.protocol.option import Choice, Choices, Flag, Option
from attention_widget.protocol.options import OPTION, OPTIONS, SPELLINGS

NOT_FOR_USERS = {"notify_change", "set_state"}
"""Methods that Jupyter calls."""

CAPTURE = (
    "capture",
    "Batch",
    "generate",
    "positions",
    "sinusoidal",
    "show_matrix",
    "from_attentions",
    "from_arrays",
)
TRACE = ("Trace", "Token", "Passage", "Positions", "Target", "Window", "Block", "Maps")
WIDGET = ("AttentionWidget", "link", "side_by_side")
COMPARE = ("compare", "Contrast")
ELSEWHERE = {"measures", "errors", "Experiment", "__version__"}


def reference_pages() -> Iterator[tuple[str, str]]:
    """Each page's name, and its text in Markdown."""
    rest = [
        name
        for name in attention_widget.__all__
        if name not in {*CAPTURE, *TRACE, *WIDGET, *COMPARE, *ELSEWHERE}
        and not _is_error(getattr(attention_widget, name))
    ]
    yield (
        "widget",
        _page(
            "The widget",
            "What stands in a notebook's cell. Its options have [their own page](options.md).",
            "attention_widget",
            WIDGET,
        ),
    )
    yield "options", _options()
    yield (
        "capture",
        _page(
            "From a model to a trace",
            "Functions that give a {py:class}`~attention_widget.Trace`: of a model and a text, of "
            "what a model writes, of finished attention maps and of a hand-written attention.",
            "attention_widget",
            [*CAPTURE, *rest],
        ),
    )
    yield (
        "trace",
        _page("The trace", "What one forward pass left.", "attention_widget", TRACE),
    )
    yield (
        "measures",
        _page(
            "Measures",
            "Functions of `attention_widget.measures`: numbers computed from a trace. "
            "[Measures](../measures.md) lists them with what they say.",
            "attention_widget.measures",
            measures.__all__,
        ),
    )
    names = [name for name in experiments.__all__ if name != "Experiment"]
    yield (
        "experiments",
        _page(
            "Experiments",
            "A model with one input that can be run again, what is changed in it, and what came "
            "of it. [Experiments](../experiments.md) is the guide.",
            "attention_widget.experiments",
            ["Experiment", *names],
        ),
    )
    yield (
        "compare",
        _page(
            "Two passes",
            "Two passes beside each other. [Comparison](../comparison.md) is the guide.",
            "attention_widget",
            COMPARE,
        ),
    )
    yield "errors", _errors()
    yield "bertviz", _bertviz()
    yield "command", _command()


def _page(title: str, about: str, module: str, names: Iterable[str]) -> str:
    home = __import__(module, fromlist=["_"])
    names = list(names)
    parts = [f"# {title}\n\n{about}\n", _summary(module, names)]
    for name in names:
        parts.append(_directive(module, name, getattr(home, name)))
    return "\n".join(parts)


def _summary(module: str, names: Iterable[str]) -> str:
    """A table of the names, each with the first sentence of its docstring."""
    home = __import__(module, fromlist=["_"])
    lines = [".. list-table::", "   :widths: 30 70", ""]
    for name in names:
        doc = " ".join(_doc(module, name, getattr(home, name)).partition("\n\n")[0].split())
        sentence = re.split(r"(?<=[.:])\s", doc)[0].rstrip(":.")
        lines += [f"   * - :py:obj:`~{module}.{name}`", f"     - {sentence}."]
    return _rst("\n".join([f".. currentmodule:: {module}", "", *lines]))


def _doc(module: str, name: str, value: Any) -> str:
    """A docstring; of a table or a number the text that stands below it in its module."""
    if inspect.isroutine(value) or inspect.isclass(value):
        return inspect.getdoc(value) or ""
    if parts := get_args(value):  # a name for one of several types
        return f"One of {', '.join(f':py:class:`{module}.{part.__name__}`' for part in parts)}."
    for each in sorted(sys.modules):
        if each.startswith(f"{module}."):
            docs = ModuleAnalyzer.for_module(each).find_attr_docs()
            if ("", name) in docs:
                return "\n".join(docs["", name]).strip()
    raise LookupError(f"{module}.{name} has no docstring")


def _directive(module: str, name: str, value: Any) -> str:
    head = f"## `{name}`\n\n"
    if inspect.isclass(value):
        lines = [f".. autoclass:: {module}.{name}", *_members(value)]
    elif inspect.isroutine(value):
        lines = [f".. autofunction:: {module}.{name}"]
    else:
        doc = textwrap.indent(_doc(module, name, value), "   ")
        lines = [f".. py:data:: {module}.{name}", "", doc]
    return head + _rst("\n".join(lines))


def _members(kind: type) -> list[str]:
    """What a user calls or reads of a class, of its own and of what it is made of."""
    own = [each for each in kind.__mro__ if each.__module__.startswith("attention_widget")]
    names = sorted({name for each in own for name in vars(each) if not name.startswith("_")})
    fields = {name for each in own for name in vars(each).get("__annotations__", {})}
    names = sorted({*names, *(name for name in fields if not name.startswith("_"))})
    if kind is AttentionWidget:
        names = [n for n in names if n not in OPTION and n not in SPELLINGS]
        names = [n for n in names if n not in anywidget.AnyWidget.class_trait_names()]
    wanted = [name for name in names if name not in NOT_FOR_USERS]
    if not wanted:
        return []
    return [f"   :members: {', '.join(wanted)}"]


def _options() -> str:
    parts = [
        "# Options\n",
        "Every selection is an attribute of "
        "{py:class}`~attention_widget.AttentionWidget` and a keyword of its constructors. It "
        "follows what you click, and you can set and observe it in Python. American spellings "
        f"({', '.join(f'`{name}`' for name in SPELLINGS)}) are the same attributes.\n",
        "[The table of options](../options.md) has them on one page.\n",
    ]
    for option in OPTIONS:
        lines = [
            f".. py:attribute:: attention_widget.AttentionWidget.{option.name}",
            f"   :type: {_type(option)}",
            f"   :value: {_default(option)}",
            "",
            f"   {_rst_text(option.doc)}",
            "",
        ]
        parts.append(f"## `{option.name}`\n\n{_rst(chr(10).join(lines))}")
    return "\n".join(parts)


def _type(option: Option) -> str:
    if isinstance(option, Choices):
        return f"some of {', '.join(map(repr, option.values))}"
    if isinstance(option, Choice):
        return " | ".join(map(repr, option.values))
    if isinstance(option, Flag):
        return "bool"
    return types_of(option).attribute


def _default(option: Option) -> str:
    values = "" if isinstance(option, Choice | Choices | Flag) else types_of(option).values
    return "that of the first picture" if "of the first picture" in values else repr(option.default)


def _rst_text(doc: str) -> str:
    """A doc of an option, which is Markdown, as reStructuredText."""
    return doc.replace("`", "``").replace("*", r"\*")


def _errors() -> str:
    names = [
        name for name, value in vars(errors).items() if _is_error(value) and _is_own(value, errors)
    ]
    more = [name for name in attention_widget.__all__ if _is_error(getattr(attention_widget, name))]
    more = [name for name in more if name not in names]
    doc = inspect.getdoc(errors) or ""
    tree, _, rest = doc.partition("\n\n")[2].partition("\n\nEach message")
    about = f"{doc.partition(chr(10))[0]}\n\n```text\n{inspect.cleandoc(tree)}\n```\n\n"
    about += f"Each message{rest.partition('>>>')[0]}"
    parts = [f"# Errors\n\n{about}"]
    parts += [_directive("attention_widget.errors", name, getattr(errors, name)) for name in names]
    parts += [
        _directive("attention_widget", name, getattr(attention_widget, name)) for name in more
    ]
    return "\n".join(parts)


def _is_error(value: object) -> bool:
    return inspect.isclass(value) and issubclass(value, Exception)


def _is_own(value: type, module: Any) -> bool:
    return bool(value.__module__ == module.__name__)


def _bertviz() -> str:
    module = "attention_widget.bertviz"
    parts = [
        "# BertViz's functions\n\nThe functions of `attention_widget.bertviz` take BertViz's "
        "arguments. [Coming from BertViz](../bertviz.md) says what is the same and what differs.\n"
    ]
    parts += [_directive(module, name, getattr(bertviz, name)) for name in bertviz.__all__]
    parts.append(_directive(f"{module}.neuron_view", "show", neuron_view.show))
    return "\n".join(parts)


def _command() -> str:
    said = io.StringIO()
    os.environ["COLUMNS"] = "88"
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        command.main(["--help"])
    return (
        "# The command line\n\n`attention-widget` writes one HTML file. "
        "[Export](../export.md) says what it holds.\n\n"
        f"```text\n$ attention-widget --help\n{said.getvalue().rstrip()}\n```\n"
    )


def _rst(text: str) -> str:
    return f"```{{eval-rst}}\n{text}\n```\n"
